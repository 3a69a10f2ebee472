//! The management account's plain stack.

use rollout_model::{DeployEvent, DeploymentStatus, Step};
use stackset_deployer::Ending;

use crate::bench::{Bench, MANAGEMENT, finished, plan, template, told};

#[track_caller]
fn check_management(events: &[DeployEvent], expected: &str) {
    assert_eq!(
        told(events).get(&MANAGEMENT.parse().expect("an account id")).map(String::as_str),
        Some(expected)
    );
}

#[tokio::test(start_paused = true)]
async fn the_stack_is_created_then_updated_and_an_update_without_a_change_is_a_success() {
    let bench = Bench::new();
    for (step, max_session) in
        [(Step::CreateStack, 3600), (Step::UpdateStack, 7200), (Step::UpdateStack, 7200)]
    {
        let mut plan = plan(vec![step]);
        plan.management_stack.template = template(max_session);
        let run = format!("20260101T000000Z-r{}", bench.calls("CreateChangeSet"));
        let (ending, events) = bench.execute(&run, &plan).await;
        assert_eq!(ending.unwrap(), Ending::Complete);
        check_management(&events, "deployed");
        assert_eq!(finished(&events), ["SUCCEEDED"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_fails_is_a_row_with_the_reason_of_its_first_failure() {
    let bench = Bench::new();
    bench.execute("20260101T000000Z-one1", &plan(vec![Step::CreateStack])).await.0.unwrap();
    let mut second = plan(vec![Step::CreateStack]);
    second.management_stack.name = "other".parse().unwrap();
    let (ending, events) = bench.execute("20260101T000000Z-two2", &second).await;
    assert_eq!(ending.unwrap(), Ending::Complete);
    check_management(&events, "failed");
    assert_eq!(finished(&events), ["FAILED"]);
    let reason = events.iter().find_map(|event| match event {
        DeployEvent::Account { status: DeploymentStatus::Failed(reason), .. } => Some(reason),
        _ => None,
    });
    assert!(reason.unwrap().contains("already exists"), "{reason:?}");
}

#[tokio::test(start_paused = true)]
async fn stopping_leaves_the_stack_to_aws_and_its_step_open() {
    let bench = Bench::new();
    let (ending, events) = bench
        .execute_and("20260101T000000Z-test", &plan(vec![Step::CreateStack]), |event| {
            if matches!(event, DeployEvent::Account { .. }) {
                bench.stop.cancel();
            }
        })
        .await;
    assert_eq!(ending.unwrap(), Ending::Interrupted);
    check_management(&events, "running");
    assert_eq!(finished(&events), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_change_set_without_changes_is_cleaned_up_and_a_stack_is_protected() {
    let bench = Bench::new();
    for (run, step) in [("one1", Step::CreateStack), ("two2", Step::UpdateStack)] {
        let (_, events) = bench.execute(&format!("20260101T000000Z-{run}"), &plan(vec![step])).await;
        check_management(&events, "deployed");
    }
    assert_eq!((bench.calls("ExecuteChangeSet"), bench.calls("DeleteChangeSet")), (1, 1));
    let stack = bench.client.describe_stacks().stack_name("audit").send().await.unwrap();
    assert_eq!(stack.stacks()[0].enable_termination_protection(), Some(true));
    let left = bench.client.list_change_sets().stack_name("audit").send().await.unwrap();
    assert!(left.summaries().is_empty(), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stack_whose_creation_failed_is_deleted_and_created_anew() {
    let bench = Bench::new();
    let mut broken = plan(vec![Step::CreateStack]);
    broken.management_stack.template = template(3600).replace("999999999999", "no-principal");
    let (_, events) = bench.execute("20260101T000000Z-one1", &broken).await;
    check_management(&events, "failed");
    let stack = bench.client.describe_stacks().stack_name("audit").send().await.unwrap();
    assert_eq!(stack.stacks()[0].stack_status().unwrap().as_str(), "ROLLBACK_COMPLETE");
    let (_, events) = bench.execute("20260101T000000Z-two2", &plan(vec![Step::RecreateStack])).await;
    check_management(&events, "deployed");
    assert_eq!(finished(&events), ["SUCCEEDED"]);
}

#[tokio::test(start_paused = true)]
async fn a_role_is_replaced_only_where_that_is_allowed() {
    let bench = Bench::new();
    bench.execute("20260101T000000Z-one1", &plan(vec![Step::CreateStack])).await.0.unwrap();
    let mut renamed = plan(vec![Step::UpdateStack]);
    renamed.management_stack.template = template(3600).replace("\"Audit\"", "\"Other\"");
    let (_, events) = bench.execute("20260101T000000Z-two2", &renamed).await;
    check_management(&events, "failed");
    let reason = events.iter().find_map(|event| match event {
        DeployEvent::Account { status: DeploymentStatus::Failed(reason), .. } => Some(reason),
        _ => None,
    });
    assert!(reason.unwrap().contains("replace Role (AWS::IAM::Role)"), "{reason:?}");
    assert_eq!(bench.calls("ExecuteChangeSet"), 1);
    renamed.may_replace = true;
    let (_, events) = bench.execute("20260101T000000Z-tri3", &renamed).await;
    check_management(&events, "deployed");
}
