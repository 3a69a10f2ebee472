//! `apply --only-failed`: another attempt where the last one failed, and nothing else.

use std::collections::BTreeMap;

use serde_json::json;

use crate::apply::writes;
use crate::program::{MANAGEMENT, Simulation, Workplace, wait_until};
use crate::small_rollout;

const FAILING: [&str; 2] = ["222200003101", "222200006001"];
const APPLY: [&str; 6] = ["apply", "config/rollout.yaml", "--yes", "--output", "json", "--no-account-checks"];

#[test]
fn only_the_accounts_that_failed_are_tried_again() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    FAILING.iter().for_each(|account| simulation.create_role(account, "CadoResponse"));
    let first = workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(1);
    let failed: Vec<String> = first
        .accounts()
        .into_iter()
        .filter(|(_, account)| account["deployment"]["status"] == "failed")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(failed, FAILING);

    let healed = FAILING[0];
    simulation.call(healed, "iam", "Action=DeleteRole&Version=2010-05-08&RoleName=CadoResponse");
    // A target that was never begun is not what was asked for.
    workplace.edit("config/rollout.yaml", "    - ou: Workloads/Legacy\n", "");
    simulation.forget_calls();
    let only_failed = [&APPLY[..], &["--only-failed"]].concat();
    let second = workplace.run_as(MANAGEMENT, &simulation, &only_failed).ends_with(1);
    assert_eq!(writes(&simulation.calls()), BTreeMap::from([("cloudformation:CreateStackInstances", 1)]));
    let touched: Vec<String> = second
        .accounts()
        .into_iter()
        .filter(|(_, account)| {
            ["deployed", "failed"].contains(&account["deployment"]["status"].as_str().unwrap_or(""))
        })
        .map(|(id, _)| id)
        .collect();
    assert_eq!(touched, FAILING);
    assert_eq!(second.accounts()[healed]["verification"]["conclusion"], "verified");
    let untouched = &second.accounts()["222200005001"];
    assert!(untouched["reason"].as_str().unwrap().contains("only accounts that failed"), "{untouched}");
}

#[test]
fn where_nothing_failed_there_is_nothing_to_try_again() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0);
    simulation.forget_calls();
    let only_failed = [&APPLY[..], &["--only-failed"]].concat();
    workplace.run_as(MANAGEMENT, &simulation, &only_failed).ends_with(0);
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
    // Green is not said of those that nobody looked at.
    let in_words = ["apply", "config/rollout.yaml", "--yes", "--only-failed"];
    workplace
        .run_as(MANAGEMENT, &simulation, &in_words)
        .ends_with(0)
        .says("AS SPECIFIED, as far as was looked");
}

#[test]
fn another_attempt_that_is_gone_on_with_touches_nobody_else_either() {
    const CANARY: &str = "222200000001";
    let workplace = small_rollout::workplace();
    let simulation = small_rollout::simulation(&workplace, "{}");
    let (all, canary) = ("{ ou: Security }, { ou: Canary }, { ou: Rest }", "{ ou: Canary }");
    workplace.edit("config/rollout.yaml", all, canary);
    simulation.create_role(CANARY, "CadoResponse");
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(1);
    simulation.call(CANARY, "iam", "Action=DeleteRole&Version=2010-05-08&RoleName=CadoResponse");
    workplace.edit("config/rollout.yaml", canary, all);
    simulation.add_faults(&json!({ "calls": [
        { "operation": "cloudformation:DescribeStackSetOperation", "nth": 1, "effect": "hold-before" },
    ] }));
    let running = workplace.begin(&simulation, &[&APPLY[..], &["--only-failed"]].concat());
    wait_until("the canary is at work", || simulation.held() > 0);
    running.kill();
    simulation.forget_calls();
    let resumed = workplace.run_as(MANAGEMENT, &simulation, &small_rollout::RESUME).ends_with(0);
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
    let accounts = resumed.accounts();
    assert_eq!(accounts[CANARY]["verification"]["conclusion"], "verified");
    assert!(accounts["222200000002"]["reason"].as_str().unwrap().contains("only accounts that failed"));
}
