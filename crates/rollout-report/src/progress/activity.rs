//! What a run is at, since when, and how fast it goes: what progress tells beside the fold.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rollout_model::{
    AccountId, DeployEvent, DeploymentStatus, DiscoveryEvent, RolloutEvent, RunEvent, VerifyEvent, WaveName,
};

use super::words::{busy, elapsed, left_in_words, soaking, time_left, trouble, with};
use crate::state::RunState;
use crate::text::{counted, escaped};

/// Follows the events of a run.
#[derive(Debug, Default)]
pub(super) struct Activity {
    reading_since: Option<Timestamp>,
    deploying_since: Option<Timestamp>,
    verification: Option<Pace>,
    soaking: Option<(WaveName, Timestamp)>,
    /// Where AWS is at work, since when.
    at_work: BTreeMap<AccountId, Timestamp>,
}

/// Where a count stood when it began to be watched.
#[derive(Debug, Clone, Copy)]
struct Pace {
    since: Timestamp,
    over: usize,
}

impl Activity {
    /// Takes in an event that the state knows already.
    pub(super) fn note(&mut self, state: &RunState, event: &RolloutEvent) {
        let Some(now) = state.at else { return };
        match event {
            RolloutEvent::Discovery(DiscoveryEvent::Finished { .. }) => self.reading_since = None,
            RolloutEvent::Discovery(_) => {
                self.reading_since.get_or_insert(now);
            }
            RolloutEvent::Deploy(event) => self.note_deployment(event, now),
            RolloutEvent::Verify(VerifyEvent::Started { .. }) => {
                self.soaking = None;
                self.verification = Some(Pace { since: now, over: state.counts().verifications_over() });
            }
            RolloutEvent::Verify(_) => {}
            RolloutEvent::Run(
                RunEvent::Finished | RunEvent::Interrupted | RunEvent::Stopped { .. } | RunEvent::Resumed,
            ) => *self = Activity::default(),
            RolloutEvent::Run(_) => {}
        }
    }

    fn note_deployment(&mut self, event: &DeployEvent, now: Timestamp) {
        self.soaking = None;
        match event {
            DeployEvent::StepStarted { .. } => {
                self.deploying_since.get_or_insert(now);
            }
            DeployEvent::Account { account, status: DeploymentStatus::Running } => {
                self.at_work.entry(account.clone()).or_insert(now);
            }
            DeployEvent::Account { account, .. } => {
                self.at_work.remove(account);
            }
            DeployEvent::Soaking { wave, left } => {
                let until = now.saturating_add(*left).unwrap_or(now);
                self.soaking = Some((wave.clone(), until));
            }
            DeployEvent::StepFinished { .. } | DeployEvent::WaveStarted(_) | DeployEvent::Waiting(_) => {}
        }
    }

    /// In how many accounts AWS is at work.
    pub(super) fn in_flight(&self) -> usize {
        self.at_work.len()
    }

    /// The account in which AWS has been at work for longest, and for how long.
    pub(super) fn slowest(&self, now: Timestamp) -> Option<(&AccountId, SignedDuration)> {
        let (account, since) = self.at_work.iter().min_by_key(|(account, since)| (*since, *account))?;
        Some((account, now.duration_since(*since)))
    }

    /// How long verification will still take if it goes on as it has gone so far.
    pub(super) fn verification_left(&self, state: &RunState, now: Timestamp) -> Option<Duration> {
        let Pace { since, over: before } = self.verification?;
        let counts = state.counts();
        let over = counts.verifications_over().checked_sub(before).filter(|over| *over > 0)?;
        let elapsed = Duration::try_from(now.duration_since(since)).ok()?;
        (counts.to_verify > 0).then(|| elapsed.mul_f64(counts.to_verify as f64 / over as f64))
    }

    /// What goes on although nothing has changed for a while; `None` where nothing does.
    pub(super) fn still(&self, state: &RunState, now: Timestamp) -> Option<String> {
        if let Some((wave, until)) = &self.soaking {
            let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
            return Some(soaking(wave, Duration::from_secs(left.as_secs())));
        }
        if let Some(operation) = &state.waiting {
            return Some(format!("still {}", busy(state, operation)));
        }
        if state.open_steps().next().is_some() {
            return self.still_deploying(state, now);
        }
        let counts = state.counts();
        if counts.to_verify > 0
            && let Some(Pace { since, .. }) = self.verification
        {
            let over = counts.verifications_over();
            let left = left_in_words(self.verification_left(state, now));
            return Some(format!(
                "still verifying: {}, {over} of {}{}{left}",
                elapsed(since, now),
                counted(over + counts.to_verify, "account"),
                trouble(state),
            ));
        }
        let since = self.reading_since?;
        let read = counted(state.discovery.accounts, "account");
        Some(format!("still reading the organization: {}, {read} so far", elapsed(since, now)))
    }

    fn still_deploying(&self, state: &RunState, now: Timestamp) -> Option<String> {
        let (number, step) = state.open_steps().next()?;
        let since = step.started_at.unwrap_or(now);
        if step.accounts.is_empty() {
            let title = escaped(&step.title);
            return Some(format!(
                "still at step {number} of {}: {}, {title}",
                state.planned_steps,
                elapsed(since, now)
            ));
        }
        let counts = state.counts();
        let over = counts.deployments_over();
        Some(format!(
            "still deploying: {}, {over} of {}{}{}",
            elapsed(self.deploying_since.unwrap_or(since), now),
            counted(over + counts.open, "account"),
            with(counts.deployments_failed(), "not deployed"),
            time_left(state, now),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// The state and the activity after these events.
    fn after(events: &[samples::Event]) -> (RunState, Activity) {
        let (mut state, mut activity) = (RunState::default(), Activity::default());
        for (at, event) in events {
            state.apply(*at, event);
            activity.note(&state, event);
        }
        (state, activity)
    }

    fn account(at: Timestamp, id: &str, status: DeploymentStatus) -> samples::Event {
        (at, RolloutEvent::Deploy(DeployEvent::Account { account: samples::id(id), status }))
    }

    #[test]
    fn the_slowest_account_is_the_one_that_aws_has_been_at_for_longest() {
        let mut events = samples::interrupted();
        events.pop();
        let begun = events.last().unwrap().0;
        let at = |seconds| begun + SignedDuration::from_secs(seconds);
        let slowest = |events: &[samples::Event]| {
            let activity = after(events).1;
            activity
                .slowest(at(60))
                .map(|(id, since)| (id.to_string(), since.as_secs(), activity.in_flight()))
        };
        let is = |id: &str, seconds, in_flight| Some((id.to_owned(), seconds, in_flight));
        events.push(account(at(1), "200000000003", DeploymentStatus::Running));
        events.push(account(at(2), "200000000002", DeploymentStatus::Running));
        assert_eq!(slowest(&events), is("200000000002", 60, 2), "seen twice, begun once");
        events.push(account(at(9), "200000000002", DeploymentStatus::Deployed));
        assert_eq!(slowest(&events), is("200000000003", 59, 1));
        events.push(account(at(9), "200000000003", DeploymentStatus::Failed("no".into())));
        assert_eq!(slowest(&events), None);
    }

    #[test]
    fn verification_tells_how_long_it_still_takes_by_its_own_pace() {
        let events = samples::findings();
        let is_started =
            |(_, event): &samples::Event| matches!(event, RolloutEvent::Verify(VerifyEvent::Started { .. }));
        let started = events.iter().position(is_started).unwrap();
        let since = events[started].0;
        let (state, activity) = after(&events[..=started]);
        let later = since + SignedDuration::from_secs(40);
        assert_eq!(activity.verification_left(&state, later), None, "nobody knows before the first");
        let (state, activity) = after(&events[..started + 3]);
        assert_eq!(
            activity.verification_left(&state, later),
            Some(Duration::from_secs(60)),
            "two of five in 40 s"
        );
        assert_eq!(
            activity.still(&state, later).unwrap(),
            "still verifying: 40s, 2 of 5 accounts, about 1m left"
        );
    }

    #[test]
    fn a_run_in_which_nothing_changes_says_what_it_is_at() {
        let mut events = samples::interrupted();
        events.pop();
        let (state, activity) = after(&events);
        let later = state.at.unwrap() + SignedDuration::from_secs(270);
        let told = activity.still(&state, later).unwrap();
        assert!(told.starts_with("still deploying: 5m"), "{told}");
        assert!(told.contains(", 1 of 5 accounts, about "), "{told}");
        let soaking =
            DeployEvent::Soaking { wave: "canary".parse().unwrap(), left: Duration::from_secs(600) };
        events.push((state.at.unwrap(), RolloutEvent::Deploy(soaking)));
        let (state, activity) = after(&events);
        let told = activity.still(&state, later).unwrap();
        assert_eq!(told, "wave canary went well; the next one begins in 5m 30s");
        let (state, activity) = after(&samples::all_well());
        assert_eq!(activity.still(&state, later), None, "it is over");
    }
}
