//! What changed between two runs: in a line, and account by account.

use std::collections::BTreeMap;

use rollout_model::AccountId;

use super::escape::escaped;
use super::layout::paragraph;
use super::part::part_in_words;
use super::style::{self, Style, dressed, styled};
use super::words::{counted, listed};
use crate::run_difference::{AccountDifference, Aim, Class, Problem, RunDifference, Seen, Sighting};
use crate::state::{Ending, RunState};

/// A difference as text: which runs, the numbers, then every account of which there is something to tell.
pub fn render_run_difference(
    difference: &RunDifference,
    before: &RunState,
    after: &RunState,
    width: Option<u16>,
) -> String {
    let mut output = String::new();
    for (word, state) in [("before: ", before), ("after:  ", after)] {
        paragraph(&mut output, word, "        ", &run_in_words(state), width);
    }
    output.push('\n');
    paragraph(&mut output, "", "  ", &styled(verdict_style(difference), &verdict(difference)), width);
    for section in sections(difference) {
        section.push(&mut output, width);
    }
    push_not_compared(&mut output, difference, width);
    output.push('\n');
    paragraph(&mut output, "", "  ", &styled(Style::Quiet, &unchanged(difference)), width);
    dressed(&output, after.home_region.as_ref())
}

/// That nothing got worse is not yet that all is well.
fn verdict_style(difference: &RunDifference) -> Style {
    match (difference.is_worse(), difference.is_incomplete()) {
        (true, _) => Style::Bad,
        (false, true) => Style::Doubtful,
        (false, false) => Style::Heading,
    }
}

/// How it went on, in a word, with the numbers.
fn verdict(difference: &RunDifference) -> String {
    let word = match (difference.is_worse(), difference.is_incomplete(), difference.is_empty()) {
        (true, _, _) => "WORSE",
        (false, true, _) => "NOT ALL ACCOUNTS WERE REACHED",
        (false, false, true) => "NOTHING HAS CHANGED",
        (false, false, false) => "NOTHING GOT WORSE",
    };
    match numbers(difference) {
        numbers if numbers.is_empty() => word.to_owned(),
        numbers => format!("{word}: {numbers}"),
    }
}

fn unchanged(difference: &RunDifference) -> String {
    let (targets, others): (Vec<_>, Vec<_>) = difference
        .of_class(Class::Unchanged)
        .partition(|(_, account)| account.after.as_ref().is_some_and(|after| after.aim != Aim::Nothing));
    let numbers = listed(&[(targets.len(), "as they should be"), (others.len(), "no targets")]);
    let numbers = if numbers.is_empty() { numbers } else { format!(" ({numbers})") };
    format!("unchanged: {}{numbers}", counted(targets.len() + others.len(), "account"))
}

/// The line with which a run ends: what is new since `before`.
pub fn render_since(difference: &RunDifference, before: &RunState) -> String {
    since_in_words(difference, before) + "\n"
}

pub(super) fn since_in_words(difference: &RunDifference, before: &RunState) -> String {
    let run = before.run.as_ref().map(|run| format!(" ({run})")).unwrap_or_default();
    let words = match (difference.is_empty(), numbers(difference)) {
        (true, numbers) if numbers.is_empty() => "nothing has changed".to_owned(),
        (true, numbers) => format!("nothing has changed ({numbers})"),
        (false, numbers) => numbers,
    };
    format!("since the run before{run}: {words}")
}

/// How many accounts have what to tell; nothing of what is as it was.
fn numbers(difference: &RunDifference) -> String {
    let count = |class| difference.of_class(class).count();
    let numbers = [
        (count(Class::NewlyFailing), "newly failing"),
        (count(Class::OtherCause), "failing for another cause"),
        (count(Class::NewlyFixed), "fixed"),
        (count(Class::StillFailing), "still failing"),
    ];
    let joined = difference.of_class(Class::Joined).filter(|(_, account)| account.is_worse()).count();
    let (became, ceased): (Vec<_>, Vec<_>) =
        difference.of_class(Class::OtherAim).partition(|(_, account)| is_target_now(account));
    let failing = became.iter().filter(|(_, account)| account.is_worse()).count();
    let with_failing = |word: &str, failing: usize| match failing {
        0 => word.to_owned(),
        failing => format!("{word} ({failing} failing)"),
    };
    let others = [
        (count(Class::Joined), with_failing("joined", joined)),
        (count(Class::Left), "left".to_owned()),
        (difference.moved().count(), "moved".to_owned()),
        (became.len(), with_failing("now targets", failing)),
        (ceased.len(), "no targets any more".to_owned()),
        (count(Class::NotCompared), "not compared".to_owned()),
    ];
    let others = others.iter().map(|(number, word)| (*number, word.as_str()));
    listed(&numbers.into_iter().chain(others).collect::<Vec<_>>())
}

fn is_target_now(account: &AccountDifference) -> bool {
    account.after.as_ref().is_some_and(|after| after.aim == Aim::Role)
}

/// Which run, of what, when, and whether it tells all that it should.
fn run_in_words(state: &RunState) -> String {
    let mut words = vec![match (&state.command, &state.rollout) {
        (Some(command), Some(rollout)) => format!("{} of {rollout}", escaped(command)),
        _ => "a run".to_owned(),
    }];
    words.extend(state.started_at.map(|at| format!("started {}", at.strftime("%F %T UTC"))));
    words.extend(state.run.as_ref().map(|run| format!("run {run}")));
    words.extend(state.narrowing.as_ref().map(part_in_words));
    words.extend(unfinished(state).map(str::to_owned));
    words.join(", ")
}

/// Why a run does not tell all that it should.
fn unfinished(state: &RunState) -> Option<&'static str> {
    match state.ending() {
        Some(Ending::Finished) if state.held.is_some() => Some("HELD BACK at a gate"),
        Some(Ending::Finished) => None,
        Some(Ending::Interrupted) => Some("NOT FINISHED: it was interrupted"),
        Some(Ending::Stopped) => Some("NOT FINISHED: it could not go on"),
        None => Some("NOT FINISHED: the record breaks off"),
    }
}

/// Accounts of one class, grouped by what is to be told of them.
struct Section {
    heading: &'static str,
    groups: BTreeMap<Vec<String>, Vec<String>>,
}

impl Section {
    fn of<'a>(
        heading: &'static str,
        accounts: impl Iterator<Item = (&'a AccountId, &'a AccountDifference)>,
        told: impl Fn(&AccountDifference) -> Vec<String>,
    ) -> Section {
        let mut groups: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
        for (id, account) in accounts {
            groups.entry(told(account)).or_default().push(account_line(id, account));
        }
        Section { heading, groups }
    }

    fn push(&self, output: &mut String, width: Option<u16>) {
        let accounts: usize = self.groups.values().map(Vec::len).sum();
        if accounts == 0 {
            return;
        }
        output.push('\n');
        let heading = format!("{}: {}", self.heading, counted(accounts, "account"));
        paragraph(output, "", "  ", &styled(Style::Heading, &heading), width);
        for (lines, accounts) in &self.groups {
            for line in lines {
                // Wrapping takes away what a line begins with.
                let text = line.trim_start();
                let first = " ".repeat(2 + line.len() - text.len());
                paragraph(output, &first, &format!("{first}  "), text, width);
            }
            for account in accounts {
                paragraph(output, "    - ", "      ", account, width);
            }
        }
    }
}

pub(super) fn account_line(id: &AccountId, account: &AccountDifference) -> String {
    let mut line = format!("{} {}", style::account(id), escaped(&account.name));
    if let Some(unit) = &account.unit {
        line.push_str(&format!(", in {}", escaped(&unit.to_string())));
    }
    line
}

fn sections(difference: &RunDifference) -> Vec<Section> {
    let of = |heading, class, told: fn(&AccountDifference) -> Vec<String>| {
        Section::of(heading, difference.of_class(class), told)
    };
    let moved = |account: &AccountDifference| {
        let from = account.moved_from.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![format!("from {}", escaped(&from))]
    };
    vec![
        of("NEWLY FAILING", Class::NewlyFailing, now),
        of("FAILING FOR ANOTHER CAUSE", Class::OtherCause, |account| [now(account), was(account)].concat()),
        of("FIXED", Class::NewlyFixed, was),
        of("STILL FAILING", Class::StillFailing, now),
        of("JOINED", Class::Joined, joined),
        of("LEFT", Class::Left, |_| Vec::new()),
        Section::of("MOVED", difference.moved(), moved),
        of("TARGETS CHANGED", Class::OtherAim, other_aim),
    ]
}

fn problem_lines(problem: &Problem) -> Vec<String> {
    let evidence = problem.evidence.iter().filter(|line| !line.is_empty()).map(|line| format!("  {line}"));
    std::iter::once(problem.in_words().to_owned()).chain(evidence).collect()
}

fn now(account: &AccountDifference) -> Vec<String> {
    account.after.as_ref().and_then(Sighting::problem).map(problem_lines).unwrap_or_default()
}

fn was(account: &AccountDifference) -> Vec<String> {
    let before = account.before.as_ref().and_then(Sighting::problem).map(problem_lines).unwrap_or_default();
    before
        .into_iter()
        .enumerate()
        .map(|(index, line)| if index == 0 { format!("was: {line}") } else { line })
        .collect()
}

fn joined(account: &AccountDifference) -> Vec<String> {
    match &account.after {
        Some(after) if after.problem().is_some() => now(account),
        Some(Sighting { seen: Seen::NotReached(reason) | Seen::LeftToOthers(reason), .. }) => {
            vec![format!("not looked at: {}", escaped(reason))]
        }
        Some(Sighting { aim: Aim::Role, .. }) => vec!["a target, and as specified".to_owned()],
        Some(Sighting { aim: Aim::NoRole | Aim::Nothing, .. }) | None => vec!["no target".to_owned()],
    }
}

fn other_aim(account: &AccountDifference) -> Vec<String> {
    let word = |sighting: &Option<Sighting>| match sighting.as_ref().map(|sighting| sighting.aim) {
        Some(Aim::Role) => "a target",
        Some(Aim::NoRole) => "to be without the role",
        Some(Aim::Nothing) | None => "no target",
    };
    let aims = format!("was {}, is {}", word(&account.before), word(&account.after));
    std::iter::once(aims).chain(now(account).into_iter().map(|line| format!("  {line}"))).collect()
}

/// Only the reasons with their numbers: of a shard it is nearly every account.
fn push_not_compared(output: &mut String, difference: &RunDifference, width: Option<u16>) {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for (_, account) in difference.of_class(Class::NotCompared) {
        *reasons.entry(why_not_compared(account)).or_default() += 1;
    }
    let Some(all) = Some(reasons.values().sum::<usize>()).filter(|all| *all > 0) else { return };
    output.push('\n');
    paragraph(output, "", "  ", &format!("NOT COMPARED: {}", counted(all, "account")), width);
    for (reason, number) in reasons {
        paragraph(output, "  ", "    ", &format!("{}: {reason}", counted(number, "account")), width);
    }
}

fn why_not_compared(account: &AccountDifference) -> String {
    let reason = |sighting: &Option<Sighting>| match sighting.as_ref().map(|sighting| &sighting.seen) {
        Some(Seen::NotReached(reason) | Seen::LeftToOthers(reason)) => Some(escaped(reason).into_owned()),
        _ => None,
    };
    let (before, after) = (reason(&account.before), reason(&account.after));
    let before = before.map(|reason| format!("before: {reason}"));
    let after = after.map(|reason| format!("after: {reason}"));
    before.into_iter().chain(after).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use rollout_model::{OuPath, RolloutEvent};

    use super::*;
    use crate::samples;
    use crate::text::Decoration;

    /// One account is fixed, two fail anew, one still fails, one joined, one left, one moved.
    pub(crate) fn two_runs() -> [RunState; 2] {
        let mut before = samples::state(&samples::findings());
        let mut after =
            samples::state(&samples::of_run(samples::failures_and_findings(), "20261121T120000Z-a1b2"));
        let mut moved = after.accounts()[&samples::id("200000000001")].clone();
        moved.plan.as_mut().unwrap().unit = OuPath(vec!["Sandbox\u{1b}".into()]);
        after.put(&samples::id("200000000001"), moved);
        let only_before = before.accounts()[&samples::id("200000000005")].clone();
        before.put(&samples::id("700000000001"), only_before);
        [before, after]
    }

    fn shown(runs: &[RunState; 2], width: Option<u16>) -> String {
        Decoration::default().of(&dressed_difference(runs, width)).into_owned()
    }

    fn dressed_difference([before, after]: &[RunState; 2], width: Option<u16>) -> String {
        render_run_difference(&RunDifference::between(before, after), before, after, width)
    }

    #[test]
    fn what_got_worse_stands_out_and_its_accounts_lead_to_the_console() {
        let view = dressed_difference(&two_runs(), Some(100));
        assert!(view.contains("\u{1b}[31mWORSE"), "{view:?}");
        assert!(view.contains("\u{1b}]8;;https://us-east-1.console.aws.amazon.com/"), "{view:?}");
        let [before, _] = two_runs();
        let unchanged = dressed_difference(&[before.clone(), before], Some(100));
        assert!(!unchanged.contains("\u{1b}[32m"), "no news is not yet good news: {unchanged:?}");
    }

    #[test]
    fn a_difference_with_everything() {
        insta::assert_snapshot!(shown(&two_runs(), Some(100)));
    }

    #[test]
    fn a_difference_to_a_shard_that_was_interrupted() {
        let before = samples::state(&samples::all_well());
        let mut events = samples::of_a_shard();
        let last = events.len() - 1;
        events[last].1 = RolloutEvent::Run(rollout_model::RunEvent::Interrupted);
        insta::assert_snapshot!(shown(&[before, samples::state(&events)], None));
    }

    #[test]
    fn the_last_line_of_a_run_says_what_is_new() {
        let since = |before: &RunState, after: &RunState| {
            render_since(&RunDifference::between(before, after), before)
        };
        let [before, after] = two_runs();
        insta::assert_snapshot!(since(&before, &after));
        assert_eq!(
            since(&before, &before),
            "since the run before (20261120T120000Z-k3f9): nothing has changed (1 still failing)\n"
        );
    }
}
