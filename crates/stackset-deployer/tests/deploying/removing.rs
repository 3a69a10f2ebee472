//! Taking a roll-out away: instances with and without their stacks, the StackSet, the management account's
//! stack.

use rollout_model::{AccountPlan, Action, DeployEvent, DeploymentStatus, Step, Vehicle};
use stackset_deployer::Ending;

use crate::bench::{Bench, MANAGEMENT, check_told, create_instances, finished, id, plan, told};

const RUN: &str = "20260101T000000Z-test";
const NEXT: &str = "20260101T000000Z-next";

fn delete_instances(numbers: &[u64], retain_stacks: bool) -> Step {
    let Step::CreateStackInstances { targets, accounts } = create_instances(numbers) else { unreachable!() };
    Step::DeleteStackInstances { targets, accounts, retain_stacks }
}

/// The statuses of the stacks in a member account.
async fn stacks(bench: &Bench, account: u64) -> Vec<String> {
    let answer = bench.client_of(account).describe_stacks().send().await.expect("an owner may look");
    let status = |stack: &aws_sdk_cloudformation::types::Stack| {
        stack.stack_status().expect("a status").as_str().to_owned()
    };
    answer.stacks().iter().map(status).collect()
}

fn failure(events: &[DeployEvent]) -> &str {
    let reason = |event| match event {
        &DeployEvent::Account { status: DeploymentStatus::Failed(ref reason), .. } => Some(reason.as_str()),
        _ => None,
    };
    events.iter().filter_map(reason).next_back().expect("an account failed")
}

#[tokio::test(start_paused = true)]
async fn instances_go_with_their_stacks_or_without_and_then_the_stack_set() {
    let bench = Bench::with_stack_set(false).await;
    bench.execute(RUN, &plan(vec![create_instances(&[1, 2, 3])])).await.0.unwrap();
    let steps = vec![delete_instances(&[1], false), delete_instances(&[2, 3], true), Step::DeleteStackSet];
    let (ending, events) = bench.execute(NEXT, &plan(steps)).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    // Account 3 is suspended: without its stack the instance can be deleted all the same.
    check_told(&events, &[(1, "removed"), (2, "retained"), (3, "retained")]);
    assert_eq!(finished(&events), ["SUCCEEDED"; 3]);
    assert_eq!(stacks(&bench, 1).await, [""; 0]);
    assert_eq!(stacks(&bench, 2).await, ["CREATE_COMPLETE"]);
    let set = bench.client.describe_stack_set().stack_set_name("audit").send().await;
    assert!(set.unwrap_err().into_service_error().is_stack_set_not_found_exception());
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_made_anew_is_pending_in_between_and_never_done_without_its_stack() {
    let bench = Bench::with_stack_set(false).await;
    bench.execute(RUN, &plan(vec![create_instances(&[1])])).await.0.unwrap();
    let mut plan = plan(vec![delete_instances(&[1], true), create_instances(&[1])]);
    let row = plan.accounts.values().next().expect("the management account").clone();
    plan.accounts.insert(id(1), AccountPlan { action: Action::Recreate, vehicle: Vehicle::StackSet, ..row });
    // Its owner deleted the stack.
    let owner = bench.client_of(1);
    let stack = owner.describe_stacks().send().await.unwrap().stacks()[0].stack_id().unwrap().to_owned();
    owner.delete_stack().stack_name(stack).send().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let (ending, events) = bench.execute(NEXT, &plan).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    check_told(&events, &[(1, "deployed")]);
    let between = events.iter().position(|event| matches!(event, DeployEvent::StepFinished { step: 1, .. }));
    check_told(&events[..between.expect("the first step ends")], &[(1, "pending")]);
    assert_eq!(stacks(&bench, 1).await, ["CREATE_COMPLETE"]);
}

#[tokio::test(start_paused = true)]
async fn a_stack_set_with_instances_stays_and_an_account_that_joined_meanwhile_is_told() {
    let bench = Bench::with_stack_set(false).await;
    bench.execute(RUN, &plan(vec![create_instances(&[1, 5])])).await.0.unwrap();
    let steps = vec![delete_instances(&[1], false), Step::DeleteStackSet];
    let (ending, events) = bench.execute(NEXT, &plan(steps)).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    check_told(&events, &[(1, "removed"), (5, "failed")]);
    assert!(failure(&events).contains("run `rolecall retire` again"), "{}", failure(&events));
    assert_eq!(finished(&events), ["SUCCEEDED", "StackSetNotEmptyException"]);
}

#[tokio::test(start_paused = true)]
async fn a_stack_set_that_is_busy_is_deleted_when_it_is_free() {
    let bench = Bench::with_stack_set(false).await;
    bench.execute(RUN, &plan(vec![create_instances(&[1])])).await.0.unwrap();
    let operation = bench.client.delete_stack_instances().stack_set_name("audit").retain_stacks(true);
    let targets = aws_sdk_cloudformation::types::DeploymentTargets::builder();
    let targets = targets.organizational_unit_ids("r-test").build();
    let operation = operation.deployment_targets(targets).regions("eu-west-1").operation_id("theirs");
    operation.send().await.expect("the set is free");
    let (ending, events) = bench.execute(NEXT, &plan(vec![Step::DeleteStackSet])).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    assert_eq!(crate::bench::waited_for(&events), ["theirs DELETE RUNNING"]);
    assert_eq!(finished(&events), ["SUCCEEDED"]);
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_cannot_be_deleted_is_a_failure_with_awss_reason_and_the_remedy() {
    let bench = Bench::with_stack_set(false).await;
    bench.execute(RUN, &plan(vec![create_instances(&[1])])).await.0.unwrap();
    let owner = bench.client_of(1);
    let stack = owner.describe_stacks().send().await.unwrap().stacks()[0].stack_id().unwrap().to_owned();
    let protect = owner.update_termination_protection().stack_name(stack);
    protect.enable_termination_protection(true).send().await.unwrap();
    let mut plan = plan(vec![delete_instances(&[1], false), Step::DeleteStackSet]);
    let row = plan.accounts.values().next().expect("the management account").clone();
    plan.accounts.insert(id(1), AccountPlan { action: Action::Remove, vehicle: Vehicle::StackSet, ..row });
    let (ending, events) = bench.execute(NEXT, &plan).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    check_told(&events, &[(1, "failed")]);
    let reason = failure(&events);
    assert!(reason.contains("TerminationProtection is enabled"), "{reason}");
    assert!(reason.contains("INOPERABLE: delete the instance again with its stack retained"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn the_management_accounts_stack_is_deleted_although_it_is_protected_and_once_only() {
    let bench = Bench::new();
    bench.execute(RUN, &plan(vec![Step::CreateStack])).await.0.unwrap();
    for (run, deletions) in [(NEXT, 1), ("20260101T000000Z-once", 1)] {
        let (ending, events) = bench.execute(run, &plan(vec![Step::DeleteStack])).await;
        assert_eq!(ending.unwrap(), Ending::Complete);
        let management = MANAGEMENT.parse().unwrap();
        assert_eq!(told(&events).get(&management).map(String::as_str), Some("removed"));
        assert_eq!(finished(&events), ["SUCCEEDED"]);
        assert_eq!(bench.calls("DeleteStack"), deletions);
    }
    assert_eq!(bench.calls("UpdateTerminationProtection"), 2, "once on, once off");
    let left = bench.client.describe_stacks().send().await.unwrap();
    assert!(left.stacks().is_empty(), "{left:?}");
}
