//! The events that an operator wants to know of at once, whatever else is on the screen.

use std::collections::BTreeMap;

use rollout_model::{
    AccountId, AccountPlan, Conclusion, DeployEvent, DeploymentStatus, RolloutEvent, RunEvent, VerifyEvent,
};

use crate::state::RunState;
use crate::text::{escaped, listed, verdict_line};

/// The line for an event that must not wait.
pub(super) fn notable(state: &RunState, event: &RolloutEvent) -> Option<String> {
    match event {
        RolloutEvent::Run(event) => run(state, event),
        RolloutEvent::Deploy(DeployEvent::Account { account, status }) => deployment(state, account, status),
        RolloutEvent::Verify(event) => verification(state, event),
        RolloutEvent::Deploy(_) | RolloutEvent::Discovery(_) => None,
    }
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
fn deployment(state: &RunState, account: &AccountId, status: &DeploymentStatus) -> Option<String> {
    match status {
        DeploymentStatus::Failed(reason) | DeploymentStatus::Skipped(reason) => {
            Some(format!("{status}: {}: {}", named(state, account), escaped(reason)))
        }
        _ => None,
    }
}

fn verification(state: &RunState, event: &VerifyEvent) -> Option<String> {
    match event {
        VerifyEvent::Started { .. } => None,
        VerifyEvent::NotVerified { account, reason } => {
            // A failed deployment has had its line.
            let failed = state
                .accounts()
                .get(account)
                .and_then(|row| row.deployment.as_ref())
                .is_some_and(|status| !status.is_done());
            let line = || format!("not verified: {}: {}", named(state, account), escaped(reason));
            (!failed).then(line)
        }
        VerifyEvent::Account { account, verdict, .. } => match verdict.conclusion() {
            Conclusion::Verified => None,
            conclusion => Some(format!("{conclusion}: {}: {}", named(state, account), verdict_line(verdict))),
        },
    }
}

/// The account with its name and place, as far as they are known.
fn named(state: &RunState, account: &AccountId) -> String {
    match state.accounts().get(account).and_then(|row| row.plan.as_ref()) {
        Some(plan) => format!("{account} {} ({})", escaped(&plan.name), escaped(&plan.unit.to_string())),
        None => format!("{account} (not in the plan)"),
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
            notable(&state, &interrupted).unwrap()
        };
        assert!(line(&events).contains("AWS goes on with"), "{}", line(&events));
        let step = DeployEvent::StepFinished { step: 2, status: "NOT_SUBMITTED".to_owned() };
        events.push((at, RolloutEvent::Deploy(step)));
        assert_eq!(line(&events), "interrupted: nothing new is begun");
    }
}
