//! Progress as plain lines. No line has a time of day: a log adds its own.

use jiff::{SignedDuration, Timestamp};
use rollout_model::{
    Action, DeployEvent, DiscoveryEvent, ObservedOperation, RolloutEvent, RunEvent, VerifyEvent, VerifyMode,
};

use super::activity::Activity;
use super::notable::Notables;
use super::words::{busy, left_in_words, soaking, time_left, trouble, with};
use crate::state::RunState;
use crate::text::{counted, escaped, listed, part_in_words};

/// A number of accounts is shown again after a tenth of them, or after this time: often enough to see that a
/// run is alive, rarely enough that the log of a roll-out to 10,000 accounts is read.
const INTERVAL: SignedDuration = SignedDuration::from_secs(30);

/// With a tick a second, no silence is longer than half a minute: log viewers and CI systems take a longer one for
/// death.
const HEARTBEAT: SignedDuration = SignedDuration::from_secs(29);

/// What was shown last, so that nothing is shown twice.
#[derive(Debug, Default)]
pub(super) struct Lines {
    notables: Notables,
    activity: Activity,
    heartbeat: bool,
    spoken_at: Option<Timestamp>,
    waiting: Option<ObservedOperation>,
    discovery: Shown,
    deployment: Shown,
    verification: Shown,
}

/// When a number of accounts was last shown.
#[derive(Debug, Default)]
struct Shown {
    tenths: usize,
    over: usize,
    at: Option<Timestamp>,
}

impl Lines {
    pub(super) fn new(heartbeat: bool) -> Lines {
        Lines { heartbeat, ..Lines::default() }
    }

    /// The line that is due although nothing has changed.
    pub(super) fn tick(&mut self, state: &RunState, now: Timestamp) -> Option<String> {
        let is_due = now.duration_since(*self.spoken_at.get_or_insert(now)) >= HEARTBEAT;
        let line = (self.heartbeat && is_due).then(|| self.activity.still(state, now))??;
        self.spoken_at = Some(now);
        Some(line)
    }

    /// The lines that an event is worth.
    pub(super) fn lines(&mut self, state: &RunState, event: &RolloutEvent) -> Vec<String> {
        self.activity.note(state, event);
        let milestone = match event {
            RolloutEvent::Run(event) => run(state, event),
            RolloutEvent::Discovery(event) => self.discovery(state, event),
            RolloutEvent::Deploy(event) => self.deploy(state, event),
            RolloutEvent::Verify(event) => self.verify(state, event),
        };
        let lines: Vec<String> = self.notables.lines(state, event).into_iter().chain(milestone).collect();
        if !lines.is_empty() {
            self.spoken_at = state.at;
        }
        lines
    }

    fn discovery(&mut self, state: &RunState, event: &DiscoveryEvent) -> Option<String> {
        let discovery = state.discovery;
        let accounts = counted(discovery.accounts, "account");
        let units = counted(discovery.units, "organizational unit");
        match event {
            DiscoveryEvent::Units { .. } | DiscoveryEvent::Accounts { .. } => self
                .discovery
                .is_due_by_time(state.at)
                .then(|| format!("reading the organization: {accounts} in {units} so far")),
            DiscoveryEvent::Tags { read, of } if read == of => {
                Some(format!("tags: of {}", counted(*of, "account")))
            }
            DiscoveryEvent::Tags { read, of } => self
                .discovery
                .is_due_by_time(state.at)
                .then(|| format!("reading tags: of {read} of {of} accounts so far")),
            DiscoveryEvent::Finished { problems: 0, .. } => {
                Some(format!("organization: {accounts} in {units}"))
            }
            DiscoveryEvent::Finished { problems, .. } => Some(format!(
                "organization, PARTIAL: {accounts} in {units}, {}",
                counted(*problems, "problem")
            )),
        }
    }

    fn deploy(&mut self, state: &RunState, event: &DeployEvent) -> Option<String> {
        match event {
            DeployEvent::StepStarted { step, title, operation, .. } => {
                let operation = match operation {
                    Some(operation) => format!(" (operation {operation})"),
                    None => String::new(),
                };
                Some(format!("step {step} of {}: {}{operation}", state.planned_steps, escaped(title)))
            }
            DeployEvent::StepFinished { step, status } => {
                Some(format!("step {step} of {}: {}", state.planned_steps, escaped(status)))
            }
            DeployEvent::Waiting(operation) => {
                let changed = self.waiting != state.waiting;
                self.waiting.clone_from(&state.waiting);
                changed.then(|| busy(state, operation))
            }
            DeployEvent::WaveStarted(wave) => Some(format!("wave {wave}")),
            DeployEvent::Soaking { wave, left } => Some(soaking(wave, *left)),
            DeployEvent::Account { .. } => {
                let counts = state.counts();
                let (over, failed) = (counts.deployments_over(), counts.deployments_failed());
                let total = over + counts.open;
                let line = || {
                    format!(
                        "deployment: {over} of {total} accounts{}{}",
                        with(failed, "not deployed"),
                        state.at.map(|now| time_left(state, now)).unwrap_or_default()
                    )
                };
                self.deployment.is_due(over, total, state.at).then(line)
            }
        }
    }

    fn verify(&mut self, state: &RunState, event: &VerifyEvent) -> Option<String> {
        if let VerifyEvent::Started { accounts, mode } = event {
            let accounts = counted(accounts.len(), "account");
            return Some(match mode {
                VerifyMode::Direct => format!("verifying the role in {accounts}"),
                VerifyMode::Probe => format!("verifying the role in {accounts}, by its probe"),
                VerifyMode::Offline => {
                    format!("evaluating the role's trust policy in {accounts}; nobody enters the role")
                }
                VerifyMode::Absence => format!("looking whether the role is gone from {accounts}"),
            });
        }
        let counts = state.counts();
        let over = counts.verifications_over();
        let total = over + counts.to_verify;
        let line = || {
            let left = state.at.and_then(|now| self.activity.verification_left(state, now));
            format!("verification: {over} of {total} accounts{}{}", trouble(state), left_in_words(left))
        };
        self.verification.is_due(over, total, state.at).then(line)
    }
}

fn run(state: &RunState, event: &RunEvent) -> Option<String> {
    match event {
        RunEvent::Started { run, rollout, command, home_region, .. } => {
            Some(format!("{} {rollout}: run {run}, home Region {home_region}", escaped(command)))
        }
        RunEvent::Narrowed(narrowing) => Some(part_in_words(narrowing)),
        RunEvent::Planned { accounts, steps, .. } => {
            let number = |action| accounts.values().filter(|account| account.action == action).count();
            let actions = Action::ALL.map(|action| (number(action), action.to_string()));
            let actions: Vec<(usize, &str)> =
                actions.iter().map(|(number, action)| (*number, action.as_str())).collect();
            Some(format!("plan: {}; {}", listed(&actions), counted(*steps, "step")))
        }
        RunEvent::Finished => state.started_at.map(|_| "run finished".to_owned()),
        RunEvent::Resumed => Some("goes on where it ended".to_owned()),
        RunEvent::OrganizationChanged { .. }
        | RunEvent::Invoked(_)
        | RunEvent::Called(_)
        | RunEvent::Interrupted
        | RunEvent::Held { .. }
        | RunEvent::Stopped { .. } => None,
    }
}

impl Shown {
    /// Whether `over` of `total` is news: another tenth, the end, or any change after a while.
    fn is_due(&mut self, over: usize, total: usize, at: Option<Timestamp>) -> bool {
        let tenths = (over * 10).checked_div(total).unwrap_or(0);
        let due = over != self.over && (tenths != self.tenths || self.is_due_by_time(at));
        if due {
            *self = Shown { tenths, over, at };
        }
        due
    }

    /// Whether a while has passed since the last time, which begins with the first call.
    fn is_due_by_time(&mut self, at: Option<Timestamp>) -> bool {
        match (self.at, at) {
            (None, _) => {
                self.at = at;
                false
            }
            (Some(before), Some(now)) if now.duration_since(before) >= INTERVAL => {
                self.at = at;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use crate::text::{Decoration, dressed};

    fn log(events: &[samples::Event]) -> String {
        let (mut state, mut lines, mut log) = (RunState::default(), Lines::default(), Vec::new());
        for (at, event) in events {
            state.apply(*at, event);
            log.extend(lines.lines(&state, event));
        }
        Decoration::default().of(&dressed(&log.join("\n"), None)).into_owned()
    }

    #[test]
    fn a_run_without_trouble_is_told_in_a_few_lines() {
        insta::assert_snapshot!(log(&samples::all_well()));
    }

    #[test]
    fn failures_findings_and_a_busy_stack_set_are_told_at_once() {
        insta::assert_snapshot!(log(&samples::failures_and_findings()));
    }

    #[test]
    fn a_retirement_looks_whether_the_role_is_gone() {
        insta::assert_snapshot!(log(&samples::retired()));
    }

    #[test]
    fn an_interruption_names_the_operation_that_goes_on() {
        insta::assert_snapshot!(log(&samples::interrupted()));
    }

    #[test]
    fn a_hostile_name_stays_on_its_line() {
        let log = log(&samples::hostile());
        assert!(!log.contains('\u{1b}'), "{log:?}");
        insta::assert_snapshot!(log);
    }

    #[test]
    fn ten_thousand_accounts_take_about_ten_lines() {
        let log = log(&samples::quick_deployment_of(10_000));
        let lines = log.lines().filter(|line| line.starts_with("deployment: ")).count();
        assert!((10..=12).contains(&lines), "{lines} lines:\n{log}");
    }

    #[test]
    fn a_slow_deployment_is_heard_of_every_half_minute() {
        let mut shown = Shown::default();
        let at = |second: i64| Some(Timestamp::from_second(second).unwrap());
        let due: Vec<i64> =
            (0..120).filter(|second| shown.is_due(*second as usize + 1, 10_000, at(*second))).collect();
        assert_eq!(due, [30, 60, 90]);
    }

    #[test]
    fn no_silence_of_a_run_is_longer_than_half_a_minute() {
        let mut events = samples::interrupted();
        events.pop();
        let (mut state, mut lines) = (RunState::default(), Lines::new(true));
        for (at, event) in &events {
            state.apply(*at, event);
            lines.lines(&state, event);
        }
        let last = lines.spoken_at.unwrap();
        let beats: Vec<i64> = (1..=100)
            .filter(|second| lines.tick(&state, last + SignedDuration::from_secs(*second)).is_some())
            .collect();
        assert_eq!(beats, [29, 58, 87]);
        let mut silent = Lines { heartbeat: false, ..lines };
        assert_eq!(silent.tick(&state, last + SignedDuration::from_secs(999)), None);
    }
}
