//! Where a rollout stands, by its last run.

use crate::account_row::Standing;
use crate::run_difference::RunDifference;
use crate::state::RunState;
use crate::summary::{Outcome, Summary};

/// Where a rollout stands.
#[derive(Debug, Clone, Copy)]
pub struct RolloutStatus<'a> {
    /// Its last run.
    pub last: &'a RunState,
    /// Whether a process is at that run just now.
    pub is_going_on: bool,
    /// What changed since a run before, with that run.
    pub since: Option<(&'a RunDifference, &'a RunState)>,
}

/// How many accounts stand how. Each account is in one number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Standings {
    pub(crate) as_specified: usize,
    pub(crate) findings: usize,
    pub(crate) failed: usize,
    pub(crate) open: usize,
    /// Targets that the run left to others.
    pub(crate) left_out: usize,
    pub(crate) not_targeted: usize,
}

impl Standings {
    pub(crate) fn of(state: &RunState) -> Standings {
        let mut standings = Standings::default();
        for row in state.accounts().values() {
            let number = match row.standing() {
                _ if row.is_of_another_run() => &mut standings.left_out,
                // What was deployed and not looked at is not known.
                Standing::AsSpecified if row.is_target() && !row.is_verified() => &mut standings.open,
                Standing::AsSpecified => &mut standings.as_specified,
                Standing::Finding => &mut standings.findings,
                Standing::Failed => &mut standings.failed,
                Standing::Open => &mut standings.open,
                Standing::NotTargeted => &mut standings.not_targeted,
            };
            *number += 1;
        }
        standings
    }
}

impl RolloutStatus<'_> {
    /// The command to run next; `None` when there is nothing to do, or when somebody is at it.
    pub(crate) fn next(&self) -> Option<String> {
        if self.is_going_on {
            return None;
        }
        let command = self.last.command.as_deref().unwrap_or("verify");
        let see = "`rolecall report` says what mends the accounts";
        Some(match Summary::of(self.last).outcome {
            Outcome::AsSpecified => return None,
            Outcome::Findings => see.to_owned(),
            // What a gate held back goes on once it is mended.
            Outcome::SomeFailed if self.last.held.is_some() => {
                format!("{see}; then `rolecall {command} ROLLOUT.yaml --resume`")
            }
            Outcome::SomeFailed if command == "apply" => {
                format!("{see}; then `rolecall apply ROLLOUT.yaml --only-failed`")
            }
            Outcome::SomeFailed => format!("{see}; then `rolecall {command} ROLLOUT.yaml`"),
            Outcome::Stopped | Outcome::Interrupted if command == "apply" => {
                "`rolecall apply ROLLOUT.yaml --resume`".to_owned()
            }
            Outcome::Stopped | Outcome::Interrupted => format!("`rolecall {command} ROLLOUT.yaml`"),
        })
    }
}

#[cfg(test)]
mod tests {
    use rollout_model::{RolloutEvent, RunEvent};

    use super::*;
    use crate::samples::{self, Event};

    #[track_caller]
    fn check(events: &[Event], expected: Option<&str>) {
        let last = samples::state(events);
        let next = RolloutStatus { last: &last, is_going_on: false, since: None }.next();
        assert_eq!(next.as_deref(), expected);
        assert_eq!(RolloutStatus { last: &last, is_going_on: true, since: None }.next(), None);
    }

    #[test]
    fn what_to_do_next_depends_on_how_the_last_run_ended_and_what_it_was() {
        let see = |then: &str| format!("`rolecall report` says what mends the accounts{then}");
        check(&samples::all_well(), None);
        check(&samples::findings(), Some(&see("")));
        let only_failed = see("; then `rolecall apply ROLLOUT.yaml --only-failed`");
        check(&samples::failures_and_findings(), Some(&only_failed));
        check(&samples::retired(), Some(&see("; then `rolecall retire ROLLOUT.yaml`")));
        check(&samples::interrupted(), Some("`rolecall apply ROLLOUT.yaml --resume`"));
        check(&samples::stopped(), Some("`rolecall apply ROLLOUT.yaml --resume`"));
        check(&samples::verify_interrupted(), Some("`rolecall verify ROLLOUT.yaml`"));
        let mut held = samples::failures_and_findings();
        let at = held.len() - 1;
        let wave = "canary".parse().unwrap();
        held.insert(at, (held[at].0, RolloutEvent::Run(RunEvent::Held { wave, problem: "no".into() })));
        check(&held, Some(&see("; then `rolecall apply ROLLOUT.yaml --resume`")));
    }

    #[test]
    fn every_account_stands_somewhere() {
        for events in [samples::failures_and_findings(), samples::of_a_shard(), samples::interrupted()] {
            let state = samples::state(&events);
            let Standings { as_specified, findings, failed, open, left_out, not_targeted } =
                Standings::of(&state);
            let all = as_specified + findings + failed + open + left_out + not_targeted;
            assert_eq!(all, state.accounts().len());
        }
        let shard = Standings::of(&samples::state(&samples::of_a_shard()));
        assert_eq!((shard.as_specified, shard.left_out, shard.not_targeted), (1, 4, 2));
    }
}
