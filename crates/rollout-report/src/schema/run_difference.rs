//! `rolecall.run-difference/1`: what changed between two runs.

use jiff::Timestamp;
use rollout_model::{AccountId, OuPath};
use serde::Serialize;

use super::part::PartEntry;
use super::words::{AimWord, CauseWord, ClassWord, OutcomeWord, VerdictCauseWord};
use crate::run_difference::{AccountDifference, Class, Problem, ProblemCause, RunDifference, Seen, Sighting};
use crate::state::{Ending, RunState};
use crate::summary::Summary;

/// Times are RFC 3339 in UTC. Accounts that are as well as they were are only counted.
#[derive(Debug, Serialize)]
pub(crate) struct RunDifferenceDocument {
    schema: &'static str,
    before: RunEntry,
    after: RunEntry,
    /// Whether some account has a problem that it did not have.
    worse: bool,
    summary: SummaryEntry,
    /// By id.
    accounts: Vec<AccountEntry>,
}

#[derive(Debug, Serialize)]
pub(super) struct RunEntry {
    run: Option<String>,
    rollout: Option<String>,
    command: Option<String>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    outcome: OutcomeWord,
    /// Whether it came to its end by itself. What it did not come to is not compared.
    finished: bool,
    /// What the run was about, when that was not all targets.
    part: Option<PartEntry>,
}

/// Every account is in one of these numbers, but for `moved`, which counts beside them.
#[derive(Debug, Serialize)]
pub(super) struct SummaryEntry {
    newly_failing: usize,
    other_cause: usize,
    still_failing: usize,
    newly_fixed: usize,
    joined: usize,
    left: usize,
    other_aim: usize,
    not_compared: usize,
    unchanged: usize,
    moved: usize,
}

#[derive(Debug, Serialize)]
struct AccountEntry {
    id: String,
    name: String,
    organizational_unit_path: Option<String>,
    /// Where it sat before, when that was elsewhere.
    moved_from: Option<String>,
    class: ClassWord,
    /// Whether it has a problem that it did not have.
    worse: bool,
    /// `null` where it was not in the organization.
    before: Option<SightingEntry>,
    after: Option<SightingEntry>,
}

#[derive(Debug, Serialize)]
struct SightingEntry {
    /// What was wanted of the account.
    aim: AimWord,
    /// `well`, `failing`, `not_reached`, or `left_to_others`.
    seen: &'static str,
    /// Why it was not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemEntry>,
}

#[derive(Debug, Serialize)]
struct ProblemEntry {
    /// Whether the role is there and is not as specified.
    finding: bool,
    /// As in the report of a run.
    cause: ProblemWord,
    /// Without what differs from account to account.
    evidence: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ProblemWord {
    Deployment(CauseWord),
    Verdict(VerdictCauseWord),
    Other(&'static str),
}

impl RunDifferenceDocument {
    pub(crate) fn of(difference: &RunDifference, before: &RunState, after: &RunState) -> Self {
        let told = difference
            .accounts()
            .iter()
            .filter(|(_, account)| account.class != Class::Unchanged || account.moved_from.is_some());
        RunDifferenceDocument {
            schema: "rolecall.run-difference/1",
            before: RunEntry::of(before),
            after: RunEntry::of(after),
            worse: difference.is_worse(),
            summary: SummaryEntry::of(difference),
            accounts: told.map(|(id, account)| AccountEntry::of(id, account)).collect(),
        }
    }
}

impl RunEntry {
    pub(super) fn of(state: &RunState) -> RunEntry {
        RunEntry {
            run: state.run.as_ref().map(ToString::to_string),
            rollout: state.rollout.as_ref().map(ToString::to_string),
            command: state.command.clone(),
            started_at: state.started_at,
            finished_at: state.finished_at,
            outcome: Summary::of(state).outcome.into(),
            finished: state.ending() == Some(Ending::Finished),
            part: state.narrowing.as_ref().map(PartEntry::from),
        }
    }
}

impl SummaryEntry {
    pub(super) fn of(difference: &RunDifference) -> SummaryEntry {
        let count = |class| difference.of_class(class).count();
        SummaryEntry {
            newly_failing: count(Class::NewlyFailing),
            other_cause: count(Class::OtherCause),
            still_failing: count(Class::StillFailing),
            newly_fixed: count(Class::NewlyFixed),
            joined: count(Class::Joined),
            left: count(Class::Left),
            other_aim: count(Class::OtherAim),
            not_compared: count(Class::NotCompared),
            unchanged: count(Class::Unchanged),
            moved: difference.moved().count(),
        }
    }
}

impl AccountEntry {
    fn of(id: &AccountId, account: &AccountDifference) -> AccountEntry {
        AccountEntry {
            id: id.to_string(),
            name: account.name.clone(),
            organizational_unit_path: account.unit.as_ref().map(OuPath::to_string),
            moved_from: account.moved_from.as_ref().map(OuPath::to_string),
            class: account.class.into(),
            worse: account.is_worse(),
            before: account.before.as_ref().map(SightingEntry::of),
            after: account.after.as_ref().map(SightingEntry::of),
        }
    }
}

impl SightingEntry {
    fn of(sighting: &Sighting) -> SightingEntry {
        let (seen, reason, problem) = match &sighting.seen {
            Seen::Well => ("well", None, None),
            Seen::Failing(problem) => ("failing", None, Some(ProblemEntry::of(problem))),
            Seen::NotReached(reason) => ("not_reached", Some(reason.clone()), None),
            Seen::LeftToOthers(reason) => ("left_to_others", Some(reason.clone()), None),
        };
        SightingEntry { aim: sighting.aim.into(), seen, reason, problem }
    }
}

impl ProblemEntry {
    fn of(problem: &Problem) -> ProblemEntry {
        let cause = match problem.cause {
            ProblemCause::Blocked => ProblemWord::Other("blocked"),
            ProblemCause::Deployment(cause) => ProblemWord::Deployment(cause.into()),
            ProblemCause::Verdict(cause) => ProblemWord::Verdict(cause.into()),
        };
        ProblemEntry { finding: problem.is_finding, cause, evidence: problem.evidence.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use crate::schema::run_difference_json;

    #[test]
    fn a_difference_tells_of_everybody_who_is_not_as_before() {
        let before = samples::state(&samples::findings());
        let after = samples::state(&samples::of_run(samples::of_a_shard(), "20261121T120000Z-a1b2"));
        let difference = RunDifference::between(&before, &after);
        insta::assert_snapshot!(run_difference_json(&difference, &before, &after));
    }
}
