//! Runs that are about a part of a roll-out.

use super::*;

const RUN: &str = "20261120T120000Z-k3f9";

/// The roll-out to Workloads as it stands after 21 failed, 22 was cut short and 23 was never begun.
fn halfway() -> (RolloutSpec, StackSetSnapshot) {
    let spec = spec(&["Workloads"]);
    let mut observed = carried_out(&spec, &plan_of(&spec, &StackSetSnapshot::default()));
    let instance = |number| StackInstance { account: account_id(number), region: spec.home_region.clone() };
    let operation = OperationId::of_step(&RUN.parse().unwrap(), 2);
    for (number, status) in [(21, InstanceStatus::Failed), (22, InstanceStatus::Outdated)] {
        let seen = observed.instances.get_mut(&instance(number)).unwrap();
        (seen.status, seen.last_operation, seen.has_stack) = (status, Some(operation.clone()), false);
    }
    observed.instances.remove(&instance(23));
    (spec, observed)
}

fn visited(plan: &RolloutPlan) -> Vec<AccountId> {
    let mut accounts: Vec<AccountId> = plan.steps().flat_map(Step::accounts).cloned().collect();
    accounts.sort();
    accounts
}

#[test]
fn only_what_failed_is_tried_again_and_everybody_has_a_row_all_the_same() {
    let (mut spec, observed) = halfway();
    assert_eq!(visited(&plan_of(&spec, &observed)), [21, 22, 23].map(account_id));
    spec.scope.only_failed = true;
    let planned = plan_of(&spec, &observed);
    assert_eq!(visited(&planned), [21, 22].map(account_id));
    assert_eq!(planned.accounts.len(), organization().accounts.len());
    let left_out = &planned.accounts[&account_id(23)];
    assert_eq!(left_out.action, Action::Skip);
    assert!(left_out.reason.contains("otherwise: create"), "{}", left_out.reason);
    assert_eq!(planned.accounts[&account_id(24)].action, Action::Skip, "it is not looked at either");
}

#[test]
fn a_new_definition_cannot_be_kept_to_those_that_failed() {
    let (mut spec, observed) = halfway();
    spec.scope.only_failed = true;
    spec.stack_set.template = "{ }".to_owned();
    refused(&spec, &organization(), &observed, "leave out `--only-failed`");
}

#[test]
fn a_management_stack_that_failed_in_the_run_is_not_created_again_unless_it_is_another_one() {
    let (mut spec, mut observed) = halfway();
    let stack = observed.management_stack.as_mut().unwrap();
    stack.status = "ROLLBACK_COMPLETE".to_owned();
    let recreates =
        |spec: &RolloutSpec| plan_of(spec, &observed).steps().any(|step| *step == Step::RecreateStack);
    assert!(recreates(&spec));
    spec.scope = Scope {
        resumed: Some(RUN.parse().unwrap()),
        tried: [account_id(1)].into_iter().collect(),
        ..Scope::default()
    };
    assert!(!recreates(&spec));
    spec.management_stack.template = "{ }".to_owned();
    assert!(recreates(&spec));
}

#[test]
fn a_run_that_goes_on_tries_nothing_twice_unless_there_is_something_new_to_try() {
    let (mut spec, observed) = halfway();
    spec.scope.resumed = Some(RUN.parse().unwrap());
    let planned = plan_of(&spec, &observed);
    assert_eq!(visited(&planned), [22, 23].map(account_id));
    assert_eq!(
        planned.accounts[&account_id(21)].action,
        Action::Repair,
        "its row still says that it is not done"
    );
    let mut another = spec.clone();
    another.scope.resumed = Some("20261121T120000Z-k3f9".parse().unwrap());
    assert_eq!(visited(&plan_of(&another, &observed)), [21, 22, 23].map(account_id));
    spec.stack_set.template = "{ }".to_owned();
    assert!(visited(&plan_of(&spec, &observed)).contains(&account_id(21)));
}
