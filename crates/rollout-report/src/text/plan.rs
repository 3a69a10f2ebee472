//! A plan: how far it reaches, what to know before saying yes, what changes, the steps, and the accounts with
//! their reasons.

use std::collections::BTreeSet;
use std::time::Duration;

use rollout_model::{AccountPlan, Action, Gate, OuPath, Pace, ProceedWhen, RolloutPlan, Share};

use super::escape::escaped;
use super::layout::{paragraph, table};
use super::style::{self, Style, dressed, styled, styled_words};
use super::words::{counted, listed, span};

/// How much of a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The accounts in which something happens or is in the way.
    Changes,
    /// Every account.
    Everything,
}

/// A plan as text.
pub fn render_plan(plan: &RolloutPlan, detail: Detail, width: Option<u16>) -> String {
    let mut output = String::new();
    paragraph(&mut output, "", "  ", &styled(Style::Heading, &reach(plan)), width);
    if !plan.warnings.is_empty() {
        output.push('\n');
    }
    for warning in &plan.warnings {
        paragraph(
            &mut output,
            &format!("{} ", styled(Style::Doubtful, "WARNING:")),
            "  ",
            &escaped(warning),
            width,
        );
    }
    push_changes(&mut output, plan, width);
    push_waves(&mut output, plan, width);
    push_accounts(&mut output, plan, detail, width);
    dressed(&output, Some(&plan.home_region))
}

/// In one sentence how many accounts the plan changes, and where.
fn reach(plan: &RolloutPlan) -> String {
    let with = |action: Action| plan.accounts.values().filter(|account| account.action == action).count();
    let of = |is_meant: fn(Action) -> bool| -> Vec<&AccountPlan> {
        plan.accounts.values().filter(|account| is_meant(account.action)).collect()
    };
    let targets = of(Action::is_target);
    // A plan that takes the roll-out away has no targets.
    let meant = if targets.is_empty() { of(Action::is_change) } else { targets };
    let places: BTreeSet<&OuPath> = meant.iter().map(|account| &account.unit).collect();
    let units = places.iter().filter(|unit| !unit.0.is_empty()).count();
    let root = match (places.len() > units, units) {
        (false, _) => String::new(),
        (true, 0) => " in the root".to_owned(),
        (true, _) => " and the root".to_owned(),
    };
    let units = match units {
        0 => String::new(),
        units => format!(" in {}", counted(units, "organizational unit")),
    };
    let done = listed(&[
        (with(Action::Create), "create"),
        (with(Action::Update), "update"),
        (with(Action::Adopt), "adopt"),
        (with(Action::Repair), "repair"),
        (with(Action::Recreate), "recreate"),
        (with(Action::Keep), "unchanged"),
    ]);
    let beside = listed(&[
        (with(Action::Remove), "remove"),
        (with(Action::Retain), "retain"),
        (with(Action::Blocked), "blocked"),
    ]);
    let others = match with(Action::LeaveInPlace) + with(Action::Skip) {
        0 => "no others".to_owned(),
        1 => "1 other is not touched".to_owned(),
        others => format!("{others} others are not touched"),
    };
    let done = if meant.is_empty() { "nothing to do".to_owned() } else { done };
    let parts: Vec<String> = [done, beside, others].into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}{units}{root}: {}", counted(meant.len(), "account"), parts.join("; "))
}

fn push_changes(output: &mut String, plan: &RolloutPlan, width: Option<u16>) {
    for change in &plan.changes {
        output.push('\n');
        let heading = format!("CHANGES of {}", escaped(&change.of));
        paragraph(output, "", "  ", &styled(Style::Heading, &heading), width);
        for line in &change.lines {
            paragraph(output, &format!("  {} ", styled(Style::Doubtful, "~")), "    ", &escaped(line), width);
        }
    }
}

fn push_waves(output: &mut String, plan: &RolloutPlan, width: Option<u16>) {
    if plan.waves.is_empty() {
        return;
    }
    output.push('\n');
    let heading = format!("STEPS (StackSet {} in {})", plan.stack_set.name, plan.home_region);
    paragraph(output, "", "  ", &styled(Style::Heading, &heading), width);
    let mut number = 0;
    let last = plan.waves.len() - 1;
    for (index, wave) in plan.waves.iter().enumerate() {
        paragraph(output, "  ", "    ", &format!("wave {}", wave.name), width);
        for step in &wave.steps {
            number += 1;
            paragraph(output, &format!("    {number}. "), "       ", &step.to_string(), width);
        }
        if index < last
            && let Some(gate) = gate(&wave.gate)
        {
            paragraph(output, "    then ", "       ", &gate, width);
        }
    }
    if let Some(pace) = &plan.pace {
        push_pace(output, pace, width);
    }
}

/// What happens before the next wave; `None` when it begins whatever came of this one.
fn gate(gate: &Gate) -> Option<String> {
    if *gate == Gate::OPEN {
        return None;
    }
    let Gate { proceed_when, max_failures, soak } = gate;
    let verify = if *proceed_when == ProceedWhen::Verified { "verify, " } else { "" };
    let soak = match soak.as_secs() {
        0 => String::new(),
        _ => format!(", {} later", span(*soak)),
    };
    let failures = match max_failures {
        Share::Count(0) => format!("every account is {proceed_when}"),
        _ => format!("at most {max_failures} of its accounts are not {proceed_when}"),
    };
    Some(format!("{verify}go on when {failures}{soak}"))
}

fn push_pace(output: &mut String, pace: &Pace, width: Option<u16>) {
    let expected = format!(
        "up to {} at a time: {} in all, if each takes a minute",
        counted(pace.at_once, "account"),
        about(pace.expected)
    );
    paragraph(output, "  ", "    ", &expected, width);
    if let Some(faster) = &pace.faster {
        paragraph(output, "  ", "    ", &format!("faster: {faster}"), width);
    }
}

fn about(time: Duration) -> String {
    let minutes = time.as_secs().div_ceil(60);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("about {minutes} min"),
        (hours, 0) => format!("about {hours} h"),
        (hours, minutes) => format!("about {hours} h {minutes} min"),
    }
}

fn push_accounts(output: &mut String, plan: &RolloutPlan, detail: Detail, width: Option<u16>) {
    let is_quiet = |account: &AccountPlan| matches!(account.action, Action::Keep | Action::Skip);
    let is_shown = |account: &AccountPlan| detail == Detail::Everything || !is_quiet(account);
    let mut rows: Vec<_> = plan.accounts.iter().filter(|(_, account)| is_shown(account)).collect();
    rows.sort_by_key(|(id, account)| (&account.unit, &account.name, *id));
    let hidden = plan.accounts.len() - rows.len();
    let cells = rows.into_iter().map(|(id, account)| {
        [
            style::account(id),
            escaped(&account.name).into_owned(),
            escaped(&account.unit.to_string()).into_owned(),
            action_cell(account.action),
            account.wave.as_ref().map_or("-", |wave| wave.as_str()).to_owned(),
            escaped(&account.reason).into_owned(),
        ]
    });
    if hidden < plan.accounts.len() {
        output.push('\n');
        output.push_str(&table(
            ["account", "name", "organizational unit", "action", "wave", "reason"],
            cells,
            width,
        ));
    }
    if hidden > 0 {
        output.push('\n');
        let unchanged = plan.accounts.values().filter(|account| account.action == Action::Keep).count();
        let parts = listed(&[(unchanged, "unchanged"), (hidden - unchanged, "not targeted")]);
        let hidden = format!("not shown: {parts}; `--verbose` or `--output json` shows every account");
        paragraph(output, "", "  ", &styled(Style::Quiet, &hidden), width);
    }
}

/// What is done in an account, with a symbol to find it by.
fn action_cell(action: Action) -> String {
    let (symbol, style) = match action {
        Action::Create => ("+", Style::Good),
        Action::Update | Action::Adopt | Action::Repair => ("~", Style::Doubtful),
        Action::Recreate => ("-/+", Style::Doubtful),
        Action::Remove | Action::Retain => ("-", Style::Bad),
        Action::Blocked => ("!", Style::Bad),
        Action::Keep | Action::LeaveInPlace | Action::LeaveOut | Action::OtherShard | Action::Skip => {
            return styled_words(Style::Quiet, &action.to_string());
        }
    };
    styled_words(style, &format!("{symbol} {action}"))
}

#[cfg(test)]
mod tests {
    use rollout_model::AccountId;

    use super::*;
    use crate::samples;

    #[track_caller]
    fn check(accounts: &[(&[&str], Action)], expected: &str) {
        let mut plan = samples::plan();
        let account = |(index, (unit, action)): (usize, &(&[&str], Action))| {
            let id: AccountId = samples::id(&format!("{index:012}"));
            (id, samples::plan_of("name", unit, *action, "reason"))
        };
        plan.accounts = accounts.iter().enumerate().map(account).collect();
        assert_eq!(reach(&plan), expected);
    }

    #[test]
    fn the_reach_counts_targets_by_action_and_the_units_they_sit_in() {
        use Action::{Blocked, Create, Keep, LeaveInPlace, Remove, Repair, Retain, Skip, Update};
        check(
            &[(&["A"], Create), (&["A"], Update), (&["A", "B"], Keep), (&["C"], Skip), (&[], LeaveInPlace)],
            "3 accounts in 2 organizational units: 1 create, 1 update, 1 unchanged; 2 others are not touched",
        );
        check(
            &[(&[], Create), (&["A"], Repair), (&["B"], Blocked), (&["B"], Skip), (&["A"], Remove)],
            "2 accounts in 1 organizational unit and the root: 1 create, 1 repair; 1 remove, 1 blocked; \
             1 other is not touched",
        );
        check(&[(&[], Keep)], "1 account in the root: 1 unchanged; no others");
        check(
            &[(&[], Remove), (&["A"], Remove), (&["A"], Retain), (&["B"], Skip)],
            "3 accounts in 1 organizational unit and the root: 2 remove, 1 retain; 1 other is not touched",
        );
        check(&[(&[], Skip)], "0 accounts: nothing to do; 1 other is not touched");
    }

    #[test]
    fn a_gate_says_what_has_to_hold_and_nothing_when_nothing_has() {
        let check = |proceed_when, max_failures, soak, expected: Option<&str>| {
            let gate = Gate { proceed_when, max_failures, soak: Duration::from_secs(soak) };
            assert_eq!(super::gate(&gate).as_deref(), expected);
        };
        let (deployed, verified) = (ProceedWhen::Deployed, ProceedWhen::Verified);
        check(deployed, Share::Percent(100), 0, None);
        check(deployed, Share::Count(0), 0, Some("go on when every account is deployed"));
        check(
            verified,
            Share::Percent(5),
            600,
            Some("verify, go on when at most 5% of its accounts are not verified, 10m later"),
        );
    }

    #[test]
    fn durations_are_rounded_up_to_what_one_can_plan_with() {
        let check = |seconds, expected: &str| assert_eq!(about(Duration::from_secs(seconds)), expected);
        check(60, "about 1 min");
        check(61, "about 2 min");
        check(7200, "about 2 h");
        check(16_800, "about 4 h 40 min");
    }
}
