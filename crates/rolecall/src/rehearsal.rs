//! The simulation of a rehearsal: the operator's own organization, and what the rollout needs to find in it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use iam_policy::Principal;
use jiff::Timestamp;
use org_simulator::Simulator;
use rollout_model::{
    Account, AccountId, AccountState, CallAs, Organization, OrganizationalUnit, ParentId, RoleArn,
};
use rollout_planner::tags_wanted;
use serde_json::{Value, json};

use crate::config::Rollout;

/// The role that AWS puts into every account that an organization creates (aws-facts D1): in the simulation too.
const AWS_ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

/// The service that a delegated administrator for StackSets is registered with (aws-facts A2).
const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// A simulation that is an organization as it was saved. Ids, names, tree, tags and states are the organization's
/// own; what a snapshot does not hold and the rollout names is made up: the principals that the role trusts, and
/// the role by which accounts are read.
pub(crate) fn simulate(rollout: &Rollout, organization: &Organization) -> anyhow::Result<Simulator> {
    // Where tags decide and were not read, nobody knows who is a target (the planner says which accounts).
    let unread: Vec<String> = rollout
        .explained(tags_wanted(&rollout.spec, organization))?
        .into_iter()
        .filter(|account| organization.accounts[account].tags.is_none())
        .map(|account| account.to_string())
        .collect();
    if let Some(first) = unread.first() {
        let count = unread.len();
        bail!(
            "tags decide who is a target, and the snapshot has none of {count} accounts ({first} among them)\n  \
             save it with `rolecall discover --tags --save FILE`"
        );
    }
    Ok(Simulator::from_yaml(&seed(rollout, organization).to_string())?)
}

/// Who carries the rollout out. A delegated administrator is made up where the configuration wants one: the
/// snapshot does not tell who it is.
pub(crate) fn operator<'a>(rollout: &Rollout, organization: &'a Organization) -> &'a AccountId {
    let management = &organization.management_account;
    let is_member = |account: &&Account| account.state == AccountState::Active && account.id != *management;
    match rollout.spec.stack_set.call_as {
        CallAs::Myself => management,
        CallAs::DelegatedAdmin => {
            organization.accounts.values().find(is_member).map_or(management, |account| &account.id)
        }
    }
}

/// The organization in the form of the simulator's organization files.
fn seed(rollout: &Rollout, organization: &Organization) -> Value {
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
        false => json!({operator.to_string(): [STACK_SETS]}),
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

/// The roles that have to be there before the rollout, by account: those that its role trusts, `verify.from`, and
/// the role by which accounts are read where it is not the one of AWS. The operator may enter each, and each may
/// do anything that others let it.
fn roles(rollout: &Rollout, organization: &Organization) -> BTreeMap<AccountId, Vec<Value>> {
    let operator = operator(rollout, organization);
    let trusted = principals(rollout, organization).into_iter().filter_map(|principal| match principal {
        Principal::Aws(arn) => arn.parse::<RoleArn>().ok(),
        _ => None,
    });
    let wanted = trusted.chain(rollout.verify.from.clone()).chain(access_roles(rollout, organization));
    let wanted: BTreeMap<String, RoleArn> = wanted.map(|arn| (arn.to_string(), arn)).collect();
    let mut roles: BTreeMap<AccountId, Vec<Value>> = BTreeMap::new();
    for arn in wanted.into_values() {
        let anything = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
        ]});
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{operator}:root")},
            "Action": "sts:AssumeRole",
        }]});
        roles.entry(arn.account.clone()).or_default().push(json!({
            "name": arn.name.to_string(),
            "path": arn.path,
            "trust": trust,
            "inline_policies": {"anything": anything},
        }));
    }
    roles
}

fn access_roles(rollout: &Rollout, organization: &Organization) -> Vec<RoleArn> {
    let name = &rollout.verify.access_role;
    let is_made_up = |account: &&AccountId| {
        name.as_str() != AWS_ACCESS_ROLE && **account != organization.management_account
    };
    let role = |account: &AccountId| RoleArn {
        partition: "aws".to_owned(),
        account: account.clone(),
        path: "/".to_owned(),
        name: name.clone(),
    };
    organization.accounts.keys().filter(is_made_up).map(role).collect()
}

/// The accounts that the role trusts.
fn accounts_named(rollout: &Rollout, organization: &Organization) -> BTreeSet<AccountId> {
    let account = |principal: Principal| match principal {
        Principal::Account(account) => account.parse().ok(),
        _ => None,
    };
    principals(rollout, organization).into_iter().filter_map(account).collect()
}

/// Whom the role trusts, in any account: a trust policy may depend on where it is.
fn principals(rollout: &Rollout, organization: &Organization) -> BTreeSet<Principal> {
    let region = &rollout.spec.home_region;
    let roles = organization.accounts.keys().filter_map(|account| {
        // What cannot be told for an account fails there, in a row of the report.
        rollout.deployable.role_in(account, region, "aws").ok()
    });
    let mut principals = BTreeSet::new();
    for role in roles {
        let listed = role.trust.statements.iter().filter_map(|statement| statement.principal.as_ref());
        principals.extend(listed.flat_map(|members| members.listed().iter().cloned()));
    }
    principals
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use org_discovery::Units;
    use tokio::sync::mpsc::channel;

    use super::*;
    use crate::arguments::ConnectionArguments;
    use crate::aws::Aws;
    use crate::connect::read_config_offline;
    use crate::simulated::{Simulated, Stage};

    fn rollout() -> Rollout {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        read_config_offline(&repository.join("config/rollout.yaml")).unwrap()
    }

    /// What is discovered in a simulation, tags and all.
    async fn discovered(simulate: Simulated) -> Organization {
        let connection = ConnectionArguments { simulate: Some(simulate), endpoint_url: None };
        let aws = Aws::connect(&connection, &"us-east-1".parse().unwrap()).await.unwrap();
        let (events, mut sent) = channel(64);
        let discover = async {
            let mut organization =
                org_discovery::discover(&aws.organizations, Units::All, &events).await.unwrap();
            let everybody = organization.accounts.keys().cloned().collect();
            let read = org_discovery::read_tags(&aws.organizations, &everybody, &mut organization, &events);
            read.await.unwrap();
            drop(events);
            organization
        };
        let drain = async { while sent.recv().await.is_some() {} };
        futures::join!(discover, drain).0
    }

    #[tokio::test(start_paused = true)]
    async fn a_simulation_of_a_snapshot_is_the_organization_that_was_saved() {
        let organization = discovered(Simulated::BuiltIn).await;
        assert!(organization.accounts.len() == 64 && organization.units.len() > 20);
        let simulator = simulate(&rollout(), &organization).unwrap();
        assert_eq!(discovered(Simulated::Staged(Stage::new(simulator, None))).await, organization);
    }
}
