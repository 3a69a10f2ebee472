//! A delegated administrator of StackSets rolls out.

use serde_json::json;

use crate::program::{Simulation, Workplace, encoded};

/// The administrator, which the role trusts besides.
const ADMINISTRATOR: &str = "222200001111";

const SANDBOXES: [&str; 2] = ["222200006001", "222200006002"];

/// The reference configuration for two accounts, whose roles the administrator may read.
fn set_up() -> (Workplace, Simulation) {
    let workplace = Workplace::new();
    let targets = SANDBOXES.map(|account| format!("    - account: \"{account}\"\n")).concat();
    for (from, to) in [
        ("  permission_model:", "  call_as: delegated-admin\n  permission_model:"),
        ("management_account: include", "management_account: exclude"),
        (
            "  from: arn:aws:iam::222200001111:role/CadoResponseEngine ",
            "  # as ourselves, whom the role trusts ",
        ),
        ("access_role: OrganizationAccountAccessRole", "access_role: Reader"),
        (
            "    - ou: Security\n    - ou: Infrastructure/**\n    - ou: Workloads/**\n    - ou: Sandbox\n",
            &targets,
        ),
        ("max_removals: 0", "max_removals: 1"),
    ] {
        workplace.edit("config/rollout.yaml", from, to);
    }
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let service = "member.org.stacksets.cloudformation.amazonaws.com";
    let delegated = json!({ "AccountId": ADMINISTRATOR, "ServicePrincipal": service });
    simulation.organizations("RegisterDelegatedAdministrator", &delegated);
    let statement =
        json!({"Effect": "Allow", "Principal": {"AWS": ADMINISTRATOR}, "Action": "sts:AssumeRole"});
    let trust = encoded(&json!({"Version": "2012-10-17", "Statement": statement}).to_string());
    let reader = "Version=2010-05-08&RoleName=Reader";
    for account in SANDBOXES {
        let create = format!("Action=CreateRole&{reader}&AssumeRolePolicyDocument={trust}");
        simulation.call(account, "iam", &create);
        let policy = "PolicyArn=arn:aws:iam::aws:policy/IAMReadOnlyAccess";
        simulation.call(account, "iam", &format!("Action=AttachRolePolicy&{reader}&{policy}"));
    }
    (workplace, simulation)
}

/// Without `CallAs` StackSets knows of no such set, so whatever comes about was called as delegated
/// administrator.
#[test]
fn every_call_of_a_roll_out_is_made_as_delegated_administrator() {
    let (workplace, simulation) = set_up();
    let apply = ["apply", "config/rollout.yaml", "--yes", "--remove"];
    let apply = |says: &str| workplace.run_as(ADMINISTRATOR, &simulation, &apply).ends_with(0).says(says);
    apply("2 deployed");
    workplace.edit("config/rollout.yaml", "max_session: 1h", "max_session: 2h");
    apply("2 deployed");
    workplace.edit("config/rollout.yaml", "managed_execution: true", "managed_execution: false");
    apply("2 verified");
    workplace.edit("config/rollout.yaml", &format!("    - account: \"{}\"\n", SANDBOXES[1]), "");
    apply("1 removed");
    let calls = simulation.calls();
    for operation in [
        "CreateStackInstances",
        "CreateStackSet",
        "DeleteStackInstances",
        "DescribeOrganizationsAccess",
        "DescribeStackSet",
        "DescribeStackSetOperation",
        "ListStackInstances",
        "ListStackSetOperationResults",
        "ListStackSetOperations",
        "ListStackSets",
        "UpdateStackSet",
    ] {
        assert!(calls.contains_key(&format!("cloudformation:{operation}")), "{operation}: {calls:?}");
    }
}
