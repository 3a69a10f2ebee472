//! The organization in the form of the simulator's organization files.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use org_discovery::STACK_SETS_PRINCIPAL;
use rollout_model::{Account, AccountId, AccountState, Organization, OrganizationalUnit, ParentId};
use serde_json::{Value, json};

use super::operator;
use super::roles::{accounts_named, roles};
use crate::config::Rollout;

pub(super) fn seed(rollout: &Rollout, organization: &Organization) -> Value {
    let roles = roles(rollout, organization);
    let tree = Tree::of(organization, &roles);
    let root = organization.root_parent();
    let outside = accounts_named(rollout, organization)
        .into_iter()
        .chain(roles.keys().cloned())
        .filter(|account| !organization.accounts.contains_key(account))
        .collect::<BTreeSet<_>>();
    let outside: Vec<Value> = outside
        .into_iter()
        .map(|account| json!({"id": account.to_string(), "roles": tree.roles_in(&account)}))
        .collect();
    let operator = operator(rollout, organization);
    let delegated = match *operator == organization.management_account {
        true => json!({}),
        false => json!({operator.to_string(): [STACK_SETS_PRINCIPAL]}),
    };
    json!({
        "organization": {
            "id": organization.id.to_string(),
            "root_id": organization.root.id.to_string(),
            "management_account": organization.management_account.to_string(),
            "stacksets_trusted_access": true,
        },
        "accounts": tree.accounts_in(&root),
        "organizational_units": tree.units_in(&root),
        "outside_accounts": outside,
        "delegated_administrators": delegated,
    })
}

/// The children of every parent.
struct Tree<'a> {
    units: BTreeMap<&'a ParentId, Vec<&'a OrganizationalUnit>>,
    accounts: BTreeMap<&'a ParentId, Vec<&'a Account>>,
    roles: &'a BTreeMap<AccountId, Vec<Value>>,
}

impl<'a> Tree<'a> {
    fn of(organization: &'a Organization, roles: &'a BTreeMap<AccountId, Vec<Value>>) -> Self {
        let mut tree = Tree { units: BTreeMap::new(), accounts: BTreeMap::new(), roles };
        for unit in organization.units.values() {
            tree.units.entry(&unit.parent).or_default().push(unit);
        }
        for account in organization.accounts.values() {
            tree.accounts.entry(&account.parent).or_default().push(account);
        }
        tree
    }

    fn units_in(&self, parent: &ParentId) -> Vec<Value> {
        let unit = |unit: &&OrganizationalUnit| {
            let place = ParentId::Ou(unit.id.clone());
            json!({
                "id": unit.id.to_string(),
                "name": unit.name,
                "accounts": self.accounts_in(&place),
                "organizational_units": self.units_in(&place),
            })
        };
        self.units.get(parent).into_iter().flatten().map(unit).collect()
    }

    fn accounts_in(&self, parent: &ParentId) -> Vec<Value> {
        self.accounts.get(parent).into_iter().flatten().map(|account| self.account(account)).collect()
    }

    fn account(&self, account: &Account) -> Value {
        let mut entry = json!({
            "id": account.id.to_string(),
            "name": account.name,
            "state": state(&account.state),
            "tags": account.tags.clone().unwrap_or_default(),
            "roles": self.roles_in(&account.id),
        });
        if !account.email.is_empty() {
            entry["email"] = json!(account.email);
        }
        if let Some(joined) = account.joined.and_then(|joined| Timestamp::try_from(joined).ok()) {
            entry["joined"] = json!(joined.to_string());
        }
        entry
    }

    fn roles_in(&self, account: &AccountId) -> &[Value] {
        self.roles.get(account).map_or(&[], Vec::as_slice)
    }
}

/// What is unknown is treated as active everywhere.
fn state(state: &AccountState) -> &'static str {
    match state {
        AccountState::PendingActivation => "PENDING_ACTIVATION",
        AccountState::Active | AccountState::Unrecognized(_) => "ACTIVE",
        AccountState::Suspended => "SUSPENDED",
        AccountState::PendingClosure => "PENDING_CLOSURE",
        AccountState::Closed => "CLOSED",
    }
}
