//! Ctrl-C, SIGTERM and sudden death: what was begun goes on in AWS, nothing new is begun, and a later run
//! finishes.

use crate::apply::writes;
use crate::program::{MANAGEMENT, Running, Simulation, Workplace, wait_until};
use crate::scale::for_a_made_up_organization;

const APPLY: [&str; 3] = ["apply", "config/rollout.yaml", "--yes"];

/// A run whose operation was accepted and does not end, since the clock stands still from then on.
fn with_an_operation_under_way(workplace: &Workplace, simulation: &Simulation) -> Running {
    let run = workplace.begin(simulation, &APPLY);
    wait_until("the operation is accepted", || {
        simulation.advance(1);
        simulation.calls().contains_key("cloudformation:CreateStackInstances")
    });
    run
}

fn finishes(workplace: &Workplace, simulation: &Simulation) {
    let run = workplace.begin(simulation, &APPLY).wait(|| simulation.advance(1)).ends_with(0);
    assert!(run.result.contains("58 verified"), "{}", run.result);
}

#[track_caller]
fn interrupted_by(signal: &str) {
    let workplace = Workplace::new();
    let simulation = Simulation::slow(&workplace);
    let run = with_an_operation_under_way(&workplace, &simulation);
    let begun = simulation.calls();
    run.signal(signal);
    let run = run.wait(|| ()).ends_with(130);
    assert_eq!(writes(&simulation.calls()), writes(&begun), "nothing new is begun");
    let (_, operation) = run.story.split_once("\noperation ").expect("the operation is named");
    let operation = operation.split_once(" goes on in AWS").unwrap().0.to_owned();
    let describe = format!(
        "Action=DescribeStackSetOperation&Version=2010-05-15&StackSetName=cado-response&OperationId={operation}"
    );
    assert!(simulation.call(MANAGEMENT, "cloudformation", &describe).contains("<Status>RUNNING</Status>"));
    run.says("go on with: rolecall apply config/rollout.yaml");
    workplace.run(&["status"]).ends_with(130).says(&operation);
    finishes(&workplace, &simulation);
}

#[test]
fn ctrl_c_begins_nothing_new_and_a_second_run_finishes() {
    interrupted_by("INT");
}

#[test]
fn sigterm_is_as_ctrl_c() {
    interrupted_by("TERM");
}

#[test]
fn a_run_that_was_killed_is_finished_by_the_next() {
    let workplace = Workplace::new();
    let simulation = Simulation::slow(&workplace);
    let run = with_an_operation_under_way(&workplace, &simulation);
    run.signal("KILL");
    run.wait(|| ()).ends_with(137);
    workplace.run(&["status"]).ends_with(130);
    finishes(&workplace, &simulation);
}

#[test]
fn the_second_ctrl_c_ends_at_once_though_aws_does_not_answer() {
    let workplace = Workplace::new();
    for_a_made_up_organization(&workplace);
    let simulation = Simulation::start(&workplace, &["--shape", "accounts=2000,ous=20"]);
    let run = workplace.begin(&simulation, &["verify", "config/rollout.yaml"]);
    wait_until("accounts are being verified", || simulation.calls().contains_key("sts:AssumeRole"));
    simulation.fall_silent();
    run.signal("INT");
    wait_until("it waits for what is under way", || run.has_said("once more ends rolecall at once"));
    run.signal("INT");
    run.wait(|| ()).ends_with(130);
}

#[test]
fn a_command_that_only_looks_ends_at_the_first_ctrl_c() {
    for command in [&["discover"][..], &["plan", "config/rollout.yaml"], &APPLY] {
        let workplace = Workplace::new();
        let simulation = Simulation::of_the_reference_organization(&workplace);
        simulation.fall_silent();
        let run = workplace.begin(&simulation, command);
        wait_until("it listens", || run.handles_signals());
        run.signal("INT");
        run.wait(|| ()).ends_with(130).says("interrupted; nothing was changed");
    }
}

#[test]
fn ctrl_c_at_the_prompt_is_no() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let mut run = workplace.begin_at_a_terminal(&simulation, &["apply", "config/rollout.yaml"]);
    wait_until("it asks", || run.has_said("type `yes` to carry this out"));
    run.types("\u{3}");
    run.wait(|| ()).ends_with(130).says("interrupted; nothing was changed");
    assert!(writes(&simulation.calls()).is_empty(), "{:?}", simulation.calls());

    let mut run = workplace.begin_at_a_terminal(&simulation, &["apply", "config/rollout.yaml"]);
    wait_until("it asks", || run.has_said("type `yes` to carry this out"));
    run.types("yes\n");
    run.wait(|| ()).ends_with(0).says("58 verified");
}
