//! What was read of an organization before, for a list of accounts that was read since.

use rollout_model::{Organization, OrganizationalUnit, ParentId};

use crate::placement::way_to_account;
use crate::readings::{AccountReading, Readings, RootReading, UnitReading};

/// Whether every account says where it sits, and that is a place that was read before.
pub(crate) fn is_placed_by(before: &Organization, accounts: &[AccountReading]) -> bool {
    accounts.iter().all(|account| {
        way_to_account(account, before.root.id.as_str()).is_some_and(|way| {
            let is_known = |(id, parent)| before.units.get(id).is_some_and(|unit| unit.parent == parent);
            way.units_and_parents().all(is_known)
        })
    })
}

/// The accounts in the organization as it was.
pub(crate) fn readings_again(before: &Organization, accounts: Vec<AccountReading>) -> Readings {
    let mut units: Vec<&OrganizationalUnit> = before.units.values().collect();
    // Each after what it sits in.
    units.sort_by_key(|unit| before.ancestry(&unit.parent).count());
    let unit = |unit: &OrganizationalUnit| UnitReading {
        id: unit.id.to_string(),
        name: unit.name.clone(),
        parent: match &unit.parent {
            ParentId::Ou(id) => id.to_string(),
            ParentId::Root(id) => id.to_string(),
        },
        path: None,
    };
    Readings {
        organization: before.id.to_string(),
        management_account: before.management_account.to_string(),
        root: RootReading {
            id: before.root.id.to_string(),
            name: before.root.name.clone(),
            policy_types: Vec::new(),
        },
        accounts,
        units: units.into_iter().map(unit).collect(),
        ..Readings::default()
    }
}
