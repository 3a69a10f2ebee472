//! The nouns that two or more crates of rolecall exchange. No async, no I/O, no clock, no SDK.
//!
//! AWS's nouns keep AWS's names: [`Organization`], [`OrganizationalUnit`], [`Account`], [`StackInstance`],
//! [`OperationId`]. Our own are few:
//!
//! - a *rollout* is plan, deploy and verify as one run, named in one `rollout.yaml` ([`RolloutSpec`]);
//! - a *target* is an account that the configuration selects ([`Targets`]);
//! - a *plan* says for every account of the organization what the rollout does there, and why
//!   ([`RolloutPlan`]);
//! - a *verdict* is what verification found in one account ([`Verdict`]), made of *checks* with evidence;
//! - a *finding* is a check that failed although the account was reached;
//! - the *ledger* is the list of [`RolloutEvent`]s of a run, on disk.

mod account_ids;
mod arn;
mod call_count;
mod checkup;
mod definition;
mod deployment;
mod event;
mod explanation;
mod gate;
mod glob;
mod id;
mod invocation;
mod observed;
mod organization;
mod ou_path;
mod part;
mod permission_model;
mod plan;
mod role_property;
mod scatter;
mod secret;
mod selector;
mod service_control_policy;
mod shard;
mod spec;
mod step;
mod verdict;
mod verdict_cause;

pub use account_ids::AccountIds;
pub use arn::{RoleArn, StackArn};
pub use call_count::{CallCount, CallCounts};
pub use checkup::{Checkup, CheckupRow, CheckupState, Need, Readiness, Subject};
pub use definition::{AutoDeployment, CallAs, ConcurrencyMode, MARK, ManagementAccount, Share};
pub use definition::{OperationPreferences, StackDefinition, StackSetDefinition};
pub use deployment::DeploymentStatus;
pub use event::{DeployEvent, DiscoveryEvent, RolloutEvent, RunEvent, VerifyEvent};
pub use explanation::{EntryExplanation, Explanation};
pub use gate::{Gate, GateClosed, ProceedWhen};
pub use glob::Glob;
pub use id::{
    AccountId, InvalidId, OperationId, OrganizationId, OuId, ParentId, Region, RoleName, RolloutName, RootId,
    RunId, StackName, StackSetName, WaveName,
};
pub use invocation::Invocation;
pub use observed::{
    InstanceStatus, ObservedInstance, ObservedOperation, ObservedStack, ObservedStackSet, StackInstance,
    StackSetSnapshot,
};
pub use organization::{Account, AccountState, Organization, OrganizationalUnit, Root};
pub use ou_path::{InvalidOuPattern, OuPath, OuPattern};
pub use part::{Narrowing, Part, Sample};
pub use permission_model::{AdministrationRole, Owner, PermissionModel};
pub use plan::{AccountPlan, Action, DefinitionChange, Pace, RolloutPlan, Vehicle, Wave};
pub use role_property::RoleProperty;
pub use scatter::scattered;
pub use secret::{ExternalId, ParameterValue};
pub use selector::{Selector, TagCondition, TargetEntry, WrittenTime};
pub use service_control_policy::{PolicyTarget, PolicyTargets, ServiceControlPolicy};
pub use shard::{InvalidShard, Shard};
pub use spec::{Consent, Limits, RolloutSpec, Scope, Targets, WaveSpec};
pub use step::{DeploymentTargets, Step};
pub use verdict::{Check, CheckOutcome, CheckResult, Conclusion, Verdict, VerifyMode};
pub use verdict_cause::VerdictCause;
