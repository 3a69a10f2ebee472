//! `--converge`: an account whose owner deleted the stack, of which StackSets knows nothing, gets its role back.

use std::collections::BTreeMap;

use crate::apply::writes;
use crate::program::{MANAGEMENT, Run, Simulation, Workplace};

const CONFIG: &str = "config/rollout.yaml";
const PAYMENTS: &str = "222200003103";

fn run(workplace: &Workplace, simulation: &Simulation, arguments: &[&str]) -> Run {
    workplace.run_as(MANAGEMENT, simulation, arguments)
}

/// Everything is rolled out, and then the owner of an account deletes its stack.
fn with_a_deleted_stack() -> (Workplace, Simulation) {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    run(&workplace, &simulation, &["apply", CONFIG, "--yes"]).ends_with(0);
    delete_the_stack(&simulation, PAYMENTS);
    simulation.forget_calls();
    (workplace, simulation)
}

/// As the owner of an account would who does not know whose it is.
pub(crate) fn delete_the_stack(simulation: &Simulation, account: &str) {
    let stacks = simulation.call(account, "cloudformation", "Action=DescribeStacks&Version=2010-05-15");
    let name = stacks.split_once("<StackName>").unwrap().1.split_once('<').unwrap().0;
    let delete = format!("Action=DeleteStack&Version=2010-05-15&StackName={name}");
    simulation.call(account, "cloudformation", &delete);
    simulation.advance(600);
}

/// How many accounts each of the latest operations of the StackSet has results for, the deletion first.
fn results_of(simulation: &Simulation, run: &Run) -> Vec<Vec<String>> {
    let steps = run.json()["steps"].as_array().unwrap().clone();
    let results = |operation: &str| {
        let form = format!(
            "Action=ListStackSetOperationResults&Version=2010-05-15&StackSetName=cado-response&OperationId={operation}"
        );
        let answer = simulation.call(MANAGEMENT, "cloudformation", &form);
        answer.split("<Account>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect()
    };
    steps.iter().map(|step| results(step["operation"].as_str().unwrap())).collect()
}

#[test]
fn a_stack_that_its_owner_deleted_is_brought_back_in_that_account_alone() {
    let (workplace, simulation) = with_a_deleted_stack();
    let plain = run(&workplace, &simulation, &["apply", CONFIG, "--yes", "--output", "json"]).ends_with(3);
    assert_eq!(writes(&simulation.calls()), BTreeMap::new(), "StackSets calls the instance CURRENT");
    assert_eq!(plain.accounts()[PAYMENTS]["verification"]["conclusion"], "finding");
    assert!(plain.result.contains("the role does not exist"), "{}", plain.result);

    run(&workplace, &simulation, &["plan", CONFIG, "--converge"])
        .ends_with(3)
        .says("1 recreate, 57 unchanged")
        .says("the instance is CURRENT and the role is gone");
    let apply = ["apply", CONFIG, "--converge", "--yes", "--output", "json"];
    let converged = run(&workplace, &simulation, &apply).ends_with(0);
    assert_eq!(
        writes(&simulation.calls()),
        BTreeMap::from([
            ("cloudformation:CreateStackInstances", 1),
            ("cloudformation:DeleteStackInstances", 1),
        ])
    );
    assert_eq!(results_of(&simulation, &converged), [[PAYMENTS], [PAYMENTS]]);
    let account = &converged.accounts()[PAYMENTS];
    assert_eq!(
        (&account["action"], &account["deployment"]["status"]),
        (&"recreate".into(), &"deployed".into())
    );
    assert_eq!(converged.json()["summary"]["verified"], 58);
    run(&workplace, &simulation, &["plan", CONFIG, "--converge"]).ends_with(0);
}

#[test]
fn an_account_that_cannot_be_looked_at_is_not_touched_and_is_named() {
    let (workplace, simulation) = with_a_deleted_stack();
    workplace.edit(CONFIG, "access_role: OrganizationAccountAccessRole", "access_role: NoSuchRole");
    run(&workplace, &simulation, &["plan", CONFIG, "--converge"])
        .ends_with(0)
        .says("whether the role is still there could not be looked at in")
        .says("which are not touched")
        .says("58 unchanged");
}

#[test]
fn a_saved_plan_makes_an_instance_anew_only_when_it_was_made_with_that_in_mind() {
    let (workplace, simulation) = with_a_deleted_stack();
    run(&workplace, &simulation, &["plan", CONFIG, "--converge", "--out", "plan.json"]).ends_with(3);
    run(&workplace, &simulation, &["apply", "plan.json", "--yes", "--converge"]).ends_with(2);
    run(&workplace, &simulation, &["apply", "plan.json", "--yes"]).ends_with(0).says("58 verified");
}

#[test]
fn without_the_flag_nobody_is_entered_to_look_for_a_role_that_should_be_there() {
    let (workplace, simulation) = with_a_deleted_stack();
    run(&workplace, &simulation, &["plan", CONFIG]).ends_with(0);
    assert!(!simulation.calls().contains_key("iam:GetRole"), "{:?}", simulation.calls());
}
