//! What is deployed: the StackSet, the management account's stack, and how operations are run.

use std::collections::BTreeMap;
use std::fmt;

use crate::{ParameterValue, PermissionModel, StackName, StackSetName};

/// The tag by which rolecall knows what is its own: StackSets, stacks, and the roles that they pass their tags
/// on to. Its value is the rollout's name.
pub const MARK: &str = "rolecall:rollout";

/// Everything that `CreateStackSet` and `UpdateStackSet` are told about a StackSet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSetDefinition {
    /// Unique in the account that owns the set and the home Region.
    pub name: StackSetName,
    /// Shown in the console; 1 to 1,024 characters.
    pub description: String,
    /// At most 51,200 bytes (aws-facts A15).
    pub template: String,
    /// Every parameter of the template: one that an update does not list falls back to its default
    /// (aws-facts A8).
    pub parameters: BTreeMap<String, ParameterValue>,
    /// Put on the set, on every stack and on the role. They hold our mark and the definition's digest, by
    /// which a change of a masked parameter is noticed.
    pub tags: BTreeMap<String, String>,
    /// Who creates the roles that deploy.
    pub permission_model: PermissionModel,
    /// In whose name the calls are made.
    pub call_as: CallAs,
    /// Whether accounts that join or leave a targeted unit gain or lose the stack by themselves.
    pub auto_deployment: AutoDeployment,
    /// Whether operations that do not conflict run side by side and others queue (aws-facts A5).
    pub managed_execution: bool,
}

/// The plain stack in the management account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackDefinition {
    /// Unique in the account and Region.
    pub name: StackName,
    /// The same template as the StackSet's.
    pub template: String,
    /// Every parameter of the template.
    pub parameters: BTreeMap<String, ParameterValue>,
    /// Put on the stack and on the role.
    pub tags: BTreeMap<String, String>,
}

/// In whose name StackSets calls are made (aws-facts A2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallAs {
    /// As the account whose set it is: for service-managed sets the management account.
    Myself,
    /// As a delegated administrator; every call has to say so, or the set is not found.
    DelegatedAdmin,
}

/// What happens when an account enters or leaves a targeted unit (aws-facts A4). It ignores account filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AutoDeployment {
    /// Deploy to accounts that enter, remove from accounts that leave.
    pub enabled: bool,
    /// Leave the stack behind in an account that leaves. Only legal with `enabled`.
    pub retain_on_removal: bool,
}

/// Whether the management account is a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagementAccount {
    /// By a plain stack.
    Include,
    /// Not at all.
    Exclude,
    /// Not said: not at all, and the plan points it out.
    Unsaid,
}

/// How an operation walks through its accounts (aws-facts A5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationPreferences {
    /// How many accounts at a time.
    pub max_concurrent: Share,
    /// How many may fail before the rest is not attempted.
    pub failure_tolerance: Share,
    /// Whether failures slow the operation down.
    pub concurrency_mode: ConcurrencyMode,
}

/// A number of accounts, absolute or relative to the operation's targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// That many accounts.
    Count(u32),
    /// Per cent of the accounts; AWS rounds down.
    Percent(u8),
}

impl Share {
    /// How many of so many accounts.
    pub fn of(self, accounts: usize) -> usize {
        match self {
            Share::Count(count) => usize::try_from(count).unwrap_or(usize::MAX),
            Share::Percent(percent) => accounts.saturating_mul(usize::from(percent)) / 100,
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Share::Count(count) => write!(formatter, "{count}"),
            Share::Percent(percent) => write!(formatter, "{percent}%"),
        }
    }
}

/// Whether the failure tolerance also bounds the concurrency (aws-facts A5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConcurrencyMode {
    /// Never more at a time than the tolerance plus one, shrinking with every failure.
    Strict,
    /// Always the maximum; failures in flight may overshoot the tolerance.
    Soft,
}
