//! A plan: how far it reaches, what to know before saying yes, the steps, and every account with its reason.

use std::collections::BTreeSet;

use rollout_model::{AccountPlan, Action, OuPath, RolloutPlan};

use super::escape::escaped;
use super::layout::{paragraph, table};
use super::words::counted;

/// A plan as text.
pub fn render_plan(plan: &RolloutPlan, width: Option<u16>) -> String {
    let mut output = String::new();
    paragraph(&mut output, "", "  ", &reach(plan), width);
    if !plan.warnings.is_empty() {
        output.push('\n');
    }
    for warning in &plan.warnings {
        paragraph(&mut output, "WARNING: ", "  ", &escaped(warning), width);
    }
    if !plan.waves.is_empty() {
        let set = &plan.stack_set.name;
        let heading = format!("STEPS (StackSet {set} in {})", plan.home_region);
        output.push('\n');
        paragraph(&mut output, "", "  ", &heading, width);
    }
    for (index, step) in plan.steps().enumerate() {
        paragraph(&mut output, &format!("  {}. ", index + 1), "     ", &step.to_string(), width);
    }
    output.push('\n');
    output.push_str(&account_table(plan, width));
    output
}

/// In one sentence how many accounts the plan changes, and where.
fn reach(plan: &RolloutPlan) -> String {
    let with = |action: Action| plan.accounts.values().filter(|account| account.action == action).count();
    let targets: Vec<&AccountPlan> =
        plan.accounts.values().filter(|account| account.action.is_target()).collect();
    let places: BTreeSet<&OuPath> = targets.iter().map(|account| &account.unit).collect();
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
    let others = match plan.accounts.len() - targets.len() - with(Action::Blocked) {
        0 => "no others".to_owned(),
        1 => "1 other is not touched".to_owned(),
        others => format!("{others} others are not touched"),
    };
    let blocked = match with(Action::Blocked) {
        0 => String::new(),
        blocked => format!(", {blocked} blocked"),
    };
    format!(
        "{}{units}{root}: {} create, {} update, {} unchanged; {others}{blocked}",
        counted(targets.len(), "account"),
        with(Action::Create),
        with(Action::Update),
        with(Action::Keep),
    )
}

fn account_table(plan: &RolloutPlan, width: Option<u16>) -> String {
    let mut rows: Vec<_> = plan.accounts.iter().collect();
    rows.sort_by_key(|(id, account)| (&account.unit, &account.name, *id));
    let cells = rows.into_iter().map(|(id, account)| {
        [
            id.to_string(),
            escaped(&account.name).into_owned(),
            escaped(&account.unit.to_string()).into_owned(),
            account.action.to_string(),
            escaped(&account.reason).into_owned(),
        ]
    });
    table(["account", "name", "organizational unit", "action", "reason"], cells, width)
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
        use Action::{Blocked, Create, Keep, LeaveInPlace, Skip, Update};
        check(
            &[(&["A"], Create), (&["A"], Update), (&["A", "B"], Keep), (&["C"], Skip), (&[], LeaveInPlace)],
            "3 accounts in 2 organizational units: 1 create, 1 update, 1 unchanged; 2 others are not touched",
        );
        check(
            &[(&[], Create), (&["A"], Create), (&["B"], Blocked), (&["B"], Skip)],
            "2 accounts in 1 organizational unit and the root: 2 create, 0 update, 0 unchanged; \
             1 other is not touched, 1 blocked",
        );
        check(&[(&[], Create)], "1 account in the root: 1 create, 0 update, 0 unchanged; no others");
    }
}
