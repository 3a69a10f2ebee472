//! One operation at a time, tolerance, stopping, and the order of things.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;

fn unit(preferences: Value) -> Value {
    json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}, "OperationPreferences": preferences})
}

/// Makes the role's name taken in an account.
fn take_name(bench: &mut Bench, account: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}]});
    bench
        .iam(
            account,
            "CreateRole",
            json!({"RoleName": "Audit", "AssumeRolePolicyDocument": trust.to_string()}),
        )
        .unwrap();
}

#[test]
fn by_default_accounts_follow_one_another() {
    let mut bench = Bench::with_set(ROLE);
    let id = bench.submit("CreateStackInstances", unit(json!({})));
    for _ in 0..200 {
        let running = bench.results(&id).iter().filter(|(_, status)| status == "RUNNING").count();
        assert!(running <= 1);
        bench.pass(1);
    }
    assert_eq!(bench.status(&id), "SUCCEEDED");
}

#[test]
fn a_failure_beyond_tolerance_cancels_the_rest() {
    let mut bench = Bench::with_set(ROLE);
    take_name(&mut bench, ALPHA);
    let id = bench.submit("CreateStackInstances", unit(json!({})));
    bench.pass(600);
    assert_eq!(bench.status(&id), "FAILED");
    assert_eq!(bench.results(&id), rows(&[(ALPHA, "FAILED"), (BETA, "CANCELLED"), (GAMMA, "CANCELLED")]));
    assert_eq!(bench.instance(GAMMA)["StatusReason"], "Cancelled since failure tolerance has exceeded");
    assert_eq!(bench.instance(GAMMA)["StackInstanceStatus"]["DetailedStatus"], "CANCELLED");
    let described = bench
        .cloudformation("DescribeStackSetOperation", json!({"StackSetName": "audit", "OperationId": id}));
    assert_eq!(described["StackSetOperation"]["StatusDetails"]["FailedStackInstancesCount"], 1);
}

#[test]
fn later_regions_are_not_attempted_after_one_failed() {
    let unnamed = ROLE.replace("      RoleName: Audit\n", "");
    let mut bench = Bench::with_set(&format!(
        "Mappings:\n  M: {{us-east-1: {{Text: x}}}}\n{}",
        unnamed.replace("!Ref Description", "!FindInMap [M, !Ref AWS::Region, Text]")
    ));
    let input = json!({
        "StackSetName": "audit",
        "Regions": ["us-east-1", "eu-west-1", "eu-central-1"],
        "DeploymentTargets": {"OrganizationalUnitIds": [DEEP]},
        "OperationPreferences": {"RegionOrder": ["eu-west-1", "us-east-1"]},
        "OperationId": "regions",
    });
    bench.cloudformation("CreateStackInstances", input);
    bench.pass(600);
    let listed = bench.cloudformation(
        "ListStackSetOperationResults",
        json!({"StackSetName": "audit", "OperationId": "regions"}),
    );
    let statuses: BTreeSet<String> = listed["Summaries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {}", row["Region"], row["Status"]))
        .collect();
    let expected =
        ["\"eu-central-1\" \"CANCELLED\"", "\"eu-west-1\" \"FAILED\"", "\"us-east-1\" \"CANCELLED\""];
    assert_eq!(statuses, expected.into_iter().map(str::to_owned).collect());
}

#[test]
fn a_second_operation_is_refused_and_a_used_id_is_reported_first() {
    let mut bench = Bench::with_set(ROLE);
    let mut input = unit(json!({}));
    input["OperationId"] = json!("mine");
    bench.submit("CreateStackInstances", input);
    let again = |id: &str| json!({"StackSetName": "audit", "Regions": ["us-east-1"], "DeploymentTargets": {"OrganizationalUnitIds": [WORK]}, "OperationId": id});
    let (code, message) = bench.refused("CreateStackInstances", again("other"));
    assert_eq!(code, "OperationInProgressException");
    assert!(message.contains("stackset/audit:"), "{message}");
    assert_eq!(bench.refused("CreateStackInstances", again("mine")).0, "OperationIdAlreadyExistsException");
    assert_eq!(
        bench.refused("DetectStackSetDrift", json!({"StackSetName": "audit"})).0,
        "OperationInProgressException"
    );
    assert_eq!(
        bench.refused("DeleteStackSet", json!({"StackSetName": "audit"})).0,
        "OperationInProgressException"
    );
    bench.pass(600);
    assert_eq!(bench.refused("CreateStackInstances", again("mine")).0, "OperationIdAlreadyExistsException");
    bench.cloudformation("CreateStackInstances", again("other"));
}

#[test]
fn managed_execution_queues_what_conflicts() {
    let mut bench = Bench::new();
    let mut set = service_managed(ROLE);
    set["ManagedExecution"] = json!({"Active": true});
    bench.cloudformation("CreateStackSet", set);
    let first = bench.submit("CreateStackInstances", unit(json!({})));
    let second = bench.submit("CreateStackInstances", unit(json!({})));
    assert_eq!((bench.status(&first), bench.status(&second)), ("RUNNING".to_owned(), "QUEUED".to_owned()));
    bench.pass(5);
    assert_eq!(bench.status(&second), "QUEUED");
    bench.pass(600);
    assert_eq!(
        (bench.status(&first), bench.status(&second)),
        ("SUCCEEDED".to_owned(), "SUCCEEDED".to_owned())
    );
}

#[test]
fn stopping_finishes_what_runs_and_cancels_the_rest() {
    let mut bench = Bench::with_set(ROLE);
    let id = bench.submit("CreateStackInstances", unit(json!({})));
    bench.pass(5);
    let stop = json!({"StackSetName": "audit", "OperationId": id});
    bench.cloudformation("StopStackSetOperation", stop.clone());
    assert_eq!(bench.status(&id), "STOPPING");
    bench.pass(60);
    assert_eq!(bench.status(&id), "STOPPED");
    assert_eq!(bench.results(&id), rows(&[(ALPHA, "SUCCEEDED"), (BETA, "CANCELLED"), (GAMMA, "CANCELLED")]));
    assert_eq!(bench.refused("StopStackSetOperation", stop).0, "InvalidOperationException");
}

#[test]
fn the_same_story_twice_gives_the_same_results_to_the_letter() {
    let story = || {
        let mut bench = Bench::deployed(ROLE);
        let operations = bench.cloudformation("ListStackSetOperations", json!({"StackSetName": "audit"}));
        let instances = bench.cloudformation("ListStackInstances", json!({"StackSetName": "audit"}));
        (operations, instances)
    };
    assert_eq!(story(), story());
}
