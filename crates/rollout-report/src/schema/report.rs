//! `rolecall.report/1`: a run, account by account.

use rollout_model::{AccountId, OuPath};
use schemars::JsonSchema;
use serde::Serialize;

use super::checks::{CheckEntry, DeploymentEntry, VerdictEntry};
use super::part::PartEntry;
use super::words::{
    ActionWord, CauseWord, ConclusionWord, ModeWord, OutcomeWord, StandingWord, VehicleWord,
    VerdictCauseWord, word,
};
use crate::account_row::{AccountRow, Verification};
use crate::cause::diagnose;
use crate::counts::Counts;
use crate::merge::ShardRun;
use crate::state::{RunState, StepRow};
use crate::summary::Summary;
use crate::verdict_cause;

/// Times are RFC 3339 in UTC. What a run did not get to know is `null`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Report {
    pub(super) schema: &'static str,
    pub(super) run: Option<String>,
    pub(super) rollout: Option<String>,
    pub(super) command: Option<String>,
    pub(super) organization: Option<String>,
    pub(super) management_account: Option<String>,
    pub(super) home_region: Option<String>,
    /// What the run was about, when that was not all targets.
    pub(super) part: Option<PartEntry>,
    /// Those that the run was joined from; left out of a run that is one by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) shards: Vec<ShardEntry>,
    pub(super) started_at: Option<String>,
    pub(super) finished_at: Option<String>,
    pub(super) outcome: OutcomeWord,
    /// What the run could not get past.
    pub(super) problem: Option<String>,
    pub(super) summary: SummaryEntry,
    pub(super) steps: Vec<StepEntry>,
    /// By path of the organizational unit, then by id.
    pub(super) accounts: Vec<AccountEntry>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SummaryEntry {
    accounts: usize,
    targeted: usize,
    not_targeted: usize,
    to_remove: usize,
    to_retain: usize,
    left_in_place: usize,
    blocked: usize,
    left_out: usize,
    other_shard: usize,
    unplanned: usize,
    open: usize,
    deployed: usize,
    removed: usize,
    retained: usize,
    unchanged: usize,
    failed: usize,
    cancelled: usize,
    skipped: usize,
    not_reached: usize,
    to_verify: usize,
    verified: usize,
    findings: usize,
    not_proven: usize,
    not_verified: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StepEntry {
    step: usize,
    title: String,
    operation: Option<String>,
    started_at: Option<String>,
    finished_at: Option<String>,
    /// AWS's word; `null` while the step runs.
    status: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ShardEntry {
    /// `2/3`: the second of three.
    shard: String,
    /// `null` when no ledger of it was given.
    run: Option<String>,
    started_at: Option<String>,
    /// Whether the run came to its end by itself.
    finished: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AccountEntry {
    id: String,
    name: Option<String>,
    /// Names joined by slashes, a slash inside a name escaped; `Root` for the root.
    organizational_unit_path: Option<String>,
    action: Option<ActionWord>,
    vehicle: Option<VehicleWord>,
    reason: Option<String>,
    /// `null` where the run deploys nothing.
    deployment: Option<DeploymentEntry>,
    /// Why the deployment failed; `null` where it did not.
    cause: Option<CauseWord>,
    /// The command to run next, or what to do first.
    remedy: Option<String>,
    verification: VerificationEntry,
}

#[derive(Debug, Serialize, JsonSchema)]
struct VerificationEntry {
    conclusion: VerificationWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<ModeWord>,
    /// Why the verdict is not green.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<VerdictCauseWord>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
    checks: Vec<CheckEntry>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum VerificationWord {
    Concluded(ConclusionWord),
    Other(OtherVerificationWord),
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OtherVerificationWord {
    NotAsked,
    Pending,
    NotVerified,
}

impl Report {
    pub(crate) fn of(state: &RunState) -> Report {
        let summary = Summary::of(state);
        Report {
            schema: "rolecall.report/1",
            run: written(&state.run),
            rollout: written(&state.rollout),
            command: state.command.clone(),
            organization: written(&state.organization),
            management_account: written(&state.management_account),
            home_region: written(&state.home_region),
            part: state.narrowing.as_ref().map(PartEntry::from),
            shards: state.shards.iter().map(ShardEntry::of).collect(),
            started_at: written(&state.started_at),
            finished_at: written(&state.finished_at),
            outcome: summary.outcome.into(),
            problem: problem(state),
            summary: (&summary.counts).into(),
            steps: state.steps.iter().map(|(number, step)| StepEntry::of(*number, step)).collect(),
            accounts: state
                .accounts_by_unit()
                .into_iter()
                .map(|(id, row)| AccountEntry::of(id, row))
                .collect(),
        }
    }
}

impl From<&Counts> for SummaryEntry {
    fn from(counts: &Counts) -> Self {
        let &Counts {
            accounts,
            targeted,
            blocked,
            not_targeted,
            to_remove,
            to_retain,
            left_in_place,
            left_out,
            other_shard,
            unplanned,
            open,
            deployed,
            removed,
            retained,
            unchanged,
            failed,
            cancelled,
            skipped,
            not_reached,
            to_verify,
            verified,
            findings,
            not_proven,
            not_verified,
        } = counts;
        SummaryEntry {
            accounts,
            targeted,
            not_targeted,
            to_remove,
            to_retain,
            left_in_place,
            blocked,
            left_out,
            other_shard,
            unplanned,
            open,
            deployed,
            removed,
            retained,
            unchanged,
            failed,
            cancelled,
            skipped,
            not_reached,
            to_verify,
            verified,
            findings,
            not_proven,
            not_verified,
        }
    }
}

impl StepEntry {
    fn of(step: usize, row: &StepRow) -> StepEntry {
        StepEntry {
            step,
            title: row.title.clone(),
            operation: written(&row.operation),
            started_at: written(&row.started_at),
            finished_at: written(&row.finished_at),
            status: row.status.clone(),
        }
    }
}

impl ShardEntry {
    fn of(shard: &ShardRun) -> ShardEntry {
        ShardEntry {
            shard: shard.shard.to_string(),
            run: written(&shard.run),
            started_at: written(&shard.started_at),
            finished: shard.is_finished,
        }
    }
}

impl AccountEntry {
    fn of(id: &AccountId, row: &AccountRow) -> AccountEntry {
        let plan = row.plan.as_ref();
        let diagnosis = row.deployment.as_ref().and_then(diagnose);
        AccountEntry {
            id: id.to_string(),
            name: plan.map(|plan| plan.name.clone()),
            organizational_unit_path: row.unit().map(OuPath::to_string),
            action: plan.map(|plan| plan.action.into()),
            vehicle: plan.map(|plan| plan.vehicle.into()),
            reason: plan.map(|plan| plan.reason.clone()),
            deployment: row.deployment.as_ref().map(DeploymentEntry::from),
            cause: diagnosis.as_ref().map(|diagnosis| diagnosis.cause.into()),
            remedy: diagnosis.and_then(|diagnosis| diagnosis.remedy),
            verification: VerificationEntry::of(&row.verification),
        }
    }
}

impl VerificationEntry {
    fn of(verification: &Verification) -> VerificationEntry {
        let other = |word, reason| VerificationEntry {
            conclusion: VerificationWord::Other(word),
            reason,
            mode: None,
            cause: None,
            remedy: None,
            checks: Vec::new(),
        };
        match verification {
            Verification::NotAsked => other(OtherVerificationWord::NotAsked, None),
            Verification::Pending => other(OtherVerificationWord::Pending, None),
            Verification::NotVerified(reason) => {
                other(OtherVerificationWord::NotVerified, Some(reason.clone()))
            }
            Verification::Done(verdict) => {
                let VerdictEntry { mode, checks } = verdict.into();
                let conclusion = VerificationWord::Concluded(verdict.conclusion().into());
                VerificationEntry {
                    conclusion,
                    reason: None,
                    mode: Some(mode),
                    cause: verdict.cause().map(VerdictCauseWord::from),
                    remedy: verdict.cause().and_then(verdict_cause::remedy),
                    checks,
                }
            }
        }
    }
}

/// The words that a report has for an account, for the forms that are no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountWords {
    /// What was planned.
    pub(crate) action: Option<String>,
    /// By what the role comes.
    pub(crate) vehicle: Option<String>,
    /// How the deployment stands; `None` where the run deploys nothing.
    pub(crate) deployment: Option<String>,
    /// How the verification stands.
    pub(crate) verification: String,
    /// On what kind of evidence that rests.
    pub(crate) mode: Option<String>,
    /// The account in one word.
    pub(crate) standing: String,
}

impl AccountWords {
    pub(crate) fn of(row: &AccountRow) -> AccountWords {
        let VerificationEntry { conclusion, mode, .. } = VerificationEntry::of(&row.verification);
        let plan = row.plan.as_ref();
        AccountWords {
            action: plan.map(|plan| word(&ActionWord::from(plan.action))),
            vehicle: plan.map(|plan| word(&VehicleWord::from(plan.vehicle))),
            deployment: row.deployment.as_ref().map(|status| word(&DeploymentEntry::from(status).status)),
            verification: word(&conclusion),
            mode: mode.as_ref().map(word),
            standing: word(&StandingWord::from(row.standing())),
        }
    }
}

/// What the run could not get past: a wave that held the others back, too.
fn problem(state: &RunState) -> Option<String> {
    let held = |(wave, problem): &(_, String)| format!("held back after wave {wave}: {problem}");
    state.stopped.clone().or_else(|| state.held.as_ref().map(held))
}

fn written(value: &Option<impl ToString>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}
