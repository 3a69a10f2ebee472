//! UpdateStackSet and UpdateStackInstances.

use serde_json::json;

use super::*;

const NAMED: &str = "CAPABILITY_NAMED_IAM";

fn seconds(value: &str) -> Value {
    json!({"UsePreviousTemplate": true, "Capabilities": [NAMED], "Parameters": [{"ParameterKey": "Seconds", "ParameterValue": value}]})
}

fn session(bench: &mut Bench, account: &str) -> String {
    bench.role(account).unwrap()["MaxSessionDuration"].to_string().trim_matches('"').to_owned()
}

#[test]
fn an_update_reaches_the_role_in_place() {
    let mut bench = Bench::deployed(ROLE);
    let before = bench.role(ALPHA).unwrap();
    let template = ROLE
        .replace("SecurityAudit", "ReadOnlyAccess")
        .replace("s3:Get*", "s3:List*")
        .replace("abcd", "efgh");
    assert_eq!(
        bench.run("UpdateStackSet", json!({"TemplateBody": template, "Capabilities": [NAMED]})),
        "SUCCEEDED"
    );
    let after = bench.role(ALPHA).unwrap();
    assert_eq!(after["RoleId"], before["RoleId"]);
    assert!(after["AssumeRolePolicyDocument"].as_str().unwrap().contains("efgh"));
    let attached = bench.iam(ALPHA, "ListAttachedRolePolicies", json!({"RoleName": "Audit"})).unwrap();
    assert_eq!(attached["AttachedPolicies"].as_array().unwrap().len(), 1);
    assert_eq!(attached["AttachedPolicies"][0]["PolicyName"], "ReadOnlyAccess");
    let inline =
        bench.iam(ALPHA, "GetRolePolicy", json!({"RoleName": "Audit", "PolicyName": "collect"})).unwrap();
    assert!(inline["PolicyDocument"].as_str().unwrap().contains("List"));
}

#[test]
fn a_partial_update_outdates_everyone_and_updates_the_targeted() {
    let mut bench = Bench::deployed(ROLE);
    let mut update = seconds("7200");
    update["DeploymentTargets"] = json!({"OrganizationalUnitIds": [DEEP]});
    update["Regions"] = json!(["us-east-1"]);
    bench.run("UpdateStackSet", update);
    assert_eq!(session(&mut bench, GAMMA), "7200");
    assert_eq!(session(&mut bench, ALPHA), "3600");
    let expected = [
        (ALPHA, "OUTDATED PENDING"),
        (BETA, "OUTDATED PENDING"),
        (GAMMA, "CURRENT SUCCEEDED"),
        (GONE, "OUTDATED PENDING"),
    ];
    assert_eq!(bench.instances(), rows(&expected));
}

#[test]
fn the_definition_changes_even_if_the_operation_fails_and_the_account_rolls_back() {
    let mut bench = Bench::deployed(ROLE);
    // The trust policy changes first and is taken back when the session length is refused.
    let template = ROLE.replace("abcd", "efgh");
    let update = json!({"TemplateBody": template, "Capabilities": [NAMED], "Parameters": [{"ParameterKey": "Seconds", "ParameterValue": "1"}]});
    bench.run("UpdateStackSet", update);
    let alpha = bench.instance(ALPHA);
    assert_eq!(
        (&alpha["Status"], &alpha["StackInstanceStatus"]["DetailedStatus"]),
        (&json!("OUTDATED"), &json!("FAILED"))
    );
    assert!(
        alpha["StatusReason"]
            .as_str()
            .unwrap()
            .starts_with("ResourceLogicalId:Role, ResourceType:AWS::IAM::Role")
    );
    let role = bench.role(ALPHA).unwrap();
    assert!(role["AssumeRolePolicyDocument"].as_str().unwrap().contains("abcd"));
    let set = bench.cloudformation("DescribeStackSet", json!({"StackSetName": "audit"}));
    assert_eq!(set["StackSet"]["TemplateBody"], template);
    bench.caller = admin(ALPHA);
    let stacks = bench.cloudformation("DescribeStacks", json!({}));
    assert_eq!(stacks["Stacks"][0]["StackStatus"], "UPDATE_ROLLBACK_COMPLETE");
    bench.caller = admin(MANAGEMENT);
    bench.run("UpdateStackSet", seconds("7200"));
    assert_eq!(session(&mut bench, ALPHA), "7200");
}

#[test]
fn a_parameter_that_is_not_listed_falls_back_to_its_default() {
    let mut bench = Bench::deployed(ROLE);
    bench.run("UpdateStackSet", seconds("7200"));
    let update = json!({"UsePreviousTemplate": true, "Capabilities": [NAMED], "Parameters": [{"ParameterKey": "Description", "ParameterValue": "new"}]});
    bench.run("UpdateStackSet", update);
    assert_eq!(session(&mut bench, ALPHA), "3600");
    bench.run("UpdateStackSet", seconds("7200"));
    let kept = json!({"UsePreviousTemplate": true, "Capabilities": [NAMED], "Parameters": [
        {"ParameterKey": "Description", "ParameterValue": "newer"}, {"ParameterKey": "Seconds", "UsePreviousValue": true}]});
    bench.run("UpdateStackSet", kept);
    assert_eq!(session(&mut bench, ALPHA), "7200");
}

#[test]
fn naming_an_instance_that_does_not_exist_refuses_the_whole_update() {
    let mut bench = Bench::deployed(ROLE);
    let mut update = seconds("7200");
    update["StackSetName"] = json!("audit");
    update["DeploymentTargets"] = json!({"OrganizationalUnitIds": [ROOT], "Accounts": [ALPHA, APART], "AccountFilterType": "INTERSECTION"});
    update["Regions"] = json!(["us-east-1"]);
    assert_eq!(bench.refused("UpdateStackSet", update.clone()).0, "StackInstanceNotFoundException");
    update["Regions"] = json!(["eu-west-1"]);
    update["DeploymentTargets"] = json!({"OrganizationalUnitIds": [WORK]});
    assert_eq!(bench.refused("UpdateStackSet", update).0, "StackInstanceNotFoundException");
    assert_eq!(bench.instance(ALPHA)["Status"], "CURRENT");
    let operations = bench.cloudformation("ListStackSetOperations", json!({"StackSetName": "audit"}));
    assert_eq!(operations["Summaries"].as_array().unwrap().len(), 1);
}

#[test]
fn members_that_exclude_each_other_are_refused() {
    let mut bench = Bench::deployed(ROLE);
    for (changes, expected) in [
        (
            json!({"AutoDeployment": {"Enabled": true, "RetainStacksOnAccountRemoval": false}, "Regions": ["us-east-1"], "DeploymentTargets": {"OrganizationalUnitIds": [WORK]}}),
            "AutoDeployment cannot be specified together",
        ),
        (json!({"Regions": ["us-east-1"]}), "together with Regions"),
        (json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}}), "Regions must be specified"),
        (json!({"TemplateBody": ROLE}), "Exactly one of"),
        (json!({"PermissionModel": "SELF_MANAGED"}), "PermissionModel cannot be changed"),
    ] {
        let mut update = changes;
        update["StackSetName"] = json!("audit");
        update["UsePreviousTemplate"] = json!(true);
        let (code, message) = bench.refused("UpdateStackSet", update);
        assert_eq!(code, "ValidationError");
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn overrides_belong_to_their_instances_and_survive_updates_of_the_set() {
    let mut bench = Bench::deployed(ROLE);
    let one =
        json!({"OrganizationalUnitIds": [WORK], "Accounts": [ALPHA], "AccountFilterType": "INTERSECTION"});
    let over = |parameters: Value| json!({"DeploymentTargets": one, "ParameterOverrides": parameters});
    bench.run("UpdateStackInstances", over(json!([{"ParameterKey": "Seconds", "ParameterValue": "7200"}])));
    assert_eq!(
        (session(&mut bench, ALPHA), session(&mut bench, BETA)),
        ("7200".to_owned(), "3600".to_owned())
    );
    assert_eq!(
        bench.instance(ALPHA)["ParameterOverrides"],
        json!([{"ParameterKey": "Seconds", "ParameterValue": "7200"}])
    );
    bench.run("UpdateStackSet", seconds("10800"));
    assert_eq!(
        (session(&mut bench, ALPHA), session(&mut bench, BETA)),
        ("7200".to_owned(), "10800".to_owned())
    );
    bench.run("UpdateStackInstances", json!({"DeploymentTargets": one}));
    assert_eq!(session(&mut bench, ALPHA), "7200", "absent overrides stay");
    bench.run("UpdateStackInstances", over(json!([])));
    assert_eq!(session(&mut bench, ALPHA), "10800", "an empty list removes them");
    let unknown = json!({"StackSetName": "audit", "Regions": ["us-east-1"], "DeploymentTargets": one, "ParameterOverrides": [{"ParameterKey": "Nobody", "ParameterValue": "x"}]});
    assert_eq!(bench.refused("UpdateStackInstances", unknown).0, "ValidationError");
}

#[test]
fn an_identical_update_still_visits_every_instance() {
    let mut bench = Bench::deployed(ROLE);
    let id = bench.submit("UpdateStackSet", json!({"UsePreviousTemplate": true, "Capabilities": [NAMED]}));
    bench.pass(30);
    assert_eq!(bench.results(&id), rows(&[(ALPHA, "SUCCEEDED"), (BETA, "SUCCEEDED"), (GAMMA, "SUCCEEDED")]));
}

#[test]
fn tags_are_kept_replaced_or_removed_and_reach_the_role() {
    let mut bench = Bench::deployed(ROLE);
    let tagged = |tags: Value| json!({"UsePreviousTemplate": true, "Capabilities": [NAMED], "Tags": tags});
    let tags = |bench: &mut Bench| bench.role(ALPHA).unwrap().get("Tags").cloned().unwrap_or(json!([]));
    bench.run("UpdateStackSet", tagged(json!([{"Key": "owner", "Value": "security"}])));
    assert_eq!(tags(&mut bench), json!([{"Key": "owner", "Value": "security"}]));
    bench.run("UpdateStackSet", json!({"UsePreviousTemplate": true, "Capabilities": [NAMED]}));
    assert_eq!(tags(&mut bench), json!([{"Key": "owner", "Value": "security"}]));
    bench.run("UpdateStackSet", tagged(json!([])));
    assert_eq!(tags(&mut bench), json!([]));
}

#[test]
fn a_new_name_replaces_the_role() {
    let mut bench = Bench::deployed(ROLE);
    bench.run("UpdateStackSet", json!({"TemplateBody": ROLE.replace("RoleName: Audit", "RoleName: Auditor"), "Capabilities": [NAMED]}));
    assert!(bench.role(ALPHA).is_none());
    assert!(bench.iam(ALPHA, "GetRole", json!({"RoleName": "Auditor"})).is_ok());
    bench.run("UpdateStackSet", json!({"TemplateBody": ROLE.replace("RoleName: Audit", "RoleName: Auditor\n      Path: /x/"), "Capabilities": [NAMED]}));
    let reason = bench.instance(ALPHA)["StatusReason"].as_str().unwrap().to_owned();
    assert!(
        reason.contains("cannot update a stack when a custom-named resource requires replacing"),
        "{reason}"
    );
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let mut bench = Bench::deployed(ROLE);
    let one =
        json!({"OrganizationalUnitIds": [WORK], "Accounts": [ALPHA], "AccountFilterType": "INTERSECTION"});
    let overrides = json!([{"ParameterKey": "Description", "ParameterValue": "hush-hush"}]);
    bench.run("UpdateStackInstances", json!({"DeploymentTargets": one, "ParameterOverrides": overrides}));
    bench.iam(ALPHA, "UpdateRole", json!({"RoleName": "Audit", "Description": "hush-again"})).unwrap();
    bench.run("DetectStackSetDrift", json!({}));
    let shown = format!("{:?}", bench.world.cloudformation);
    assert!(shown.contains("/Description"), "the drift is there");
    assert!(!shown.contains("hush"), "its values are not");
    assert!(!shown.contains("abcd"), "nor is the external ID of the template");
}
