//! Many accounts: counted in calls, never in seconds.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{MANAGEMENT, Run, Simulation, Workplace};

/// A made-up organization has no account that runs the vendor's engine, so the operator's own account is
/// trusted.
pub(crate) fn for_a_made_up_organization(workplace: &Workplace) {
    let config = r#"
rollout: at-scale
home_region: us-east-1
role:
  name: AtScale
  trust:
    - account: "111111111111"
      external_id: { env: CADO_EXTERNAL_ID }
  managed_policies: [arn:aws:iam::aws:policy/SecurityAudit]
targets:
  include: [ { ou: "**" } ]
  management_account: include
"#;
    workplace.write("config/rollout.yaml", config);
}

#[test]
fn a_thousand_accounts_take_one_operation_and_a_page_for_every_twenty_accounts() {
    let workplace = Workplace::new();
    for_a_made_up_organization(&workplace);
    let simulation = Simulation::start(&workplace, &["--shape", "accounts=1000,ous=50"]);
    let run = workplace
        .run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes", "--output", "json"])
        .ends_with(0);
    let accounts = run.accounts();
    assert_eq!(accounts.len(), 1000);
    assert!(accounts.values().all(|account| account["verification"]["conclusion"] == "verified"));
    let calls = simulation.calls();
    let count = |operation: &str| calls.get(operation).copied().unwrap_or(0);
    assert_eq!(count("cloudformation:CreateStackInstances"), 1);
    assert_eq!(count("organizations:ListAccounts"), 50);
    assert_eq!(count("organizations:ListParents"), 0);
    assert!(count("organizations:ListOrganizationalUnitsForParent") <= 51 + 5, "{calls:#?}");
    // Entered, without an external ID, with a wrong one, and the access role for all but our own account, before
    // deploying to see whether the name is taken and after it to read the role.
    assert_eq!(count("sts:AssumeRole"), 3 * 1000 + 2 * 999);
}

#[test]
fn in_five_thousand_accounts_exactly_those_that_fail_are_reported_and_only_they_are_tried_again() {
    let workplace = Workplace::new();
    for_a_made_up_organization(&workplace);
    workplace.write("faults.yaml", "accounts: [ { share: 1%, fail: 'Resource limit exceeded' } ]");
    let shape = "accounts=5000,ous=100,suspended=3%,rates=documented";
    let simulation = Simulation::start_at("200", &workplace, &["--shape", shape, "--faults", "faults.yaml"]);
    let apply = ["apply", "config/rollout.yaml", "--yes", "--no-account-checks", "--output", "json"];
    let first = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(1);
    let with = |run: &Run, status: &str| -> BTreeSet<String> {
        let accounts = run.accounts().into_iter();
        accounts.filter(|(_, account)| account["deployment"]["status"] == status).map(|(id, _)| id).collect()
    };
    let failing = simulation.failing_accounts();
    assert!((40..=60).contains(&failing.len()), "one in a hundred: {}", failing.len());
    let suspended = |account: &Value| account["reason"] == "account is suspended";
    let suspended: BTreeSet<String> =
        first.accounts().into_iter().filter(|(_, account)| suspended(account)).map(|(id, _)| id).collect();
    assert!((100..=200).contains(&suspended.len()), "three in a hundred: {}", suspended.len());
    let expected: BTreeSet<String> = failing.difference(&suspended).cloned().collect();
    assert_eq!(with(&first, "failed"), expected);
    assert_eq!(with(&first, "deployed").len() + expected.len() + suspended.len(), 5000);

    simulation.end_faults();
    simulation.forget_calls();
    let only_failed = [&apply[..], &["--only-failed"]].concat();
    let second = workplace.run_as(MANAGEMENT, &simulation, &only_failed).ends_with(0);
    assert_eq!(with(&second, "deployed"), expected);
    let calls = simulation.calls();
    assert_eq!(calls["cloudformation:CreateStackInstances"], 1);
    assert_eq!(calls["sts:AssumeRole"], 4 * expected.len() as u64, "nobody else is entered");
}

#[test]
fn ten_thousand_accounts_are_planned_for_with_a_page_for_every_twenty_and_never_a_call_for_each() {
    let workplace = Workplace::new();
    for_a_made_up_organization(&workplace);
    workplace.edit("config/rollout.yaml", "targets:", "limits: { max_targets: 10000 }\ntargets:");
    let arguments = [
        "plan",
        "config/rollout.yaml",
        "--simulate=accounts=10000,ous=500,rates=documented",
        "--no-account-checks",
        "--verbose",
        "--output",
        "json",
    ];
    let run = workplace.run(&arguments).ends_with(3);
    assert_eq!(run.json()["summary"]["create"], 10_000);
    let count = |operation: &str| -> u64 {
        let (_, rest) = run.story.split_once(&format!("organizations:{operation} ")).unwrap_or(("", "0"));
        rest.split(|character: char| !character.is_ascii_digit()).next().unwrap().parse().unwrap()
    };
    assert_eq!(count("ListAccounts"), 500, "{}", run.story);
    // The root and each of the first 99 units are parents of units.
    assert_eq!(count("ListOrganizationalUnitsForParent"), 100, "{}", run.story);
    for each in ["ListParents", "ListAccountsForParent", "ListTagsForResource", "DescribeAccount"] {
        assert_eq!(count(each), 0, "{each}: {}", run.story);
    }
    assert!(!run.story.contains("throttled"), "{}", run.story);
}

#[test]
fn throttling_slows_discovery_down_and_loses_nobody() {
    let workplace = Workplace::new();
    // At a quarter of the speed the documented rates are a quarter, too: what is within the budget is too fast.
    let shape = ["--shape", "accounts=400,ous=12,rates=documented"];
    let simulation = Simulation::start_at("0.25", &workplace, &shape);
    let discover = ["discover", "--output", "json", "--verbose"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &discover).ends_with(0);
    assert_eq!(run.accounts().len(), 400);
    assert_eq!(run.json()["problems"], serde_json::json!([]));
    let throttled: u64 = simulation.throttled().values().sum();
    assert!(throttled > 0, "the rates were never felt");
    assert!(run.story.contains("throttled)"), "{}", run.story);
}
