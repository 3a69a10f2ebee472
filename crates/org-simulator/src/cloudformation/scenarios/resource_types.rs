//! Templates of several resources that refer to each other.

use serde_json::json;

use super::*;

const SEVERAL: &str = r"
Conditions:
  Wanted: !Equals [!Ref AWS::AccountId, '100000000000']
Resources:
  Inline:
    Type: AWS::IAM::RolePolicy
    Properties:
      PolicyName: inline
      RoleName: !Ref Role
      PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'ec2:Describe*', Resource: '*'}]}
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref Role]
      PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:List*', Resource: '*'}]}
  Shared:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: shared
      Roles: [!Ref Role]
      PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'sqs:List*', Resource: !GetAtt Role.Arn}]}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: Audit
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}
  Never:
    Type: AWS::IAM::Role
    Condition: Unwanted
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}
";

fn template() -> String {
    SEVERAL.replace("Conditions:\n", "Conditions:\n  Unwanted: !Not [!Condition Wanted]\n")
}

fn stack(template: &str) -> Value {
    json!({"StackName": "several", "TemplateBody": template, "Capabilities": ["CAPABILITY_NAMED_IAM"]})
}

fn status(bench: &mut Bench) -> String {
    let stacks = bench.cloudformation("DescribeStacks", json!({"StackName": "several"}));
    stacks["Stacks"][0]["StackStatus"].as_str().unwrap().to_owned()
}

fn policies(bench: &mut Bench, role: &str) -> (Vec<String>, usize) {
    let inline = bench.iam(MANAGEMENT, "ListRolePolicies", json!({"RoleName": role})).unwrap();
    let names =
        inline["PolicyNames"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    let attached = bench.iam(MANAGEMENT, "ListAttachedRolePolicies", json!({"RoleName": role})).unwrap();
    (names.collect(), attached["AttachedPolicies"].as_array().unwrap().len())
}

#[test]
fn resources_are_made_in_the_order_of_their_references_and_unmade_in_reverse() {
    let mut bench = Bench::new();
    bench.cloudformation("CreateStack", stack(&template()));
    bench.pass(60);
    assert_eq!(status(&mut bench), "CREATE_COMPLETE");
    assert_eq!(policies(&mut bench, "Audit"), (vec!["inline".to_owned(), "shared".to_owned()], 1));
    let shared =
        bench.iam(MANAGEMENT, "GetRolePolicy", json!({"RoleName": "Audit", "PolicyName": "shared"})).unwrap();
    assert!(shared["PolicyDocument"].as_str().unwrap().contains("role%2FAudit"), "{shared}");
    let resources = bench.cloudformation("ListStackResources", json!({"StackName": "several"}));
    assert_eq!(
        resources["StackResourceSummaries"].as_array().unwrap().len(),
        4,
        "a false condition makes nothing"
    );
    bench.cloudformation("DeleteStack", json!({"StackName": "several"}));
    bench.pass(60);
    assert!(bench.role(MANAGEMENT).is_none());
    let owned = bench.iam(MANAGEMENT, "ListPolicies", json!({"Scope": "Local"})).unwrap();
    assert_eq!(owned["Policies"], json!([]));
}

#[test]
fn what_refers_to_a_replaced_role_moves_to_the_new_one() {
    let mut bench = Bench::new();
    bench.cloudformation("CreateStack", stack(&template()));
    bench.pass(60);
    bench.cloudformation("UpdateStack", stack(&template().replace("RoleName: Audit", "RoleName: Auditor")));
    bench.pass(60);
    assert_eq!(status(&mut bench), "UPDATE_COMPLETE");
    assert!(bench.role(MANAGEMENT).is_none());
    assert_eq!(policies(&mut bench, "Auditor"), (vec!["inline".to_owned(), "shared".to_owned()], 1));
}

#[test]
fn a_resource_that_the_template_drops_is_deleted() {
    let mut bench = Bench::new();
    bench.cloudformation("CreateStack", stack(&template()));
    bench.pass(60);
    let start = template().find("  Shared:").unwrap();
    let end = template().find("  Role:").unwrap();
    let without = format!("{}{}", &template()[..start], &template()[end..]);
    bench.cloudformation("UpdateStack", stack(&without));
    bench.pass(60);
    assert_eq!(policies(&mut bench, "Audit"), (vec!["inline".to_owned()], 1));
}

#[test]
fn a_retained_resource_outlives_its_stack() {
    let mut bench = Bench::new();
    bench.cloudformation(
        "CreateStack",
        stack(&ROLE.replace(
            "    Properties:\n      RoleName",
            "    DeletionPolicy: Retain\n    Properties:\n      RoleName",
        )),
    );
    bench.pass(60);
    bench.cloudformation("DeleteStack", json!({"StackName": "several"}));
    bench.pass(60);
    assert!(bench.role(MANAGEMENT).is_some());
}

/// The versions of the one customer managed policy, and the document in force.
fn managed_policy(bench: &mut Bench) -> (Vec<String>, String) {
    let owned = bench.iam(MANAGEMENT, "ListPolicies", json!({"Scope": "Local"})).unwrap();
    let policy = &owned["Policies"][0];
    let arn = &policy["Arn"];
    let listed = bench.iam(MANAGEMENT, "ListPolicyVersions", json!({"PolicyArn": arn})).unwrap();
    let versions = listed["Versions"].as_array().unwrap().iter();
    let versions = versions.map(|version| version["VersionId"].as_str().unwrap().to_owned()).collect();
    let get = json!({"PolicyArn": arn, "VersionId": policy["DefaultVersionId"]});
    let version = bench.iam(MANAGEMENT, "GetPolicyVersion", get).unwrap();
    (versions, version["PolicyVersion"]["Document"].as_str().unwrap().to_owned())
}

#[test]
fn a_managed_policy_is_updated_by_a_new_version_that_replaces_the_old() {
    let mut bench = Bench::new();
    bench.cloudformation("CreateStack", stack(&template()));
    bench.pass(60);
    // More often than IAM keeps versions.
    for number in 1..=6 {
        let changed = template().replace("s3:List*", &format!("s3:Get{number}*"));
        bench.cloudformation("UpdateStack", stack(&changed));
        bench.pass(60);
        assert_eq!(status(&mut bench), "UPDATE_COMPLETE");
        let (versions, document) = managed_policy(&mut bench);
        assert_eq!(versions, [format!("v{}", number + 1)]);
        assert!(document.contains(&format!("Get{number}")), "{document}");
    }
    assert_eq!(policies(&mut bench, "Audit").1, 1, "it stays attached");
    let by_hand = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let owned = bench.iam(MANAGEMENT, "ListPolicies", json!({"Scope": "Local"})).unwrap();
    let version = json!({"PolicyArn": owned["Policies"][0]["Arn"], "PolicyDocument": by_hand});
    bench.iam(MANAGEMENT, "CreatePolicyVersion", version).unwrap();
    bench.cloudformation("DeleteStack", json!({"StackName": "several"}));
    bench.pass(60);
    let owned = bench.iam(MANAGEMENT, "ListPolicies", json!({"Scope": "Local"})).unwrap();
    assert_eq!(owned["Policies"], json!([]), "versions made by hand are deleted with it");
}

#[test]
fn a_policy_whose_update_fails_half_way_is_what_it_was() {
    for kept in ["s3:List*", "sqs:List*"] {
        let mut bench = Bench::new();
        bench.cloudformation("CreateStack", stack(&template()));
        bench.pass(60);
        let shared = json!({"RoleName": "Audit", "PolicyName": "shared"});
        let before =
            (managed_policy(&mut bench).1, bench.iam(MANAGEMENT, "GetRolePolicy", shared.clone()).unwrap());
        let (start, end) = match kept {
            "s3:List*" => ("  Managed:", "  Shared:"),
            _ => ("  Shared:", "  Role:"),
        };
        let text = template();
        let (start, end) = (text.find(start).unwrap(), text.find(end).unwrap());
        let resource = text[start..end]
            .replace(kept, "kms:List*")
            .replace("Roles: [!Ref Role]", "Roles: [!Ref Role, Nobody]");
        let changed = format!("{}{resource}{}", &text[..start], &text[end..]);
        bench.cloudformation("UpdateStack", stack(&changed));
        bench.pass(60);
        assert_eq!(status(&mut bench), "UPDATE_ROLLBACK_COMPLETE");
        let after = (managed_policy(&mut bench).1, bench.iam(MANAGEMENT, "GetRolePolicy", shared).unwrap());
        assert_eq!(before, after, "{kept}");
    }
}

#[test]
fn tags_of_the_stack_reach_its_managed_policies_and_follow_it() {
    let mut bench = Bench::new();
    let tagged = |value: &str| {
        let mut input = stack(&template());
        input["Tags"] = json!([{"Key": "owner", "Value": value}]);
        input
    };
    for (operation, value) in [("CreateStack", "security"), ("UpdateStack", "platform")] {
        bench.cloudformation(operation, tagged(value));
        bench.pass(60);
        let owned = bench.iam(MANAGEMENT, "ListPolicies", json!({"Scope": "Local"})).unwrap();
        let arn = json!({"PolicyArn": owned["Policies"][0]["Arn"]});
        let listed = bench.iam(MANAGEMENT, "ListPolicyTags", arn).unwrap();
        assert_eq!(listed["Tags"], json!([{"Key": "owner", "Value": value}]));
    }
}
