//! Lists that lag behind their operation (aws-facts A16).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rollout_model::DeployEvent;
use stackset_deployer::Ending;
use tokio::time::Instant;

use crate::bench::{Bench, check_told, create_instances, plan};

const RUN: &str = "20260101T000000Z-test";

/// Creates an instance in account 1. Until the instances were listed `results_after` times there are no
/// results, and until they were listed `instances_after` times they are shown as outdated. Gives what was
/// told and how long it took.
async fn lagging(results_after: usize, instances_after: usize) -> (Vec<DeployEvent>, Duration) {
    let listings = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&listings);
    let results = move |answer: String| {
        let lags = listings.load(Ordering::Relaxed) < results_after;
        Some(if lags { answer.replace("member>", "hidden>") } else { answer })
    };
    let instances = move |answer: String| {
        let lags = counted.fetch_add(1, Ordering::Relaxed) < instances_after;
        Some(if lags { answer.replace("CURRENT", "OUTDATED") } else { answer })
    };
    let bench = Bench::with_stack_set(false).await;
    let bench = bench.meddling("ListStackSetOperationResults", results);
    let bench = bench.meddling("ListStackInstances", instances);
    let began = Instant::now();
    let (ending, events) = bench.execute(RUN, &plan(vec![create_instances(&[1])])).await;
    assert_eq!(ending.expect("nothing is in the way"), Ending::Complete);
    (events, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn an_account_whose_result_or_instance_lags_is_waited_for() {
    for (results_after, instances_after) in [(0, 0), (3, 0), (0, 3), (2, 5)] {
        let (events, _) = lagging(results_after, instances_after).await;
        check_told(&events, &[(1, "deployed")]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_lists_that_never_agree_is_bounded() {
    let (_, without_lag) = lagging(0, 0).await;
    let (events, elapsed) = lagging(0, usize::MAX).await;
    check_told(&events, &[(1, "failed")]);
    let waited = elapsed - without_lag;
    assert!((60..65).contains(&waited.as_secs()), "{waited:?}");
}

/// Creation leaves a current instance alone, and then the operation has no result for it (aws-facts A7).
#[tokio::test(start_paused = true)]
async fn a_current_instance_needs_no_result_where_instances_are_created() {
    let (_, without_lag) = lagging(0, 0).await;
    let (events, elapsed) = lagging(usize::MAX, 0).await;
    check_told(&events, &[(1, "deployed")]);
    assert!((elapsed - without_lag).as_secs() < 5, "{elapsed:?}");
}
