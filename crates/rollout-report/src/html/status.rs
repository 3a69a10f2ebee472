//! An account in one of eight words, which the page shows with a shape and never by colour alone.

use rollout_model::{Conclusion, DeploymentStatus, VerifyMode};
use serde::Serialize;

use crate::account_row::{AccountRow, Verification};

/// The worst first. Only `Verified` is green.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    Failed,
    Finding,
    NotProven,
    Open,
    /// Deployed, or as it was, and not looked at by this run.
    NotVerified,
    Verified,
    NotLookedAt,
    NotTargeted,
}

impl Status {
    pub(super) const ALL: [Status; 8] = [
        Status::Failed,
        Status::Finding,
        Status::NotProven,
        Status::Open,
        Status::NotVerified,
        Status::Verified,
        Status::NotLookedAt,
        Status::NotTargeted,
    ];

    pub(super) fn of(row: &AccountRow) -> Status {
        if row.is_blocked() {
            return Status::Failed;
        }
        match &row.deployment {
            Some(status) if status.is_open() => return Status::Open,
            Some(status) if !status.is_done() => return Status::Failed,
            _ => {}
        }
        match &row.verification {
            Verification::Done(verdict) => match verdict.conclusion() {
                Conclusion::Verified => Status::Verified,
                Conclusion::Finding => Status::Finding,
                Conclusion::NotProven => Status::NotProven,
            },
            Verification::NotVerified(_) => Status::NotProven,
            Verification::Pending => Status::Open,
            Verification::NotAsked if row.deployment.is_some() => Status::NotVerified,
            Verification::NotAsked if row.is_target() || row.is_to_be_gone() => Status::Open,
            Verification::NotAsked if row.is_of_another_run() => Status::NotLookedAt,
            Verification::NotAsked => Status::NotTargeted,
        }
    }

    pub(super) fn needs_action(self) -> bool {
        matches!(self, Status::Failed | Status::Finding | Status::NotProven | Status::Open)
    }

    /// What is counted under it.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Status::Failed => "failed",
            Status::Finding => "with findings",
            Status::NotProven => "not proven",
            Status::Open => "open",
            Status::NotVerified => "not verified",
            Status::Verified => "verified",
            Status::NotLookedAt => "not looked at",
            Status::NotTargeted => "not targeted",
        }
    }
}

/// What exactly one account came to: which failure, on which kind of proof.
pub(super) fn word(row: &AccountRow) -> String {
    match Status::of(row) {
        Status::Failed if row.is_blocked() => "blocked".to_owned(),
        Status::Failed => row.deployment.as_ref().map_or("failed".to_owned(), DeploymentStatus::to_string),
        Status::Finding => "finding".to_owned(),
        Status::NotProven => match row.verification {
            Verification::NotVerified(_) => "not verified".to_owned(),
            _ => "not proven".to_owned(),
        },
        Status::Verified => match &row.verification {
            Verification::Done(verdict) => match verdict.mode {
                VerifyMode::Direct => "verified".to_owned(),
                VerifyMode::Absence => "absent".to_owned(),
                mode @ (VerifyMode::Probe | VerifyMode::Offline) => format!("verified ({mode})"),
            },
            _ => "verified".to_owned(),
        },
        Status::NotVerified => {
            let deployed = row.deployment.as_ref().map(DeploymentStatus::to_string).unwrap_or_default();
            format!("{deployed}, not verified")
        }
        other => other.in_words().to_owned(),
    }
}
