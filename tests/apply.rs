//! `apply`: the main job, and doing it again.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::program::{EXTERNAL_ID, MANAGEMENT, Simulation, Workplace};

/// Every operation that changes something, by AWS's naming: reads begin with one of these words.
pub(crate) fn writes(calls: &BTreeMap<String, u64>) -> BTreeMap<&str, u64> {
    let is_read = |operation: &str| {
        ["Describe", "List", "Get", "AssumeRole", "Simulate"].iter().any(|verb| operation.starts_with(verb))
    };
    let operation = |name: &str| name.split_once(':').unwrap().1.to_owned();
    calls
        .iter()
        .filter(|(name, _)| !is_read(&operation(name)))
        .map(|(name, count)| (name.as_str(), *count))
        .collect()
}

fn conclusion(account: &Value) -> &str {
    account["verification"]["conclusion"].as_str().unwrap()
}

#[test]
fn the_readme_command_deploys_and_verifies_every_targeted_account() {
    let workplace = Workplace::new();
    let run = workplace
        .run(&["apply", "config/rollout.yaml", "--simulate", "--yes", "--output", "json"])
        .ends_with(0);
    let accounts = run.accounts();
    assert_eq!(accounts.len(), 64, "one row per account of the organization");
    for (id, account) in &accounts {
        if account["action"] == "create" {
            assert_eq!(account["deployment"]["status"], "deployed", "{id}");
            assert_eq!(conclusion(account), "verified", "{id}: {account}");
        } else {
            assert_eq!(account["action"], "skip", "{id}");
            assert!(!account["reason"].as_str().unwrap().is_empty(), "{id}: {account}");
            assert_eq!(conclusion(account), "not_asked", "{id}: {account}");
        }
    }
    let reason = |id: &str| accounts[id]["reason"].as_str().unwrap();
    assert_eq!(accounts[MANAGEMENT]["vehicle"], "stack");
    assert_eq!(reason("222200005001"), "excluded by ou Workloads/Legacy");
    assert_eq!(reason("222200002201"), "excluded by account 222200002201");
    assert_eq!(reason("222200006022"), "account is pending closure");
    assert_eq!(reason("222200007001"), "account is suspended");
    assert_eq!(reason("222200000099"), "no include entry matches");
}

#[test]
fn a_second_run_makes_no_write_call() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let apply = ["apply", "config/rollout.yaml", "--yes", "--output", "json"];
    workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    let first = simulation.calls();
    assert_eq!(
        writes(&first),
        BTreeMap::from([
            ("cloudformation:CreateChangeSet", 1),
            ("cloudformation:CreateStackInstances", 1),
            ("cloudformation:CreateStackSet", 1),
            ("cloudformation:ExecuteChangeSet", 1),
            ("cloudformation:UpdateTerminationProtection", 1),
        ])
    );
    simulation.forget_calls();
    let second = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
    let accounts = second.accounts();
    assert!(accounts.values().all(|account| ["keep", "skip"].contains(&account["action"].as_str().unwrap())));
    assert!(accounts.values().any(|account| conclusion(account) == "verified"));
}

#[test]
fn a_longer_session_is_only_an_update_and_is_verified_against_the_new_specification() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let apply = ["apply", "config/rollout.yaml", "--yes", "--output", "json"];
    workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    simulation.forget_calls();
    workplace.edit("config/rollout.yaml", "max_session: 1h", "max_session: 2h");
    workplace
        .run_as(MANAGEMENT, &simulation, &["verify", "config/rollout.yaml"])
        .ends_with(3)
        .says("maximum session is `3600 s`, specified is `7200 s`");
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    assert_eq!(
        writes(&simulation.calls()),
        BTreeMap::from([
            ("cloudformation:CreateChangeSet", 1),
            ("cloudformation:ExecuteChangeSet", 1),
            ("cloudformation:UpdateStackSet", 1),
        ])
    );
    for (id, account) in run.accounts() {
        if account["action"] != "skip" {
            assert_eq!(
                (account["action"].as_str(), conclusion(&account)),
                (Some("update"), "verified"),
                "{id}"
            );
        }
    }
}

#[test]
fn an_account_that_denies_the_role_fails_alone_and_with_awss_reason() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let denied = "222200003102";
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{
            // Whether a request carries the tag is not known before it is made.
            "Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*",
            "Condition": { "StringNotEquals": { "aws:RequestTag/approved": "yes" } },
        }],
    });
    let policy = simulation.attach_policy("no-new-roles", &document, denied);

    let apply = ["apply", "config/rollout.yaml", "--yes", "--output", "json"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(1);
    for (id, account) in run.accounts() {
        if id == denied {
            assert_eq!(account["deployment"]["status"], "failed", "{account}");
            let reason = account["deployment"]["reason"].as_str().unwrap();
            assert!(reason.contains("with an explicit deny in a service control policy"), "{reason}");
            assert_eq!(account["cause"], "service_control_policy", "{account}");
            assert!(account["remedy"].as_str().unwrap().contains("role/stacksets-exec-*"), "{account}");
        } else if account["action"] != "skip" {
            assert_eq!(conclusion(&account), "verified", "{id}: {account}");
        }
    }
    // The same shows in the table, and again from the ledger.
    let status = workplace.run(&["report", "--rollout", "cado-response"]).ends_with(1);
    assert!(status.result.contains(denied));
    assert!(status.result.contains("explicit deny in a service control policy"), "{}", status.result);

    // Once the denial is lifted, only that account is tried again.
    simulation.organizations("DetachPolicy", &json!({ "PolicyId": policy, "TargetId": denied }));
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    let touched: Vec<String> = run
        .accounts()
        .into_iter()
        .filter(|(_, account)| !["keep", "skip"].contains(&account["action"].as_str().unwrap()))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(touched, [denied]);
}

#[test]
fn an_account_that_is_no_longer_a_target_keeps_its_role_and_says_so() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let apply = ["apply", "config/rollout.yaml", "--yes", "--output", "json"];
    workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    simulation.forget_calls();
    workplace.edit("config/rollout.yaml", "    - ou: Sandbox\n", "");
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
    let left = &run.accounts()["222200006001"];
    assert_eq!(left["action"], "leave_in_place", "{left}");
    simulation.call("222200006001", "iam", "Action=GetRole&Version=2010-05-08&RoleName=CadoResponse");
}

#[test]
fn the_external_id_is_nowhere_to_be_seen() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let mut seen = String::new();
    for arguments in [
        &["plan", "config/rollout.yaml"][..],
        &["plan", "config/rollout.yaml", "--output", "json"],
        &["apply", "config/rollout.yaml", "--yes", "-vv"],
        &["verify", "config/rollout.yaml", "--output", "json", "-vv"],
        &["status"],
        &["report"],
    ] {
        let run = workplace.run_as(MANAGEMENT, &simulation, arguments);
        assert!([0, 3].contains(&run.exit), "{arguments:?}: {}", run.story);
        seen.push_str(&run.result);
        seen.push_str(&run.story);
    }
    for ledger in std::fs::read_dir(workplace.path(".rolecall")).unwrap() {
        seen.push_str(&std::fs::read_to_string(ledger.unwrap().path()).unwrap());
    }
    assert!(seen.contains("222200001111"), "the outputs were really read");
    assert!(!seen.contains(EXTERNAL_ID));
}

#[test]
fn an_external_id_that_is_written_in_the_wrong_form_is_not_quoted() {
    let right = "{ env: CADO_EXTERNAL_ID }";
    for wrong in [
        EXTERNAL_ID.to_owned(),
        format!("[{EXTERNAL_ID}]"),
        format!("{{ {EXTERNAL_ID} }}"),
        format!("{{ {EXTERNAL_ID}: x }}"),
        format!("{{ literal: [{EXTERNAL_ID}] }}"),
        format!("{{ env: {EXTERNAL_ID} }}"),
        format!("{{ literal: \"{EXTERNAL_ID} with spaces\" }}"),
        "4711471147114711".to_owned(),
    ] {
        let workplace = Workplace::new();
        workplace.edit("config/rollout.yaml", right, &wrong);
        let run = workplace.run(&["plan", "config/rollout.yaml", "--simulate", "-vv"]).ends_with(2);
        let story = run.says("external_id").story;
        assert!(!story.contains(EXTERNAL_ID) && !story.contains("4711"), "{wrong}: {story}");
    }
}

#[test]
fn without_a_terminal_nothing_is_changed_unconfirmed() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml"]).ends_with(2).says("--yes");
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
}

#[test]
fn a_result_that_cannot_be_written_is_not_a_success() {
    let workplace = Workplace::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = workplace.command(&["discover", "--simulate"]);
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let story = String::from_utf8(output.stderr).unwrap();
    assert!(story.contains("could not write the result to standard output"), "{story}");
}

#[test]
fn a_management_account_that_is_no_target_any_more_says_that_its_stack_stays() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let apply = ["apply", "config/rollout.yaml", "--yes", "--output", "json"];
    workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    workplace.edit("config/rollout.yaml", "management_account: include", "management_account: exclude");
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    let management = &run.accounts()[MANAGEMENT];
    assert_eq!(management["action"], "leave_in_place", "{management}");
    assert!(management["reason"].as_str().unwrap().contains("its stack stays"), "{management}");
}
