//! A run in a few numbers and one word.

use crate::account_row::Standing;
use crate::counts::Counts;
use crate::state::{Ending, RunState};

/// A run in a few numbers and one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// How many accounts stand where.
    pub counts: Counts,
    /// How the run ended.
    pub outcome: Outcome,
}

/// How a run ended. Each has an exit code of its own in the binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every target holds the stack and, if that was asked, is verified.
    AsSpecified,
    /// Some account failed, was cancelled, skipped, blocked, not reached, not proven or not verified.
    SomeFailed,
    /// Every target was reached, and some role is not as specified.
    Findings,
    /// The run could not go on.
    Stopped,
    /// The run was ended early, or its record breaks off.
    Interrupted,
}

impl Outcome {
    /// The number with which a command ends that shows such a run.
    pub fn exit_code(self) -> u8 {
        match self {
            Outcome::AsSpecified => 0,
            Outcome::SomeFailed => 1,
            Outcome::Stopped => 2,
            Outcome::Findings => 3,
            Outcome::Interrupted => 130,
        }
    }
}

impl Summary {
    /// The summary of a run as far as it has come.
    pub fn of(state: &RunState) -> Summary {
        let worst = state.accounts().values().map(|row| row.standing()).max();
        let outcome = match outcome(state.ending(), worst) {
            // Whom nobody looked at may not even have a row.
            Outcome::AsSpecified | Outcome::Findings if state.missing_shards().next().is_some() => {
                Outcome::SomeFailed
            }
            outcome => outcome,
        };
        Summary { counts: *state.counts(), outcome }
    }
}

/// Failures outrank findings: a finding is about a role that is there, a failure leaves a role missing or
/// unproven.
fn outcome(ending: Option<Ending>, worst: Option<Standing>) -> Outcome {
    match (ending, worst) {
        (None | Some(Ending::Interrupted), _) => Outcome::Interrupted,
        // A run that ends without knowing a single account has proven nothing.
        (Some(Ending::Stopped), _) | (Some(Ending::Finished), None) => Outcome::Stopped,
        (Some(Ending::Finished), Some(Standing::Failed | Standing::Open)) => Outcome::SomeFailed,
        (Some(Ending::Finished), Some(Standing::Finding)) => Outcome::Findings,
        (Some(Ending::Finished), Some(Standing::AsSpecified | Standing::NotTargeted)) => Outcome::AsSpecified,
    }
}

#[cfg(test)]
mod tests {
    use rollout_model::{Action, DeployEvent, DeploymentStatus, RolloutEvent, RunEvent, VerifyEvent};

    use super::*;
    use crate::samples::{self, Event};

    #[track_caller]
    fn check(events: &[Event], expected: Outcome) {
        assert_eq!(Summary::of(&samples::state(events)).outcome, expected);
    }

    #[test]
    fn a_run_ends_as_its_worst_account_did() {
        check(&samples::all_well(), Outcome::AsSpecified);
        check(&samples::findings(), Outcome::Findings);
        check(&samples::retired(), Outcome::SomeFailed);
        check(&samples::failures_and_findings(), Outcome::SomeFailed);
        check(&samples::interrupted(), Outcome::Interrupted);
        check(&samples::stopped(), Outcome::Stopped);
        // Whoever left is nobody's failure.
        check(&samples::changed_meanwhile(), Outcome::AsSpecified);
        // Of a shard, its own accounts decide.
        check(&samples::of_a_shard(), Outcome::AsSpecified);
    }

    #[test]
    fn a_run_that_is_not_over_or_knows_no_account_is_not_green() {
        let events = samples::all_well();
        check(&events[..events.len() - 1], Outcome::Interrupted);
        check(&[], Outcome::Interrupted);
        let ended = samples::timed(vec![samples::started("apply"), RolloutEvent::Run(RunEvent::Finished)]);
        check(&ended, Outcome::Stopped);
    }

    #[test]
    fn an_account_that_was_to_be_looked_at_and_was_not_is_not_green() {
        let mut accounts = samples::accounts();
        accounts.values_mut().for_each(|row| row.action = Action::Remove);
        let finished = RolloutEvent::Run(RunEvent::Finished);
        check(
            &samples::timed(vec![samples::started("verify"), samples::planned(accounts, 0), finished]),
            Outcome::SomeFailed,
        );
    }

    #[test]
    fn every_way_of_not_getting_the_role_is_a_failure() {
        for status in [
            DeploymentStatus::Failed("no".into()),
            DeploymentStatus::Cancelled("no".into()),
            DeploymentStatus::Skipped("no".into()),
            DeploymentStatus::NotReached("no".into()),
            DeploymentStatus::Running,
        ] {
            let late = DeployEvent::Account { account: samples::id("200000000001"), status };
            let mut events = samples::all_well();
            let finished = events.pop().unwrap();
            events.extend([(finished.0, RolloutEvent::Deploy(late)), finished]);
            check(&events, Outcome::SomeFailed);
        }
    }

    #[test]
    fn a_blocked_account_is_a_failure_though_all_others_are_green() {
        let mut events = samples::all_well();
        for (_, event) in &mut events {
            if let RolloutEvent::Run(RunEvent::Planned { accounts, .. }) = event {
                accounts.get_mut(&samples::id("200000000005")).unwrap().action = Action::Blocked;
            }
        }
        check(&events, Outcome::SomeFailed);
    }

    #[test]
    fn an_account_that_could_not_be_verified_outranks_findings() {
        let mut events = samples::findings();
        let finished = events.pop().unwrap();
        let reason = "the access role refused us".to_owned();
        let unverified = VerifyEvent::NotVerified { account: samples::id("200000000001"), reason };
        events.extend([(finished.0, RolloutEvent::Verify(unverified)), finished]);
        check(&events, Outcome::SomeFailed);
    }

    #[test]
    fn an_apply_that_verifies_nothing_is_green_when_everything_is_deployed() {
        let events: Vec<Event> = samples::all_well()
            .into_iter()
            .filter(|(_, event)| !matches!(event, RolloutEvent::Verify(_)))
            .collect();
        check(&events, Outcome::AsSpecified);
    }

    #[test]
    fn the_numbers_are_those_of_the_events() {
        let counts = Summary::of(&samples::state(&samples::failures_and_findings())).counts;
        let expected = Counts {
            accounts: 8,
            targeted: 5,
            not_targeted: 2,
            left_in_place: 1,
            unplanned: 1,
            deployed: 4,
            failed: 2,
            verified: 1,
            findings: 1,
            not_proven: 1,
            not_verified: 2,
            ..Counts::default()
        };
        assert_eq!(counts, expected);
    }
}
