//! DeleteStackInstances and DeleteStackSet.

use serde_json::json;

use super::*;

fn from(units: &[&str], retain: bool) -> Value {
    json!({"DeploymentTargets": {"OrganizationalUnitIds": units}, "RetainStacks": retain})
}

#[test]
fn deleted_instances_take_their_roles_along() {
    let mut bench = Bench::deployed(ROLE);
    assert_eq!(
        bench.refused("DeleteStackSet", json!({"StackSetName": "audit"})).0,
        "StackSetNotEmptyException"
    );
    assert_eq!(bench.run("DeleteStackInstances", from(&[DEEP], false)), "SUCCEEDED");
    assert!(bench.role(GAMMA).is_none());
    assert!(bench.role(ALPHA).is_some());
    bench.run("DeleteStackInstances", from(&[WORK], false));
    assert!(bench.role(ALPHA).is_none());
    // A suspended account is skipped, so that its instance lingers until it is let go.
    assert_eq!(bench.instances(), rows(&[(GONE, "OUTDATED SKIPPED_SUSPENDED_ACCOUNT")]));
    bench.run("DeleteStackInstances", from(&[WORK], true));
    bench.cloudformation("DeleteStackSet", json!({"StackSetName": "audit"}));
    assert_eq!(
        bench.refused("ListStackInstances", json!({"StackSetName": "audit"})).0,
        "StackSetNotFoundException"
    );
    let deleted = bench.cloudformation("ListStackSets", json!({"Status": "DELETED"}));
    assert_eq!(deleted["Summaries"].as_array().unwrap().len(), 1);
}

#[test]
fn retained_stacks_live_on_unmanaged() {
    let mut bench = Bench::deployed(ROLE);
    bench.run("DeleteStackInstances", from(&[DEEP], true));
    assert!(bench.role(GAMMA).is_some());
    bench.caller = admin(GAMMA);
    let stacks = bench.cloudformation("DescribeStacks", json!({}));
    assert_eq!(stacks["Stacks"][0]["StackStatus"], "CREATE_COMPLETE");
}

#[test]
fn a_policy_attached_by_hand_makes_the_instance_inoperable_until_it_is_retained() {
    let mut bench = Bench::deployed(ROLE);
    let extra = json!({"RoleName": "Audit", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"});
    bench.iam(GAMMA, "AttachRolePolicy", extra).unwrap();
    bench.run("DeleteStackInstances", from(&[DEEP], false));
    let gamma = bench.instance(GAMMA);
    assert_eq!(
        (&gamma["Status"], &gamma["StackInstanceStatus"]["DetailedStatus"]),
        (&json!("INOPERABLE"), &json!("INOPERABLE"))
    );
    assert!(gamma["StatusReason"].as_str().unwrap().contains("ResourceLogicalId:Role"), "{gamma}");
    assert!(bench.role(GAMMA).is_some());
    bench.run(
        "UpdateStackSet",
        json!({"UsePreviousTemplate": true, "Capabilities": ["CAPABILITY_NAMED_IAM"], "Parameters": []}),
    );
    assert_eq!(bench.instance(GAMMA)["Status"], "INOPERABLE", "updates skip it");
    bench.run("DeleteStackInstances", from(&[DEEP], true));
    assert_eq!(bench.instances().len(), 3);
}

#[test]
fn termination_protection_in_the_member_blocks_the_deletion() {
    let mut bench = Bench::deployed(ROLE);
    let stack = bench.instance(GAMMA)["StackId"].clone();
    bench.caller = admin(GAMMA);
    bench.cloudformation(
        "UpdateTerminationProtection",
        json!({"StackName": stack, "EnableTerminationProtection": true}),
    );
    bench.caller = admin(MANAGEMENT);
    bench.run("DeleteStackInstances", from(&[DEEP], false));
    let gamma = bench.instance(GAMMA);
    assert_eq!(gamma["Status"], "INOPERABLE");
    assert!(gamma["StatusReason"].as_str().unwrap().contains("TerminationProtection"), "{gamma}");
}

#[test]
fn a_stack_that_its_owner_deleted_leaves_the_instance_current() {
    let mut bench = Bench::deployed(ROLE);
    let stack = bench.instance(GAMMA)["StackId"].clone();
    bench.caller = admin(GAMMA);
    bench.cloudformation("DeleteStack", json!({"StackName": stack}));
    bench.pass(60);
    assert!(bench.role(GAMMA).is_none());
    bench.caller = admin(MANAGEMENT);
    assert_eq!(bench.instance(GAMMA)["Status"], "CURRENT");
    bench.run("DeleteStackInstances", from(&[DEEP], true));
    bench.run("CreateStackInstances", json!({"DeploymentTargets": {"OrganizationalUnitIds": [DEEP]}}));
    assert!(bench.role(GAMMA).is_some());
}

#[test]
fn retain_stacks_must_be_said() {
    let mut bench = Bench::deployed(ROLE);
    let input = json!({"StackSetName": "audit", "Regions": ["us-east-1"], "DeploymentTargets": {"OrganizationalUnitIds": [WORK]}});
    assert!(bench.refused("DeleteStackInstances", input).1.contains("'retainStacks'"));
}
