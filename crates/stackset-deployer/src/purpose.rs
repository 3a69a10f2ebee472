//! What an operation is for, and so what its result means.

use aws_sdk_cloudformation::types::{StackSetOperation, StackSetOperationAction};
use rollout_model::{AccountId, DeploymentStatus, RolloutPlan, Step};

/// What an operation is for, and so what an instance without a result means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Instances that are current already are left alone and get no result (aws-facts A7).
    Create,
    /// Every instance is visited. Without a result it may still be seen as it was before the operation.
    Update,
    /// The instance is gone afterwards, and its stack with it.
    Delete,
    /// The instance is gone afterwards; its stack stays behind.
    Retain,
    /// The instance is gone afterwards, to be made anew by the next step.
    LetGo,
}

impl Purpose {
    /// Of a step that is about to be carried out.
    pub(crate) fn of_step(step: &Step, plan: &RolloutPlan) -> Self {
        let is_target = |id: &AccountId| plan.accounts.get(id).is_some_and(|plan| plan.action.is_target());
        match step {
            Step::CreateStackInstances { .. } => Purpose::Create,
            Step::DeleteStackInstances { retain_stacks: false, .. } => Purpose::Delete,
            Step::DeleteStackInstances { accounts, .. } if accounts.0.iter().any(is_target) => Purpose::LetGo,
            Step::DeleteStackInstances { .. } => Purpose::Retain,
            _ => Purpose::Update,
        }
    }

    /// Of an operation whose step nobody knows any more.
    pub(crate) fn of_operation(operation: &StackSetOperation) -> Self {
        match operation.action() {
            Some(StackSetOperationAction::Create) => Purpose::Create,
            Some(StackSetOperationAction::Delete) if operation.retain_stacks() == Some(true) => {
                Purpose::Retain
            }
            Some(StackSetOperationAction::Delete) => Purpose::Delete,
            _ => Purpose::Update,
        }
    }

    /// What has happened in an account in which the operation succeeded.
    pub(crate) fn success(self) -> DeploymentStatus {
        match self {
            Purpose::Create | Purpose::Update => DeploymentStatus::Deployed,
            Purpose::Delete => DeploymentStatus::Removed,
            Purpose::Retain => DeploymentStatus::Retained,
            Purpose::LetGo => DeploymentStatus::Pending,
        }
    }
}
