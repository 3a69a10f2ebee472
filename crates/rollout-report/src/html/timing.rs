//! When things happened, how long they took, and what was asked of AWS for them.

use std::cmp::Reverse;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::words::{between, counted, took};
use crate::state::{RunState, StepRow};
use crate::text::escaped;

/// So many accounts are told as the slowest.
const SLOWEST: usize = 10;

/// A bar is drawn on so many units; one that is thinner than this could not be seen.
const WIDTH: u64 = 1000;
const THINNEST: u64 = 4;

#[derive(Serialize)]
pub(super) struct Timing {
    bars: Vec<Bar>,
    ticks: Vec<Tick>,
    spreads: Vec<Spread>,
    slowest: Vec<Slow>,
    calls: Vec<Calls>,
}

#[derive(Serialize)]
struct Bar {
    kind: &'static str,
    title: String,
    detail: String,
    took: String,
    x: u64,
    width: u64,
}

#[derive(Serialize)]
struct Tick {
    x: u64,
    after: String,
}

#[derive(Serialize)]
struct Spread {
    what: &'static str,
    accounts: usize,
    p50: String,
    p95: String,
    max: String,
}

#[derive(Serialize)]
struct Slow {
    id: String,
    name: String,
    deployment: String,
    verification: String,
}

#[derive(Serialize)]
struct Calls {
    operation: String,
    attempts: u64,
    throttled: u64,
}

/// `None` of a run that did not come to say when it began.
pub(super) fn timing(state: &RunState) -> Option<Timing> {
    let (from, to) = (state.started_at?, state.finished_at.or(state.at)?);
    let axis = Axis { from, length: between(from, to).max(Duration::from_millis(1)) };
    let rows = || state.accounts().values();
    let spreads = [
        spread("deployment of an account", rows().filter_map(|row| row.timing.deployment()).collect()),
        spread("verification of an account", rows().filter_map(|row| row.timing.verification).collect()),
    ];
    let calls = state.calls.0.iter().map(|(operation, count)| Calls {
        operation: escaped(operation).into_owned(),
        attempts: count.attempts,
        throttled: count.throttled,
    });
    let mut calls: Vec<Calls> = calls.collect();
    calls.sort_by_key(|calls| Reverse(calls.attempts));
    Some(Timing {
        bars: bars(state, &axis, to),
        ticks: (0..=4).map(|quarter| axis.tick(quarter)).collect(),
        spreads: spreads.into_iter().flatten().collect(),
        slowest: slowest(state),
        calls,
    })
}

/// The time of the run, from left to right.
struct Axis {
    from: Timestamp,
    length: Duration,
}

impl Axis {
    fn place(&self, duration: Duration) -> u64 {
        let share = duration.as_secs_f64() / self.length.as_secs_f64();
        (share.clamp(0.0, 1.0) * WIDTH as f64).round() as u64
    }

    fn tick(&self, quarter: u32) -> Tick {
        let after = self.length * quarter / 4;
        Tick { x: self.place(after), after: took(after) }
    }

    fn bar(&self, kind: &'static str, title: String, detail: String, from: Timestamp, to: Timestamp) -> Bar {
        let x = self.place(between(self.from, from)).min(WIDTH - THINNEST);
        let width = self.place(between(from, to)).clamp(THINNEST, WIDTH - x);
        Bar { kind, title, detail, took: took(between(from, to)), x, width }
    }
}

/// In the order of their beginnings: waves, what was done in them, and what was proven between.
fn bars(state: &RunState, axis: &Axis, end: Timestamp) -> Vec<Bar> {
    let mut bars: Vec<(Timestamp, u8, Bar)> = Vec::new();
    for wave in &state.waves {
        let (from, to) = (wave.started_at, wave.finished_at.unwrap_or(end));
        bars.push((from, 0, axis.bar("wave", format!("wave {}", wave.name), String::new(), from, to)));
    }
    for step in state.steps.values() {
        let Some(from) = step.started_at else { continue };
        let to = step.finished_at.unwrap_or(end);
        bars.push((from, 1, axis.bar("step", escaped(&step.title).into_owned(), detail(step), from, to)));
    }
    for row in &state.verifications {
        let (from, to) = (row.started_at, row.finished_at.unwrap_or(end));
        let title = format!("verification of {}", counted(row.accounts, "account"));
        bars.push((from, 2, axis.bar("verification", title, String::new(), from, to)));
    }
    bars.sort_by_key(|(from, rank, _)| (*from, *rank));
    bars.into_iter().map(|(.., bar)| bar).collect()
}

fn detail(step: &StepRow) -> String {
    let status = step.status.as_deref().map_or("under way".into(), escaped);
    match &step.operation {
        Some(operation) => format!("operation {operation}: {status}"),
        None => status.into_owned(),
    }
}

fn spread(what: &'static str, mut times: Vec<Duration>) -> Option<Spread> {
    times.sort();
    // The least time that so many of a hundred did not exceed.
    let percentile =
        |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    Some(Spread {
        what,
        accounts: times.len(),
        p50: took(percentile(50)?),
        p95: took(percentile(95)?),
        max: took(percentile(100)?),
    })
}

fn slowest(state: &RunState) -> Vec<Slow> {
    let timed = state.accounts().iter().filter_map(|(id, row)| {
        let (deployment, verification) = (row.timing.deployment(), row.timing.verification);
        let all = deployment.unwrap_or_default() + verification.unwrap_or_default();
        (!all.is_zero()).then(|| {
            let shown = |time: Option<Duration>| time.map(took).unwrap_or_default();
            let (deployment, verification) = (shown(deployment), shown(verification));
            (
                all,
                Slow { id: id.to_string(), name: escaped(row.name()).into_owned(), deployment, verification },
            )
        })
    });
    let mut timed: Vec<(Duration, Slow)> = timed.collect();
    timed.sort_by_key(|(all, _)| Reverse(*all));
    timed.into_iter().take(SLOWEST).map(|(_, slow)| slow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_seen() {
        let seconds =
            |numbers: std::ops::RangeInclusive<u64>| numbers.map(Duration::from_secs).rev().collect();
        let check = |times: Vec<Duration>, expected: [&str; 3]| {
            let Spread { p50, p95, max, .. } = spread("x", times).unwrap();
            assert_eq!([p50, p95, max], expected);
        };
        check(seconds(1..=1), ["1.0 s", "1.0 s", "1.0 s"]);
        check(seconds(1..=20), ["10.0 s", "19.0 s", "20.0 s"]);
        check(seconds(1..=21), ["11.0 s", "20.0 s", "21.0 s"]);
        assert!(spread("x", Vec::new()).is_none());
    }

    #[test]
    fn bars_stay_within_the_axis_and_can_be_seen() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let axis = Axis { from: at(0), length: Duration::from_secs(100) };
        let check = |from, to, x, width| {
            let bar = axis.bar("step", String::new(), String::new(), at(from), at(to));
            assert_eq!((bar.x, bar.width), (x, width));
        };
        check(0, 100, 0, 1000);
        check(25, 50, 250, 250);
        check(50, 50, 500, THINNEST);
        check(100, 100, WIDTH - THINNEST, THINNEST);
        check(90, 500, 900, 100);
    }
}
