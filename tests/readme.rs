//! What the README shows is what the program prints.

use crate::program::{MANAGEMENT, Simulation, Workplace, repository};

/// The lines below `command` in the README's console blocks, without those that stand for left-out ones.
fn shown_below(command: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, below) = readme.split_once(&format!("$ {command}\n")).expect("the README shows the command");
    let block = below.split_once("```").unwrap().0;
    block.lines().filter(|line| *line != "…" && !line.is_empty()).map(str::to_owned).collect()
}

/// Every line that is shown is printed, in that order.
#[track_caller]
fn check(shown: &[String], printed: &str) {
    assert!(shown.len() > 2, "{shown:?}");
    let mut printed_lines = printed.lines().map(str::trim_end);
    for line in shown {
        assert!(printed_lines.any(|printed| printed == line), "`{line}` is not printed there:\n{printed}");
    }
}

#[test]
fn the_first_screen_is_what_the_first_command_prints() {
    let run = Workplace::new().run(&["apply", "config/rollout.yaml", "--simulate", "--yes"]).ends_with(0);
    check(&shown_below("rolecall apply config/rollout.yaml --simulate --yes"), &run.result);
}

#[test]
fn the_finding_is_what_verify_prints_after_a_policy_was_attached_by_hand() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    let attach = "Action=AttachRolePolicy&Version=2010-05-08&RoleName=CadoResponse\
                  &PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess";
    simulation.call("222200003103", "iam", attach);
    let run = workplace.run_as(MANAGEMENT, &simulation, &["verify", "config/rollout.yaml"]).ends_with(3);
    check(&shown_below("rolecall verify config/rollout.yaml"), &run.result);
}

#[test]
fn the_plan_is_what_plan_prints_after_a_longer_session_was_asked_for() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    workplace.edit("config/rollout.yaml", "max_session: 1h", "max_session: 2h");
    let plan = ["plan", "config/rollout.yaml", "--out", "plan.json"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &plan).ends_with(3);
    check(&shown_below("rolecall plan config/rollout.yaml --out plan.json"), &run.result);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "plan.json", "--yes"]).ends_with(0);
}

#[test]
fn the_checkup_is_what_doctor_prints_while_trusted_access_is_off() {
    let workplace = Workplace::new();
    let access = ["stacksets_trusted_access: true", "stacksets_trusted_access: false"];
    workplace.edit("config/organization.yaml", access[0], access[1]);
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let run = workplace.run_as(MANAGEMENT, &simulation, &["doctor", "config/rollout.yaml"]).ends_with(1);
    check(&shown_below("rolecall doctor config/rollout.yaml"), &run.result);
}

#[test]
fn the_retirement_is_what_a_dry_run_prints_once_everything_is_rolled_out() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    let retire = ["retire", "config/rollout.yaml", "--dry-run"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &retire).ends_with(3);
    check(&shown_below("rolecall retire config/rollout.yaml --dry-run"), &run.result);
}

#[test]
fn the_rehearsal_is_what_rehearse_prints_for_a_saved_organization() {
    let workplace = Workplace::new();
    workplace.run(&["discover", "--simulate", "--save", "org.json"]).ends_with(0);
    let command = "rehearse config/rollout.yaml --organization org.json --fail 2%";
    let run = workplace.run(&command.split(' ').collect::<Vec<_>>()).ends_with(1);
    check(&shown_below(&format!("rolecall {command}")), &run.result);
}

#[test]
fn every_command_of_the_readmes_table_exists() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let commands: Vec<&str> =
        readme.lines().filter_map(|line| line.strip_prefix("| `rolecall ")?.split('`').next()).collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        Workplace::new().run(&words).ends_with(0).says(&format!("Usage: rolecall {command}"));
    }
}
