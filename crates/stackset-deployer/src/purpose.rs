//! What an operation is for, and so what its result means.

use rollout_model::DeploymentStatus;

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
