//! What ledger and report say alike: how a deployment stands, and the checks of a verdict.

use rollout_model::{CheckResult, DeploymentStatus, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::{CheckOutcomeWord, CheckWord, ModeWord, RolePropertyWord, VerdictCauseWord};

/// How a deployment stands, with AWS's words where there are any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DeploymentEntry {
    pub(super) status: DeploymentWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeploymentWord {
    Unchanged,
    Pending,
    Running,
    Deployed,
    Removed,
    Retained,
    Failed,
    Cancelled,
    Skipped,
    NotReached,
}

impl From<&DeploymentStatus> for DeploymentEntry {
    fn from(status: &DeploymentStatus) -> Self {
        let word = match status {
            DeploymentStatus::Unchanged => DeploymentWord::Unchanged,
            DeploymentStatus::Pending => DeploymentWord::Pending,
            DeploymentStatus::Running => DeploymentWord::Running,
            DeploymentStatus::Deployed => DeploymentWord::Deployed,
            DeploymentStatus::Removed => DeploymentWord::Removed,
            DeploymentStatus::Retained => DeploymentWord::Retained,
            DeploymentStatus::Failed(_) => DeploymentWord::Failed,
            DeploymentStatus::Cancelled(_) => DeploymentWord::Cancelled,
            DeploymentStatus::Skipped(_) => DeploymentWord::Skipped,
            DeploymentStatus::NotReached(_) => DeploymentWord::NotReached,
        };
        DeploymentEntry { status: word, reason: status.reason().map(str::to_owned) }
    }
}

impl From<DeploymentEntry> for DeploymentStatus {
    fn from(entry: DeploymentEntry) -> Self {
        let reason = entry.reason.unwrap_or_default();
        match entry.status {
            DeploymentWord::Unchanged => DeploymentStatus::Unchanged,
            DeploymentWord::Pending => DeploymentStatus::Pending,
            DeploymentWord::Running => DeploymentStatus::Running,
            DeploymentWord::Deployed => DeploymentStatus::Deployed,
            DeploymentWord::Removed => DeploymentStatus::Removed,
            DeploymentWord::Retained => DeploymentStatus::Retained,
            DeploymentWord::Failed => DeploymentStatus::Failed(reason),
            DeploymentWord::Cancelled => DeploymentStatus::Cancelled(reason),
            DeploymentWord::Skipped => DeploymentStatus::Skipped(reason),
            DeploymentWord::NotReached => DeploymentStatus::NotReached(reason),
        }
    }
}

/// A verdict: on what kind of evidence it rests, and every check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct VerdictEntry {
    pub(crate) mode: ModeWord,
    pub(crate) checks: Vec<CheckEntry>,
}

/// One check with what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CheckEntry {
    check: CheckWord,
    outcome: CheckOutcomeWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<VerdictCauseWord>,
    evidence: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    differs: Vec<RolePropertyWord>,
}

impl From<&Verdict> for VerdictEntry {
    fn from(verdict: &Verdict) -> Self {
        let entry = |result: &CheckResult| CheckEntry {
            check: result.check.into(),
            outcome: result.outcome.into(),
            cause: result.cause.map(VerdictCauseWord::from),
            evidence: result.evidence.clone(),
            differs: result.differs.iter().map(|property| (*property).into()).collect(),
        };
        VerdictEntry { mode: verdict.mode.into(), checks: verdict.checks.iter().map(entry).collect() }
    }
}

impl From<VerdictEntry> for Verdict {
    fn from(entry: VerdictEntry) -> Self {
        let result = |entry: CheckEntry| CheckResult {
            check: entry.check.into(),
            outcome: entry.outcome.into(),
            cause: entry.cause.map(VerdictCauseWord::into),
            evidence: entry.evidence,
            differs: entry.differs.into_iter().map(RolePropertyWord::into).collect(),
        };
        Verdict { mode: entry.mode.into(), checks: entry.checks.into_iter().map(result).collect() }
    }
}
