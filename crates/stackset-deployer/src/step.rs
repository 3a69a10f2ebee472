//! The next move for a running operation: a function of values.

use std::collections::BTreeMap;
use std::time::Duration;

use rollout_model::{AccountId, DeployEvent, DeploymentStatus};

use crate::limits::{PATIENCE, RESULTS_LAG, poll_pause};

/// What has been seen of an operation so far. Times count from when watching began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    accounts: BTreeMap<AccountId, DeploymentStatus>,
    status: Option<OperationStatus>,
    polls: u32,
    changed_at: Duration,
    ended_at: Option<Duration>,
}

/// An operation at one moment. `results` is `None` when they were not listed this time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperationSnapshot {
    pub(crate) status: OperationStatus,
    pub(crate) results: Option<BTreeMap<AccountId, DeploymentStatus>>,
}

/// AWS's word for how an operation stands. A word that we do not know counts as still running: patience
/// ends the wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperationStatus(pub(crate) String);

impl OperationStatus {
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.0.as_str(), "SUCCEEDED" | "FAILED" | "STOPPED")
    }
}

/// What the loop does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    PollAfter(Duration),
    Done,
    Stuck { unchanged_for: Duration },
}

impl Watch {
    /// Takes in a snapshot: tells what changed in which account, and what to do next.
    pub(crate) fn step(&mut self, seen: OperationSnapshot, now: Duration) -> (Vec<DeployEvent>, Next) {
        let mut events = Vec::new();
        for (account, status) in seen.results.iter().flatten() {
            if self.accounts.get(account) != Some(status) {
                self.accounts.insert(account.clone(), status.clone());
                events.push(DeployEvent::Account { account: account.clone(), status: status.clone() });
            }
        }
        if !events.is_empty() || self.status.as_ref() != Some(&seen.status) {
            self.changed_at = now;
        }
        let ended = seen.status.has_ended();
        self.status = Some(seen.status);
        let next = if ended { self.after_the_end(now) } else { self.while_running(now) };
        (events, next)
    }

    fn while_running(&mut self, now: Duration) -> Next {
        let unchanged_for = now.saturating_sub(self.changed_at);
        if unchanged_for >= PATIENCE {
            return Next::Stuck { unchanged_for };
        }
        let pause = poll_pause(self.polls);
        self.polls += 1;
        Next::PollAfter(pause)
    }

    /// Results lag behind the end of their operation (aws-facts A16): they are listed again until no row is
    /// open, but not for ever.
    fn after_the_end(&mut self, now: Duration) -> Next {
        let ended_at = *self.ended_at.get_or_insert(now);
        let open = self.accounts.values().any(DeploymentStatus::is_open);
        if open && now.saturating_sub(ended_at) < RESULTS_LAG {
            Next::PollAfter(Duration::from_secs(2))
        } else {
            Next::Done
        }
    }

    /// Whether the operation has been seen to end, so that results are worth listing at once.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }

    /// The last result of every account that had one, and AWS's word for the operation.
    pub(crate) fn into_results(self) -> (BTreeMap<AccountId, DeploymentStatus>, String) {
        (self.accounts, self.status.map(|status| status.0).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: u64) -> AccountId {
        format!("{number:012}").parse().unwrap()
    }

    fn snapshot(status: &str, results: &[(u64, DeploymentStatus)]) -> OperationSnapshot {
        let results = results.iter().map(|(number, status)| (account(*number), status.clone())).collect();
        OperationSnapshot { status: OperationStatus(status.to_owned()), results: Some(results) }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn only_what_changed_is_told() {
        let mut watch = Watch::default();
        let first = snapshot("RUNNING", &[(1, DeploymentStatus::Running), (2, DeploymentStatus::Pending)]);
        assert_eq!(watch.step(first.clone(), seconds(0)).0.len(), 2);
        assert_eq!(watch.step(first, seconds(1)).0, []);
        let second = snapshot("RUNNING", &[(1, DeploymentStatus::Deployed), (2, DeploymentStatus::Pending)]);
        let (events, next) = watch.step(second, seconds(2));
        let told = DeployEvent::Account { account: account(1), status: DeploymentStatus::Deployed };
        assert_eq!(events, [told]);
        assert!(matches!(next, Next::PollAfter(_)));
    }

    #[test]
    fn an_operation_is_done_when_it_ended_and_no_row_is_open() {
        for ending in ["SUCCEEDED", "FAILED", "STOPPED"] {
            let mut watch = Watch::default();
            let (_, next) = watch.step(snapshot(ending, &[(1, DeploymentStatus::Deployed)]), seconds(5));
            assert_eq!(next, Next::Done, "{ending}");
        }
        for going_on in ["RUNNING", "QUEUED", "STOPPING", "A_NEW_STATUS"] {
            let (_, next) = Watch::default().step(snapshot(going_on, &[]), seconds(5));
            assert!(matches!(next, Next::PollAfter(_)), "{going_on}");
        }
    }

    #[test]
    fn lagging_results_are_awaited_for_a_minute_at_most() {
        let lagging = || snapshot("SUCCEEDED", &[(1, DeploymentStatus::Running)]);
        let mut watch = Watch::default();
        assert!(matches!(watch.step(lagging(), seconds(10)).1, Next::PollAfter(_)));
        assert!(matches!(watch.step(lagging(), seconds(69)).1, Next::PollAfter(_)));
        assert_eq!(watch.step(lagging(), seconds(70)).1, Next::Done);
    }

    #[test]
    fn patience_is_measured_from_the_last_change_and_not_from_the_start() {
        let mut watch = Watch::default();
        let moving = |status| snapshot("RUNNING", &[(1, status)]);
        watch.step(moving(DeploymentStatus::Pending), seconds(0));
        watch.step(moving(DeploymentStatus::Running), PATIENCE - seconds(1));
        let later = PATIENCE * 2 - seconds(2);
        assert!(matches!(watch.step(moving(DeploymentStatus::Running), later).1, Next::PollAfter(_)));
        let stuck = watch.step(moving(DeploymentStatus::Running), later + seconds(1)).1;
        assert_eq!(stuck, Next::Stuck { unchanged_for: PATIENCE });
    }
}
