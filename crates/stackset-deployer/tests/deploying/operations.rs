//! Operations of a StackSet: what is told of each account.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rollout_model::{ConcurrencyMode, DeployEvent, DeploymentStatus, Share, Step};
use stackset_deployer::Ending;
use tokio::time::Instant;

use crate::bench::{Bench, check_told, create_instances, finished, ids, plan, template};

const RUN: &str = "20260101T000000Z-test";

#[tokio::test(start_paused = true)]
async fn a_failed_and_a_skipped_account_do_not_hide_in_an_operation_that_succeeded() {
    let bench = Bench::with_stack_set(false).await;
    let began = Instant::now();
    let (ending, events) = bench.execute(RUN, &plan(vec![create_instances(&[1, 3, 4])])).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    check_told(&events, &[(1, "deployed"), (3, "skipped"), (4, "failed")]);
    assert_eq!(finished(&events), ["SUCCEEDED"]);
    // A suspended account never gets a result, and its instance says so: nothing is waited for in vain.
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_attempted_after_a_failure_is_cancelled_and_not_failed() {
    let bench = Bench::with_stack_set(false).await;
    let mut plan = plan(vec![create_instances(&[4, 5])]);
    plan.preferences.failure_tolerance = Share::Count(0);
    plan.preferences.concurrency_mode = ConcurrencyMode::Strict;
    let (ending, events) = bench.execute(RUN, &plan).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    check_told(&events, &[(4, "failed"), (5, "cancelled")]);
    assert_eq!(finished(&events), ["FAILED"]);
}

#[tokio::test(start_paused = true)]
async fn carrying_out_the_same_run_twice_starts_one_operation() {
    let bench = Bench::with_stack_set(false).await;
    let plan = plan(vec![create_instances(&[1, 2])]);
    for attempt in 1..=2 {
        let (ending, events) = bench.execute(RUN, &plan).await;
        assert_eq!(ending.unwrap(), Ending::Complete);
        check_told(&events, &[(1, "deployed"), (2, "deployed")]);
        assert_eq!(bench.calls("CreateStackInstances"), attempt);
    }
    let operations = bench.client.list_stack_set_operations().stack_set_name("audit").send().await.unwrap();
    assert_eq!(operations.summaries().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_operation_whose_acceptance_was_lost_is_watched_and_not_submitted_again() {
    let answers = AtomicUsize::new(0);
    let lose_the_first = move |answer| (answers.fetch_add(1, Ordering::Relaxed) > 0).then_some(answer);
    let bench = Bench::with_stack_set(false).await.meddling("CreateStackInstances", lose_the_first);
    let (ending, events) = bench.execute(RUN, &plan(vec![create_instances(&[1])])).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    check_told(&events, &[(1, "deployed")]);
    assert_eq!(bench.calls("CreateStackInstances"), 2);
}

#[tokio::test(start_paused = true)]
async fn an_update_of_the_whole_set_tells_only_of_the_accounts_that_it_is_about() {
    let bench = Bench::with_stack_set(false).await;
    bench.execute(RUN, &plan(vec![create_instances(&[1, 2])])).await.0.unwrap();
    let mut update = plan(vec![Step::UpdateStackSet { targets: None, accounts: ids(&[1]) }]);
    update.stack_set.template = template(7200);
    let (ending, events) = bench.execute("20260101T000000Z-next", &update).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    check_told(&events, &[(1, "deployed")]);
}

#[tokio::test(start_paused = true)]
async fn an_operation_is_only_submitted_when_its_start_was_received() {
    let bench = Bench::with_stack_set(false).await;
    let mut calls_at_start = None;
    let (ending, _) = bench
        .execute_and(RUN, &plan(vec![create_instances(&[1])]), |event| {
            if matches!(event, DeployEvent::StepStarted { operation: Some(_), .. }) {
                calls_at_start = Some(bench.calls("CreateStackInstances"));
            }
        })
        .await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    assert_eq!(calls_at_start, Some(0));
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_left_goes_on_in_aws_and_its_step_stays_open() {
    let bench = Bench::with_stack_set(false).await;
    let (ending, events) = bench
        .execute_and(RUN, &plan(vec![create_instances(&[1])]), |event| {
            if matches!(event, DeployEvent::Account { .. }) {
                bench.stop.cancel();
            }
        })
        .await;
    assert_eq!(ending.unwrap(), Ending::Interrupted);
    assert_eq!(finished(&events), Vec::<&str>::new());
    let operations = bench.client.list_stack_set_operations().stack_set_name("audit").send().await.unwrap();
    assert_eq!(operations.summaries()[0].status().unwrap().as_str(), "RUNNING");
}

#[tokio::test(start_paused = true)]
async fn deleted_instances_are_told_as_removed_and_the_role_is_gone() {
    let bench = Bench::with_stack_set(false).await;
    bench.execute(RUN, &plan(vec![create_instances(&[1, 2])])).await.0.unwrap();
    let Step::CreateStackInstances { targets, accounts } = create_instances(&[2]) else { unreachable!() };
    let delete = Step::DeleteStackInstances { targets, accounts, retain_stacks: false };
    let (ending, events) = bench.execute("20260101T000000Z-next", &plan(vec![delete])).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    check_told(&events, &[(2, "removed")]);
    let left = bench.client.list_stack_instances().stack_set_name("audit").send().await.unwrap();
    let left: Vec<_> = left.summaries().iter().filter_map(|instance| instance.account()).collect();
    assert_eq!(left, [crate::bench::id(1).as_str()]);
}

#[tokio::test(start_paused = true)]
async fn what_was_told_of_an_account_while_the_operation_ran_is_not_told_again_at_its_end() {
    let bench = Bench::with_stack_set(false).await;
    let mut plan = plan(vec![create_instances(&[1, 4, 5])]);
    // One after the other, so that the failure is seen while the last one is at work.
    plan.preferences.max_concurrent = Share::Count(1);
    let (_, events) = bench.execute("20260101T000000Z-one1", &plan).await;
    let failures = events
        .iter()
        .filter(|event| matches!(event, DeployEvent::Account { status: DeploymentStatus::Failed(_), .. }));
    assert_eq!(failures.count(), 1, "{events:#?}");
    check_told(&events, &[(1, "deployed"), (4, "failed"), (5, "deployed")]);
}
