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
