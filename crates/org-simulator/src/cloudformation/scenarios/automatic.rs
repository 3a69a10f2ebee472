//! Accounts that come and go.

use serde_json::json;

use super::*;

fn automatic(retain: bool) -> Bench {
    let mut bench = Bench::new();
    let mut set = service_managed(ROLE);
    set["AutoDeployment"] = json!({"Enabled": true, "RetainStacksOnAccountRemoval": retain});
    bench.cloudformation("CreateStackSet", set);
    bench.run("CreateStackInstances", json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}}));
    bench
}

fn move_account(bench: &mut Bench, account: &str, from: &str, to: &str) {
    let input = json!({"AccountId": account, "SourceParentId": from, "DestinationParentId": to});
    bench.call(Service::Organizations, "MoveAccount", input).unwrap();
}

#[test]
fn who_enters_a_targeted_unit_gets_the_stack_and_who_leaves_loses_it() {
    let mut bench = automatic(false);
    move_account(&mut bench, APART, ROOT, DEEP);
    assert!(bench.role(APART).is_none(), "not in no time");
    bench.pass(60);
    assert!(bench.role(APART).is_some());
    assert_eq!(bench.instance(APART)["OrganizationalUnitId"], WORK);
    move_account(&mut bench, APART, DEEP, ROOT);
    bench.pass(60);
    assert!(bench.role(APART).is_none());
    assert_eq!(bench.instances().len(), 4);
    let operations = bench.cloudformation("ListStackSetOperations", json!({"StackSetName": "audit"}));
    let actions: Vec<&str> = operations["Summaries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["Action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["DELETE", "CREATE", "CREATE"]);
}

#[test]
fn a_move_within_the_targets_changes_nothing() {
    let mut bench = automatic(false);
    let before = bench.role(ALPHA).unwrap();
    move_account(&mut bench, ALPHA, WORK, DEEP);
    bench.pass(60);
    assert_eq!(bench.role(ALPHA).unwrap()["RoleId"], before["RoleId"]);
    let operations = bench.cloudformation("ListStackSetOperations", json!({"StackSetName": "audit"}));
    assert_eq!(operations["Summaries"].as_array().unwrap().len(), 1);
}

#[test]
fn retained_stacks_stay_with_those_who_leave() {
    let mut bench = automatic(true);
    move_account(&mut bench, ALPHA, WORK, ROOT);
    bench.pass(60);
    assert!(bench.role(ALPHA).is_some());
    assert_eq!(bench.instances().len(), 3);
}

#[test]
fn account_filters_do_not_bind_it() {
    let mut bench = Bench::new();
    let mut set = service_managed(ROLE);
    set["AutoDeployment"] = json!({"Enabled": true, "RetainStacksOnAccountRemoval": false});
    bench.cloudformation("CreateStackSet", set);
    let targets =
        json!({"OrganizationalUnitIds": [WORK], "Accounts": [APART], "AccountFilterType": "DIFFERENCE"});
    bench.run("CreateStackInstances", json!({"DeploymentTargets": targets}));
    move_account(&mut bench, APART, ROOT, WORK);
    bench.pass(60);
    assert!(bench.role(APART).is_some());
}

#[test]
fn without_automatic_deployment_nobody_is_followed() {
    let mut bench = Bench::deployed(ROLE);
    move_account(&mut bench, APART, ROOT, WORK);
    bench.pass(60);
    assert!(bench.role(APART).is_none());
}

#[test]
fn the_targets_are_listed_and_forgotten_with_their_instances() {
    let mut bench = automatic(false);
    let listed = bench.cloudformation("ListStackSetAutoDeploymentTargets", json!({"StackSetName": "audit"}));
    assert_eq!(listed["Summaries"], json!([{"OrganizationalUnitId": WORK, "Regions": ["us-east-1"]}]));
    assert_eq!(listed["NextToken"], "", "this list ends with an empty token");
    bench.run(
        "DeleteStackInstances",
        json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}, "RetainStacks": false}),
    );
    let listed = bench.cloudformation("ListStackSetAutoDeploymentTargets", json!({"StackSetName": "audit"}));
    assert_eq!(listed["Summaries"], json!([]));
}

#[test]
fn an_operation_of_the_operator_is_waited_for() {
    let mut bench = automatic(false);
    let id = bench.submit("DetectStackSetDrift", json!({}));
    move_account(&mut bench, APART, ROOT, WORK);
    bench.pass(6);
    let operations = bench.cloudformation("ListStackSetOperations", json!({"StackSetName": "audit"}));
    assert_eq!(operations["Summaries"][0]["Status"], "QUEUED");
    assert_eq!(bench.status(&id), "RUNNING");
    bench.pass(120);
    assert!(bench.role(APART).is_some());
}

#[test]
fn who_comes_and_goes_before_it_is_noticed_is_left_alone() {
    let mut bench = automatic(false);
    move_account(&mut bench, APART, ROOT, WORK);
    move_account(&mut bench, APART, WORK, ROOT);
    move_account(&mut bench, ALPHA, WORK, ROOT);
    move_account(&mut bench, ALPHA, ROOT, DEEP);
    let before = bench.role(ALPHA).unwrap();
    bench.pass(120);
    assert!(bench.role(APART).is_none());
    assert_eq!(bench.role(ALPHA).unwrap()["RoleId"], before["RoleId"]);
}
