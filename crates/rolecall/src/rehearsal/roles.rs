//! Whom a roll-out needs to find in the accounts: the principals that its role trusts, and the roles that `verify`
//! enters.

use std::collections::{BTreeMap, BTreeSet};

use iam_policy::Principal;
use rollout_model::{AccountId, Organization, RoleArn};
use serde_json::{Value, json};

use super::operator;
use crate::config::{AWS_ACCESS_ROLE, Rollout};

/// The roles that have to be there before the rollout, by account: those that its role trusts, `verify.from`, and
/// the role by which accounts are read where it is not the one of AWS. The operator may enter each, and each may
/// do anything that others let it.
pub(super) fn roles(rollout: &Rollout, organization: &Organization) -> BTreeMap<AccountId, Vec<Value>> {
    let operator = operator(rollout, organization);
    let trusted = principals(rollout, organization).into_iter().filter_map(|principal| match principal {
        Principal::Aws(arn) => arn.parse::<RoleArn>().ok(),
        _ => None,
    });
    let wanted =
        trusted.chain(rollout.verify.from.iter().cloned()).chain(access_roles(rollout, organization));
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
    // AWS's own is there in the simulation too.
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
pub(super) fn accounts_named(rollout: &Rollout, organization: &Organization) -> BTreeSet<AccountId> {
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
