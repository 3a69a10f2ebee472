//! What is found to be in the way of a roll-out before the first write.

use serde_json::json;

use crate::program::{MANAGEMENT, Simulation, Workplace};

const CONFIG: &str = "config/rollout.yaml";
const TAKEN: &str = "222200003202";

#[test]
fn a_role_of_that_name_blocks_its_account_and_no_other() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    simulation.create_role(TAKEN, "CadoResponse");
    let plan = ["plan", CONFIG, "--output", "json"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &plan).ends_with(1);
    let row = &run.accounts()[TAKEN];
    assert_eq!(row["action"], "blocked", "{row}");
    let reason = row["reason"].as_str().unwrap();
    assert!(reason.starts_with("the role `CadoResponse` exists already (created "), "{reason}");
    assert!(reason.ends_with("rename the role, or delete or import the existing one"), "{reason}");
    assert_eq!(run.json()["summary"]["create"], 57);
    let calls = simulation.calls();
    assert_eq!((calls["sts:AssumeRole"], calls["iam:GetRole"]), (57, 58), "one of each, and GetRole at home");

    let apply = ["apply", CONFIG, "--yes", "--output", "json"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(1);
    assert_eq!(run.accounts()[TAKEN]["deployment"], json!(null));
    assert_eq!(run.json()["summary"]["verified"], 57);
    simulation.call(TAKEN, "iam", "Action=DeleteRole&Version=2010-05-08&RoleName=CadoResponse");
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    assert_eq!(run.accounts()[TAKEN]["action"], "create");
    assert_eq!(run.json()["summary"]["verified"], 58);
}

#[test]
fn a_service_control_policy_that_keeps_stack_sets_out_blocks_whoever_is_below_it() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let deny = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "NoRoles", "Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*" }],
    });
    simulation.attach_policy("guard", &deny, TAKEN);
    let plan = ["plan", CONFIG, "--output", "json"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &plan).ends_with(1);
    let reason = run.accounts()[TAKEN]["reason"].as_str().unwrap().to_owned();
    assert!(
        reason.contains("`guard` (statement \"NoRoles\") denies iam:CreateRole to StackSets: exempt"),
        "{reason}"
    );
    assert_eq!(run.json()["summary"]["blocked"], 1);
}

#[test]
fn another_stack_set_that_makes_the_same_role_is_named() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", CONFIG, "--yes"]).ends_with(0);
    workplace.edit(CONFIG, "rollout: cado-response", "rollout: cado-again");
    workplace
        .run_as(MANAGEMENT, &simulation, &["plan", CONFIG])
        .ends_with(1)
        .says("the StackSet `cado-response` makes a role `CadoResponse` too")
        .says("was left behind by rollout `cado-response`, or is still in use there");
}

#[track_caller]
fn warned(from: &str, to: &str, says: &str) {
    let workplace = Workplace::new();
    workplace.edit(CONFIG, from, to);
    let run = workplace.run(&["plan", CONFIG, "--simulate", "--output", "json"]).ends_with(3);
    let warnings = run.json()["warnings"].to_string();
    assert!(warnings.contains(says), "`{says}` is not among {warnings}");
}

#[test]
fn an_excluded_account_that_automatic_deployment_could_reach_is_named() {
    let workplace = Workplace::new();
    workplace.edit(CONFIG, "enabled: false }", "enabled: true }");
    workplace.edit(
        CONFIG,
        "- ou: Workloads/Legacy\n",
        "- ou: Workloads/Legacy\n    - account: \"222200003103\"\n",
    );
    workplace
        .run(&["plan", CONFIG, "--simulate"])
        .ends_with(3)
        .says("automatic deployment ignores exclusions: it may still reach 222200003103 payments-prod;")
        .says("set stack_set.auto_deployment.enabled to false or move them to a unit that is not targeted");
}

#[test]
fn what_an_operator_should_think_twice_about_is_said() {
    warned("home_region: us-east-1", "home_region: ap-east-1", "ap-east-1 is an opt-in Region");
    warned(
        "arn:aws:iam::aws:policy/SecurityAudit",
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "AdministratorAccess",
    );
    warned(
        "    - account: \"222200001111\"\n",
        "    - account: \"111122223333\"\n    - account: \"222200001111\"\n",
        "111122223333",
    );
    warned(
        "  management_account: include       # by a plain stack: service-managed StackSets never reach it\n",
        "",
        "the management account 111111111111 does not get the role",
    );
}
