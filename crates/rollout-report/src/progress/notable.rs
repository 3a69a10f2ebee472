//! The events that an operator wants to know of at once, whatever else is on the screen. One cause that five hundred
//! accounts share is told a few times and counted from then on.

use std::collections::BTreeMap;

use rollout_model::{
    AccountId, AccountPlan, Conclusion, DeployEvent, DeploymentStatus, RolloutEvent, RunEvent, VerifyEvent,
};

use crate::cause::{Cause, Diagnosis, diagnose};
use crate::state::RunState;
use crate::text::{self, Style, escaped, generalized, listed, styled, verdict_line};
use crate::verdict_cause;

/// So often a cause is told account by account.
const MOST_TOLD: usize = 3;

/// How often each cause came.
#[derive(Debug, Default)]
pub(super) struct Notables {
    seen: BTreeMap<String, usize>,
}

/// A line, and the cause that it has in common with others.
struct Notable {
    cause: String,
    line: String,
}

impl Notables {
    /// The lines for an event that must not wait. What was only counted is told when the run ends.
    pub(super) fn lines(&mut self, state: &RunState, event: &RolloutEvent) -> Vec<String> {
        let account = match event {
            RolloutEvent::Run(event) => {
                let counted = if is_end(event) { self.counted() } else { Vec::new() };
                return counted.into_iter().chain(run(state, event)).collect();
            }
            RolloutEvent::Deploy(DeployEvent::Account { account, status }) => {
                deployment(state, account, status)
            }
            RolloutEvent::Verify(event) => verification(state, event),
            RolloutEvent::Deploy(_) | RolloutEvent::Discovery(_) => None,
        };
        account.and_then(|notable| self.told(notable)).into_iter().collect()
    }

    fn told(&mut self, Notable { cause, line }: Notable) -> Option<String> {
        let seen = self.seen.entry(cause).or_default();
        *seen += 1;
        (*seen <= MOST_TOLD).then_some(line)
    }

    fn counted(&mut self) -> Vec<String> {
        let seen = std::mem::take(&mut self.seen).into_iter();
        seen.filter(|(_, seen)| *seen > MOST_TOLD)
            .map(|(cause, seen)| format!("and {} more like it: {cause}", seen - MOST_TOLD))
            .collect()
    }
}

fn is_end(event: &RunEvent) -> bool {
    matches!(event, RunEvent::Finished | RunEvent::Interrupted | RunEvent::Stopped { .. })
}

fn run(state: &RunState, event: &RunEvent) -> Option<String> {
    match event {
        RunEvent::Interrupted => Some(match state.open_steps().next() {
            Some((_, step)) => {
                let operation = step.operation.as_ref();
                let operation = operation.map(|id| format!(" (operation {id})")).unwrap_or_default();
                format!(
                    "interrupted: nothing new is begun; AWS goes on with: {}{operation}",
                    escaped(&step.title)
                )
            }
            None => "interrupted: nothing new is begun".to_owned(),
        }),
        RunEvent::Stopped { problem } => Some(format!("stopped: {}", escaped(problem))),
        RunEvent::Held { wave, problem } => {
            Some(format!("held back after wave {wave}: {}", escaped(problem)))
        }
        RunEvent::OrganizationChanged { joined, left } => changed(joined, left),
        RunEvent::Started { .. }
        | RunEvent::Resumed
        | RunEvent::Invoked(_)
        | RunEvent::Called(_)
        | RunEvent::Narrowed(_)
        | RunEvent::Planned { .. }
        | RunEvent::Finished => None,
    }
}

fn changed(joined: &BTreeMap<AccountId, AccountPlan>, left: &BTreeMap<AccountId, String>) -> Option<String> {
    let targets = joined.values().filter(|plan| plan.action.is_target()).count();
    let numbers = [
        (targets, "joined the targets"),
        (joined.len() - targets, "joined and are no targets"),
        (left.len(), "left"),
    ];
    let told = listed(&numbers);
    (!told.is_empty()).then(|| format!("accounts since the plan was made: {told}"))
}

/// A run that is stopped early cancels every account that was left: those come as a number, not as lines.
fn deployment(state: &RunState, account: &AccountId, status: &DeploymentStatus) -> Option<Notable> {
    let (DeploymentStatus::Failed(reason) | DeploymentStatus::Skipped(reason)) = status else { return None };
    let style = if matches!(status, DeploymentStatus::Failed(_)) { Style::Bad } else { Style::Doubtful };
    let word = styled(style, &format!("{status}:"));
    let cause = match diagnose(status) {
        Some(Diagnosis { cause, .. }) if cause != Cause::Unclassified => cause.in_words().to_owned(),
        _ => escaped(&generalized(reason, account, &mut Vec::new())).into_owned(),
    };
    let line = format!("{word} {}: {}", named(state, account), escaped(reason));
    Some(Notable { cause: format!("{word} {cause}"), line })
}

fn verification(state: &RunState, event: &VerifyEvent) -> Option<Notable> {
    match event {
        VerifyEvent::Started { .. } => None,
        VerifyEvent::NotVerified { account, reason } => {
            // A failed deployment has had its line.
            let failed = state
                .accounts()
                .get(account)
                .and_then(|row| row.deployment.as_ref())
                .is_some_and(|status| !status.is_done());
            let word = styled(Style::Doubtful, "not verified:");
            let cause = escaped(&generalized(reason, account, &mut Vec::new())).into_owned();
            let line = format!("{word} {}: {}", named(state, account), escaped(reason));
            (!failed).then(|| Notable { cause: format!("{word} {cause}"), line })
        }
        VerifyEvent::Account { account, verdict, .. } => {
            let conclusion = verdict.conclusion();
            let word = match conclusion {
                Conclusion::Verified => return None,
                Conclusion::Finding => styled(Style::Bad, &format!("{conclusion}:")),
                Conclusion::NotProven => styled(Style::Doubtful, &format!("{conclusion}:")),
            };
            let cause = verdict.cause().map_or("", verdict_cause::in_words);
            let line = format!("{word} {}: {}", named(state, account), verdict_line(verdict));
            Some(Notable { cause: format!("{word} {cause}"), line })
        }
    }
}

/// The account with its name and place, as far as they are known.
fn named(state: &RunState, account: &AccountId) -> String {
    match state.accounts().get(account).and_then(|row| row.plan.as_ref()) {
        Some(plan) => {
            let (name, unit) = (escaped(&plan.name), plan.unit.to_string());
            format!("{} {name} ({})", text::account(account), escaped(&unit))
        }
        None => format!("{} (not in the plan)", text::account(account)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_interruption_names_what_goes_on_in_aws_and_not_what_was_never_submitted() {
        let mut events = samples::interrupted();
        let (at, interrupted) = events.pop().unwrap();
        let line = |events: &[samples::Event]| {
            let mut state = samples::state(events);
            state.apply(at, &interrupted);
            Notables::default().lines(&state, &interrupted).join("\n")
        };
        assert!(line(&events).contains("AWS goes on with"), "{}", line(&events));
        let step = DeployEvent::StepFinished { step: 2, status: "NOT_SUBMITTED".to_owned() };
        events.push((at, RolloutEvent::Deploy(step)));
        assert_eq!(line(&events), "interrupted: nothing new is begun");
    }

    #[test]
    fn a_cause_that_many_accounts_share_is_told_three_times_and_then_counted() {
        let mut events = samples::quick_deployment_of(10);
        for (_, event) in &mut events {
            if let RolloutEvent::Deploy(DeployEvent::Account { account, status }) = event {
                *status = DeploymentStatus::Failed(match account.as_str().ends_with('9') {
                    true => "nobody has seen this before".to_owned(),
                    false => format!("role of {account} already exists"),
                });
            }
        }
        events.push((events[0].0, RolloutEvent::Run(RunEvent::Finished)));
        let (mut state, mut notables, mut lines) = (RunState::default(), Notables::default(), Vec::new());
        for (at, event) in &events {
            state.apply(*at, event);
            lines.extend(notables.lines(&state, event));
        }
        let text = text::Decoration::default().of(&text::dressed(&lines.join("\n"), None)).into_owned();
        assert_eq!(text.matches("already exists").count(), 3, "{text}");
        assert_eq!(text.matches("nobody has seen this before").count(), 1, "{text}");
        assert!(text.ends_with("\nand 6 more like it: failed: the name is taken"), "{text}");
    }
}
