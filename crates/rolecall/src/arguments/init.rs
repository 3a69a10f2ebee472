//! What `init` makes a configuration from.

use std::path::PathBuf;

use clap::Args;
use rollout_model::{Region, RoleArn, RoleName, RolloutName};

use crate::config::{ManagementAccountConfig, PermissionModelConfig, VerifyModeConfig};
use crate::init::{ManagedPolicy, OrNone, Target, Trusted, Variable};

/// What is written, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct InitArguments {
    /// The file to write.
    #[arg(value_name = "ROLLOUT.yaml", default_value = "rollout.yaml")]
    pub(crate) path: PathBuf,
    /// Write the JSON Schema of the configuration beside it too, as `rollout.schema.json`, for editors.
    #[arg(long)]
    pub(crate) schema: bool,
    /// Overwrite what is there.
    #[arg(long)]
    pub(crate) force: bool,
    /// Ask nothing: what no option says gets its default, and what has none is an error.
    #[arg(long)]
    pub(crate) no_input: bool,
    #[command(flatten)]
    pub(crate) given: GivenAnswers,
}

/// The answers that were given as options. Whatever else knows some of them, such as a profile of a vendor, can fill
/// the rest in before anybody is asked.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Answers")]
pub(crate) struct GivenAnswers {
    /// The name of the role, the same in every account.
    #[arg(long, value_name = "NAME")]
    pub(crate) role_name: Option<RoleName>,
    /// Who may enter the role: an account id, the ARN of a role, a service such as `ec2.amazonaws.com`, or an
    /// organization id. Can be given more than once.
    #[arg(long, value_name = "PRINCIPAL")]
    pub(crate) trust: Vec<Trusted>,
    /// The environment variable that holds the external ID, or `none`. Default: `none`, and no external ID is asked for.
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) external_id_env: Option<OrNone<Variable>>,
    /// The ARN of a managed policy of the role, or `none`. Can be given more than once. Default: `SecurityAudit` of
    /// AWS, which only reads.
    #[arg(long, value_name = "ARN")]
    pub(crate) managed_policy: Vec<OrNone<ManagedPolicy>>,
    /// Accounts that get the role: a unit with all below it (`Workloads/**`, `ou:Sandbox`), an account id, or the
    /// name of accounts (`shop-*`). Can be given more than once. Default: `**`, the whole organization.
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) target: Vec<Target>,
    /// Accounts that do not get it after all, in the same form.
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) exclude: Vec<Target>,
    /// Whether the management account gets the role too, by a stack of its own. Default: `exclude`.
    #[arg(long, value_enum, value_name = "CHOICE")]
    pub(crate) management_account: Option<ManagementAccountConfig>,
    /// By which permissions the StackSet deploys. Default: `service-managed`.
    #[arg(long, value_enum, value_name = "MODEL")]
    pub(crate) permission_model: Option<PermissionModelConfig>,
    /// How the role is proven. Default: `direct`, or `offline` where only services are trusted.
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) verify_mode: Option<VerifyModeConfig>,
    /// The ARN of the role that tries the role, or `none` where your own credentials do. Default: the first role
    /// that is trusted. Needed for `--verify-mode probe`.
    #[arg(long, value_name = "ARN")]
    pub(crate) verify_from: Option<OrNone<RoleArn>>,
    /// Names the StackSet, the management account's stack and the ledger. Default: made from the name of the role.
    #[arg(long, value_name = "NAME")]
    pub(crate) rollout: Option<RolloutName>,
    /// The Region of the StackSet and its stacks. Default: `us-east-1`.
    #[arg(long, value_name = "REGION")]
    pub(crate) home_region: Option<Region>,
}
