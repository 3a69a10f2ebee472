//! `GetAccountSummary`: what there is of everything in an account, and how much there may be (aws-facts F1, G).

use serde_json::json;

use super::validate::{MAX_ATTACHED_POLICIES, MAX_POLICY_VERSIONS, MAX_ROLES};
use crate::call::{Answer, Call};
use crate::world::World;

/// The entries about what this world has. Service-linked roles count as roles, and so they do here.
pub(super) fn account(world: &World, call: &Call) -> Answer {
    let account = world.iam.account(&call.caller.account);
    let entries = [
        ("Roles", account.roles.len()),
        ("RolesQuota", MAX_ROLES),
        ("Users", account.users.len()),
        ("UsersQuota", 5000),
        ("Policies", account.policies.len()),
        ("PoliciesQuota", 1500),
        ("AttachedPoliciesPerRoleQuota", MAX_ATTACHED_POLICIES),
        ("VersionsPerPolicyQuota", MAX_POLICY_VERSIONS),
    ];
    let entries = entries.map(|(key, value)| json!({"key": key, "value": value}));
    Ok(json!({"SummaryMap": {"entry": entries}}))
}
