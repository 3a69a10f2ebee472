//! `verify`: what StackSets and drift detection call well, and is not.

use crate::program::{MANAGEMENT, Simulation, Workplace};

const ACCOUNT: &str = "222200003103";

fn rolled_out() -> (Workplace, Simulation) {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    (workplace, simulation)
}

/// Does something by hand in one account and expects `verify` to name the account and the difference, and
/// nobody else.
#[track_caller]
fn found(by_hand: &[&str], difference: &str) {
    let (workplace, simulation) = rolled_out();
    for form in by_hand {
        simulation.call(ACCOUNT, "iam", &format!("Version=2010-05-08&RoleName=CadoResponse&{form}"));
    }
    let listed = simulation.call(
        MANAGEMENT,
        "cloudformation",
        &format!(
            "Action=ListStackInstances&Version=2010-05-15&StackSetName=cado-response&StackInstanceAccount={ACCOUNT}"
        ),
    );
    assert!(listed.contains("<Status>CURRENT</Status>"), "StackSets notices nothing: {listed}");
    let run = workplace
        .run_as(MANAGEMENT, &simulation, &["verify", "config/rollout.yaml", "--output", "json"])
        .ends_with(3);
    for (id, account) in run.accounts() {
        let conclusion = &account["verification"]["conclusion"];
        if id == ACCOUNT {
            assert_eq!(conclusion, "finding", "{account}");
            assert!(account.to_string().contains(difference), "`{difference}` is not in {account}");
        } else if account["action"] == "keep" {
            assert_eq!(conclusion, "verified", "{id}: {account}");
        }
    }
    let table = workplace.run_as(MANAGEMENT, &simulation, &["verify", "config/rollout.yaml"]).ends_with(3);
    assert!(table.result.contains(ACCOUNT) && table.result.contains(difference), "{}", table.result);
}

#[test]
fn a_policy_attached_by_hand_is_found_though_the_stack_set_says_current() {
    found(
        &["Action=AttachRolePolicy&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess"],
        "extra managed policy arn:aws:iam::aws:policy/AdministratorAccess",
    );
}

#[test]
fn an_inline_policy_added_by_hand_is_found() {
    let document = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C\
                    %22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
    found(
        &[&format!("Action=PutRolePolicy&PolicyName=backdoor&PolicyDocument={document}")],
        "extra inline policy `backdoor`",
    );
}

#[test]
fn a_trust_policy_without_its_external_id_is_found_because_a_stranger_gets_in() {
    let document = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C\
                    %22Principal%22%3A%7B%22AWS%22%3A%22222200001111%22%7D%2C\
                    %22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
    found(
        &[&format!("Action=UpdateAssumeRolePolicy&PolicyDocument={document}")],
        "the role let its principal in without an external ID",
    );
}

#[test]
fn a_role_deleted_by_hand_is_found() {
    found(
        &[
            "Action=DetachRolePolicy&PolicyArn=arn:aws:iam::aws:policy/SecurityAudit",
            "Action=DetachRolePolicy&PolicyArn=arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess",
            "Action=DeleteRolePolicy&PolicyName=collect",
            "Action=DeleteRole",
        ],
        "the role does not exist",
    );
}
