//! Drift as CloudFormation sees it, blind spots included.

use serde_json::json;

use super::*;

fn detect(bench: &mut Bench) -> String {
    let id = bench.submit("DetectStackSetDrift", json!({}));
    bench.pass(600);
    id
}

fn drifts(bench: &mut Bench, operation: &str, account: &str) -> Value {
    let input = json!({"StackSetName": "audit", "OperationId": operation, "StackInstanceAccount": account, "StackInstanceRegion": "us-east-1"});
    bench.cloudformation("ListStackInstanceResourceDrifts", input)["Summaries"].clone()
}

#[test]
fn extras_stay_in_sync_and_changes_and_deletions_are_seen() {
    let mut bench = Bench::deployed(ROLE);
    let extra = json!({"RoleName": "Audit", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    bench.iam(ALPHA, "AttachRolePolicy", extra).unwrap();
    bench.iam(BETA, "UpdateRole", json!({"RoleName": "Audit", "MaxSessionDuration": 7200})).unwrap();
    bench
        .iam(
            GAMMA,
            "DetachRolePolicy",
            json!({"RoleName": "Audit", "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"}),
        )
        .unwrap();
    bench.iam(GAMMA, "DeleteRolePolicy", json!({"RoleName": "Audit", "PolicyName": "collect"})).unwrap();
    bench.iam(GAMMA, "DeleteRole", json!({"RoleName": "Audit"})).unwrap();

    let id = detect(&mut bench);
    assert_eq!(bench.status(&id), "SUCCEEDED");
    for (account, status) in [(ALPHA, "IN_SYNC"), (BETA, "DRIFTED"), (GAMMA, "DRIFTED")] {
        assert_eq!(bench.instance(account)["DriftStatus"], status, "{account}");
        assert_eq!(bench.instance(account)["Status"], "CURRENT", "drift does not change the sync status");
    }
    assert_eq!(drifts(&mut bench, &id, ALPHA)[0]["StackResourceDriftStatus"], "IN_SYNC");
    let beta = drifts(&mut bench, &id, BETA)[0].clone();
    assert_eq!(beta["StackResourceDriftStatus"], "MODIFIED");
    let expected = json!([{"PropertyPath": "/MaxSessionDuration", "ExpectedValue": "3600", "ActualValue": "7200", "DifferenceType": "NOT_EQUAL"}]);
    assert_eq!(beta["PropertyDifferences"], expected);
    assert_eq!(drifts(&mut bench, &id, GAMMA)[0]["StackResourceDriftStatus"], "DELETED");

    let set = bench.cloudformation("DescribeStackSet", json!({"StackSetName": "audit"}));
    let details = &set["StackSet"]["StackSetDriftDetectionDetails"];
    assert_eq!(details["DriftStatus"], "DRIFTED");
    assert_eq!(details["DriftDetectionStatus"], "COMPLETED");
    let counts = [
        "TotalStackInstancesCount",
        "DriftedStackInstancesCount",
        "InSyncStackInstancesCount",
        "InProgressStackInstancesCount",
    ];
    assert_eq!(counts.map(|count| details[count].as_u64().unwrap()), [3, 2, 1, 0]);
}

#[test]
fn a_changed_trust_policy_is_seen() {
    let mut bench = Bench::deployed(ROLE);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": MANAGEMENT}, "Action": "sts:AssumeRole"}]});
    bench
        .iam(
            ALPHA,
            "UpdateAssumeRolePolicy",
            json!({"RoleName": "Audit", "PolicyDocument": trust.to_string()}),
        )
        .unwrap();
    let id = detect(&mut bench);
    assert_eq!(
        drifts(&mut bench, &id, ALPHA)[0]["PropertyDifferences"][0]["PropertyPath"],
        "/AssumeRolePolicyDocument"
    );
    assert_eq!(bench.instance(BETA)["DriftStatus"], "IN_SYNC");
}

#[test]
fn drift_is_unchecked_until_somebody_asks_and_while_it_runs_the_set_is_busy() {
    let mut bench = Bench::deployed(ROLE);
    let set = bench.cloudformation("DescribeStackSet", json!({"StackSetName": "audit"}));
    assert_eq!(set["StackSet"]["StackSetDriftDetectionDetails"]["DriftStatus"], "NOT_CHECKED");
    let id = bench.submit("DetectStackSetDrift", json!({}));
    let operation = bench
        .cloudformation("DescribeStackSetOperation", json!({"StackSetName": "audit", "OperationId": id}));
    let details = &operation["StackSetOperation"]["StackSetDriftDetectionDetails"];
    assert_eq!(details["DriftDetectionStatus"], "IN_PROGRESS");
    let update = json!({"StackSetName": "audit", "UsePreviousTemplate": true});
    assert_eq!(bench.refused("UpdateStackSet", update).0, "OperationInProgressException");
}

#[test]
fn an_account_that_is_suspended_when_drift_is_looked_for_stays_current() {
    let mut bench = Bench::deployed(ROLE);
    let close = json!({"AccountId": BETA});
    bench.call(Service::Organizations, "CloseAccount", close).unwrap();
    bench.pass(24 * 3600);
    detect(&mut bench);
    let beta = bench.instance(BETA);
    assert_eq!(beta["Status"], "CURRENT");
    assert_eq!(beta["StackInstanceStatus"]["DetailedStatus"], "SKIPPED_SUSPENDED_ACCOUNT");
    assert_eq!(beta["DriftStatus"], "NOT_CHECKED");
}
