//! The organizational units, from the root down.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rollout_model::{OrganizationalUnit, OuId, ParentId};

use crate::placement::Way;

/// Units as the ways to accounts and the lists of units place them. Whoever adds a unit has added what it sits
/// in before, so that no contradiction of the service's makes a circle.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    units: BTreeMap<OuId, OrganizationalUnit>,
    named: BTreeSet<OuId>,
    contradictions: BTreeSet<String>,
}

impl Tree {
    /// Adds the units on the way, under their ids until a list names them: otherwise the accounts below one
    /// that no list names would drop out of every selection of a unit above.
    pub(crate) fn add_way(&mut self, way: &Way) {
        for (unit, parent) in way.units_and_parents() {
            self.place(unit, &parent);
        }
    }

    /// Adds a unit that was listed. Its own path, where it carries one, is held against the list.
    pub(crate) fn add_listed(&mut self, listed: OrganizationalUnit, path: Option<&Way>) {
        self.place(&listed.id, &listed.parent);
        if let Some(way) = path {
            self.add_way(way);
            self.place(&listed.id, &way.parent());
        }
        if self.named.insert(listed.id.clone()) {
            self.units.entry(listed.id).and_modify(|unit| unit.name = listed.name);
        }
    }

    /// Units cannot be moved, so that one in two places is the service contradicting itself. The first is kept.
    fn place(&mut self, unit: &OuId, parent: &ParentId) {
        match self.units.entry(unit.clone()) {
            Entry::Vacant(place) => {
                let (id, name, parent) = (unit.clone(), unit.to_string(), parent.clone());
                place.insert(OrganizationalUnit { id, name, parent });
            }
            Entry::Occupied(kept) if kept.get().parent != *parent => {
                let kept = &kept.get().parent;
                self.contradictions.insert(format!(
                    "organizational unit {unit} is below {kept} and, by another answer, below {parent}; kept \
                     below {kept}"
                ));
            }
            Entry::Occupied(_) => {}
        }
    }

    /// The units, and what is wrong with them.
    pub(crate) fn into_units(self) -> (BTreeMap<OuId, OrganizationalUnit>, Vec<String>) {
        let unlisted = self.units.keys().filter(|unit| !self.named.contains(unit)).map(|unit| {
            format!(
                "organizational unit {unit} was not listed and is known by its id only, from what is below it"
            )
        });
        let problems = self.contradictions.iter().cloned().chain(unlisted).collect();
        (self.units, problems)
    }
}
