//! Every view, as it reads on a terminal of 100 columns and without one.

use std::path::Path;

use rollout_model::{RolloutEvent, RunEvent};

use super::*;
use crate::samples;

const WIDTH: Option<u16> = Some(100);

fn run(events: &[samples::Event], width: Option<u16>) -> String {
    let ledger = Path::new(".rolecall/cado-response.20261120T120000Z-k3f9.jsonl");
    render_run(&samples::state(events), Some(ledger), width)
}

#[test]
fn a_run_without_trouble() {
    insta::assert_snapshot!(run(&samples::all_well(), WIDTH));
}

#[test]
fn a_run_with_failures_and_findings() {
    insta::assert_snapshot!(run(&samples::failures_and_findings(), WIDTH));
}

#[test]
fn a_run_with_failures_and_findings_without_a_terminal() {
    insta::assert_snapshot!(run(&samples::failures_and_findings(), None));
}

#[test]
fn a_run_with_failures_and_findings_on_a_narrow_terminal() {
    insta::assert_snapshot!(run(&samples::failures_and_findings(), Some(60)));
}

#[test]
fn a_run_with_findings_alone() {
    insta::assert_snapshot!(run(&samples::findings(), WIDTH));
}

#[test]
fn a_retirement() {
    insta::assert_snapshot!(run(&samples::retired(), WIDTH));
}

#[test]
fn an_interrupted_run() {
    insta::assert_snapshot!(run(&samples::interrupted(), WIDTH));
}

#[test]
fn a_verification_alone_that_was_interrupted() {
    insta::assert_snapshot!(run(&samples::verify_interrupted(), WIDTH));
}

#[test]
fn a_verification_of_a_shard() {
    insta::assert_snapshot!(run(&samples::of_a_shard(), WIDTH));
}

#[test]
fn a_run_during_which_accounts_joined_and_left() {
    insta::assert_snapshot!(run(&samples::changed_meanwhile(), WIDTH));
}

#[test]
fn a_stopped_run() {
    insta::assert_snapshot!(run(&samples::stopped(), WIDTH));
}

#[test]
fn a_run_whose_record_breaks_off() {
    let events = samples::interrupted();
    insta::assert_snapshot!(run(&events[..events.len() - 1], WIDTH));
}

#[test]
fn a_run_with_hostile_names() {
    insta::assert_snapshot!(run(&samples::hostile(), WIDTH));
}

#[test]
fn a_plan() {
    insta::assert_snapshot!(render_plan(&samples::plan(), Detail::Changes, WIDTH));
}

#[test]
fn a_plan_that_changes_nothing() {
    let mut plan = samples::plan();
    plan.waves.clear();
    plan.warnings.clear();
    for account in plan.accounts.values_mut().filter(|account| account.action.is_target()) {
        account.action = rollout_model::Action::Keep;
        account.reason = "its stack is CURRENT".into();
    }
    insta::assert_snapshot!(render_plan(&plan, Detail::Changes, WIDTH));
}

#[test]
fn an_organization_that_could_not_be_read_completely() {
    insta::assert_snapshot!(render_organization(&samples::organization(), WIDTH));
}

fn every_view(width: Option<u16>) -> Vec<String> {
    let runs = [
        samples::all_well(),
        samples::failures_and_findings(),
        samples::findings(),
        samples::interrupted(),
        samples::stopped(),
        samples::hostile(),
    ];
    let mut views: Vec<String> = runs.iter().map(|events| run(events, width)).collect();
    views.push(render_plan(&samples::plan(), Detail::Everything, width));
    views.push(render_organization(&samples::organization(), width));
    views
}

/// Enough for the characters of the samples: the only wide ones are ideographs.
fn columns(line: &str) -> usize {
    line.chars().map(|character| if ('\u{2e80}'..'\u{a000}').contains(&character) { 2 } else { 1 }).sum()
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    for width in [40, 52, 60, 75, 76, 80, 100, 132, 200] {
        for view in every_view(Some(width)) {
            for line in view.lines() {
                assert!(columns(line) <= usize::from(width), "{} of {width}: {line}\n{view}", columns(line));
            }
        }
    }
}

#[test]
fn no_view_lets_a_control_character_through() {
    for width in [None, Some(40), Some(120)] {
        for view in every_view(width) {
            let stray = view.chars().find(|character| character.is_control() && *character != '\n');
            assert_eq!(stray, None, "{view:?}");
            assert!(!view.contains('\u{202e}'), "{view:?}");
        }
    }
}

#[test]
fn without_a_terminal_every_account_is_one_line_and_nothing_is_cut() {
    let state = samples::state(&samples::failures_and_findings());
    let text = render_run(&state, None, None);
    let table: Vec<&str> = text.split("\n\n").nth(1).unwrap().lines().collect();
    assert_eq!(table.len(), state.accounts().len() + 1, "a header and one line per account\n{text}");
    assert!(!text.contains('…'), "{text}");
}

#[test]
fn what_needs_attention_is_complete_however_narrow_the_terminal_is() {
    let state = samples::state(&samples::failures_and_findings());
    let text = render_run(&state, None, Some(60));
    let section: String = text.split("NEEDS ATTENTION").nth(1).unwrap().split_whitespace().collect();
    for word in
        ["1b0c8f0e-5d6f-4a53-8a39-0d9f6b6f2c11", "77e1a9c4-2f0b-4c7e-9d55-5f1f0e8b7a02", "AccessDenied)."]
    {
        assert!(section.contains(word), "`{word}` is missing in {section}");
    }
    assert!(!section.contains('…'), "{section}");
}

#[test]
fn a_table_of_ten_thousand_accounts_has_a_line_for_each() {
    let state = samples::state(&samples::quick_deployment_of(10_000));
    let text = render_run(&state, None, Some(120));
    assert_eq!(text.lines().filter(|line| line.starts_with('3')).count(), 10_000);
}

#[test]
fn the_tree_shows_every_account_and_every_unit_once() {
    let organization = samples::organization();
    let text = render_organization(&organization, None);
    let once = |id: &str| assert_eq!(text.matches(id).count(), 1, "{id}\n{text}");
    organization.accounts.keys().for_each(|id| once(id.as_str()));
    organization.units.keys().for_each(|id| once(id.as_str()));
}

#[test]
fn an_explanation() {
    let organization = samples::organization();
    let account = &organization.accounts[&samples::id("200000000001")];
    let entry = |key: &str, entry: &str, matches, unmatched: &[&str]| rollout_model::EntryExplanation {
        key: key.into(),
        entry: entry.into(),
        matches,
        unmatched: unmatched.iter().map(|text| (*text).to_owned()).collect(),
    };
    let explanation = rollout_model::Explanation {
        selected: Some(true),
        reason: "included by ou Workloads/**".into(),
        wave: Some("canary".parse().unwrap()),
        entries: vec![
            entry("targets.include[0]", "ou Workloads/**", Some(true), &[]),
            entry("targets.include[1]", "name lab-*", Some(false), &["name lab-*"]),
            entry("targets.include[2]", "name shop-*, tag env is dev", Some(false), &["tag env is dev"]),
            entry("targets.exclude[0]", "tag rollout is never", None, &[]),
        ],
    };
    let plan = &samples::accounts()[&samples::id("200000000001")];
    insta::assert_snapshot!(render_explanation(&organization, account, &explanation, Some(plan), WIDTH));
}

#[test]
fn a_difference_between_two_snapshots() {
    let before = samples::organization();
    let mut after = before.clone();
    after.accounts.remove(&samples::id("200000000007"));
    let root = after.root_parent();
    after.accounts.get_mut(&samples::id("200000000002")).unwrap().parent = root;
    after.accounts.get_mut(&samples::id("200000000001")).unwrap().state =
        rollout_model::AccountState::Suspended;
    let difference = crate::OrganizationDifference::between(&before, &after);
    insta::assert_snapshot!(render_difference(&difference, &before, &after, WIDTH));
    let none = crate::OrganizationDifference::between(&before, &before);
    assert_eq!(render_difference(&none, &before, &before, WIDTH), "the organization has not changed\n");
}

#[test]
fn a_checkup() {
    insta::assert_snapshot!(render_checkup(&samples::checkup(), WIDTH));
}

#[test]
fn a_run_with_cancelled_accounts() {
    insta::assert_snapshot!(run(&samples::collateral(), WIDTH));
}

#[test]
fn a_run_that_stopped_for_want_of_a_permission_says_what_to_allow() {
    let mut events = samples::stopped();
    let problem = "could not create the StackSet: AccessDenied: User: arn:aws:iam::100000000001:user/ann is not \
                   authorized to perform: cloudformation:CreateStackSet on resource: *";
    events.last_mut().unwrap().1 = RolloutEvent::Run(RunEvent::Stopped { problem: problem.into() });
    let text = run(&events, None);
    assert!(text.contains("  -> allow the operator cloudformation:CreateStackSet, as config/iam/"), "{text}");
}
