//! Progress as bars on a terminal.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use rollout_model::{DeployEvent, DiscoveryEvent, RolloutEvent, RunEvent, VerifyEvent};

use super::notable::notable;
use super::words::{busy, soaking, time_left};
use crate::state::{RunState, StepRow};
use crate::text::{clipped, counted, escaped};

/// Often enough that a spinner looks alive.
const TICK: Duration = Duration::from_millis(120);

/// Titles name units and numbers; longer ones are for the plan and the report.
const LONGEST_TITLE: usize = 70;

/// A spinner for what has no number, a bar for what has one. Each appears with its first event.
#[derive(Debug)]
pub(super) struct Bars {
    all: MultiProgress,
    discovery: Option<ProgressBar>,
    step: Option<ProgressBar>,
    deployment: Option<ProgressBar>,
    verification: Option<ProgressBar>,
}

impl Bars {
    pub(super) fn new() -> Bars {
        let all = MultiProgress::new();
        Bars { all, discovery: None, step: None, deployment: None, verification: None }
    }

    pub(super) fn show(&mut self, state: &RunState, event: &RolloutEvent) {
        if let Some(line) = notable(state, event) {
            self.print(&line);
        }
        match event {
            RolloutEvent::Run(event) => self.show_run(event),
            RolloutEvent::Discovery(event) => self.show_discovery(state, event),
            RolloutEvent::Deploy(event) => self.show_deploy(state, event),
            RolloutEvent::Verify(event) => self.show_verify(state, event),
        }
    }

    /// A line above the bars.
    pub(super) fn print(&self, line: &str) {
        // Bars on a terminal that went away have nobody to tell.
        let _ = self.all.println(line);
    }

    pub(super) fn clear(&mut self) {
        for bar in [&mut self.discovery, &mut self.step, &mut self.deployment, &mut self.verification] {
            if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
        }
    }

    fn show_run(&mut self, event: &RunEvent) {
        if matches!(event, RunEvent::Finished | RunEvent::Stopped { .. }) {
            self.clear();
        }
    }

    fn show_discovery(&mut self, state: &RunState, event: &DiscoveryEvent) {
        let discovery = state.discovery;
        let bar = self.discovery.get_or_insert_with(|| self.all.add(spinner()));
        let read = format!(
            "{} in {}",
            counted(discovery.accounts, "account"),
            counted(discovery.units, "organizational unit")
        );
        match event {
            DiscoveryEvent::Units { .. } | DiscoveryEvent::Accounts { .. } => {
                bar.set_message(format!("reading the organization: {read}"));
            }
            DiscoveryEvent::Tags { read, of } if read < of => {
                bar.set_message(format!("reading tags: of {read} of {of} accounts"));
            }
            DiscoveryEvent::Tags { .. } | DiscoveryEvent::Finished { .. } => {
                bar.finish_and_clear();
                self.discovery = None;
            }
        }
    }

    fn show_deploy(&mut self, state: &RunState, event: &DeployEvent) {
        let step = self.step.get_or_insert_with(|| self.all.add(spinner()));
        match event {
            DeployEvent::Waiting(operation) => step.set_message(busy(state, operation)),
            DeployEvent::Soaking { wave, left } => step.set_message(soaking(wave, *left)),
            DeployEvent::WaveStarted(_)
            | DeployEvent::StepStarted { .. }
            | DeployEvent::StepFinished { .. }
            | DeployEvent::Account { .. } => match state.open_steps().next() {
                Some((number, row)) => step.set_message(step_message(state, number, row)),
                None => {
                    step.finish_and_clear();
                    self.step = None;
                }
            },
        }
        let counts = state.counts();
        let (over, failed) = (counts.deployments_over(), counts.deployments_failed());
        let total = over + counts.open;
        if total > 0 {
            let bar = self.deployment.get_or_insert_with(|| self.all.add(accounts_bar("deployment")));
            let failed = if failed > 0 { format!(", {failed} not deployed") } else { String::new() };
            let message = format!("{failed}{}", time_left(state));
            set(bar, over, total, message.trim_start_matches(", "));
        }
    }

    fn show_verify(&mut self, state: &RunState, event: &VerifyEvent) {
        if let (VerifyEvent::Started { .. }, Some(step)) = (event, &self.step) {
            step.finish_and_clear();
            self.step = None;
        }
        let counts = state.counts();
        let over = counts.verifications_over();
        let unproven = counts.not_proven + counts.not_verified;
        let trouble: Vec<String> = [(counts.findings, "with findings"), (unproven, "not proven")]
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        let bar = self.verification.get_or_insert_with(|| self.all.add(accounts_bar("verification")));
        set(bar, over, over + counts.to_verify, &trouble.join(", "));
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
    bar.set_message(message.to_owned());
}

fn spinner() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}").expect("the template is fixed");
    let bar = ProgressBar::new_spinner().with_style(style);
    bar.enable_steady_tick(TICK);
    bar
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
        let mut bars = Bars::new();
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
        assert!(bars.discovery.is_none() && bars.step.is_none());
    }

    #[test]
    fn while_an_operation_runs_its_step_has_a_line_and_what_is_left_is_seen() {
        let mut bars = bars_of(&samples::interrupted());
        check(&bars.deployment, 1, 5, "about 1m left");
        let step = bars.step.as_ref().expect("the step is shown").message();
        assert!(step.starts_with("step 2 of 2: create stack instances"), "{step}");
        bars.clear();
        assert!(bars.step.is_none() && bars.deployment.is_none());
    }
}
