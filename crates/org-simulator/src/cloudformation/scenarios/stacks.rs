//! Plain stacks and change sets.

use serde_json::json;

use super::*;

fn stack(template: &str) -> Value {
    json!({"StackName": "audit", "TemplateBody": template, "Capabilities": ["CAPABILITY_NAMED_IAM"]})
}

fn stack_status(bench: &mut Bench) -> String {
    match bench.call(Service::CloudFormation, "DescribeStacks", json!({"StackName": "audit"})) {
        Ok(answer) => answer["Stacks"][0]["StackStatus"].as_str().unwrap().to_owned(),
        Err(error) => error.message,
    }
}

#[test]
fn a_stack_lives_from_creation_to_deletion_in_virtual_time() {
    let mut bench = Bench::new();
    bench.cloudformation("CreateStack", stack(ROLE));
    assert_eq!(stack_status(&mut bench), "CREATE_IN_PROGRESS");
    assert!(bench.role(MANAGEMENT).is_none());
    bench.pass(30);
    assert_eq!(stack_status(&mut bench), "CREATE_COMPLETE");
    let resources = bench.cloudformation("DescribeStackResources", json!({"StackName": "audit"}));
    assert_eq!(resources["StackResources"][0]["PhysicalResourceId"], "Audit");

    let mut update = stack(&ROLE.replace("3600", "7200"));
    bench.cloudformation("UpdateStack", update.clone());
    assert_eq!(stack_status(&mut bench), "UPDATE_IN_PROGRESS");
    bench.pass(30);
    assert_eq!(stack_status(&mut bench), "UPDATE_COMPLETE");
    assert_eq!(bench.role(MANAGEMENT).unwrap()["MaxSessionDuration"].to_string().trim_matches('"'), "7200");
    let (code, message) = bench.refused("UpdateStack", update.clone());
    assert_eq!((code, message.as_str()), ("ValidationError", "No updates are to be performed."));
    update["TemplateBody"] = json!(format!("Description: other words\n{}", ROLE.replace("3600", "7200")));
    assert_eq!(bench.refused("UpdateStack", update).1, "No updates are to be performed.");

    bench.cloudformation("DeleteStack", json!({"StackName": "audit"}));
    assert_eq!(stack_status(&mut bench), "DELETE_IN_PROGRESS");
    bench.pass(30);
    assert_eq!(stack_status(&mut bench), "Stack with id audit does not exist");
    assert!(bench.role(MANAGEMENT).is_none());
    let listed = bench.cloudformation("ListStacks", json!({"StackStatusFilter": ["DELETE_COMPLETE"]}));
    assert_eq!(listed["StackSummaries"].as_array().unwrap().len(), 1);
}

#[test]
fn a_failed_creation_rolls_back_and_must_be_deleted_first() {
    let mut bench = Bench::new();
    let two = ROLE.replace("Outputs:", "  Second:\n    Type: AWS::IAM::Role\n    DependsOn: Role\n    Properties: {RoleName: Audit, AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: '100000000000'}, Action: 'sts:AssumeRole'}]}}\nOutputs:");
    bench.cloudformation("CreateStack", stack(&two));
    bench.pass(60);
    assert_eq!(stack_status(&mut bench), "ROLLBACK_COMPLETE");
    assert!(bench.role(MANAGEMENT).is_none(), "what was made is taken away again");
    let events = bench.cloudformation("DescribeStackEvents", json!({"StackName": "audit"}));
    let failed = events["StackEvents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["ResourceStatus"] == "CREATE_FAILED")
        .unwrap();
    assert_eq!(failed["LogicalResourceId"], "Second");
    assert_eq!(failed["ResourceStatusReason"], "Role with name Audit already exists.");
    let (code, message) = bench.refused("UpdateStack", stack(ROLE));
    assert_eq!(code, "ValidationError");
    assert!(message.contains("is in ROLLBACK_COMPLETE state and can not be updated"), "{message}");
    assert_eq!(bench.refused("CreateStack", stack(ROLE)).0, "AlreadyExistsException");
}

#[test]
fn what_is_wrong_with_a_stack_is_refused_at_once() {
    let mut bench = Bench::new();
    let mut without = stack(ROLE);
    without["Capabilities"] = json!(["CAPABILITY_IAM"]);
    let (code, message) = bench.refused("CreateStack", without);
    assert_eq!(
        (code, message.as_str()),
        ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
    );
    let mapped = format!(
        "Mappings: {{Ids: {{'1': {{Text: x}}}}}}\n{}",
        ROLE.replace("!Ref Description", "!FindInMap [Ids, !Ref AWS::AccountId, Text]")
    );
    assert_eq!(
        bench.refused("CreateStack", stack(&mapped)).1,
        format!("Template error: Unable to get mapping for Ids::{MANAGEMENT}::Text")
    );
    assert_eq!(
        bench.refused("DescribeStacks", json!({"StackName": "nobody"})),
        ("ValidationError", "Stack with id nobody does not exist".to_owned())
    );
    bench.cloudformation("DeleteStack", json!({"StackName": "nobody"}));
}

#[test]
fn termination_protection_keeps_a_stack() {
    let mut bench = Bench::new();
    bench.cloudformation("CreateStack", stack(ROLE));
    bench.pass(30);
    bench.cloudformation(
        "UpdateTerminationProtection",
        json!({"StackName": "audit", "EnableTerminationProtection": "true"}),
    );
    assert!(bench.refused("DeleteStack", json!({"StackName": "audit"})).1.contains("TerminationProtection"));
    bench.cloudformation(
        "UpdateTerminationProtection",
        json!({"StackName": "audit", "EnableTerminationProtection": "false"}),
    );
    bench.cloudformation("DeleteStack", json!({"StackName": "audit"}));
}

#[test]
fn a_change_set_creates_updates_and_fails_without_changes() {
    let mut bench = Bench::new();
    let change = |name: &str, kind: &str, template: &str| {
        let mut input = stack(template);
        input["ChangeSetName"] = json!(name);
        input["ChangeSetType"] = json!(kind);
        input
    };
    let named = |name: &str| json!({"StackName": "audit", "ChangeSetName": name});
    bench.cloudformation("CreateChangeSet", change("first", "CREATE", ROLE));
    assert_eq!(stack_status(&mut bench), "REVIEW_IN_PROGRESS");
    assert_eq!(bench.cloudformation("DescribeChangeSet", named("first"))["Status"], "CREATE_PENDING");
    bench.pass(5);
    let described = bench.cloudformation("DescribeChangeSet", named("first"));
    assert_eq!(described["Status"], "CREATE_COMPLETE");
    assert_eq!(described["Changes"][0]["ResourceChange"]["Action"], "Add");
    bench.cloudformation("ExecuteChangeSet", named("first"));
    bench.pass(30);
    assert_eq!(stack_status(&mut bench), "CREATE_COMPLETE");

    bench.cloudformation("CreateChangeSet", change("same", "UPDATE", ROLE));
    bench.pass(5);
    let described = bench.cloudformation("DescribeChangeSet", named("same"));
    assert_eq!(described["Status"], "FAILED");
    assert!(described["StatusReason"].as_str().unwrap().contains("didn't contain changes"));
    assert_eq!(bench.refused("ExecuteChangeSet", named("same")).0, "InvalidChangeSetStatus");

    bench.cloudformation(
        "CreateChangeSet",
        change("renamed", "UPDATE", &ROLE.replace("RoleName: Audit", "RoleName: Other")),
    );
    bench.pass(5);
    let described = bench.cloudformation("DescribeChangeSet", named("renamed"));
    assert_eq!(described["Changes"][0]["ResourceChange"]["Replacement"], "True");
    bench.cloudformation("DeleteChangeSet", named("renamed"));
    assert_eq!(bench.refused("DescribeChangeSet", named("renamed")).0, "ChangeSetNotFound");
    assert_eq!(bench.refused("CreateChangeSet", change("x", "CREATE", ROLE)).0, "ValidationError");
}

#[test]
fn executing_a_change_set_frees_its_name_and_deletes_the_others() {
    let mut bench = Bench::new();
    bench.cloudformation("CreateStack", stack(ROLE));
    bench.pass(30);
    let named = |name: &str| json!({"StackName": "audit", "ChangeSetName": name});
    let longer = |seconds: &str| stack(&ROLE.replace("3600", seconds));
    let create = |bench: &mut Bench, name: &str, seconds: &str| {
        let mut input = longer(seconds);
        input["ChangeSetName"] = json!(name);
        bench.cloudformation("CreateChangeSet", input);
        bench.pass(5);
    };
    create(&mut bench, "wanted", "7200");
    create(&mut bench, "other", "10800");
    bench.cloudformation("ExecuteChangeSet", named("wanted"));
    bench.pass(30);
    assert_eq!(bench.refused("ExecuteChangeSet", named("other")).0, "ChangeSetNotFound");
    let executed = bench.cloudformation("DescribeChangeSet", named("wanted"));
    assert_eq!(executed["ExecutionStatus"], "EXECUTE_COMPLETE");
    create(&mut bench, "wanted", "10800");
    bench.cloudformation("UpdateStack", longer("14400"));
    bench.pass(30);
    let overtaken = bench.cloudformation("DescribeChangeSet", named("wanted"));
    assert_eq!(overtaken["ExecutionStatus"], "OBSOLETE");
    assert_eq!(bench.refused("ExecuteChangeSet", named("wanted")).0, "InvalidChangeSetStatus");
}

#[test]
fn a_property_that_the_type_does_not_know_fails_the_update_of_the_resource() {
    let mut bench = Bench::new();
    bench.cloudformation("CreateStack", stack(ROLE));
    bench.pass(30);
    bench.cloudformation("UpdateStack", stack(&ROLE.replace("MaxSessionDuration", "MaxSession")));
    bench.pass(30);
    assert_eq!(stack_status(&mut bench), "UPDATE_ROLLBACK_COMPLETE");
    let events = bench.cloudformation("DescribeStackEvents", json!({"StackName": "audit"}));
    let mut events = events["StackEvents"].as_array().unwrap().iter();
    let failed = events.find(|event| event["ResourceStatus"] == "UPDATE_FAILED").unwrap();
    assert_eq!(failed["PhysicalResourceId"], "Audit");
    let reason = failed["ResourceStatusReason"].as_str().unwrap();
    assert!(reason.contains("extraneous key [MaxSession] is not permitted"), "{reason}");
}

#[test]
fn a_template_is_given_back_and_summed_up() {
    let mut bench = Bench::with_set(ROLE);
    bench.cloudformation("CreateStack", stack(ROLE));
    assert_eq!(bench.cloudformation("GetTemplate", json!({"StackName": "audit"}))["TemplateBody"], ROLE);
    for of in [json!({"TemplateBody": ROLE}), json!({"StackName": "audit"}), json!({"StackSetName": "audit"})]
    {
        let summary = bench.cloudformation("GetTemplateSummary", of);
        assert_eq!(summary["Capabilities"], json!(["CAPABILITY_NAMED_IAM"]));
        assert_eq!(summary["ResourceTypes"], json!(["AWS::IAM::Role"]));
        assert_eq!(summary["Parameters"].as_array().unwrap().len(), 2);
    }
    assert_eq!(bench.refused("ValidateTemplate", json!({"TemplateBody": "{}"})).0, "ValidationError");
}

#[test]
fn the_caller_makes_the_resources_and_its_permissions_bind() {
    let mut bench = Bench::new();
    bench.iam(MANAGEMENT, "CreateUser", json!({"UserName": "reader"})).unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["cloudformation:*", "iam:Get*"], "Resource": "*"}]});
    bench
        .iam(
            MANAGEMENT,
            "PutUserPolicy",
            json!({"UserName": "reader", "PolicyName": "p", "PolicyDocument": policy.to_string()}),
        )
        .unwrap();
    bench.caller = Caller {
        account: MANAGEMENT.to_owned(),
        arn: format!("arn:aws:iam::{MANAGEMENT}:user/reader"),
        user_id: "AIDAREADER".to_owned(),
        kind: CallerKind::User { name: "reader".to_owned() },
    };
    bench.cloudformation("CreateStack", stack(ROLE));
    bench.pass(60);
    assert_eq!(stack_status(&mut bench), "ROLLBACK_COMPLETE");
    let events = bench.cloudformation("DescribeStackEvents", json!({"StackName": "audit"}));
    let failed = events["StackEvents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["ResourceStatus"] == "CREATE_FAILED")
        .unwrap();
    assert!(
        failed["ResourceStatusReason"]
            .as_str()
            .unwrap()
            .contains("is not authorized to perform: iam:CreateRole"),
        "{failed}"
    );
}
