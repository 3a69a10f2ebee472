//! Why a deployment cannot go on. An account that fails is a row, not an error.

use aws_failure::AwsFailure;
use rollout_model::{OperationId, Region, StackName, StackSetName};

use crate::regions::RegionTrouble;

/// The phase cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// A call was refused or got no answer.
    #[error("could not {doing}")]
    Call {
        /// What was tried, on what.
        doing: String,
        /// What AWS answered.
        #[source]
        source: AwsFailure,
    },
    /// A call that changes something was refused before anything was begun.
    #[error("could not {doing}")]
    Refused {
        /// What was tried, on what.
        doing: String,
        /// What AWS answered.
        #[source]
        source: AwsFailure,
    },
    /// The first call found the home Region off for this account, or not there at all.
    #[error("could not {doing} in {region}: {trouble}")]
    Region {
        /// What was tried.
        doing: &'static str,
        /// Where.
        region: Region,
        /// What the answer says of the Region.
        trouble: RegionTrouble,
        /// What AWS answered.
        #[source]
        source: AwsFailure,
    },
    /// AWS answered without a part that it always sends.
    #[error("the answer to {operation} has no {member}")]
    Incomplete {
        /// The API operation.
        operation: &'static str,
        /// What is missing.
        member: &'static str,
    },
    /// A list came without an end.
    #[error("could not list {list}: AWS repeated a page token, so the list has no end")]
    Endless {
        /// What was listed, and of what.
        list: String,
    },
    /// An operation stopped moving.
    #[error(
        "operation {operation} of `{stack_set}` has not moved for {minutes} minutes; it goes on in AWS, \
         look at it with `aws cloudformation describe-stack-set-operation`"
    )]
    Stuck {
        /// The StackSet.
        stack_set: StackSetName,
        /// The operation.
        operation: OperationId,
        /// For how long nothing changed.
        minutes: u64,
    },
    /// Our operation waits behind another one, in the queue of managed execution.
    #[error(
        "operation {operation} of `{stack_set}` has waited {minutes} minutes for {holder}; it stays in AWS's \
         queue and will run after it"
    )]
    Queued {
        /// The StackSet.
        stack_set: StackSetName,
        /// Our operation.
        operation: OperationId,
        /// The operation before it, with action and status.
        holder: String,
        /// For how long nothing changed.
        minutes: u64,
    },
    /// The management account's stack stopped moving.
    #[error(
        "the stack `{stack}` is in {status} and has not moved for {minutes} minutes; it goes on in AWS, look at \
         it with `aws cloudformation describe-stack-events`"
    )]
    StackStuck {
        /// The stack.
        stack: StackName,
        /// AWS's word for how it stands.
        status: String,
        /// For how long nothing changed.
        minutes: u64,
    },
    /// Someone else's operation holds the StackSet and does not end.
    #[error(
        "`{stack_set}` is busy: {holder} has not ended in {minutes} minutes; when it has, run the same command again"
    )]
    Busy {
        /// The StackSet.
        stack_set: StackSetName,
        /// The operation that holds it, with action and status.
        holder: String,
        /// For how long we waited.
        minutes: u64,
    },
}

/// The answers by which AWS says that it has begun nothing. After any other, the call may have arrived.
const REFUSALS: [&str; 8] = [
    "AccessDenied",
    "AccessDeniedException",
    "InvalidOperationException",
    "LimitExceededException",
    "StackInstanceNotFoundException",
    "StackSetNotFoundException",
    "StaleRequestException",
    "ValidationError",
];

impl DeployError {
    /// The same, where the call that failed was to begin something and AWS says that it has not.
    pub(crate) fn of_a_beginning(self) -> DeployError {
        match self {
            DeployError::Call { doing, source }
                if source.code().is_some_and(|code| REFUSALS.contains(&code)) =>
            {
                DeployError::Refused { doing, source }
            }
            other => other,
        }
    }
}
