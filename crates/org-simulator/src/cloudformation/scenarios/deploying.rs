//! Creating sets and instances, and what appears in the members.

use serde_json::json;

use super::*;

#[test]
fn a_unit_means_its_accounts_at_any_depth_and_suspended_ones_are_skipped() {
    let mut bench = Bench::with_set(ROLE);
    let id = bench.submit(
        "CreateStackInstances",
        json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}, "OperationId": "op-1"}),
    );
    assert_eq!(id, "op-1");
    assert_eq!(bench.status("op-1"), "RUNNING");
    let running = [
        (ALPHA, "OUTDATED RUNNING"),
        (BETA, "OUTDATED RUNNING"),
        (GAMMA, "OUTDATED RUNNING"),
        (GONE, "OUTDATED SKIPPED_SUSPENDED_ACCOUNT"),
    ];
    assert_eq!(bench.instances(), rows(&running));
    assert!(bench.role(ALPHA).is_none(), "nothing happens in no time");

    bench.pass(60);
    assert_eq!(bench.status("op-1"), "SUCCEEDED");
    let done = [
        (ALPHA, "CURRENT SUCCEEDED"),
        (BETA, "CURRENT SUCCEEDED"),
        (GAMMA, "CURRENT SUCCEEDED"),
        (GONE, "OUTDATED SKIPPED_SUSPENDED_ACCOUNT"),
    ];
    assert_eq!(bench.instances(), rows(&done));
    assert_eq!(
        bench.results("op-1"),
        rows(&[(ALPHA, "SUCCEEDED"), (BETA, "SUCCEEDED"), (GAMMA, "SUCCEEDED")])
    );
    assert_eq!(bench.instance(GAMMA)["OrganizationalUnitId"], WORK, "the targeted unit, not the parent");
}

#[test]
fn the_role_and_its_stack_appear_in_the_member() {
    let mut bench = Bench::deployed(ROLE);
    let role = bench.role(GAMMA).unwrap();
    assert_eq!(role["Arn"], format!("arn:aws:iam::{GAMMA}:role/Audit"));
    assert_eq!(role["Description"], "audits");
    assert_eq!(role["MaxSessionDuration"].to_string().trim_matches('"'), "3600");
    let attached = bench.iam(GAMMA, "ListAttachedRolePolicies", json!({"RoleName": "Audit"})).unwrap();
    assert_eq!(attached["AttachedPolicies"][0]["PolicyArn"], "arn:aws:iam::aws:policy/SecurityAudit");
    assert!(bench.iam(GAMMA, "GetRolePolicy", json!({"RoleName": "Audit", "PolicyName": "collect"})).is_ok());

    let stack_id = bench.instance(GAMMA)["StackId"].clone();
    bench.caller = admin(GAMMA);
    let stacks = bench.cloudformation("DescribeStacks", json!({}));
    let stack = &stacks["Stacks"][0];
    assert_eq!(stack["StackId"], stack_id);
    assert!(stack["StackName"].as_str().unwrap().starts_with("StackSet-audit-"), "{stack}");
    assert_eq!(stack["StackStatus"], "CREATE_COMPLETE");
    assert_eq!(stack["Outputs"][0]["OutputValue"], role["Arn"]);
    assert!(bench.role(MANAGEMENT).is_none());
}

#[test]
fn the_root_means_everyone_but_the_management_account() {
    let mut bench = Bench::with_set(ROLE);
    bench.run("CreateStackInstances", json!({"DeploymentTargets": {"OrganizationalUnitIds": [ROOT]}}));
    let accounts: Vec<String> = bench.instances().into_iter().map(|(account, _)| account).collect();
    assert_eq!(accounts, [ALPHA, BETA, GAMMA, GONE, APART]);
}

#[test]
fn a_taken_role_name_fails_that_account_alone_and_leaves_no_stack() {
    let mut bench = Bench::with_set(ROLE);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": BETA}, "Action": "sts:AssumeRole"}]});
    bench.iam(BETA, "CreateRole", json!({"RoleName": "Audit", "AssumeRolePolicyDocument": trust.to_string(), "Description": "by hand"})).unwrap();
    let id =
        bench.submit("CreateStackInstances", json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}}));
    bench.pass(60);
    assert_eq!(
        bench.status(&id),
        "SUCCEEDED",
        "failures within tolerance do not show in the operation's status"
    );
    assert_eq!(bench.results(&id), rows(&[(ALPHA, "SUCCEEDED"), (BETA, "FAILED"), (GAMMA, "SUCCEEDED")]));
    let beta = bench.instance(BETA);
    assert_eq!(beta["Status"], "OUTDATED");
    assert_eq!(
        beta["StatusReason"],
        "ResourceLogicalId:Role, ResourceType:AWS::IAM::Role, ResourceStatusReason:Role with name Audit already exists."
    );
    assert!(beta.get("StackId").is_none());
    assert_eq!(bench.role(BETA).unwrap()["Description"], "by hand");

    bench.iam(BETA, "DeleteRole", json!({"RoleName": "Audit"})).unwrap();
    let again =
        bench.submit("CreateStackInstances", json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}}));
    bench.pass(60);
    assert_eq!(
        bench.results(&again),
        rows(&[(BETA, "SUCCEEDED")]),
        "only what is not current is tried again"
    );
}

#[test]
fn a_missing_mapping_fails_that_account_alone_and_adding_the_key_heals_it() {
    let template = |keys: &str| {
        format!(
            "Mappings:\n  Ids: {{{keys}}}\n{}",
            ROLE.replace("!Ref Description", "!FindInMap [Ids, !Ref AWS::AccountId, Text]")
        )
    };
    let some = format!("'{ALPHA}': {{Text: a}}, '{GAMMA}': {{Text: c}}");
    let mut bench = Bench::deployed(&template(&some));
    let beta = bench.instance(BETA);
    assert_eq!(beta["StackInstanceStatus"]["DetailedStatus"], "FAILED");
    assert_eq!(beta["StatusReason"], format!("Template error: Unable to get mapping for Ids::{BETA}::Text"));
    assert_eq!(bench.role(GAMMA).unwrap()["Description"], "c");

    let all = format!("{some}, '{BETA}': {{Text: b}}");
    bench.run(
        "UpdateStackSet",
        json!({"TemplateBody": template(&all), "Capabilities": ["CAPABILITY_NAMED_IAM"]}),
    );
    assert_eq!(bench.instance(BETA)["Status"], "CURRENT");
    assert_eq!(bench.role(BETA).unwrap()["Description"], "b");
}

#[test]
fn a_missing_capability_is_accepted_and_fails_every_instance() {
    let mut bench = Bench::new();
    let mut set = service_managed(ROLE);
    set["Capabilities"] = json!(["CAPABILITY_IAM"]);
    bench.cloudformation("CreateStackSet", set);
    bench.run("CreateStackInstances", json!({"DeploymentTargets": {"OrganizationalUnitIds": [DEEP]}}));
    assert_eq!(bench.instance(GAMMA)["StatusReason"], "Requires capabilities : [CAPABILITY_NAMED_IAM]");
    assert!(bench.role(GAMMA).is_none());
}

#[test]
fn a_service_control_policy_binds_the_execution_role() {
    let organization = format!(
        "{ORGANIZATION}service_control_policies:\n  - name: no-roles\n    targets: [Work/Deep]\n    document: {{Version: '2012-10-17', Statement: [{{Effect: Deny, Action: 'iam:AttachRolePolicy', Resource: 'arn:aws:iam::*:role/Audit'}}]}}\n"
    );
    let mut bench = Bench::of(&organization);
    bench.cloudformation("CreateStackSet", service_managed(ROLE));
    bench.run("CreateStackInstances", json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}}));
    let gamma = bench.instance(GAMMA);
    let reason = gamma["StatusReason"].as_str().unwrap();
    assert!(reason.contains("with an explicit deny in a service control policy"), "{reason}");
    assert!(reason.contains("assumed-role/stacksets-exec-"), "{reason}");
    assert!(bench.role(GAMMA).is_none(), "a role that was made half way is taken away again");
    assert_eq!(bench.instance(ALPHA)["Status"], "CURRENT");
}

#[test]
fn a_set_is_created_once_for_one_token_and_refused_for_another() {
    let mut bench = Bench::new();
    let with_token = |token: &str| {
        let mut set = service_managed(ROLE);
        set["ClientRequestToken"] = json!(token);
        set
    };
    let id = bench.cloudformation("CreateStackSet", with_token("t1"));
    assert_eq!(bench.cloudformation("CreateStackSet", with_token("t1")), id);
    assert_eq!(bench.refused("CreateStackSet", with_token("t2")).0, "NameAlreadyExistsException");
    bench.run("CreateStackInstances", json!({"DeploymentTargets": {"OrganizationalUnitIds": [DEEP]}}));
    assert_eq!(bench.refused("CreateStackSet", with_token("t1")).0, "CreatedButModifiedException");
}

#[test]
fn what_is_wrong_with_a_set_is_refused_at_once() {
    let mut bench = Bench::new();
    for (member, value, expected) in [
        ("TemplateBody", json!("Resources: ["), "YAML not well-formed"),
        ("TemplateBody", json!(null), "Either TemplateBody or TemplateURL must be specified."),
        ("TemplateBody", json!(format!("Transform: AWS::Include\n{ROLE}")), "Transforms are not supported"),
        ("AutoDeployment", json!(null), "AutoDeployment should be specified"),
        (
            "AutoDeployment",
            json!({"Enabled": false, "RetainStacksOnAccountRemoval": true}),
            "RetainStacksOnAccountRemoval",
        ),
        ("StackSetName", json!("1st"), "'stackSetName'"),
        (
            "Parameters",
            json!([{"ParameterKey": "Nobody", "ParameterValue": "x"}]),
            "Parameters: [Nobody] do not exist",
        ),
        ("Parameters", json!([{"ParameterKey": "Seconds", "ParameterValue": "long"}]), "must be a number"),
        ("ExecutionRoleName", json!("x"), "ExecutionRoleName cannot be specified"),
        ("PermissionModel", json!("MANAGED"), "enum value set"),
    ] {
        let mut set = service_managed(ROLE);
        set[member] = value;
        if set[member].is_null() {
            set.as_object_mut().unwrap().remove(member);
        }
        let (code, message) = bench.refused("CreateStackSet", set);
        assert_eq!(code, "ValidationError");
        assert!(message.contains(expected), "{member}: {message}");
    }
}

#[test]
fn a_set_lives_in_one_region_and_is_found_by_name_or_id() {
    let mut bench = Bench::with_set(ROLE);
    let described =
        bench.cloudformation("DescribeStackSet", json!({"StackSetName": "audit"}))["StackSet"].clone();
    assert_eq!(described["TemplateBody"], ROLE);
    assert_eq!(described["PermissionModel"], "SERVICE_MANAGED");
    let by_id = bench.cloudformation("DescribeStackSet", json!({"StackSetName": described["StackSetId"]}));
    assert_eq!(by_id["StackSet"], described);
    bench.region = "eu-west-1";
    assert_eq!(
        bench.refused("DescribeStackSet", json!({"StackSetName": "audit"})).0,
        "StackSetNotFoundException"
    );
}

#[test]
fn lists_come_in_pages_and_through_filters() {
    let mut bench = Bench::deployed(ROLE);
    let mut accounts = Vec::new();
    let mut token = json!(null);
    loop {
        let mut input = json!({"StackSetName": "audit", "MaxResults": "1"});
        if token.is_string() {
            input["NextToken"] = token.clone();
        }
        let page = bench.cloudformation("ListStackInstances", input);
        accounts.extend(page["Summaries"].as_array().unwrap().iter().map(|row| row["Account"].clone()));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(accounts, [ALPHA, BETA, GAMMA, GONE]);
    for (filter, count) in [
        (json!([{"Name": "DETAILED_STATUS", "Values": "SKIPPED_SUSPENDED_ACCOUNT"}]), 1),
        (
            json!([{"Name": "DETAILED_STATUS", "Values": "SUCCEEDED"}, {"Name": "DRIFT_STATUS", "Values": "NOT_CHECKED"}]),
            3,
        ),
        (json!([{"Name": "LAST_OPERATION_ID", "Values": "another"}]), 0),
    ] {
        let listed =
            bench.cloudformation("ListStackInstances", json!({"StackSetName": "audit", "Filters": filter}));
        assert_eq!(listed["Summaries"].as_array().unwrap().len(), count, "{filter}");
    }
    for bad in [json!({"MaxResults": 0}), json!({"MaxResults": 101}), json!({"NextToken": "nonsense"})] {
        let mut input = bad.clone();
        input["StackSetName"] = json!("audit");
        assert_eq!(bench.refused("ListStackInstances", input).0, "ValidationError", "{bad}");
    }
}

#[test]
fn trusted_access_comes_first() {
    let mut bench =
        Bench::of(&ORGANIZATION.replace("stacksets_trusted_access: true", "stacksets_trusted_access: false"));
    let not_activated = "You must enable organizations access to operate a service managed stack set";
    assert_eq!(bench.cloudformation("DescribeOrganizationsAccess", json!({}))["Status"], "DISABLED");
    assert_eq!(bench.refused("CreateStackSet", service_managed(ROLE)).1, not_activated);
    let principal = json!({"ServicePrincipal": "member.org.stacksets.cloudformation.amazonaws.com"});
    bench.call(Service::Organizations, "EnableAWSServiceAccess", principal).unwrap();
    assert_eq!(
        bench.refused("CreateStackSet", service_managed(ROLE)).1,
        not_activated,
        "Organizations alone is not enough"
    );
    bench.cloudformation("ActivateOrganizationsAccess", json!({}));
    assert_eq!(bench.cloudformation("DescribeOrganizationsAccess", json!({}))["Status"], "ENABLED");
    bench.cloudformation("CreateStackSet", service_managed(ROLE));
    bench.caller = admin(ALPHA);
    assert_eq!(bench.refused("ActivateOrganizationsAccess", json!({})).0, "InvalidOperationException");
}
