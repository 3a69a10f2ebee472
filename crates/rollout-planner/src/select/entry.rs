//! An entry of a list, looked up in an organization once and then asked for every account.

use std::collections::BTreeSet;

use rollout_model::{Account, Organization, ParentId, Selector, TagCondition, TargetEntry};

use super::truth::Truth;

/// An entry with what its selectors stand for.
pub(crate) struct Entry<'spec> {
    /// Where it stands, for example `targets.include[2]`.
    pub(crate) key: String,
    pub(crate) written: &'spec TargetEntry,
    pub(crate) selectors: Vec<Resolved<'spec>>,
}

/// A selector with what it stands for in one organization.
pub(crate) struct Resolved<'spec> {
    pub(crate) written: &'spec Selector,
    /// The units that it names; none when it is about something else.
    units: BTreeSet<ParentId>,
}

pub(crate) fn resolve<'spec>(
    key: &str,
    entries: &'spec [TargetEntry],
    organization: &Organization,
) -> Vec<Entry<'spec>> {
    let entry = |(index, written): (usize, &'spec TargetEntry)| Entry {
        key: format!("{key}[{index}]"),
        written,
        selectors: written.selectors.iter().map(|selector| Resolved::of(selector, organization)).collect(),
    };
    entries.iter().enumerate().map(entry).collect()
}

/// Whether any of the entries means the account, and the one that decides, in words.
pub(crate) fn any(entries: &[Entry<'_>], organization: &Organization, account: &Account) -> (Truth, String) {
    let mut unknown = None;
    for entry in entries {
        match entry.matches(organization, account) {
            Truth::Yes => return (Truth::Yes, entry.written.to_string()),
            Truth::Unknown => unknown = Some(entry.written.to_string()),
            Truth::No => {}
        }
    }
    match unknown {
        Some(entry) => (Truth::Unknown, entry),
        None => (Truth::No, String::new()),
    }
}

impl Entry<'_> {
    pub(crate) fn matches(&self, organization: &Organization, account: &Account) -> Truth {
        Truth::all(self.selectors.iter().map(|selector| selector.matches(organization, account)))
    }
}

impl<'spec> Resolved<'spec> {
    fn of(written: &'spec Selector, organization: &Organization) -> Self {
        let units = match written {
            Selector::Units(pattern) => {
                all_units(organization).filter(|unit| pattern.matches(&organization.path(unit))).collect()
            }
            Selector::Unit(id) => [ParentId::Ou(id.clone())].into(),
            Selector::Root(id) => [ParentId::Root(id.clone())].into(),
            _ => BTreeSet::new(),
        };
        Resolved { written, units }
    }

    pub(crate) fn matches(&self, organization: &Organization, account: &Account) -> Truth {
        match self.written {
            Selector::Units(_) | Selector::Unit(_) | Selector::Root(_) => {
                is_below_any(organization, account, &self.units).into()
            }
            Selector::Account(id) => (*id == account.id).into(),
            Selector::Listed { accounts, .. } => accounts.0.contains(&account.id).into(),
            Selector::Name(glob) => glob.matches(&account.name).into(),
            Selector::Email(glob) => glob.matches_ignoring_case(&account.email).into(),
            Selector::Tag { key, condition } => match &account.tags {
                Some(tags) => holds(condition, tags.get(key)).into(),
                None => Truth::Unknown,
            },
            Selector::State(state) => (*state == account.state).into(),
            // An account that does not say when it joined is neither.
            Selector::JoinedAfter(after) => account.joined.is_some_and(|joined| joined >= after.time).into(),
            Selector::JoinedBefore(before) => {
                account.joined.is_some_and(|joined| joined < before.time).into()
            }
            Selector::ManagementAccount => (account.id == organization.management_account).into(),
        }
    }
}

/// The root and every unit.
pub(crate) fn all_units(organization: &Organization) -> impl Iterator<Item = ParentId> {
    let units = organization.units.keys().map(|id| ParentId::Ou(id.clone()));
    std::iter::once(organization.root_parent()).chain(units)
}

fn is_below_any(organization: &Organization, account: &Account, units: &BTreeSet<ParentId>) -> bool {
    units.contains(&organization.root_parent())
        || organization.ancestry(&account.parent).any(|unit| units.contains(&ParentId::Ou(unit.id.clone())))
}

fn holds(condition: &TagCondition, value: Option<&String>) -> bool {
    match condition {
        TagCondition::In(values) => value.is_some_and(|value| values.contains(value)),
        TagCondition::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
        TagCondition::Exists => value.is_some(),
        TagCondition::Absent => value.is_none(),
    }
}
