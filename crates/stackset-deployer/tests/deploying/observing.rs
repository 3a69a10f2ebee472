//! What is seen before a plan is made.

use std::time::{Duration, SystemTime};

use rollout_model::{CallAs, StackSetSnapshot};
use stackset_deployer::{Wanted, observe};

use crate::bench::Bench;

pub(crate) async fn seen(bench: &Bench) -> StackSetSnapshot {
    let (stack_set, region) = ("audit".parse().expect("a name"), "eu-west-1".parse().expect("a Region"));
    let wanted =
        Wanted { stack_set: &stack_set, region: &region, call_as: CallAs::Myself, management_stack: None };
    observe(&bench.client, wanted).await.expect("nothing is in the way")
}

#[tokio::test(start_paused = true)]
async fn an_operation_under_way_says_when_it_was_created() {
    let bench = Bench::with_stack_set(false).await;
    bench.somebody_else_creates(5).await;
    let operations = seen(&bench).await.operations;
    let [operation] = operations.as_slice() else { panic!("{operations:?}") };
    assert_eq!(operation.id.as_str(), "theirs");
    // The simulated time starts with the year 2026.
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let age = operation.created.expect("AWS always says so").duration_since(start).expect("it came later");
    assert!(age < Duration::from_secs(10), "{age:?}");
}
