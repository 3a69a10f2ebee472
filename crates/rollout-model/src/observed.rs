//! What AWS holds before a plan is made.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use crate::{
    AccountId, AutoDeployment, MARK, OperationId, ParameterValue, ParentId, PermissionModel, Region,
    RolloutName,
};

/// One StackSet in one target: an account and a Region. AWS itself has no name for the pair; the console
/// calls what is there a stack instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackInstance {
    /// The target account.
    pub account: AccountId,
    /// The Region of the stack.
    pub region: Region,
}

/// The StackSet, its instances, and the management account's stack at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackSetSnapshot {
    /// `None` when there is no active set of that name.
    pub stack_set: Option<ObservedStackSet>,
    /// Every instance of the set.
    pub instances: BTreeMap<StackInstance, ObservedInstance>,
    /// Operations that run, wait or are being stopped.
    pub operations: Vec<ObservedOperation>,
    /// The plain stack in the management account, when it was asked for and exists.
    pub management_stack: Option<ObservedStack>,
}

impl StackSetSnapshot {
    /// The instance of an account in a Region.
    pub fn instance(&self, account: &AccountId, region: &Region) -> Option<&ObservedInstance> {
        self.instances.get(&StackInstance { account: account.clone(), region: region.clone() })
    }
}

/// A StackSet's definition as AWS shows it: the value of a `NoEcho` parameter is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedStackSet {
    /// As it was sent.
    pub template: String,
    /// The parameters, with the values of those that AWS does not mask.
    pub parameters: BTreeMap<String, Option<ParameterValue>>,
    /// All tags of the set.
    pub tags: BTreeMap<String, String>,
    /// What the set does with accounts that move.
    pub auto_deployment: AutoDeployment,
    /// Whether operations may run side by side.
    pub managed_execution: bool,
    /// Fixed while there are instances; `None` for a model this version does not handle.
    pub permission_model: Option<PermissionModel>,
    /// The set's description.
    pub description: String,
}

impl ObservedStackSet {
    /// Whether it carries the mark of the rollout.
    pub fn is_of(&self, rollout: &RolloutName) -> bool {
        is_marked(&self.tags, rollout)
    }
}

/// One instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedInstance {
    /// The synchronization status together with the detailed status.
    pub status: InstanceStatus,
    /// AWS's words on how it got there.
    pub reason: Option<String>,
    /// Whether a stack exists: a failed creation leaves an instance without one (aws-facts A7).
    pub has_stack: bool,
    /// The unit or root that was named when the account was deployed to; automatic deployment watches it
    /// (aws-facts A3, A4).
    pub unit: Option<ParentId>,
    /// The operation that visited the instance last.
    pub last_operation: Option<OperationId>,
}

/// The pair of status and detailed status, read as aws-facts A13 reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstanceStatus {
    /// The stack holds the set's present definition.
    Current,
    /// The stack does not hold the present definition: not attempted, in progress or cancelled.
    Outdated,
    /// The last attempt to bring it the present definition failed.
    Failed,
    /// AWS skipped the account because it is suspended.
    SkippedSuspended,
    /// A failed deletion; AWS leaves it alone until the instance is deleted with its stack retained.
    Inoperable,
    /// A failed import; inoperable like one (aws-facts A11).
    FailedImport,
    /// Values that this version does not know.
    Unrecognized(String),
}

impl fmt::Display for InstanceStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            InstanceStatus::Current => "CURRENT",
            InstanceStatus::Outdated => "OUTDATED",
            InstanceStatus::Failed => "OUTDATED, FAILED",
            InstanceStatus::SkippedSuspended => "SKIPPED_SUSPENDED_ACCOUNT",
            InstanceStatus::Inoperable => "INOPERABLE",
            InstanceStatus::FailedImport => "FAILED_IMPORT",
            InstanceStatus::Unrecognized(status) => status,
        })
    }
}

/// An operation that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedOperation {
    /// Chosen by whoever started it.
    pub id: OperationId,
    /// `CREATE`, `UPDATE`, `DELETE` or `DETECT_DRIFT`.
    pub action: String,
    /// `RUNNING`, `QUEUED` or `STOPPING`.
    pub status: String,
    /// When AWS accepted it: whoever is told that the set is busy asks for how long already (aws-facts K2).
    pub created: Option<SystemTime>,
}

impl ObservedOperation {
    /// Who started it, as far as its id tells.
    pub fn owner(&self) -> String {
        match self.id.step() {
            Some((run, _)) => format!("run {run} of rolecall"),
            None => "automatic deployment or another operator".to_owned(),
        }
    }

    /// Where it stands among unfinished operations: the least is the one that the others wait for, one that runs
    /// rather than one that waits itself. The order in which AWS lists them means nothing (aws-facts A16), so the
    /// id decides between equals.
    pub fn precedence(&self) -> (bool, String) {
        (self.status == "QUEUED", self.id.to_string())
    }
}

/// A plain stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedStack {
    /// One of CloudFormation's 23 stack statuses (aws-facts C2).
    pub status: String,
    /// As it was sent.
    pub template: String,
    /// The parameters, with the values of those that AWS does not mask.
    pub parameters: BTreeMap<String, Option<ParameterValue>>,
    /// The tags given by the owner.
    pub tags: BTreeMap<String, String>,
    /// Whether the stack is protected against deletion (aws-facts C5).
    pub is_protected: bool,
}

impl ObservedStack {
    /// Whether it carries the mark of the rollout.
    pub fn is_of(&self, rollout: &RolloutName) -> bool {
        is_marked(&self.tags, rollout)
    }
}

fn is_marked(tags: &BTreeMap<String, String>, rollout: &RolloutName) -> bool {
    tags.get(MARK).map(String::as_str) == Some(rollout.as_str())
}
