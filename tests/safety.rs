//! Nothing of anybody else's is touched, nothing is deleted, and a mistake can be mended.

use serde_json::json;

use crate::program::{MANAGEMENT, Simulation, Workplace};
use crate::small_rollout;

const APPLY: [&str; 3] = ["apply", "config/rollout.yaml", "--yes"];

#[test]
fn a_strangers_stack_in_the_management_account_is_not_touched() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let template = "%7B%22Resources%22%3A%7B%22Precious%22%3A%7B%22Type%22%3A%22AWS%3A%3AIAM%3A%3ARole%22%2C\
                    %22Properties%22%3A%7B%22RoleName%22%3A%22Precious%22%2C%22AssumeRolePolicyDocument%22%3A%7B\
                    %22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C\
                    %22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A\
                    %22sts%3AAssumeRole%22%7D%7D%7D%7D%7D%7D";
    let create = format!(
        "Action=CreateStack&Version=2010-05-15&StackName=cado-response&TemplateBody={template}\
         &Capabilities.member.1=CAPABILITY_NAMED_IAM"
    );
    simulation.call(MANAGEMENT, "cloudformation", &create);
    simulation.advance(120);
    workplace
        .run_as(MANAGEMENT, &simulation, &APPLY)
        .ends_with(2)
        .says("a stack named `cado-response` exists in the management account and carries no mark");
    simulation.call(MANAGEMENT, "iam", "Action=GetRole&Version=2010-05-08&RoleName=Precious");
}

#[test]
fn a_role_that_failed_everywhere_can_be_corrected_and_applied_again() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let right = "arn:aws:iam::aws:policy/SecurityAudit";
    workplace.edit("config/rollout.yaml", right, "arn:aws:iam::aws:policy/SecurtyAudit");
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(1).says("SecurtyAudit");
    workplace.edit("config/rollout.yaml", "arn:aws:iam::aws:policy/SecurtyAudit", right);
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0).says("58 verified");
    workplace.run_as(MANAGEMENT, &simulation, &["plan", "config/rollout.yaml"]).ends_with(0);
}

#[test]
fn another_role_name_is_refused_because_the_old_role_would_be_deleted() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0);
    workplace.edit("config/rollout.yaml", "name: CadoResponse\n", "name: CadoResponse2\n");
    workplace
        .run_as(MANAGEMENT, &simulation, &APPLY)
        .ends_with(2)
        .says("the role `/CadoResponse` would be replaced by `/CadoResponse2`");
    simulation.call("222200003103", "iam", "Action=GetRole&Version=2010-05-08&RoleName=CadoResponse");
}

#[test]
fn settings_change_without_touching_any_role() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0);
    workplace.edit("config/rollout.yaml", "managed_execution: true", "managed_execution: false");
    workplace.edit("config/rollout.yaml", "    - ou: Sandbox\n", "");
    let arguments = [&APPLY[..], &["--output", "json"]].concat();
    let run = workplace.run_as(MANAGEMENT, &simulation, &arguments).ends_with(0);
    let no_target = &run.accounts()["222200006001"];
    assert_eq!(no_target["action"], "leave_in_place");
    assert!(no_target["deployment"].is_null(), "a settings change deploys nothing: {no_target}");
    workplace.run_as(MANAGEMENT, &simulation, &["plan", "config/rollout.yaml"]).ends_with(0);
}

#[test]
fn a_role_name_that_is_taken_in_one_account_fails_there_alone_when_nobody_looked() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let taken = "222200003202";
    simulation.create_role(taken, "CadoResponse");
    let arguments = [&APPLY[..], &["--output", "json", "--no-account-checks"]].concat();
    let run = workplace.run_as(MANAGEMENT, &simulation, &arguments).ends_with(1);
    for (id, account) in run.accounts() {
        let status = &account["deployment"]["status"];
        if id == taken {
            assert_eq!(status, "failed", "{account}");
            assert!(account.to_string().contains("already exists"), "{account}");
        } else if account["action"] == "create" {
            assert_eq!(status, "deployed", "{id}");
        }
    }
}

#[test]
fn an_account_that_came_into_a_unit_of_the_operation_is_no_silent_holder_of_the_role() {
    const FULL: &str = "222200000004";
    let workplace = small_rollout::workplace();
    let exclude = format!("  exclude: [ {{ account: \"{FULL}\" }} ]\n  management_account: include\nwaves:");
    workplace.edit("config/rollout.yaml", "  management_account: include\nwaves:", &exclude);
    let moves = format!(
        "events: [ {{ when: {{ operation: 'cloudformation:CreateStackInstances' }}, \
         move: {{ account: '{FULL}', to: Canary }} }} ]"
    );
    let simulation = small_rollout::simulation(&workplace, &moves);
    let run = workplace.run_as(MANAGEMENT, &simulation, &small_rollout::APPLY).ends_with(1);
    let reached = &run.accounts()[FULL];
    assert_eq!((&reached["action"], &reached["deployment"]["status"]), (&json!("skip"), &json!("failed")));
    let reason = reached["deployment"]["reason"].as_str().unwrap();
    assert!(reason.contains("has the role now, which was not meant"), "{reason}");
}
