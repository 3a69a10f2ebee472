//! The YAML as it is written. Unknown keys are refused. What is optional here is decided in `resolve`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::secret::{ExternalIdConfig, ParameterConfig};

/// One roll-out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileConfig {
    /// Names the StackSet, the management account's stack and the ledger.
    pub(crate) rollout: String,
    /// The Region of the StackSet and of its instances.
    pub(crate) home_region: String,
    /// The role as a specification; this or `template`.
    pub(crate) role: Option<RoleConfig>,
    /// The role as a CloudFormation template; this or `role`.
    pub(crate) template: Option<TemplateConfig>,
    /// Which accounts.
    pub(crate) targets: TargetsConfig,
    /// How it is deployed.
    #[serde(default)]
    pub(crate) stack_set: StackSetConfig,
    /// How it is proven.
    #[serde(default)]
    pub(crate) verify: VerifyConfig,
    /// What a plan may not exceed.
    #[serde(default)]
    pub(crate) limits: LimitsConfig,
}

/// A role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleConfig {
    pub(crate) name: String,
    /// Begins and ends with a slash.
    pub(crate) path: Option<String>,
    pub(crate) description: Option<String>,
    /// Who may enter.
    pub(crate) trust: Vec<TrustConfig>,
    /// ARNs.
    #[serde(default)]
    pub(crate) managed_policies: Vec<String>,
    /// Policy name to a JSON file beside the configuration.
    #[serde(default)]
    pub(crate) inline_policies: BTreeMap<String, PathBuf>,
    /// The ARN of a managed policy.
    pub(crate) permissions_boundary: Option<String>,
    /// A duration such as `1h`; one hour to twelve.
    pub(crate) max_session: Option<String>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
}

/// One trusted principal: exactly one of the first four.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustConfig {
    /// An account id.
    pub(crate) account: Option<String>,
    /// The ARN of a role.
    pub(crate) role: Option<String>,
    /// An AWS service.
    pub(crate) service: Option<String>,
    /// Every principal of an organization.
    pub(crate) organization: Option<String>,
    /// What the principal has to send along.
    pub(crate) external_id: Option<ExternalIdConfig>,
}

/// A CloudFormation template with one role in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateConfig {
    /// Beside the configuration.
    pub(crate) file: PathBuf,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, ParameterConfig>,
    /// The logical id of the role, when the template has several.
    pub(crate) role: Option<String>,
}

/// Which accounts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetsConfig {
    pub(crate) include: Vec<SelectorConfig>,
    #[serde(default)]
    pub(crate) exclude: Vec<SelectorConfig>,
    #[serde(default)]
    pub(crate) management_account: ManagementAccountConfig,
}

/// One way of saying which accounts: exactly one key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SelectorConfig {
    /// A path such as `Workloads/**`, the id of a unit, or the id of the root.
    pub(crate) ou: Option<String>,
    /// An account id.
    pub(crate) account: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ManagementAccountConfig {
    Include,
    #[default]
    Exclude,
}

/// How the StackSet is set up and how its operations run.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StackSetConfig {
    /// Only the home Region: a role is global.
    pub(crate) regions: Option<Vec<String>>,
    pub(crate) permission_model: Option<PermissionModelConfig>,
    pub(crate) call_as: Option<CallAsConfig>,
    pub(crate) auto_deployment: Option<AutoDeploymentConfig>,
    pub(crate) managed_execution: Option<bool>,
    /// `100%` or a number of accounts.
    pub(crate) max_concurrent: Option<String>,
    /// `5%` or a number of accounts.
    pub(crate) failure_tolerance: Option<String>,
    pub(crate) concurrency_mode: Option<ConcurrencyModeConfig>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PermissionModelConfig {
    ServiceManaged,
    SelfManaged,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CallAsConfig {
    #[serde(rename = "self")]
    Myself,
    DelegatedAdmin,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutoDeploymentConfig {
    pub(crate) enabled: bool,
    #[serde(default)]
    pub(crate) retain_on_removal: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConcurrencyModeConfig {
    Strict,
    Soft,
}

/// How the role is proven.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyConfig {
    pub(crate) mode: Option<VerifyModeConfig>,
    /// The ARN of a role that the rolled-out role trusts and that the operator may enter. Without it the
    /// operator's own principal has to be trusted.
    pub(crate) from: Option<String>,
    /// The role by which the live role is read in member accounts.
    pub(crate) access_role: Option<String>,
    /// `auto` or a number of accounts.
    pub(crate) concurrency: Option<String>,
    /// How long a role may take to be seen everywhere.
    pub(crate) propagation: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VerifyModeConfig {
    Direct,
}

/// What a plan may not exceed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsConfig {
    pub(crate) max_targets: Option<usize>,
}
