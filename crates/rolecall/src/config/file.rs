//! The YAML as it is written. Unknown keys are refused. What is optional here is decided in `resolve`.
//!
//! The comments of what can be written become the JSON Schema, and so what an editor shows beside a key: they
//! say what it is, in which unit, and what holds without it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Deserialize;

use super::chain::ChainConfig;
use super::schema::text_or_number;
use super::secret::{ExternalIdConfig, ParameterConfig};
use super::selector::{EntryConfig, SelectorConfig};

/// One roll-out of one IAM role to the accounts of an AWS organization.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "rolecall roll-out")]
pub(crate) struct FileConfig {
    /// Names the StackSet, the management account's stack and the ledger: a letter, then letters, digits and
    /// hyphens, at most 100 characters.
    pub(crate) rollout: String,
    /// The Region of the StackSet and of its stacks, such as `us-east-1`. The role itself is global.
    pub(crate) home_region: String,
    /// The role as a specification. Either this or `template`.
    pub(crate) role: Option<RoleConfig>,
    /// The role as a CloudFormation template. Either this or `role`.
    pub(crate) template: Option<TemplateConfig>,
    /// Which accounts get the role.
    pub(crate) targets: TargetsConfig,
    /// In which order accounts are deployed to. Whoever no wave selects comes last. Default: the management
    /// account, then everybody at once.
    #[serde(default)]
    pub(crate) waves: Vec<WaveConfig>,
    /// How the StackSet is set up and how its operations run.
    #[serde(default)]
    pub(crate) stack_set: StackSetConfig,
    /// How the role is proven in every account.
    #[serde(default)]
    pub(crate) verify: VerifyConfig,
    /// What a plan may not exceed.
    #[serde(default)]
    pub(crate) limits: LimitsConfig,
}

/// A role as IAM has it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleConfig {
    /// The name of the role, the same in every account: at most 64 characters.
    pub(crate) name: String,
    /// The path of the role; begins and ends with a slash. Default: `/`.
    pub(crate) path: Option<String>,
    /// What the role is for, at most 1000 characters. Default: none.
    pub(crate) description: Option<String>,
    /// Who may enter the role; at least one.
    pub(crate) trust: Vec<TrustConfig>,
    /// The ARNs of the managed policies that the role has. Default: none.
    #[serde(default)]
    pub(crate) managed_policies: Vec<String>,
    /// Inline policies: the name of each and its JSON file, beside this one. Default: none.
    #[serde(default)]
    pub(crate) inline_policies: BTreeMap<String, PathBuf>,
    /// The ARN of the managed policy that bounds the permissions of the role. Default: none.
    pub(crate) permissions_boundary: Option<String>,
    /// The longest session of the role, as a duration from `1h` to `12h`. Default: `1h`.
    pub(crate) max_session: Option<String>,
    /// Tags of the role, by key. Default: none beside those of the stack.
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
}

/// A principal that may enter the role: exactly one of `account`, `role`, `service` and `organization`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustConfig {
    /// An account: its id of twelve digits, in quotes.
    pub(crate) account: Option<String>,
    /// The ARN of a role.
    pub(crate) role: Option<String>,
    /// An AWS service, such as `ec2.amazonaws.com`.
    pub(crate) service: Option<String>,
    /// Every principal of an organization: its id, `o-…`.
    pub(crate) organization: Option<String>,
    /// The external ID that the principal has to send. Default: none is asked for.
    pub(crate) external_id: Option<ExternalIdConfig>,
}

/// A CloudFormation template with one role in it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateConfig {
    /// The file of the template, beside this one; at most 51,200 bytes.
    pub(crate) file: PathBuf,
    /// The values of the template's parameters, by name. Default: those that the template has itself.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, ParameterConfig>,
    /// The logical id of the role. Needed only when the template has several.
    pub(crate) role: Option<String>,
}

/// Which accounts get the role: those that an entry of `include` selects and none of `exclude` does.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetsConfig {
    /// Which accounts are meant; one matching entry is enough. At least one entry.
    pub(crate) include: Vec<SelectorConfig>,
    /// Which of them are not; wins over `include`. Default: none.
    #[serde(default)]
    pub(crate) exclude: Vec<EntryConfig>,
    /// Whether the management account gets the role too, by a plain stack: a service-managed StackSet never
    /// reaches it, and a self-managed one is kept from it alike. Default: it does not, and a plan in which that matters says so.
    pub(crate) management_account: Option<ManagementAccountConfig>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ManagementAccountConfig {
    /// It gets the role.
    Include,
    /// It does not.
    Exclude,
}

/// Accounts that are deployed to together, after those of the waves before.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaveConfig {
    /// The name of the wave, unique in this file: 1 to 64 letters, digits, spaces, hyphens or underscores.
    pub(crate) name: String,
    /// Which of the targets belong to it, unless an earlier wave has them; one matching entry is enough.
    pub(crate) include: Vec<EntryConfig>,
    /// What an account of the wave has to have reached before the next wave begins. Default: `deployed`.
    pub(crate) proceed_when: Option<ProceedWhenConfig>,
    /// How many accounts of the wave may fall short of that, as blocked ones do: a number, or a share such as
    /// `5%`. With more the run stops before the next wave. Default: 0.
    #[serde(default)]
    #[schemars(schema_with = "text_or_number")]
    pub(crate) max_failures: Option<String>,
    /// How long to wait before the next wave begins, as a duration such as `10m`. Default: not at all.
    pub(crate) soak: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProceedWhenConfig {
    /// Its stack is there.
    Deployed,
    /// The role is proven.
    Verified,
}

/// How the StackSet is set up and how its operations run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StackSetConfig {
    /// The Regions of the stacks: only `home_region`, because a role is global. Default: that.
    pub(crate) regions: Option<Vec<String>>,
    /// By which permissions the StackSet deploys. Default: `service-managed`.
    pub(crate) permission_model: Option<PermissionModelConfig>,
    /// The role of the set's account that StackSets works as, when self-managed: its name, or its ARN. Default:
    /// `AWSCloudFormationStackSetAdministrationRole`.
    pub(crate) administration_role: Option<String>,
    /// The name of the role in every target account that it enters, when self-managed. Default:
    /// `AWSCloudFormationStackSetExecutionRole`.
    pub(crate) execution_role: Option<String>,
    /// The ARNs of stacks in target accounts that become instances of the StackSet instead of new ones, when
    /// self-managed and with `--adopt`. They have to be in `home_region` and of the very same template, which may
    /// not have `NoEcho` parameters. Default: none.
    pub(crate) import_stacks: Option<Vec<String>>,
    /// Whose credentials are used. Default: `self`. Not for self-managed sets.
    pub(crate) call_as: Option<CallAsConfig>,
    /// Whether accounts that join a targeted unit get the role by themselves. Default: they do not. Not for
    /// self-managed sets.
    pub(crate) auto_deployment: Option<AutoDeploymentConfig>,
    /// Whether AWS may run operations that do not conflict side by side. Default: true.
    pub(crate) managed_execution: Option<bool>,
    /// How many accounts are deployed to at a time: a number, or a share such as `100%`. Default: `100%`.
    #[serde(default)]
    #[schemars(schema_with = "text_or_number")]
    pub(crate) max_concurrent: Option<String>,
    /// In how many accounts an operation may fail before AWS stops it: a number, or a share such as `5%`.
    /// Default: `100%`, so that every account is attempted.
    #[serde(default)]
    #[schemars(schema_with = "text_or_number")]
    pub(crate) failure_tolerance: Option<String>,
    /// Whether failures slow the operation down. Default: `soft`.
    pub(crate) concurrency_mode: Option<ConcurrencyModeConfig>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PermissionModelConfig {
    /// By the trusted access of StackSets to the organization.
    ServiceManaged,
    /// By two roles of your own, which `rolecall prerequisites` prints templates of.
    SelfManaged,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CallAsConfig {
    /// Those of the management account.
    #[serde(rename = "self")]
    Myself,
    /// Those of an account that is a delegated administrator for StackSets.
    DelegatedAdmin,
}

/// What happens when accounts join or leave a targeted unit. It would ignore `targets.exclude`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutoDeploymentConfig {
    /// Whether an account that joins gets the role by itself.
    pub(crate) enabled: bool,
    /// Whether an account that leaves keeps it. Default: false.
    #[serde(default)]
    pub(crate) retain_on_removal: bool,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConcurrencyModeConfig {
    /// After failures fewer accounts are deployed to at a time, so that the tolerance is never exceeded.
    Strict,
    /// As many accounts at a time whatever fails.
    Soft,
}

/// How the role is proven in every account.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyConfig {
    /// How: `direct` where a principal of yours is trusted; where only others are, `probe` to let one of yours in
    /// beside them, or `offline` to evaluate the trust policy without entering. Default: `direct`.
    pub(crate) mode: Option<VerifyModeConfig>,
    /// The ARN of a role that the rolled-out role trusts and that you may enter; or a list, each entered from the
    /// one before, of which the last is trusted. Default: none, and your own principal has to be trusted.
    #[serde(default)]
    pub(crate) from: ChainConfig,
    /// The name of the role by which the live role is read in member accounts. Default:
    /// `OrganizationAccountAccessRole`.
    pub(crate) access_role: Option<String>,
    /// How many accounts are verified at a time: a number up to 1000, or `auto`, which is 256. The rate at which STS
    /// is asked is found by itself; this is only how many may wait for answers. Default: `auto`.
    #[serde(default)]
    #[schemars(schema_with = "text_or_number")]
    pub(crate) concurrency: Option<String>,
    /// How long IAM may take until a new role is seen everywhere, as a duration such as `90s`. Default: `90s`.
    pub(crate) propagation: Option<String>,
    /// How long one account may take, beside the time for propagation; after that it is not proven, and nobody waits
    /// for it. Default: `5m`, enough for a call that is tried again for minutes.
    pub(crate) timeout: Option<String>,
    /// What the role is to be able to do, and what not. Default: not asked.
    #[serde(default)]
    pub(crate) permissions: PermissionsConfig,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VerifyModeConfig {
    /// The role is entered by a principal of yours that it trusts.
    Direct,
    /// The role trusts somebody else, and for the proof also the principal of `from`, under the same external ID:
    /// the trust policy has one statement more, until `rolecall verify --remove-probe`.
    Probe,
    /// The role trusts somebody else: its live trust policy is read and evaluated for them.
    Offline,
}

/// Actions such as `ec2:DescribeInstances`. IAM simulates each on any resource, with the role's permissions boundary
/// and the service control policies of the organization; nothing is done in the account.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PermissionsConfig {
    /// What the role is to be able to do. Default: not asked.
    #[serde(default)]
    pub(crate) allow: Vec<String>,
    /// What the role must not be able to do. Default: not asked.
    #[serde(default)]
    pub(crate) deny: Vec<String>,
    /// The condition keys that a call has, with their values, where policies of the role depend on them: without
    /// them what IAM denies is not known. Default: none.
    #[serde(default)]
    pub(crate) context: BTreeMap<String, String>,
}

/// What a plan may not exceed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsConfig {
    /// The most accounts that a plan may target. Default: 5000.
    pub(crate) max_targets: Option<usize>,
    /// The most accounts that a plan may take the role away from. Default: 0.
    pub(crate) max_removals: Option<usize>,
    /// How many calls a second this run makes to STS at most: fewer leave room for others of the same account, more
    /// are of use where AWS has raised the quota. Default: 600, what AWS allows an account.
    pub(crate) sts_requests: Option<NonZeroU32>,
}
