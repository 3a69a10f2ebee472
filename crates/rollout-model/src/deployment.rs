//! How far the deployment in one account has come.

use std::fmt;

/// Deployment in one account. Says nothing of whether the role works: that is the verdict's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentStatus {
    /// Nothing was to be done.
    Unchanged,
    /// Planned, not begun.
    Pending,
    /// In progress.
    Running,
    /// The stack holds what is specified.
    Deployed,
    /// The stack is gone, and the role with it, as planned.
    Removed,
    /// The instance left the StackSet, and stack and role stay behind in the account, as planned.
    Retained,
    /// Failed, with AWS's words.
    Failed(String),
    /// Not attempted because the operation was stopped or its failure tolerance exceeded.
    Cancelled(String),
    /// AWS skipped the account, with its words.
    Skipped(String),
    /// The run ended before the account was attempted.
    NotReached(String),
}

impl DeploymentStatus {
    /// Whether the account has what was planned for it.
    pub fn is_done(&self) -> bool {
        matches!(
            self,
            DeploymentStatus::Unchanged
                | DeploymentStatus::Deployed
                | DeploymentStatus::Removed
                | DeploymentStatus::Retained
        )
    }

    /// Whether the status can still change within the operation.
    pub fn is_open(&self) -> bool {
        matches!(self, DeploymentStatus::Pending | DeploymentStatus::Running)
    }

    /// AWS's words, where there are any.
    pub fn reason(&self) -> Option<&str> {
        match self {
            DeploymentStatus::Failed(reason)
            | DeploymentStatus::Cancelled(reason)
            | DeploymentStatus::Skipped(reason)
            | DeploymentStatus::NotReached(reason) => Some(reason),
            _ => None,
        }
    }
}

impl fmt::Display for DeploymentStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            DeploymentStatus::Unchanged => "unchanged",
            DeploymentStatus::Pending => "pending",
            DeploymentStatus::Running => "running",
            DeploymentStatus::Deployed => "deployed",
            DeploymentStatus::Removed => "removed",
            DeploymentStatus::Retained => "retained",
            DeploymentStatus::Failed(_) => "failed",
            DeploymentStatus::Cancelled(_) => "cancelled",
            DeploymentStatus::Skipped(_) => "skipped",
            DeploymentStatus::NotReached(_) => "not reached",
        })
    }
}
