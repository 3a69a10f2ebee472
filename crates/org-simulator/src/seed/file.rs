//! The shape of an organization file. Unknown keys are errors; ids may be left out and are then derived from the
//! names, so that they stay when the file is reordered.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::organizations::{AccountState, JoinedMethod, LeftOut};
use crate::rates::RequestRates;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) organization: OrganizationEntry,
    /// Whether the documented request rates are enforced.
    #[serde(default)]
    pub(super) request_rates: RequestRates,
    /// Accounts that sit in the root itself.
    #[serde(default)]
    pub(super) accounts: Vec<AccountEntry>,
    #[serde(default)]
    pub(super) organizational_units: Vec<UnitEntry>,
    #[serde(default)]
    pub(super) service_control_policies: Vec<PolicyEntry>,
    /// With any of them the policy type is on.
    #[serde(default)]
    pub(super) resource_control_policies: Vec<PolicyEntry>,
    /// Account, and the service principals that it administers.
    #[serde(default)]
    pub(super) delegated_administrators: BTreeMap<String, Vec<String>>,
    /// Accounts that exist and belong to somebody else.
    #[serde(default)]
    pub(super) outside_accounts: Vec<OutsideEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganizationEntry {
    pub(super) id: Option<String>,
    pub(super) root_id: Option<String>,
    #[serde(default)]
    pub(super) feature_set: FeatureSet,
    pub(super) management_account: String,
    /// Members that answers about accounts and organizational units lack.
    #[serde(default)]
    pub(super) answers_without: BTreeSet<LeftOut>,
    /// Whether `ActivateOrganizationsAccess` was called.
    #[serde(default)]
    pub(super) stacksets_trusted_access: bool,
    /// Further services with trusted access.
    #[serde(default)]
    pub(super) service_access: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(super) enum FeatureSet {
    #[default]
    #[serde(rename = "ALL")]
    All,
    #[serde(rename = "CONSOLIDATED_BILLING")]
    ConsolidatedBilling,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitEntry {
    pub(super) name: String,
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) accounts: Vec<AccountEntry>,
    #[serde(default)]
    pub(super) organizational_units: Vec<UnitEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountEntry {
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) state: AccountState,
    #[serde(default)]
    pub(super) joined_method: JoinedMethod,
    /// ISO 8601, for example `2024-03-01T09:00:00Z`.
    pub(super) joined: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// The role by which the management account enters; `null` for an account without one.
    #[serde(default = "access_role")]
    pub(super) access_role: Option<String>,
    #[serde(default)]
    pub(super) roles: Vec<RoleEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutsideEntry {
    pub(super) id: String,
    #[serde(default)]
    pub(super) roles: Vec<RoleEntry>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleEntry {
    pub(super) name: String,
    #[serde(default = "root_path")]
    pub(super) path: String,
    pub(super) description: Option<String>,
    pub(super) max_session: Option<i64>,
    /// The trust policy, a document like any other.
    pub(super) trust: Value,
    #[serde(default)]
    pub(super) inline_policies: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) managed_policies: Vec<String>,
    pub(super) permissions_boundary: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyEntry {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) document: Value,
    /// Where it is attached: paths of OU names such as `Workloads/Prod`, account ids, or `root`.
    #[serde(default)]
    pub(super) targets: Vec<String>,
}

fn access_role() -> Option<String> {
    Some(crate::organizations::ACCESS_ROLE.to_owned())
}

fn root_path() -> String {
    "/".to_owned()
}
