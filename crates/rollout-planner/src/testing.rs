//! An organization to plan for.

use rollout_model::{
    Account, AccountId, AccountState, Organization, OrganizationalUnit, OuId, ParentId, Root,
};

pub(crate) fn account_id(number: u64) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

pub(crate) fn unit_id(name: &str) -> OuId {
    format!("ou-root-{name:0<8}").parse().unwrap()
}

/// Management account 1 and accounts 11 and 12 in the root; 21 in Workloads; 22, 23 in Workloads/Prod; 24 in
/// Workloads/Legacy; nobody in Empty.
pub(crate) fn organization() -> Organization {
    let mut organization = Organization {
        id: "o-abcdefghij".parse().unwrap(),
        management_account: account_id(1),
        root: Root { id: "r-root".parse().unwrap(), name: "Root".to_owned() },
        units: Default::default(),
        accounts: Default::default(),
        problems: Vec::new(),
    };
    let root = organization.root_parent();
    add_unit(&mut organization, "work", "Workloads", root.clone());
    add_unit(&mut organization, "empty", "Empty", root.clone());
    add_unit(&mut organization, "prod", "Prod", ParentId::Ou(unit_id("work")));
    add_unit(&mut organization, "legacy", "Legacy", ParentId::Ou(unit_id("work")));
    for number in [1, 11, 12] {
        add_account(&mut organization, number, root.clone());
    }
    for (number, unit) in [(21, "work"), (22, "prod"), (23, "prod"), (24, "legacy")] {
        add_account(&mut organization, number, ParentId::Ou(unit_id(unit)));
    }
    organization
}

pub(crate) fn add_unit(organization: &mut Organization, id: &str, name: &str, parent: ParentId) {
    let unit = OrganizationalUnit { id: unit_id(id), name: name.to_owned(), parent };
    organization.units.insert(unit.id.clone(), unit);
}

pub(crate) fn add_account(organization: &mut Organization, number: u64, parent: ParentId) {
    let account = Account {
        id: account_id(number),
        name: format!("account-{number}"),
        email: format!("aws+{number}@example.com"),
        state: AccountState::Active,
        parent,
    };
    organization.accounts.insert(account.id.clone(), account);
}
