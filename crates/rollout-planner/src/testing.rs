//! An organization to plan for, and a roll-out to plan.

use std::collections::{BTreeMap, BTreeSet};

use rollout_model::*;

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
        joined: None,
        tags: None,
    };
    organization.accounts.insert(account.id.clone(), account);
}

pub(crate) fn tag(organization: &mut Organization, number: u64, key: &str, value: &str) {
    let account = organization.accounts.get_mut(&account_id(number)).unwrap();
    account.tags.get_or_insert_default().insert(key.to_owned(), value.to_owned());
}

/// An entry for everything in and below the units at a path.
pub(crate) fn units(path: &str) -> TargetEntry {
    TargetEntry { selectors: vec![Selector::Units(path.parse().unwrap())], optional: false }
}

/// A roll-out to the units at these paths and to the management account.
pub(crate) fn spec(include: &[&str]) -> RolloutSpec {
    let tags: BTreeMap<String, String> = [(MARK.to_owned(), "demo".to_owned())].into();
    RolloutSpec {
        rollout: "demo".parse().unwrap(),
        home_region: "us-east-1".parse().unwrap(),
        targets: Targets {
            include: include.iter().map(|path| units(path)).collect(),
            exclude: Vec::new(),
            management_account: ManagementAccount::Include,
        },
        waves: Vec::new(),
        stack_set: StackSetDefinition {
            name: "demo".parse().unwrap(),
            description: "a role".to_owned(),
            template: "{}".to_owned(),
            parameters: BTreeMap::new(),
            tags: tags.clone(),
            permission_model: PermissionModel::ServiceManaged,
            call_as: CallAs::Myself,
            auto_deployment: AutoDeployment { enabled: true, retain_on_removal: false },
            managed_execution: true,
        },
        import_stacks: Vec::new(),
        management_stack: StackDefinition {
            name: "demo".parse().unwrap(),
            template: "{}".to_owned(),
            parameters: BTreeMap::new(),
            tags,
        },
        preferences: OperationPreferences {
            max_concurrent: Share::Percent(100),
            failure_tolerance: Share::Percent(100),
            concurrency_mode: ConcurrencyMode::Soft,
        },
        limits: Limits { max_targets: 100, max_removals: 0 },
        consent: Consent::default(),
        scope: Scope::default(),
    }
}

/// Resolves as AWS documents it, from parent to parent, sharing nothing with the code above.
pub(crate) fn resolved_by_aws(
    organization: &Organization,
    targets: &DeploymentTargets,
) -> BTreeSet<AccountId> {
    let is_inside = |account: &Account| {
        let mut parent = account.parent.clone();
        loop {
            if targets.units().contains(&parent) {
                return true;
            }
            match parent {
                ParentId::Root(_) => return false,
                ParentId::Ou(id) => parent = organization.units[&id].parent.clone(),
            }
        }
    };
    let listed = |account: &AccountId| match targets {
        DeploymentTargets::Units(_) => true,
        DeploymentTargets::UnitsExcept(_, accounts) => !accounts.0.contains(account),
        DeploymentTargets::Only(_, accounts) | DeploymentTargets::Accounts(accounts) => {
            accounts.0.contains(account)
        }
    };
    organization
        .accounts
        .values()
        .filter(|account| account.id != organization.management_account)
        .filter(|account| account.state != AccountState::Suspended)
        .filter(|account| is_inside(account) && listed(&account.id))
        .map(|account| account.id.clone())
        .collect()
}

/// A tree of units given by the index of each one's parent, and accounts with a unit, a state and
/// whether they are wanted.
pub(crate) fn random_organization(
    units: &[usize],
    places: &[(usize, u8, bool)],
) -> (Organization, AccountIds) {
    let mut organization = organization();
    organization.units.clear();
    organization.accounts.retain(|id, _| *id == account_id(1));
    let place = |index: usize| match index.checked_sub(1) {
        // Padded from the left: `1` and `10` must not become the same id.
        Some(index) => ParentId::Ou(unit_id(&format!("{index:08}"))),
        None => ParentId::Root("r-root".parse().unwrap()),
    };
    for (index, parent) in units.iter().enumerate() {
        let id = format!("{index:08}");
        add_unit(&mut organization, &id, &id, place(parent % (index + 1)));
    }
    let mut wanted = AccountIds::default();
    for (index, &(parent, state, is_wanted)) in places.iter().enumerate() {
        let number = 100 + index as u64;
        add_account(&mut organization, number, place(parent % (units.len() + 1)));
        let account = organization.accounts.get_mut(&account_id(number)).unwrap();
        account.state = match state {
            0 => AccountState::Suspended,
            1 => AccountState::PendingClosure,
            _ => AccountState::Active,
        };
        if is_wanted && account.state == AccountState::Active {
            wanted.0.insert(account.id.clone());
        }
    }
    (organization, wanted)
}
