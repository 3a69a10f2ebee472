//! What lines and bars say alike.

use std::time::Duration;

use jiff::Timestamp;
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

/// Clocks that disagree give none.
fn age(created: Timestamp, now: Timestamp) -> Option<String> {
    u64::try_from(now.duration_since(created).as_secs()).ok().map(whole)
}

/// Whole minutes once there are any.
fn whole(seconds: u64) -> String {
    span(Duration::from_secs(if seconds < 60 { seconds } else { seconds - seconds % 60 }))
}

/// How long the operations under way will still take, from their own pace: ", about 2m left".
pub(super) fn time_left(state: &RunState, now: Timestamp) -> String {
    left_in_words(state.open_steps().filter_map(|(_, step)| step.time_left(now)).max())
}

pub(super) fn left_in_words(left: Option<Duration>) -> String {
    /// Whoever sees the first accounts go by knows as much.
    const WORTH_SAYING: u64 = 10;
    match left.map(|left| left.as_secs()) {
        Some(seconds) if seconds >= WORTH_SAYING => format!(", about {} left", whole(seconds)),
        _ => String::new(),
    }
}

/// `4m 30s`.
pub(super) fn elapsed(since: Timestamp, now: Timestamp) -> String {
    span(Duration::from_secs(u64::try_from(now.duration_since(since).as_secs()).unwrap_or_default()))
}

/// What verification has found so far, beside what is well.
pub(super) fn trouble(state: &RunState) -> String {
    let counts = state.counts();
    let unproven = counts.not_proven + counts.not_verified;
    format!("{}{}", with(counts.findings, "with findings"), with(unproven, "not proven"))
}

/// Nothing of nothing.
pub(super) fn with(number: usize, what: &str) -> String {
    match number {
        0 => String::new(),
        number => format!(", {number} {what}"),
    }
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
    #[test]
    fn the_time_left_follows_from_the_pace_of_the_operation_under_way() {
        use rollout_model::AccountIds;

        use crate::samples::id;
        use crate::state::StepRow;
        let started: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let check = |over: usize, seconds: i64, status: Option<&str>, expected: &str| {
            let accounts: AccountIds = (1..=10).map(|number| id(&format!("{number:012}"))).collect();
            let status = status.map(str::to_owned);
            let step = StepRow { started_at: Some(started), accounts, over, status, ..StepRow::default() };
            let at = started + jiff::SignedDuration::from_secs(seconds);
            let state = RunState { at: Some(at), steps: [(1, step)].into(), ..RunState::default() };
            assert_eq!(time_left(&state, at), expected, "{over} of 10 in {seconds} s");
        };
        check(2, 30, None, ", about 2m left");
        check(5, 30, None, ", about 30s left");
        check(0, 30, None, "");
        check(9, 30, None, "");
        check(10, 30, None, "");
        check(2, 30, Some("SUCCEEDED"), "");
    }
}
