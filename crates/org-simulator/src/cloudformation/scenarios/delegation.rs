//! CallAs, and who sees which sets.

use serde_json::json;

use super::*;

fn with_delegate() -> Bench {
    let organization = format!(
        "{ORGANIZATION}delegated_administrators:\n  '{ALPHA}': [member.org.stacksets.cloudformation.amazonaws.com]\n"
    );
    let mut bench = Bench::of(&organization);
    bench.caller = admin(ALPHA);
    bench
}

#[test]
fn a_delegated_administrator_works_on_the_sets_of_the_management_account_and_says_so_every_time() {
    let mut bench = with_delegate();
    let mut set = service_managed(ROLE);
    assert!(bench.refused("CreateStackSet", set.clone()).1.contains("management account or delegated admin"));
    set["CallAs"] = json!("DELEGATED_ADMIN");
    bench.cloudformation("CreateStackSet", set);
    let named = json!({"StackSetName": "audit"});
    assert_eq!(bench.refused("DescribeStackSet", named.clone()).0, "StackSetNotFoundException");
    let targets =
        json!({"CallAs": "DELEGATED_ADMIN", "DeploymentTargets": {"OrganizationalUnitIds": [DEEP]}});
    bench.submit("CreateStackInstances", targets);
    bench.pass(60);
    assert!(bench.role(GAMMA).is_some());
    bench.caller = admin(MANAGEMENT);
    let arn = bench.cloudformation("DescribeStackSet", named)["StackSet"]["StackSetARN"].clone();
    assert!(arn.as_str().unwrap().contains(MANAGEMENT), "the set belongs to the management account");
}

#[test]
fn others_cannot_call_as_a_delegate() {
    let mut bench = with_delegate();
    for account in [BETA, MANAGEMENT] {
        bench.caller = admin(account);
        let (code, message) = bench.refused("ListStackSets", json!({"CallAs": "DELEGATED_ADMIN"}));
        assert_eq!(
            (code, message.as_str()),
            ("ValidationError", "Account used is not a delegated administrator"),
            "{account}"
        );
    }
}

#[test]
fn a_delegate_sees_no_self_managed_sets() {
    let mut bench = with_delegate();
    bench.caller = admin(MANAGEMENT);
    bench.cloudformation("CreateStackSet", json!({"StackSetName": "own", "TemplateBody": ROLE}));
    bench.caller = admin(ALPHA);
    let listed = bench.cloudformation("ListStackSets", json!({"CallAs": "DELEGATED_ADMIN"}));
    assert_eq!(listed["Summaries"], json!([]));
}
