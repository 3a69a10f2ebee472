//! `rolecall.status/1`: where rollouts stand.

use serde::Serialize;

use super::run_difference::{RunEntry, SummaryEntry};
use crate::state::StepRow;
use crate::status::{RolloutStatus, Standings};

#[derive(Debug, Serialize)]
pub(crate) struct StatusDocument {
    schema: &'static str,
    /// The one that ran last comes first.
    rollouts: Vec<RolloutEntry>,
}

#[derive(Debug, Serialize)]
struct RolloutEntry {
    last_run: RunEntry,
    /// Whether a process is at it just now.
    going_on: bool,
    /// Every account is in one of these numbers.
    accounts: AccountsEntry,
    /// What goes on in AWS, as far as the run knows.
    open_steps: Vec<StepEntry>,
    /// `null` when there is no run before to compare with.
    since: Option<SinceEntry>,
    /// What to do next, in words; `null` when there is nothing to do.
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct AccountsEntry {
    as_specified: usize,
    findings: usize,
    failed: usize,
    open: usize,
    left_out: usize,
    not_targeted: usize,
}

#[derive(Debug, Serialize)]
struct StepEntry {
    step: usize,
    title: String,
    operation: Option<String>,
}

#[derive(Debug, Serialize)]
struct SinceEntry {
    before: RunEntry,
    worse: bool,
    summary: SummaryEntry,
}

impl StatusDocument {
    pub(crate) fn of(rollouts: &[RolloutStatus<'_>]) -> StatusDocument {
        StatusDocument {
            schema: "rolecall.status/1",
            rollouts: rollouts.iter().map(RolloutEntry::of).collect(),
        }
    }
}

impl RolloutEntry {
    fn of(status: &RolloutStatus<'_>) -> RolloutEntry {
        let since = status.since.map(|(difference, before)| SinceEntry {
            before: RunEntry::of(before),
            worse: difference.is_worse(),
            summary: SummaryEntry::of(difference),
        });
        RolloutEntry {
            last_run: RunEntry::of(status.last),
            going_on: status.is_going_on,
            accounts: AccountsEntry::from(Standings::of(status.last)),
            open_steps: status.last.open_steps().map(StepEntry::of).collect(),
            since,
            next: status.next(),
        }
    }
}

impl From<Standings> for AccountsEntry {
    fn from(standings: Standings) -> Self {
        let Standings { as_specified, findings, failed, open, left_out, not_targeted } = standings;
        AccountsEntry { as_specified, findings, failed, open, left_out, not_targeted }
    }
}

impl StepEntry {
    fn of((step, row): (usize, &StepRow)) -> StepEntry {
        let operation = row.operation.as_ref().map(ToString::to_string);
        StepEntry { step, title: row.title.clone(), operation }
    }
}

#[cfg(test)]
mod tests {
    use crate::run_difference::RunDifference;
    use crate::samples;
    use crate::schema::status_json;
    use crate::status::RolloutStatus;

    #[test]
    fn a_status_tells_of_the_last_run_of_each_rollout() {
        let (before, last) = (samples::state(&samples::findings()), samples::state(&samples::interrupted()));
        let difference = RunDifference::between(&before, &last);
        let since = Some((&difference, &before));
        let status = RolloutStatus { last: &last, is_going_on: false, since };
        let other = RolloutStatus { last: &before, is_going_on: false, since: None };
        insta::assert_snapshot!(status_json(&[status, other]));
    }
}
