//! The policies in `config/iam` are enough for an operator, and what is missing is said.

use crate::operator::{Operator, policy};
use crate::program::{MANAGEMENT, Simulation, Workplace};

#[test]
fn the_two_policies_together_are_enough_to_apply_and_the_first_to_look() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let looks = Operator::hire(&simulation, &[policy("read-only.json")]);
    looks.run(&workplace, &simulation, &["plan"]).ends_with(3);
    looks.run(&workplace, &simulation, &["apply", "--yes"]).ends_with(2).says("AccessDenied");

    let deploying = Simulation::of_the_reference_organization(&workplace);
    let deploys = Operator::hire(&deploying, &[policy("read-only.json"), policy("deploy.json")]);
    deploys.run(&workplace, &deploying, &["apply", "--yes"]).ends_with(0).says("58 verified");
    workplace.edit("config/rollout.yaml", "max_session: 1h", "max_session: 2h");
    deploys.run(&workplace, &deploying, &["apply", "--yes"]).ends_with(0).says("58 verified");
    let run = deploys.run(&workplace, &deploying, &["verify"]).ends_with(0);
    assert!(run.result.contains("58 verified"), "{}", run.result);
}

#[test]
fn verifying_takes_no_more_than_the_first_policy_and_writes_nothing() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    let looks = Operator::hire(&simulation, &[policy("read-only.json")]);
    simulation.forget_calls();
    looks.run(&workplace, &simulation, &["verify"]).ends_with(0).says("58 verified");
    let calls = simulation.calls();
    let reads = ["Describe", "List", "Get", "AssumeRole"];
    for operation in calls.keys() {
        let name = operation.split_once(':').unwrap().1;
        assert!(reads.iter().any(|verb| name.starts_with(verb)), "{operation}");
    }
    assert!(calls.contains_key("sts:AssumeRole"));
}

#[test]
fn an_action_that_is_missing_is_named() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let less = policy("read-only.json").replace("\"organizations:ListAccounts\",", "");
    assert_ne!(less, policy("read-only.json"), "the policy allowed it before");
    let looks = Operator::hire(&simulation, &[less]);
    looks.run(&workplace, &simulation, &["plan"]).ends_with(2).says("organizations:ListAccounts");
}
