//! Accounts that join and leave while a roll-out runs: automatic deployment brings the role to the first, and the
//! last are nobody's failure.

use crate::program::{MANAGEMENT, Run, Simulation, Workplace, administrator};
use crate::small_rollout::{APPLY, RESUME, simulation, workplace};

const SHOP: &str = "222200000002";

/// One account joins and one leaves when the accounts of the last wave are deployed to.
const CHANGES: &str = r#"events:
  - { when: { operation: "cloudformation:CreateStackInstances", nth: NTH }, add: { name: late, unit: Canary } }
  - { when: { operation: "cloudformation:CreateStackInstances", nth: NTH }, add: { name: apart, unit: root } }
  - when: { operation: "cloudformation:CreateStackInstances", nth: NTH }
    call:
      account: "111111111111"
      operation: organizations:RemoveAccountFromOrganization
      input: { AccountId: "222200000002" }
"#;

fn changes_at(nth: &str) -> String {
    CHANGES.replace("NTH", nth)
}

/// The small roll-out, with automatic deployment or without.
fn small(enabled: bool) -> Workplace {
    let workplace = workplace();
    let setting = format!("auto_deployment: {{ enabled: {enabled} }}");
    workplace.edit("config/rollout.yaml", "auto_deployment: { enabled: false }", &setting);
    workplace
}

fn apply(workplace: &Workplace, simulation: &Simulation, arguments: &[&str]) -> Run {
    workplace.run_with_key(&administrator(MANAGEMENT), simulation, arguments)
}

/// Lets time pass, in which StackSets deploys to accounts that joined.
fn apply_while_time_passes(workplace: &Workplace, simulation: &Simulation, arguments: &[&str]) -> Run {
    let running = workplace.begin_with_key(&administrator(MANAGEMENT), simulation, arguments);
    running.wait(|| simulation.advance(1))
}

/// What the same roll-out asks when nobody looks again.
fn undisturbed() -> Simulation {
    let workplace = small(false);
    let simulation = simulation(&workplace, "{}");
    apply(&workplace, &simulation, &APPLY).ends_with(0);
    simulation
}

#[track_caller]
fn row(run: &Run, name: &str) -> serde_json::Value {
    let accounts = run.accounts();
    let row = accounts.values().find(|account| account["name"] == name);
    row.unwrap_or_else(|| panic!("{name} has no row:\n{}", run.result)).clone()
}

#[track_caller]
fn says_who_joined_and_who_left(run: &Run) {
    let late = row(run, "late");
    assert_eq!((&late["action"], &late["deployment"]), (&"keep".into(), &serde_json::Value::Null), "{late}");
    assert_eq!(late["reason"], "became a target after the plan was made: included by ou Canary");
    assert_eq!(late["verification"]["conclusion"], "verified", "{late}");
    let apart = row(run, "apart");
    assert_eq!((&apart["action"], &apart["reason"]), (&"skip".into(), &"no include entry matches".into()));
    let left = &run.accounts()[SHOP];
    assert_eq!(
        (&left["action"], &left["reason"]),
        (&"skip".into(), &"is not in the organization any more".into())
    );
    assert_eq!(left["verification"]["conclusion"], "not_asked", "{left}");
}

#[test]
fn whoever_joins_is_proven_and_whoever_leaves_is_no_failure() {
    let workplace = small(true);
    let simulation = simulation(&workplace, &changes_at("2"));
    let run = apply_while_time_passes(&workplace, &simulation, &APPLY)
        .ends_with(0)
        .says("accounts since the plan was made: 1 joined the targets, 1 joined and are no targets, 1 left");
    says_who_joined_and_who_left(&run);
    assert_eq!(run.accounts().len(), 8);
    let readings = |simulation: &Simulation| {
        let calls = simulation.calls();
        ["ListAccounts", "ListRoots", "DescribeOrganization", "ListOrganizationalUnitsForParent"]
            .map(|name| calls[&format!("organizations:{name}")])
    };
    let [accounts, roots, organizations, units] = readings(&undisturbed());
    assert_eq!(
        readings(&simulation),
        [accounts + 1, roots, organizations, units],
        "one page of accounts more"
    );
    let status = workplace.run(&["report", "--output", "json"]).ends_with(0);
    assert_eq!(status.result, run.result, "the ledger tells the same");
    workplace.run(&["report"]).ends_with(0).says("automatic");
}

#[test]
fn a_run_that_is_gone_on_with_looks_again_too() {
    let workplace = small(true);
    let simulation = simulation(&workplace, "{}");
    simulation.create_role("222200000001", "CadoResponse");
    let no_checks = ["--no-account-checks"];
    apply(&workplace, &simulation, &[&APPLY[..], &no_checks].concat()).ends_with(1).says("held back");
    simulation.call("222200000001", "iam", "Action=DeleteRole&Version=2010-05-08&RoleName=CadoResponse");
    let later: serde_json::Value = serde_json::json!({ "events": [
        { "when": { "operation": "cloudformation:CreateStackInstances" }, "add": { "name": "late", "unit": "Canary" } },
        { "when": { "operation": "cloudformation:CreateStackInstances" }, "add": { "name": "apart" } },
        { "when": { "operation": "cloudformation:CreateStackInstances" }, "call": {
            "account": "111111111111", "operation": "organizations:RemoveAccountFromOrganization",
            "input": { "AccountId": SHOP },
        } },
    ] });
    simulation.add_faults(&later);
    let run =
        apply_while_time_passes(&workplace, &simulation, &[&RESUME[..], &no_checks].concat()).ends_with(0);
    says_who_joined_and_who_left(&run);
}

#[test]
fn whoever_comes_into_a_unit_of_the_operation_is_meant_when_the_selectors_say_so() {
    let event = |place: &str| {
        format!(
            "events: [ {{ when: {{ operation: 'cloudformation:CreateStackInstances' }}, \
             add: {{ name: late, unit: {place} }} }} ]"
        )
    };
    let (with, without) = (small(true), small(false));
    let simulation_with = simulation(&with, &event("Canary"));
    let run = apply(&with, &simulation_with, &APPLY).ends_with(0);
    assert_eq!(row(&run, "late")["deployment"], serde_json::Value::Null);
    assert_eq!(row(&run, "late")["verification"]["conclusion"], "verified");
    // Without automatic deployment nobody looks again, so that nobody knows.
    let simulation_without = simulation(&without, &event("Canary"));
    apply(&without, &simulation_without, &APPLY).ends_with(1).says("which was not meant");
    assert_eq!(simulation_without.calls()["organizations:ListAccounts"], 1);
}

#[test]
fn a_run_that_has_nothing_to_do_looks_once() {
    let workplace = small(true);
    let simulation = simulation(&workplace, "{}");
    apply(&workplace, &simulation, &APPLY).ends_with(0);
    simulation.forget_calls();
    apply(&workplace, &simulation, &APPLY).ends_with(0);
    assert_eq!(simulation.calls()["organizations:ListAccounts"], 1);
}

#[test]
fn a_second_look_that_fails_is_told_and_stops_nothing() {
    let workplace = small(true);
    // All attempts of every later list of accounts.
    let refused: Vec<String> = (2..=12)
        .map(|nth| {
            format!(
                "{{ operation: 'organizations:ListAccounts', nth: {nth}, effect: fail, code: AccessDeniedException, status: 400 }}"
            )
        })
        .collect();
    let simulation = simulation(&workplace, &format!("calls: [ {} ]", refused.join(", ")));
    apply(&workplace, &simulation, &APPLY)
        .ends_with(0)
        .says("accounts that joined since the plan was made are not verified");
}
