//! Waves and their gates: what holds the next one back, and how a run goes on that was held back.

use std::collections::BTreeMap;

use crate::apply::writes;
use crate::program::{MANAGEMENT, Run, Simulation, Workplace, administrator, wait_until};
use crate::small_rollout::{APPLY, RESUME, simulation, workplace};

const CANARY: &str = "222200000001";
const REST: &str = "222200000002";

fn apply(workplace: &Workplace, simulation: &Simulation, arguments: &[&str]) -> Run {
    workplace.run_with_key(&administrator(MANAGEMENT), simulation, arguments)
}

/// Fails in the canary account, because a role of that name is there.
fn fails_in_the_canary(simulation: &Simulation) {
    simulation.create_role(CANARY, "CadoResponse");
}

fn heal(simulation: &Simulation) {
    simulation.call(CANARY, "iam", "Action=DeleteRole&Version=2010-05-08&RoleName=CadoResponse");
}

fn deployment(run: &Run, account: &str) -> String {
    run.accounts()[account]["deployment"]["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_wave_that_fails_holds_the_next_one_back_and_the_run_goes_on_once_it_is_mended() {
    let workplace = workplace();
    let simulation = simulation(&workplace, "{}");
    fails_in_the_canary(&simulation);
    let arguments = [&APPLY[..], &["--no-account-checks"]].concat();
    let held = apply(&workplace, &simulation, &arguments)
        .ends_with(1)
        .says("held back after wave canary: 1 of 1 account is not verified, and `max_failures` allows 0")
        .says("go on with: rolecall apply config/rollout.yaml --resume --no-account-checks");
    assert_eq!((deployment(&held, CANARY), deployment(&held, REST)), ("failed".into(), "not_reached".into()));
    assert_eq!(simulation.calls()["cloudformation:CreateStackInstances"], 1, "of the canary wave alone");

    heal(&simulation);
    let resumed = apply(&workplace, &simulation, &RESUME).ends_with(0);
    assert_eq!(resumed.json()["run"], held.json()["run"], "it is the same run");
    for account in [MANAGEMENT, CANARY, REST] {
        assert_eq!(deployment(&resumed, account), "deployed", "{account}");
        assert_eq!(resumed.accounts()[account]["verification"]["conclusion"], "verified", "{account}");
    }
    workplace.run(&["status"]).ends_with(0).says("AS SPECIFIED");
}

#[test]
fn an_account_that_is_blocked_falls_short_of_its_wave() {
    let workplace = workplace();
    let simulation = simulation(&workplace, "{}");
    fails_in_the_canary(&simulation);
    for (gate, word) in [("proceed_when: verified", "verified"), ("proceed_when: deployed", "deployed")] {
        workplace.edit("config/rollout.yaml", "proceed_when: verified", gate);
        let held = apply(&workplace, &simulation, &APPLY).ends_with(1).says(&format!(
            "held back after wave canary: 1 of 1 account is not {word}, and `max_failures` allows 0"
        ));
        assert_eq!(held.accounts()[CANARY]["action"], "blocked");
        assert_eq!(deployment(&held, REST), "not_reached");
        assert!(!simulation.calls().contains_key("cloudformation:CreateStackSet"), "{gate}");
    }
    heal(&simulation);
    apply(&workplace, &simulation, &RESUME).ends_with(0);
}

#[test]
fn what_held_a_run_back_is_tried_again_though_the_first_attempt_to_go_on_ended_early() {
    let workplace = workplace();
    let simulation = simulation(&workplace, "{}");
    fails_in_the_canary(&simulation);
    apply(&workplace, &simulation, &[&APPLY[..], &["--no-account-checks"]].concat()).ends_with(1);
    heal(&simulation);
    let nobody_says_yes = ["apply", "config/rollout.yaml", "--resume"];
    apply(&workplace, &simulation, &nobody_says_yes).ends_with(2).says("nobody can be asked");
    apply(&workplace, &simulation, &RESUME).ends_with(0);
}

#[test]
fn a_wave_lets_pass_as_many_failures_as_it_allows() {
    let workplace = workplace();
    workplace.edit(
        "config/rollout.yaml",
        "proceed_when: verified",
        "proceed_when: verified, max_failures: 1",
    );
    let simulation = simulation(&workplace, "{}");
    fails_in_the_canary(&simulation);
    let arguments = [&APPLY[..], &["--no-account-checks"]].concat();
    let run = apply(&workplace, &simulation, &arguments).ends_with(1);
    assert_eq!((deployment(&run, CANARY), deployment(&run, REST)), ("failed".into(), "deployed".into()));
}

#[test]
fn a_role_that_is_not_as_specified_holds_the_next_wave_back_every_time() {
    let workplace = workplace();
    let simulation = simulation(&workplace, "{}");
    let only_canary = "include: [ { ou: Canary } ]\n";
    workplace.edit(
        "config/rollout.yaml",
        "include: [ { ou: Security }, { ou: Canary }, { ou: Rest } ]\n",
        only_canary,
    );
    apply(&workplace, &simulation, &APPLY).ends_with(0);
    let attach = "Action=AttachRolePolicy&Version=2010-05-08&RoleName=CadoResponse&\
                  PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAdministratorAccess";
    simulation.call(CANARY, "iam", attach);
    workplace.edit("config/rollout.yaml", only_canary, "include: [ { ou: Canary }, { ou: Rest } ]\n");
    simulation.forget_calls();
    for _ in 0..2 {
        apply(&workplace, &simulation, &APPLY).ends_with(1).says("held back after wave canary");
    }
    assert_eq!(
        writes(&simulation.calls()),
        BTreeMap::new(),
        "the canary is looked at before anything is begun"
    );
}

#[test]
fn the_next_wave_waits_for_the_soak_time_and_a_run_that_goes_on_waits_for_what_is_left() {
    let workplace = workplace();
    workplace.edit("config/rollout.yaml", "proceed_when: verified", "soak: 30s");
    let simulation = simulation(&workplace, "{}");
    let running = workplace.begin(&simulation, &APPLY);
    wait_until("it soaks", || running.has_said("wave canary went well; the next one begins in 30s"));
    running.signal("INT");
    running.wait(|| ()).ends_with(130).says("go on with: rolecall apply config/rollout.yaml --resume");
    assert_eq!(simulation.calls()["cloudformation:CreateStackInstances"], 1);

    let running = workplace.begin(&simulation, &RESUME);
    wait_until("it soaks again", || running.has_said("wave canary went well; the next one begins in"));
    assert!(!running.has_said("begins in 30s"), "a part of the time has passed");
    running.wait(|| ()).ends_with(0);
    assert_eq!(simulation.calls()["cloudformation:CreateStackInstances"], 2);
}

#[test]
fn a_wave_that_is_changed_once_more_soaks_once_more() {
    let workplace = workplace();
    workplace.edit("config/rollout.yaml", "proceed_when: verified", "soak: 30s");
    let simulation = simulation(&workplace, "{}");
    let running = workplace.begin(&simulation, &APPLY);
    wait_until("it soaks", || running.has_said("the next one begins in 30s"));
    running.kill();
    workplace.edit("config/rollout.yaml", "max_session: 1h", "max_session: 2h");
    let running = workplace.begin(&simulation, &RESUME);
    wait_until("it soaks from the beginning", || running.has_said("the next one begins in 30s"));
}
