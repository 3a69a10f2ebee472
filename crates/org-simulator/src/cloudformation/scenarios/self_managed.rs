//! Self-managed sets and the two roles that they need.

use serde_json::json;

use super::*;

fn trusting(principal: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}).to_string()
}

fn give_role(bench: &mut Bench, account: &str, name: &str, principal: Value) {
    bench
        .iam(
            account,
            "CreateRole",
            json!({"RoleName": name, "AssumeRolePolicyDocument": trusting(principal)}),
        )
        .unwrap();
    let attach = json!({"RoleName": name, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    bench.iam(account, "AttachRolePolicy", attach).unwrap();
}

#[test]
fn each_target_needs_an_execution_role_that_trusts_the_administrator() {
    let mut bench = Bench::new();
    let set =
        json!({"StackSetName": "audit", "TemplateBody": ROLE, "Capabilities": ["CAPABILITY_NAMED_IAM"]});
    bench.cloudformation("CreateStackSet", set);
    give_role(
        &mut bench,
        MANAGEMENT,
        "AWSCloudFormationStackSetAdministrationRole",
        json!({"Service": "cloudformation.amazonaws.com"}),
    );
    give_role(&mut bench, MANAGEMENT, "AWSCloudFormationStackSetExecutionRole", json!({"AWS": MANAGEMENT}));
    give_role(&mut bench, ALPHA, "AWSCloudFormationStackSetExecutionRole", json!({"AWS": MANAGEMENT}));
    give_role(&mut bench, BETA, "AWSCloudFormationStackSetExecutionRole", json!({"AWS": BETA}));

    let id = bench.submit("CreateStackInstances", json!({"Accounts": [MANAGEMENT, ALPHA, BETA, APART]}));
    bench.pass(60);
    assert_eq!(
        bench.results(&id),
        rows(&[(MANAGEMENT, "SUCCEEDED"), (ALPHA, "SUCCEEDED"), (BETA, "FAILED"), (APART, "FAILED")])
    );
    assert!(bench.role(MANAGEMENT).is_some(), "self-managed sets reach the management account");
    for account in [BETA, APART] {
        let reason = bench.instance(account)["StatusReason"].as_str().unwrap().to_owned();
        let expected = format!(
            "Account {account} should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role"
        );
        assert!(reason.starts_with(&expected), "{reason}");
    }
}

#[test]
fn a_member_may_have_sets_of_its_own() {
    let mut bench = Bench::new();
    bench.caller = admin(ALPHA);
    bench.cloudformation("CreateStackSet", json!({"StackSetName": "audit", "TemplateBody": ROLE}));
    bench.caller = admin(MANAGEMENT);
    assert_eq!(
        bench.refused("DescribeStackSet", json!({"StackSetName": "audit"})).0,
        "StackSetNotFoundException"
    );
}

#[test]
fn units_are_no_targets_of_a_self_managed_set() {
    let mut bench = Bench::new();
    bench.cloudformation("CreateStackSet", json!({"StackSetName": "audit", "TemplateBody": ROLE}));
    let input = json!({"StackSetName": "audit", "Regions": ["us-east-1"], "DeploymentTargets": {"OrganizationalUnitIds": [WORK]}});
    assert_eq!(bench.refused("CreateStackInstances", input).0, "ValidationError");
}
