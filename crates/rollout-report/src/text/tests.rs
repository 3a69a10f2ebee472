//! Every view, as it reads on a terminal of 100 columns and without one.

use std::path::Path;

use rollout_model::{RolloutEvent, RunEvent};

use super::*;
use crate::samples;

const WIDTH: Option<u16> = Some(100);

/// A run as whoever takes no escape sequences reads it.
fn run(events: &[samples::Event], width: Option<u16>) -> String {
    plain(&dressed_run(events, width))
}

fn dressed_run(events: &[samples::Event], width: Option<u16>) -> String {
    let ledger = Path::new(".rolecall/cado-response.20261120T120000Z-k3f9.jsonl");
    let files = RunFiles { ledger: Some(ledger), configuration: Some(Path::new("config/rollout.yaml")) };
    render_run(&samples::state(events), &files, width)
}

fn plain(view: &str) -> String {
    Decoration::default().of(view).into_owned()
}

fn region() -> rollout_model::Region {
    "us-east-1".parse().unwrap()
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
    insta::assert_snapshot!(plain(&render_plan(&samples::plan(), Detail::Changes, WIDTH)));
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
    insta::assert_snapshot!(plain(&render_plan(&plan, Detail::Changes, WIDTH)));
}

#[test]
fn an_organization_that_could_not_be_read_completely() {
    insta::assert_snapshot!(plain(&render_organization(&samples::organization(), None, WIDTH)));
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
    views.push(plain(&render_plan(&samples::plan(), Detail::Everything, width)));
    views.push(plain(&render_organization(&samples::organization(), None, width)));
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
            // A command is there to be copied, and stays whole.
            let is_command = |line: &&str| line.contains(": rolecall ") || line.starts_with("Go on");
            for line in view.lines().filter(|line| !is_command(line)) {
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
    let text = plain(&render_run(&state, &RunFiles::default(), None));
    let table: Vec<&str> = text.split("\n\n").nth(1).unwrap().lines().collect();
    assert_eq!(table.len(), state.accounts().len() + 1, "a header and one line per account\n{text}");
    assert!(!text.contains('…'), "{text}");
}

#[test]
fn what_needs_attention_is_complete_however_narrow_the_terminal_is() {
    let state = samples::state(&samples::failures_and_findings());
    let text = plain(&render_run(&state, &RunFiles::default(), Some(60)));
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
    let text = plain(&render_run(&state, &RunFiles::default(), Some(120)));
    assert_eq!(text.lines().filter(|line| line.starts_with('3')).count(), 10_000);
}

#[test]
fn the_tree_shows_every_account_and_every_unit_once() {
    let organization = samples::organization();
    let text = plain(&render_organization(&organization, None, None));
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
    let view = render_explanation(&organization, account, &explanation, Some(plan), &region(), WIDTH);
    insta::assert_snapshot!(plain(&view));
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
    insta::assert_snapshot!(plain(&render_difference(&difference, &before, &after, None, WIDTH)));
    let none = crate::OrganizationDifference::between(&before, &before);
    assert_eq!(
        plain(&render_difference(&none, &before, &before, None, WIDTH)),
        "the organization has not changed\n"
    );
}

#[test]
fn a_checkup() {
    insta::assert_snapshot!(plain(&render_checkup(&samples::checkup(), WIDTH)));
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

/// Every view in 80 and in 160 columns, as a terminal with colours and links gets it: escapes are written out, so
/// that they can be read.
#[test]
fn every_view_with_colours_and_links() {
    for width in [80, 160] {
        for (name, view) in dressed_views(Some(width)) {
            insta::assert_snapshot!(format!("dressed_{width}_{name}"), readable(&view));
        }
    }
}

#[test]
fn every_view_in_80_and_160_columns() {
    for width in [80, 160] {
        for (name, view) in dressed_views(Some(width)) {
            insta::assert_snapshot!(format!("plain_{width}_{name}"), plain(&view));
        }
    }
}

fn dressed_views(width: Option<u16>) -> Vec<(&'static str, String)> {
    let organization = samples::organization();
    let mut after = organization.clone();
    after.accounts.remove(&samples::id("200000000007"));
    let account = &organization.accounts[&samples::id("200000000001")];
    let difference = crate::OrganizationDifference::between(&organization, &after);
    let planned = &samples::accounts()[&samples::id("200000000001")];
    let explanation = rollout_model::Explanation {
        selected: None,
        reason: "tags were not read".into(),
        wave: None,
        entries: vec![rollout_model::EntryExplanation {
            key: "targets.exclude[0]".into(),
            entry: "tag rollout is never".into(),
            matches: None,
            unmatched: Vec::new(),
        }],
    };
    vec![
        ("plan", render_plan(&samples::plan(), Detail::Everything, width)),
        ("run_well", dressed_run(&samples::all_well(), width)),
        ("run_failed", dressed_run(&samples::failures_and_findings(), width)),
        ("run_findings", dressed_run(&samples::findings(), width)),
        ("run_interrupted", dressed_run(&samples::interrupted(), width)),
        ("run_stopped", dressed_run(&samples::stopped(), width)),
        ("run_cancelled", dressed_run(&samples::collateral(), width)),
        ("run_retired", dressed_run(&samples::retired(), width)),
        ("run_hostile", dressed_run(&samples::hostile(), width)),
        ("checkup", render_checkup(&samples::checkup(), width)),
        ("organization", render_organization(&organization, Some(&region()), width)),
        ("difference", render_difference(&difference, &organization, &after, Some(&region()), width)),
        (
            "explanation",
            render_explanation(&organization, account, &explanation, Some(planned), &region(), width),
        ),
    ]
}

/// Escape sequences as names, so that a snapshot can be read.
fn readable(view: &str) -> String {
    let link = "https://us-east-1.console.aws.amazon.com/organizations/v2/home/accounts/";
    let mut text =
        view.replace(&format!("\u{1b}]8;;{link}"), "<link ").replace("\u{1b}]8;;\u{1b}\\", "</link>");
    text = text.replace("\u{1b}\\", ">");
    for (code, name) in [
        ("1", "bold"),
        ("2", "dim"),
        ("31", "red"),
        ("32", "green"),
        ("33", "yellow"),
        ("36", "cyan"),
        ("0", "/"),
    ] {
        text = text.replace(&format!("\u{1b}[{code}m"), &format!("<{name}>"));
    }
    assert!(!text.contains('\u{1b}'), "{text:?}");
    text
}

#[test]
fn colours_and_links_move_nothing() {
    for width in [None, Some(40), Some(80), Some(160)] {
        for (name, view) in dressed_views(width) {
            for line in view.lines() {
                let (opened, closed) = (line.matches("8;;https").count(), line.matches("8;;\u{1b}").count());
                assert_eq!(opened, closed, "{name}: a link ends on its line: {line:?}");
                let last = line.rfind('\u{1b}').map_or("", |at| &line[at..]);
                let is_over = |end: &str| last.starts_with(end);
                assert!(last.is_empty() || is_over("\u{1b}[0m") || is_over("\u{1b}\\"), "{name}: {line:?}");
            }
        }
    }
}

#[test]
fn what_was_not_looked_at_is_never_green() {
    let mut not_looked_at = 0;
    for (name, view) in dressed_views(None) {
        for line in readable(&view).lines() {
            for green in line.split("<green>").skip(1).map(|rest| rest.split('<').next().unwrap()) {
                let is_proven = [
                    "verified",
                    "deployed",
                    "removed",
                    "retained",
                    "unchanged",
                    "absent",
                    "AS",
                    "+",
                    "create",
                    "ok",
                    "ready",
                    "kept",
                ];
                let word =
                    green.trim_start_matches(|character: char| character.is_numeric() || character == ' ');
                let word = word.split(' ').next().unwrap();
                assert!(is_proven.contains(&word), "{name}: `{green}` is green");
            }
            not_looked_at += usize::from(line.contains("<dim>-</>"));
        }
    }
    assert!(not_looked_at > 3, "{not_looked_at}");
}

#[test]
fn hostile_names_stay_harmless_beside_colours() {
    let view = dressed_run(&samples::hostile(), Some(80));
    let text = readable(&view);
    assert!(text.contains("\\u{1b}"), "the name's own escapes are written out: {text}");
    assert!(text.contains("<red>failed</>"), "{text}");
    assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
}

#[test]
fn an_account_id_is_whole_at_any_width() {
    for width in [30, 40, 76, 80, 160] {
        for (name, view) in dressed_views(Some(width)) {
            let text = plain(&view);
            for id in samples::accounts()
                .keys()
                .filter(|id| name.starts_with("run_") && text.contains(&id.as_str()[..6]))
            {
                assert!(text.contains(id.as_str()), "{name} in {width} columns breaks {id}:\n{text}");
            }
        }
    }
}

#[test]
fn a_cause_has_five_examples_on_a_terminal_and_all_elsewhere() {
    let mut events = samples::quick_deployment_of(12);
    for (_, event) in &mut events {
        if let RolloutEvent::Deploy(rollout_model::DeployEvent::Account { status, .. }) = event {
            *status = rollout_model::DeploymentStatus::Failed("Rate exceeded".into());
        }
    }
    events.push((events[0].0, RolloutEvent::Run(RunEvent::Finished)));
    let examples = |text: &str| text.lines().filter(|line| line.starts_with("    - ")).count();
    let on_a_terminal = run(&events, Some(80));
    assert_eq!(examples(&on_a_terminal), 5, "{on_a_terminal}");
    assert!(on_a_terminal.contains("and 7 more: "), "{on_a_terminal}");
    let piped = run(&events, None);
    assert_eq!(examples(&piped), 12, "{piped}");
    assert!(!piped.contains(" more: "), "{piped}");
    assert!(piped.contains("next: rolecall apply config/rollout.yaml --only-failed\n"), "{piped}");
}

#[test]
fn no_word_of_a_header_or_a_status_is_broken_in_a_table() {
    for width in [76, 80, 100, 160] {
        for (name, view) in dressed_views(Some(width)) {
            let text = plain(&view);
            let Some(header) = text.lines().find(|line| line.starts_with("account ")) else { continue };
            let is_whole = |word: &str| text.split_whitespace().any(|shown| shown == word);
            let words = if name == "plan" {
                ["action", "wave", "reason"]
            } else {
                ["deployment", "verification", "detail"]
            };
            assert!(words.iter().all(|word| header.contains(word)), "{name} in {width} columns:\n{text}");
            assert!(is_whole("organizational") && is_whole("unit"), "{name} in {width} columns:\n{text}");
        }
    }
}
