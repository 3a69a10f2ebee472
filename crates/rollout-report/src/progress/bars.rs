//! Progress as bars on a terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};
use rollout_model::{DeployEvent, DiscoveryEvent, RolloutEvent, RunEvent, VerifyEvent};

use super::activity::Activity;
use super::notable::Notables;
use super::words::{busy, left_in_words, soaking, time_left, trouble, with};
use crate::state::{RunState, StepRow};
use crate::text::{Decoration, clipped, counted, dressed, escaped, span};

/// Often enough that a spinner looks alive.
const TICK: Duration = Duration::from_millis(120);

/// Titles name units and numbers; longer ones are for the plan and the report.
const LONGEST_TITLE: usize = 70;

/// AWS takes no longer ones.
const LONGEST_NAME: usize = 50;

/// Whoever looks wants to know which account everything waits for once it is slower than this.
const WORTH_NAMING: SignedDuration = SignedDuration::from_secs(10);

/// A bar with its numbers for deployment and one for verification, a spinner for every step that is under way, and
/// the account that everything waits for. Each appears with its first event.
#[derive(Debug)]
pub(super) struct Bars {
    all: MultiProgress,
    decoration: Decoration,
    notables: Notables,
    activity: Activity,
    deployment: Option<ProgressBar>,
    verification: Option<ProgressBar>,
    /// What is waited for, or read: there is no number for it.
    waiting: Option<ProgressBar>,
    steps: BTreeMap<usize, ProgressBar>,
    slowest: Option<ProgressBar>,
}

impl Bars {
    pub(super) fn new(decoration: Decoration) -> Bars {
        Bars {
            all: MultiProgress::new(),
            decoration,
            notables: Notables::default(),
            activity: Activity::default(),
            deployment: None,
            verification: None,
            waiting: None,
            steps: BTreeMap::new(),
            slowest: None,
        }
    }

    pub(super) fn show(&mut self, state: &RunState, event: &RolloutEvent) {
        self.activity.note(state, event);
        for line in self.notables.lines(state, event) {
            self.print(&self.decoration.of(&dressed(&line, state.home_region.as_ref())));
        }
        match event {
            RolloutEvent::Run(event) => self.show_run(event),
            RolloutEvent::Discovery(event) => self.show_discovery(state, event),
            RolloutEvent::Deploy(event) => self.show_deploy(state, event),
            RolloutEvent::Verify(event) => self.show_verify(event),
        }
        if let Some(now) = state.at {
            self.tick(state, now);
        }
    }

    /// Brings the numbers up to this moment.
    pub(super) fn tick(&mut self, state: &RunState, now: Timestamp) {
        if let Some(bar) = &self.deployment {
            let counts = state.counts();
            let (over, failed) = (counts.deployments_over(), counts.deployments_failed());
            let in_flight = with(self.activity.in_flight(), "in flight");
            let message = format!("{}{in_flight}{}", with(failed, "not deployed"), time_left(state, now));
            set(bar, over, over + counts.open, &message);
        }
        if let Some(bar) = &self.verification {
            let counts = state.counts();
            let over = counts.verifications_over();
            let left = left_in_words(self.activity.verification_left(state, now));
            set(bar, over, over + counts.to_verify, &format!("{}{left}", trouble(state)));
        }
        self.show_slowest(state, now);
    }

    /// A line above the bars.
    pub(super) fn print(&self, line: &str) {
        // Bars on a terminal that went away have nobody to tell.
        let _ = self.all.println(line);
    }

    pub(super) fn clear(&mut self) {
        let bars = [&mut self.deployment, &mut self.verification, &mut self.waiting, &mut self.slowest];
        for bar in
            bars.into_iter().filter_map(Option::take).chain(std::mem::take(&mut self.steps).into_values())
        {
            bar.finish_and_clear();
        }
    }

    fn show_run(&mut self, event: &RunEvent) {
        if matches!(event, RunEvent::Finished | RunEvent::Stopped { .. }) {
            self.clear();
        }
    }

    fn show_discovery(&mut self, state: &RunState, event: &DiscoveryEvent) {
        let discovery = state.discovery;
        let read = format!(
            "{} in {}",
            counted(discovery.accounts, "account"),
            counted(discovery.units, "organizational unit")
        );
        match event {
            DiscoveryEvent::Units { .. } | DiscoveryEvent::Accounts { .. } => {
                self.wait(format!("reading the organization: {read}"));
            }
            DiscoveryEvent::Tags { read, of } if read < of => {
                self.wait(format!("reading tags: of {read} of {of} accounts"));
            }
            DiscoveryEvent::Tags { .. } | DiscoveryEvent::Finished { .. } => self.wait_no_more(),
        }
    }

    fn show_deploy(&mut self, state: &RunState, event: &DeployEvent) {
        match event {
            DeployEvent::Waiting(operation) => self.wait(busy(state, operation)),
            DeployEvent::Soaking { wave, left } => self.wait(soaking(wave, *left)),
            DeployEvent::WaveStarted(_)
            | DeployEvent::StepStarted { .. }
            | DeployEvent::StepFinished { .. }
            | DeployEvent::Account { .. } => self.wait_no_more(),
        }
        self.show_steps(state);
        let counts = state.counts();
        if self.deployment.is_none() && counts.deployments_over() + counts.open > 0 {
            self.deployment = Some(self.all.insert(0, accounts_bar("deployment")));
        }
    }

    /// One line for each step that is under way.
    fn show_steps(&mut self, state: &RunState) {
        let open: BTreeMap<usize, &StepRow> = state.open_steps().collect();
        self.steps.retain(|number, bar| {
            let is_open = open.contains_key(number);
            if !is_open {
                bar.finish_and_clear();
            }
            is_open
        });
        for (number, step) in open {
            let bar = self.steps.entry(number).or_insert_with(|| self.all.add(spinner()));
            bar.set_message(step_message(state, number, step));
        }
    }

    fn show_verify(&mut self, event: &VerifyEvent) {
        self.wait_no_more();
        if let (VerifyEvent::Started { .. }, None) = (event, &self.verification) {
            let below = usize::from(self.deployment.is_some());
            self.verification = Some(self.all.insert(below, accounts_bar("verification")));
        }
    }

    fn show_slowest(&mut self, state: &RunState, now: Timestamp) {
        let slowest = self.activity.slowest(now).filter(|(_, since)| *since >= WORTH_NAMING);
        let Some((account, since)) = slowest else {
            if let Some(bar) = self.slowest.take() {
                bar.finish_and_clear();
            }
            return;
        };
        let name = state.accounts().get(account).map_or("", |row| row.name());
        let since = span(Duration::from_secs(since.as_secs().unsigned_abs()));
        let message = format!("slowest: {account} {}, {since}", clipped(&escaped(name), LONGEST_NAME));
        self.slowest.get_or_insert_with(|| self.all.add(line())).set_message(message);
    }

    fn wait(&mut self, message: String) {
        self.waiting.get_or_insert_with(|| self.all.add(spinner())).set_message(message);
    }

    fn wait_no_more(&mut self) {
        if let Some(bar) = self.waiting.take() {
            bar.finish_and_clear();
        }
    }
}

fn step_message(state: &RunState, number: usize, step: &StepRow) -> String {
    let title = clipped(&escaped(&step.title), LONGEST_TITLE);
    format!("step {number} of {}: {title}", state.planned_steps)
}

fn set(bar: &ProgressBar, over: usize, total: usize, message: &str) {
    // The library counts in u64, which holds every usize.
    bar.set_length(total as u64);
    bar.set_position(over as u64);
    bar.set_message(message.trim_start_matches(", ").to_owned());
}

fn spinner() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}").expect("the template is fixed");
    let bar = ProgressBar::new_spinner().with_style(style);
    bar.enable_steady_tick(TICK);
    bar
}

/// What needs no spinner of its own.
fn line() -> ProgressBar {
    let style = ProgressStyle::with_template("  {wide_msg}").expect("the template is fixed");
    ProgressBar::new_spinner().with_style(style)
}

fn accounts_bar(title: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:12} {bar:30} {pos}/{len} accounts  {wide_msg}")
        .expect("the template is fixed");
    ProgressBar::new(0).with_style(style).with_prefix(title)
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressDrawTarget;

    use super::*;
    use crate::samples;

    #[track_caller]
    fn check(bar: &Option<ProgressBar>, position: usize, length: usize, message: &str) {
        let bar = bar.as_ref().expect("the bar is shown");
        let shown = (bar.position(), bar.length(), bar.message());
        assert_eq!(shown, (position as u64, Some(length as u64), message.to_owned()));
    }

    /// The bars as they are just before the run ends.
    fn bars_of(events: &[samples::Event]) -> Bars {
        let mut bars = Bars::new(Decoration::default());
        bars.all.set_draw_target(ProgressDrawTarget::hidden());
        let mut state = RunState::default();
        for (at, event) in &events[..events.len() - 1] {
            state.apply(*at, event);
            bars.show(&state, event);
        }
        bars
    }

    #[test]
    fn bars_show_how_many_accounts_are_over_and_what_went_wrong() {
        let bars = bars_of(&samples::failures_and_findings());
        check(&bars.deployment, 6, 6, "2 not deployed");
        check(&bars.verification, 5, 5, "1 with findings, 3 not proven");
        assert!(bars.waiting.is_none() && bars.steps.is_empty() && bars.slowest.is_none());
    }

    #[test]
    fn while_an_operation_runs_its_step_has_a_line_and_what_is_left_is_seen() {
        let mut bars = bars_of(&samples::interrupted());
        check(&bars.deployment, 1, 5, "1 in flight, about 1m left");
        let steps: Vec<String> = bars.steps.values().map(ProgressBar::message).collect();
        assert!(steps[0].starts_with("step 2 of 2: create stack instances"), "{steps:?}");
        bars.clear();
        assert!(bars.steps.is_empty() && bars.deployment.is_none());
    }

    #[test]
    fn every_step_under_way_has_a_line_and_the_slowest_account_is_named() {
        let mut events = samples::interrupted();
        events.pop();
        let (mut state, mut bars) = (samples::state(&events), bars_of(&samples::interrupted()));
        let now = state.at.unwrap() + SignedDuration::from_secs(75);
        let another = DeployEvent::StepStarted {
            step: 3,
            title: "create stack instances in 1 account".to_owned(),
            operation: None,
            accounts: [samples::id("200000000004")].into_iter().collect(),
        };
        let another = RolloutEvent::Deploy(another);
        state.apply(now, &another);
        bars.show(&state, &another);
        assert_eq!(bars.steps.keys().copied().collect::<Vec<_>>(), [2, 3]);
        let slowest = bars.slowest.as_ref().expect("it is shown").message();
        assert!(slowest.starts_with("slowest: 2000000000"), "{slowest}");
        assert!(slowest.ends_with("m 15s") || slowest.ends_with("m 25s"), "{slowest}");
        let over = RolloutEvent::Deploy(DeployEvent::StepFinished { step: 2, status: "SUCCEEDED".into() });
        state.apply(now, &over);
        bars.show(&state, &over);
        assert_eq!(bars.steps.keys().copied().collect::<Vec<_>>(), [3]);
    }
}
