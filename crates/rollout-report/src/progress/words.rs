//! What lines and bars say alike.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rollout_model::{ObservedOperation, WaveName};

use crate::state::RunState;
use crate::text::{escaped, span};

/// Whose operation holds the StackSet, what it does, and for how long it has been there.
pub(super) fn busy(state: &RunState, operation: &ObservedOperation) -> String {
    let ObservedOperation { id, action, status, created } = operation;
    let age = created.zip(state.at).and_then(|(created, now)| age(created.try_into().ok()?, now));
    let age = age.map(|age| format!(", begun {age} ago")).unwrap_or_default();
    format!(
        "waiting: the StackSet is busy with {} operation {id} ({}{age}) of {}",
        escaped(action),
        escaped(status),
        operation.owner()
    )
}

/// Whole minutes once there are any; clocks that disagree give none.
fn age(created: Timestamp, now: Timestamp) -> Option<String> {
    let seconds = now.duration_since(created).as_secs();
    let seconds = if seconds < 60 { seconds } else { seconds - seconds % 60 };
    (seconds >= 0).then(|| format!("{:#}", SignedDuration::from_secs(seconds)))
}

pub(super) fn soaking(wave: &WaveName, left: Duration) -> String {
    format!("wave {wave} went well; the next one begins in {}", span(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_told_with_its_owner_and_age() {
        let check = |id: &str, created: &str, expected: &str| {
            let at = Some("2026-11-20T12:00:00Z".parse().unwrap());
            let operation = ObservedOperation {
                id: id.parse().unwrap(),
                action: "UPDATE".into(),
                status: "RUNNING".into(),
                created: Some(created.parse::<Timestamp>().unwrap().into()),
            };
            assert_eq!(busy(&RunState { at, ..RunState::default() }, &operation), expected);
        };
        check(
            "20261120T110000Z-k3f9-2",
            "2026-11-20T11:46:30Z",
            "waiting: the StackSet is busy with UPDATE operation 20261120T110000Z-k3f9-2 (RUNNING, begun 13m ago) \
             of run 20261120T110000Z-k3f9 of rolecall",
        );
        check(
            "x-1",
            "2026-11-20T12:00:01Z",
            "waiting: the StackSet is busy with UPDATE operation x-1 (RUNNING) of automatic deployment or another \
             operator",
        );
    }
}
