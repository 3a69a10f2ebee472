//! Accounts that fail or are slow, and answers that are behind (aws-facts A16, E3).

use serde_json::json;

use crate::call::{Caller, CallerKind, Service};
use crate::iam::ADMIN_USER;

use super::{ALPHA, BETA, Bench, EMPTY, GAMMA, MANAGEMENT, ROLE, WORK, admin, rows};

fn faulty(list: &str) -> Bench {
    let mut bench = Bench::with_set(ROLE);
    bench.world.faults.add(list.parse().unwrap(), &[ALPHA, BETA, GAMMA].map(str::to_owned));
    bench
}

fn everywhere() -> serde_json::Value {
    json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}})
}

#[test]
fn an_account_that_fails_once_has_no_stack_and_gets_it_at_the_next_attempt() {
    let mut bench = faulty(&format!("accounts: [{{ account: '{BETA}', fail: Out of luck., times: 1 }}]"));
    let operation = bench.submit("CreateStackInstances", everywhere());
    bench.pass(3600);
    assert_eq!(bench.status(&operation), "SUCCEEDED", "every failure is tolerated");
    let failed = bench.instance(BETA);
    assert_eq!((&failed["Status"], &failed["StatusReason"]), (&json!("OUTDATED"), &json!("Out of luck.")));
    assert_eq!(failed.get("StackId"), None);
    assert!(bench.role(BETA).is_none() && bench.role(ALPHA).is_some(), "what was made is taken back");

    bench.run("CreateStackInstances", everywhere());
    assert_eq!(bench.instance(BETA)["Status"], "CURRENT");
    assert!(bench.role(BETA).is_some());
    assert_eq!(bench.world.faults.shown()["accounts"][0]["struck"], 1);
}

#[test]
fn a_failed_update_leaves_what_was_there() {
    let mut bench = Bench::deployed(ROLE);
    bench.world.faults.add(format!("accounts: [{{ account: '{BETA}', fail: No. }}]").parse().unwrap(), &[]);
    let longer = json!([{"ParameterKey": "Seconds", "ParameterValue": "7200"}]);
    bench.run(
        "UpdateStackSet",
        json!({"UsePreviousTemplate": true, "Parameters": longer,
        "Capabilities": ["CAPABILITY_NAMED_IAM"]}),
    );
    let session = |bench: &mut Bench, account| bench.role(account).unwrap()["MaxSessionDuration"].clone();
    assert_eq!((session(&mut bench, ALPHA), session(&mut bench, BETA)), (json!(7200), json!(3600)));
    assert_eq!(bench.instance(BETA)["StatusReason"], "No.");
}

#[test]
fn a_slow_account_holds_up_the_operation_and_nobody_else() {
    let mut bench = faulty(&format!("accounts: [{{ account: '{BETA}', takes: 10m }}]"));
    let operation = bench.submit("CreateStackInstances", everywhere());
    bench.pass(599);
    let running = rows(&[(ALPHA, "SUCCEEDED"), (BETA, "RUNNING"), (GAMMA, "SUCCEEDED")]);
    assert_eq!(bench.results(&operation), running);
    bench.pass(1);
    assert_eq!(bench.status(&operation), "SUCCEEDED");
}

#[test]
fn a_share_of_the_accounts_fails_and_the_list_tells_which() {
    let mut bench = faulty("accounts: [{ share: 34%, fail: No. }]");
    bench.run("CreateStackInstances", everywhere());
    let shown = bench.world.faults.shown();
    let drawn = shown["accounts"][0]["accounts"].as_array().unwrap();
    assert_eq!(drawn.len(), 2, "34% of three accounts");
    for account in [ALPHA, BETA, GAMMA] {
        assert_eq!(bench.role(account).is_none(), drawn.contains(&json!(account)), "{account}");
    }
}

#[test]
fn the_management_accounts_own_stack_fails_and_is_slow_alike() {
    let list = format!("accounts: [{{ account: '{MANAGEMENT}', takes: 5m, fail: Not here., times: 1 }}]");
    let mut bench = faulty(&list);
    bench.caller = admin(MANAGEMENT);
    let create = json!({"StackName": "own", "TemplateBody": ROLE, "Capabilities": ["CAPABILITY_NAMED_IAM"]});
    bench.cloudformation("CreateStack", create);
    let mut status = |seconds| {
        bench.pass(seconds);
        let described = bench.cloudformation("DescribeStacks", json!({"StackName": "own"}));
        described["Stacks"][0]["StackStatus"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(299), "CREATE_IN_PROGRESS");
    assert_eq!(status(60), "ROLLBACK_COMPLETE");
}

/// What the lists say about the only operation and about the instance in ALPHA: the operation's status, the status
/// of its result, and the instance's.
fn listed(bench: &mut Bench, operation: &str) -> (String, String, String) {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_owned();
    let operations = bench.cloudformation("ListStackSetOperations", json!({"StackSetName": "audit"}));
    let of_alpha = |rows: Vec<(String, String)>| rows.into_iter().find(|(account, _)| account == ALPHA);
    let status = |row: Option<(String, String)>| row.map_or("none".to_owned(), |(_, status)| status);
    let result = status(of_alpha(bench.results(operation)));
    let instance = status(of_alpha(bench.instances()));
    (text(&operations["Summaries"][0]["Status"]), result, instance)
}

#[test]
fn lists_say_what_was_a_while_ago_and_descriptions_what_is() {
    let mut bench = faulty("consistency: { lists: 10s, results: 10s }");
    let operation = bench.submit("CreateStackInstances", everywhere());
    let row = |operation: &str, result: &str, instance: &str| {
        (operation.to_owned(), result.to_owned(), instance.to_owned())
    };
    assert_eq!(listed(&mut bench, &operation), row("none", "none", "none"));
    assert_eq!(bench.status(&operation), "RUNNING");
    assert_eq!(bench.instance(ALPHA)["StackInstanceStatus"]["DetailedStatus"], "RUNNING");
    bench.pass(10);
    assert_eq!(listed(&mut bench, &operation), row("RUNNING", "RUNNING", "OUTDATED RUNNING"));
    while bench.status(&operation) != "SUCCEEDED" {
        bench.pass(1);
    }
    // The last account ends the operation; all lists are ten seconds behind.
    assert_eq!(listed(&mut bench, &operation).0, "RUNNING");
    assert_eq!(bench.instance(ALPHA)["Status"], "CURRENT");
    bench.pass(10);
    assert_eq!(listed(&mut bench, &operation), row("SUCCEEDED", "SUCCEEDED", "CURRENT SUCCEEDED"));
}

#[test]
fn what_was_cancelled_stopped_or_deleted_is_seen_later_too() {
    let mut bench = faulty(&format!("accounts: [{{ account: '{ALPHA}', fail: No. }}]"));
    let strict = json!({"MaxConcurrentCount": 1, "FailureToleranceCount": 0});
    let mut strictly = everywhere();
    strictly["OperationPreferences"] = strict;
    let operation = bench.submit("CreateStackInstances", strictly);
    while bench.status(&operation) != "FAILED" {
        bench.pass(1);
    }
    bench.world.faults.add("consistency: { lists: 10s, results: 10s }".parse().unwrap(), &[]);
    let before = rows(&[(ALPHA, "RUNNING"), (BETA, "PENDING"), (GAMMA, "PENDING")]);
    let after = rows(&[(ALPHA, "FAILED"), (BETA, "CANCELLED"), (GAMMA, "CANCELLED")]);
    assert_eq!(bench.results(&operation), before);
    let failed = |bench: &mut Bench| {
        let listed = bench.cloudformation("ListStackSetOperations", json!({"StackSetName": "audit"}));
        listed["Summaries"][0]["StatusDetails"]["FailedStackInstancesCount"].clone()
    };
    assert_eq!(failed(&mut bench), 0);
    bench.pass(10);
    assert_eq!(bench.results(&operation), after);
    assert_eq!(failed(&mut bench), 1);
    assert_eq!(bench.instances()[0].1, "OUTDATED FAILED");

    let mut removal = everywhere();
    removal["RetainStacks"] = json!(true);
    let operation = bench.submit("DeleteStackInstances", removal);
    while bench.status(&operation) != "SUCCEEDED" {
        bench.pass(1);
    }
    assert_eq!(bench.instances().len(), 4, "the suspended account has one, too");
    bench.pass(10);
    assert!(bench.instances().is_empty());
}

#[test]
fn a_new_role_cannot_be_entered_for_a_while_although_it_is_there() {
    let mut bench = Bench::new();
    bench.world.faults.add("consistency: { roles: 20s }".parse().unwrap(), &[]);
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ALPHA}:root")}, "Action": "sts:AssumeRole"}]});
    let create = json!({"RoleName": "Fresh", "AssumeRolePolicyDocument": trust.to_string()});
    bench.iam(ALPHA, "CreateRole", create).unwrap();
    assert!(bench.iam(ALPHA, "GetRole", json!({"RoleName": "Fresh"})).is_ok());
    let entered = |bench: &mut Bench| {
        let kind = CallerKind::User { name: ADMIN_USER.to_owned() };
        let arn = format!("arn:aws:iam::{ALPHA}:user/{ADMIN_USER}");
        let caller = Caller { arn, kind, ..admin(ALPHA) };
        let role = json!({"RoleArn": format!("arn:aws:iam::{ALPHA}:role/Fresh"), "RoleSessionName": "me"});
        bench.world.call_as(&caller, Service::Sts, "AssumeRole", role).map_err(|error| error.code)
    };
    assert_eq!(entered(&mut bench).unwrap_err(), "AccessDenied");
    bench.pass(19);
    assert!(entered(&mut bench).is_err());
    bench.pass(1);
    assert!(entered(&mut bench).is_ok());
}

#[test]
fn an_update_outdates_instances_in_the_lists_a_while_later() {
    let mut bench = Bench::deployed(ROLE);
    bench.world.faults.add("consistency: { lists: 10s }".parse().unwrap(), &[]);
    // Nobody is visited, and everybody is outdated.
    let elsewhere = json!({"OrganizationalUnitIds": [EMPTY]});
    bench.submit(
        "UpdateStackSet",
        json!({"TemplateBody": ROLE, "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "DeploymentTargets": elsewhere, "Regions": ["us-east-1"]}),
    );
    assert_eq!(bench.instances()[0].1, "CURRENT SUCCEEDED");
    bench.pass(10);
    assert_eq!(bench.instances()[0].1, "OUTDATED PENDING");
}
