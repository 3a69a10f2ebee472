//! What happened to an organization between two snapshots.

use rollout_model::{Account, AccountId, Organization};

/// What happened, account by account and unit by unit, each list by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationDifference {
    /// Accounts that were not there before.
    pub joined: Vec<AccountId>,
    /// Accounts that are not there any more.
    pub left: Vec<AccountId>,
    /// What happened to accounts that stayed; one may have several entries.
    pub changed: Vec<(AccountId, AccountChange)>,
    /// What happened to organizational units.
    pub units: Vec<String>,
}

/// What happened to an account that stayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountChange {
    /// It sits in another unit.
    Moved {
        /// Where it sat.
        from: String,
        /// Where it sits.
        to: String,
    },
    /// It has another name.
    Renamed {
        /// The name that it had.
        from: String,
        /// The name that it has.
        to: String,
    },
    /// It is in another state of its life: suspended, closed, active again.
    State {
        /// The state that it was in.
        from: String,
        /// The state that it is in.
        to: String,
    },
}

impl OrganizationDifference {
    /// What happened from `before` to `after`. Tags and joining times are not compared: they are not always
    /// read.
    pub fn between(before: &Organization, after: &Organization) -> OrganizationDifference {
        let only_in = |one: &Organization, other: &Organization| {
            one.accounts.keys().filter(|id| !other.accounts.contains_key(*id)).cloned().collect()
        };
        let changed = after.accounts.values().filter_map(|account| {
            let earlier = before.accounts.get(&account.id)?;
            Some(changes(before, earlier, after, account).map(|change| (account.id.clone(), change)))
        });
        OrganizationDifference {
            joined: only_in(after, before),
            left: only_in(before, after),
            changed: changed.flatten().collect(),
            units: units(before, after),
        }
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        *self == OrganizationDifference::default()
    }
}

fn changes(
    before: &Organization,
    earlier: &Account,
    after: &Organization,
    account: &Account,
) -> impl Iterator<Item = AccountChange> {
    let moved = (earlier.parent != account.parent).then(|| AccountChange::Moved {
        from: before.path(&earlier.parent).to_string(),
        to: after.path(&account.parent).to_string(),
    });
    let renamed = (earlier.name != account.name)
        .then(|| AccountChange::Renamed { from: earlier.name.clone(), to: account.name.clone() });
    let state = (earlier.state != account.state)
        .then(|| AccountChange::State { from: earlier.state.to_string(), to: account.state.to_string() });
    [moved, renamed, state].into_iter().flatten()
}

/// A unit keeps its id and its parent for life; it can be made, renamed and deleted.
fn units(before: &Organization, after: &Organization) -> Vec<String> {
    let path =
        |organization: &Organization, id| organization.path(&rollout_model::ParentId::Ou(id)).to_string();
    let made = after.units.keys().filter(|id| !before.units.contains_key(*id));
    let gone = before.units.keys().filter(|id| !after.units.contains_key(*id));
    let renamed = after.units.values().filter_map(|unit| {
        let earlier = before.units.get(&unit.id).filter(|earlier| earlier.name != unit.name)?;
        Some(format!("{} is called `{}` now, no longer `{}`", unit.id, unit.name, earlier.name))
    });
    made.map(|id| format!("{id} `{}` is new", path(after, id.clone())))
        .chain(gone.map(|id| format!("{id} `{}` is gone", path(before, id.clone()))))
        .chain(renamed)
        .collect()
}

#[cfg(test)]
mod tests {
    use rollout_model::{AccountState, OuId};

    use super::*;
    use crate::samples;

    #[test]
    fn every_kind_of_change_is_found_and_an_organization_does_not_differ_from_itself() {
        let before = samples::organization();
        assert!(OrganizationDifference::between(&before, &before).is_empty());
        let mut after = before.clone();
        let prod: OuId = "ou-ab12-produktion".parse().unwrap();
        after.units.get_mut(&prod).unwrap().name = "Prod".to_owned();
        let lost = after.accounts.remove(&samples::id("200000000007")).unwrap();
        let root = after.root_parent();
        let shop = after.accounts.get_mut(&samples::id("200000000001")).unwrap();
        shop.name = "shop".to_owned();
        shop.state = AccountState::Suspended;
        shop.parent = root;
        let new = Account { id: samples::id("300000000001"), ..lost };
        after.accounts.insert(new.id.clone(), new);
        let found = OrganizationDifference::between(&before, &after);
        assert_eq!(found.joined, [samples::id("300000000001")]);
        assert_eq!(found.left, [samples::id("200000000007")]);
        let changes: Vec<&AccountChange> = found.changed.iter().map(|(_, change)| change).collect();
        let text = |text: &str| text.to_owned();
        assert_eq!(
            changes,
            [
                &AccountChange::Moved { from: text("Workloads/Größe \\/ \"Prod\""), to: text("Root") },
                &AccountChange::Renamed { from: text("shop-prod"), to: text("shop") },
                &AccountChange::State { from: text("active"), to: text("suspended") },
            ]
        );
        assert_eq!(found.units, ["ou-ab12-produktion is called `Prod` now, no longer `Größe / \"Prod\"`"]);
    }
}
