//! A set that is busy with the operation of somebody else.

use rollout_model::DeployEvent;
use stackset_deployer::{Ending, NOT_SUBMITTED};

use crate::bench::{Bench, check_told, create_instances, finished, plan, waited_for};

const RUN: &str = "20260101T000000Z-test";

#[tokio::test(start_paused = true)]
async fn a_busy_set_is_waited_for_under_the_name_of_who_holds_it() {
    let bench = Bench::with_stack_set(false).await;
    bench.somebody_else_creates(5).await;
    let (ending, events) = bench.execute(RUN, &plan(vec![create_instances(&[1])])).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    assert_eq!(waited_for(&events), ["theirs CREATE RUNNING"]);
    check_told(&events, &[(1, "deployed")]);
    assert!(bench.calls("CreateStackInstances") > 2, "it was refused at least once");
}

#[tokio::test(start_paused = true)]
async fn with_managed_execution_the_wait_in_the_queue_is_told_just_the_same() {
    let bench = Bench::with_stack_set(true).await;
    bench.somebody_else_creates(1).await;
    let (ending, events) = bench.execute(RUN, &plan(vec![create_instances(&[1, 2])])).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    assert_eq!(waited_for(&events), ["theirs CREATE RUNNING"]);
    // Account 1 is current by the time of our turn and so has no result: its instance decides.
    check_told(&events, &[(1, "deployed"), (2, "deployed")]);
    assert_eq!(bench.calls("CreateStackInstances"), 2);
}

#[tokio::test(start_paused = true)]
async fn stopping_while_the_set_is_busy_submits_nothing_and_says_so() {
    let bench = Bench::with_stack_set(false).await;
    bench.somebody_else_creates(5).await;
    let (ending, events) = bench
        .execute_and(RUN, &plan(vec![create_instances(&[1])]), |event| {
            if matches!(event, DeployEvent::Waiting(_)) {
                bench.stop.cancel();
            }
        })
        .await;
    assert_eq!(ending.unwrap(), Ending::Interrupted);
    assert_eq!(finished(&events), [NOT_SUBMITTED]);
    let operations = bench.client.list_stack_set_operations().stack_set_name("audit").send().await.unwrap();
    let ids: Vec<_> =
        operations.summaries().iter().filter_map(|operation| operation.operation_id()).collect();
    assert_eq!(ids, ["theirs"]);
}
