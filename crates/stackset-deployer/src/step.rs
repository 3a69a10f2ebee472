//! The next move for a running operation: a function of values.

use std::collections::BTreeMap;
use std::time::Duration;

use rollout_model::{AccountId, AccountIds, DeployEvent, DeploymentStatus, ObservedOperation, OperationId};

use crate::limits::{PATIENCE, PATIENCE_WITH_OTHERS, poll_pause};

/// What has been seen of an operation so far. Times count from when watching began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    /// The accounts that the step is about.
    accounts: AccountIds,
    results: BTreeMap<AccountId, DeploymentStatus>,
    status: Option<OperationStatus>,
    holder: Option<ObservedOperation>,
    polls: u32,
    changed_at: Duration,
}

/// An operation at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperationSnapshot {
    pub(crate) status: OperationStatus,
    /// `None` when they were not listed this time.
    pub(crate) results: Option<BTreeMap<AccountId, DeploymentStatus>>,
    /// The operation that ours waits for, if it waits.
    pub(crate) holder: Option<ObservedOperation>,
}

/// AWS's word for how an operation stands. A word that we do not know counts as still running: patience
/// ends the wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperationStatus(pub(crate) String);

impl OperationStatus {
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.0.as_str(), "SUCCEEDED" | "FAILED" | "STOPPED")
    }

    /// Managed execution answers with an id at once and lets the operation wait (aws-facts A5).
    pub(crate) fn is_queued(&self) -> bool {
        self.0 == "QUEUED"
    }
}

/// What the loop does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    PollAfter(Duration),
    Done,
    Stuck {
        unchanged_for: Duration,
    },
    /// Still in the queue, behind this operation.
    StillQueued {
        holder: Option<ObservedOperation>,
        unchanged_for: Duration,
    },
}

impl Watch {
    pub(crate) fn new(accounts: AccountIds) -> Self {
        Watch { accounts, ..Watch::default() }
    }

    /// Takes in a snapshot: tells what changed in which account, and what to do next.
    ///
    /// An operation can visit more accounts than its step is about: an update without targets visits every
    /// instance of the set. Those accounts show that the operation moves and are not told of: nothing was
    /// planned for them.
    pub(crate) fn step(&mut self, seen: OperationSnapshot, now: Duration) -> (Vec<DeployEvent>, Next) {
        let mut events = Vec::new();
        let mut moved = self.status.as_ref() != Some(&seen.status);
        if let Some(holder) = seen.holder
            && self.holder.as_ref() != Some(&holder)
        {
            events.push(DeployEvent::Waiting(holder.clone()));
            self.holder = Some(holder);
            moved = true;
        }
        for (account, status) in seen.results.into_iter().flatten() {
            if self.results.get(&account) != Some(&status) {
                if self.accounts.0.contains(&account) {
                    events.push(DeployEvent::Account { account: account.clone(), status: status.clone() });
                }
                self.results.insert(account, status);
                moved = true;
            }
        }
        if moved {
            self.changed_at = now;
        }
        let next = if seen.status.has_ended() { Next::Done } else { self.go_on(&seen.status, now) };
        self.status = Some(seen.status);
        (events, next)
    }

    /// The last that was seen of each account.
    pub(crate) fn told(self) -> BTreeMap<AccountId, DeploymentStatus> {
        self.results
    }

    fn go_on(&mut self, status: &OperationStatus, now: Duration) -> Next {
        let unchanged_for = now.saturating_sub(self.changed_at);
        if status.is_queued() && unchanged_for >= PATIENCE_WITH_OTHERS {
            return Next::StillQueued { holder: self.holder.clone(), unchanged_for };
        }
        if !status.is_queued() && unchanged_for >= PATIENCE {
            return Next::Stuck { unchanged_for };
        }
        let pause = poll_pause(self.polls);
        self.polls += 1;
        Next::PollAfter(pause)
    }
}

/// Of the unfinished operations the one that `ours` waits for.
pub(crate) fn holder(ours: &OperationId, unfinished: Vec<ObservedOperation>) -> Option<ObservedOperation> {
    let others = unfinished.into_iter().filter(|operation| operation.id != *ours);
    others.min_by_key(ObservedOperation::precedence)
}

/// An operation of somebody else in a message.
pub(crate) fn named(operation: Option<&ObservedOperation>) -> String {
    match operation {
        Some(operation) => {
            let ObservedOperation { id, action, status, .. } = operation;
            format!("operation {id} ({action}, {status}) of {}", operation.owner())
        }
        None => "an operation that is not listed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: u64) -> AccountId {
        format!("{number:012}").parse().unwrap()
    }

    /// A watch over the accounts 1 and 2.
    fn watch() -> Watch {
        Watch::new(AccountIds([account(1), account(2)].into()))
    }

    fn snapshot(status: &str, results: &[(u64, DeploymentStatus)]) -> OperationSnapshot {
        let results = results.iter().map(|(number, status)| (account(*number), status.clone())).collect();
        OperationSnapshot { status: OperationStatus(status.to_owned()), results: Some(results), holder: None }
    }

    fn operation(id: &str, status: &str) -> ObservedOperation {
        let (id, status) = (id.parse().unwrap(), status.to_owned());
        ObservedOperation { id, action: "UPDATE".into(), status, created: None }
    }

    fn queued(holder: &ObservedOperation) -> OperationSnapshot {
        OperationSnapshot { holder: Some(holder.clone()), ..snapshot("QUEUED", &[]) }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn only_what_changed_is_told() {
        let mut watch = watch();
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
    fn an_account_that_the_step_is_not_about_is_not_told_and_still_shows_that_the_operation_moves() {
        let mut watch = watch();
        let other = |status| snapshot("RUNNING", &[(9, status)]);
        assert_eq!(watch.step(other(DeploymentStatus::Pending), seconds(0)).0, []);
        assert_eq!(watch.step(other(DeploymentStatus::Deployed), PATIENCE - seconds(1)).0, []);
        let (events, next) = watch.step(other(DeploymentStatus::Deployed), PATIENCE);
        assert_eq!(events, []);
        assert!(matches!(next, Next::PollAfter(_)), "{next:?}");
    }

    #[test]
    fn an_operation_is_done_when_aws_says_that_it_ended() {
        for ending in ["SUCCEEDED", "FAILED", "STOPPED"] {
            let (_, next) = watch().step(snapshot(ending, &[(1, DeploymentStatus::Deployed)]), seconds(5));
            assert_eq!(next, Next::Done, "{ending}");
        }
        for going_on in ["RUNNING", "QUEUED", "STOPPING", "A_NEW_STATUS"] {
            let (_, next) = watch().step(snapshot(going_on, &[]), seconds(5));
            assert!(matches!(next, Next::PollAfter(_)), "{going_on}");
        }
    }

    #[test]
    fn patience_is_measured_from_the_last_change_and_not_from_the_start() {
        let mut watch = watch();
        let moving = |status| snapshot("RUNNING", &[(1, status)]);
        watch.step(moving(DeploymentStatus::Pending), seconds(0));
        watch.step(moving(DeploymentStatus::Running), PATIENCE - seconds(1));
        let later = PATIENCE * 2 - seconds(2);
        assert!(matches!(watch.step(moving(DeploymentStatus::Running), later).1, Next::PollAfter(_)));
        let stuck = watch.step(moving(DeploymentStatus::Running), later + seconds(1)).1;
        assert_eq!(stuck, Next::Stuck { unchanged_for: PATIENCE });
    }

    #[test]
    fn in_the_queue_every_change_of_the_operation_before_ours_is_told_once() {
        let mut watch = watch();
        let told =
            |watch: &mut Watch, status: &str| watch.step(queued(&operation("theirs", status)), seconds(1)).0;
        let waiting = |status: &str| DeployEvent::Waiting(operation("theirs", status));
        assert_eq!(told(&mut watch, "RUNNING"), [waiting("RUNNING")]);
        assert_eq!(told(&mut watch, "RUNNING"), []);
        assert_eq!(told(&mut watch, "STOPPING"), [waiting("STOPPING")]);
    }

    #[test]
    fn in_the_queue_we_have_the_patience_that_others_need_and_after_it_our_own() {
        let mut watch = watch();
        let theirs = operation("theirs", "RUNNING");
        watch.step(queued(&theirs), seconds(0));
        let almost = PATIENCE_WITH_OTHERS - seconds(1);
        assert!(matches!(watch.step(queued(&theirs), almost).1, Next::PollAfter(_)));
        let mut begun = watch.clone();
        let too_long = watch.step(queued(&theirs), PATIENCE_WITH_OTHERS).1;
        assert_eq!(too_long, Next::StillQueued { holder: Some(theirs), unchanged_for: PATIENCE_WITH_OTHERS });
        begun.step(snapshot("RUNNING", &[]), almost);
        let stuck = begun.step(snapshot("RUNNING", &[]), almost + PATIENCE).1;
        assert_eq!(stuck, Next::Stuck { unchanged_for: PATIENCE });
    }

    #[test]
    fn the_holder_is_never_our_own_operation_and_rather_one_that_runs() {
        let ours: OperationId = "ours".parse().unwrap();
        let held_by = |unfinished: &[ObservedOperation]| holder(&ours, unfinished.to_vec());
        let (waits, runs) = (operation("a-waits", "QUEUED"), operation("b-runs", "RUNNING"));
        assert_eq!(held_by(&[operation("ours", "QUEUED")]), None);
        assert_eq!(held_by(&[operation("ours", "QUEUED"), waits.clone()]), Some(waits.clone()));
        assert_eq!(held_by(&[waits.clone(), runs.clone()]), Some(runs.clone()));
        assert_eq!(held_by(&[runs.clone(), waits]), Some(runs));
    }
}
