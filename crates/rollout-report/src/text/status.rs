//! Where rollouts stand, in a few lines each.

use jiff::{SignedDuration, Timestamp};

use super::escape::escaped;
use super::layout::paragraph;
use super::part::part_in_words;
use super::run::{duration, open_steps, outcome_sentence};
use super::run_difference::{account_line, since_in_words};
use super::style::dressed;
use super::words::{counted, listed};
use crate::run_difference::{Class, RunDifference, Sighting};
use crate::state::RunState;
use crate::status::{RolloutStatus, Standings};
use crate::summary::Summary;

/// As many accounts of a kind are named before it becomes a report.
const NAMED: usize = 5;

/// Where a rollout stands, as text.
pub fn render_status(status: &RolloutStatus<'_>, now: Timestamp, width: Option<u16>) -> String {
    let mut output = String::new();
    let state = status.last;
    let rollout = state.rollout.as_ref().map_or("unnamed rollout", |rollout| rollout.as_str());
    paragraph(&mut output, "", "  ", rollout, width);
    let mut push = |text: &str| paragraph(&mut output, "  ", "    ", text, width);
    push(&format!("last run: {}", run_in_words(state, now)));
    if let Some(narrowing) = &state.narrowing {
        push(&part_in_words(narrowing));
    }
    push(&ending(status));
    if !state.accounts().is_empty() {
        push(&accounts(state));
    }
    for step in open_steps(state) {
        push(&format!("under way when the record ends: {step}"));
    }
    if let Some((difference, before)) = status.since.filter(|_| !status.is_going_on) {
        push(&since_in_words(difference, before));
        for line in news(difference) {
            push(&format!("- {line}"));
        }
    }
    if let Some(next) = status.next() {
        push(&format!("next: {next}"));
    }
    dressed(&output, state.home_region.as_ref())
}

fn run_in_words(state: &RunState, now: Timestamp) -> String {
    let mut words = vec![escaped(state.command.as_deref().unwrap_or("unknown command")).into_owned()];
    words.extend(state.finished_at.or(state.at).map(|at| ago(now, at)));
    if let (Some(started), Some(finished)) = (state.started_at, state.finished_at) {
        words.push(format!("took {}", duration(started, finished)));
    }
    words.extend(state.run.as_ref().map(|run| format!("run {run}")));
    words.join(", ")
}

/// How long ago in one unit, the largest that there is one whole of. A clock that is behind says nothing else.
fn ago(now: Timestamp, then: Timestamp) -> String {
    let passed = now.duration_since(then).max(SignedDuration::ZERO);
    let units = [(passed.as_hours() / 24, "day"), (passed.as_hours(), "hour"), (passed.as_mins(), "minute")];
    match units.into_iter().find(|(number, _)| *number > 0) {
        Some((number, unit)) => format!("{} ago", counted(number.unsigned_abs() as usize, unit)),
        None => "less than a minute ago".to_owned(),
    }
}

fn ending(status: &RolloutStatus<'_>) -> String {
    let state = status.last;
    match (status.is_going_on, state.ending()) {
        (true, _) => "STILL GOING ON in another process".to_owned(),
        (false, None) => "NOT FINISHED: the record breaks off, and no process writes it any more".to_owned(),
        (false, Some(_)) => outcome_sentence(state, Summary::of(state).outcome),
    }
}

fn accounts(state: &RunState) -> String {
    let Standings { as_specified, findings, failed, open, left_out, not_targeted } = Standings::of(state);
    let numbers = listed(&[
        (as_specified, "as specified"),
        (findings, "with findings"),
        (failed, "failed"),
        (open, "open"),
        (left_out, "left to other runs"),
        (not_targeted, "not targeted"),
    ]);
    format!("{}: {numbers}", counted(state.accounts().len(), "account"))
}

/// The accounts that are news, few of each kind.
fn news(difference: &RunDifference) -> Vec<String> {
    let kinds = [
        (Class::NewlyFailing, "newly failing"),
        (Class::OtherCause, "failing for another cause"),
        (Class::NewlyFixed, "fixed"),
        (Class::Joined, "joined"),
        (Class::Left, "left"),
    ];
    let mut lines = Vec::new();
    for (class, word) in kinds {
        for (id, account) in difference.of_class(class).take(NAMED) {
            let problem = account.after.as_ref().and_then(Sighting::problem);
            let cause = problem.map(|problem| format!(": {}", problem.in_words())).unwrap_or_default();
            lines.push(format!("{word}: {}{cause}", account_line(id, account)));
        }
        let more = difference.of_class(class).count().saturating_sub(NAMED);
        if more > 0 {
            lines.push(format!("{word}: {more} more, see `rolecall report diff`"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, Event};
    use crate::text::Decoration;

    fn shown(last: &[Event], before: Option<&[Event]>, is_going_on: bool) -> String {
        let (last, before) = (samples::state(last), before.map(samples::state));
        let difference = before.as_ref().map(|before| RunDifference::between(before, &last));
        let status =
            RolloutStatus { last: &last, is_going_on, since: difference.as_ref().zip(before.as_ref()) };
        let view = render_status(&status, "2026-11-22T15:00:00Z".parse().unwrap(), Some(100));
        Decoration::default().of(&view).into_owned()
    }

    #[test]
    fn a_status_with_news() {
        insta::assert_snapshot!(shown(&samples::failures_and_findings(), Some(&samples::findings()), false));
    }

    #[test]
    fn a_status_of_a_run_that_is_as_specified() {
        insta::assert_snapshot!(shown(&samples::all_well(), Some(&samples::all_well()), false));
    }

    #[test]
    fn a_status_of_a_run_that_was_interrupted() {
        insta::assert_snapshot!(shown(&samples::interrupted(), None, false));
    }

    #[test]
    fn a_status_of_a_run_that_is_going_on_and_one_that_was_killed() {
        let events = samples::interrupted();
        let open = &events[..events.len() - 1];
        insta::assert_snapshot!(shown(open, Some(&samples::all_well()), true));
        insta::assert_snapshot!(shown(open, Some(&samples::all_well()), false));
    }

    #[test]
    fn more_news_than_anybody_reads_is_counted() {
        let events = samples::quick_deployment_of(20);
        let last = samples::state(&events);
        let difference = RunDifference::between(&RunState::default(), &last);
        let lines = news(&difference);
        assert_eq!(lines.len(), NAMED + 1);
        assert_eq!(lines[NAMED], "joined: 15 more, see `rolecall report diff`");
    }

    #[test]
    fn an_age_is_told_in_one_unit() {
        let check = |seconds: i64, expected: &str| {
            let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
            assert_eq!(ago(now, Timestamp::UNIX_EPOCH), expected);
        };
        check(-100, "less than a minute ago");
        check(59, "less than a minute ago");
        check(60, "1 minute ago");
        check(7_199, "1 hour ago");
        check(172_800, "2 days ago");
    }
}
