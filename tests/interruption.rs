//! Ctrl-C, SIGTERM and sudden death: what was begun goes on in AWS, nothing new is begun, and a later run
//! finishes.

use crate::apply::writes;
use crate::program::{MANAGEMENT, Running, Simulation, Workplace, wait_until};
use crate::scale::for_a_made_up_organization;

const APPLY: [&str; 3] = ["apply", "config/rollout.yaml", "--yes"];

/// A run whose operation was accepted and does not end, since the clock stands still from then on.
pub(crate) fn with_an_operation_under_way(workplace: &Workplace, simulation: &Simulation) -> Running {
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
    run.says("go on with: rolecall apply config/rollout.yaml --resume");
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
fn a_run_that_was_interrupted_is_gone_on_with_in_the_same_operation() {
    let workplace = Workplace::new();
    let simulation = Simulation::slow(&workplace);
    let run = with_an_operation_under_way(&workplace, &simulation);
    run.signal("INT");
    run.wait(|| ()).ends_with(130);
    let begun = simulation.calls();
    let resume = [&APPLY[..], &["--resume"]].concat();
    let run = workplace.begin(&simulation, &resume).wait(|| simulation.advance(1)).ends_with(0);
    run.says("goes on where it ended").says("58 deployed").says("58 verified");
    assert_eq!(
        writes(&simulation.calls()),
        writes(&begun),
        "the operation is taken up and not submitted again"
    );
}

#[test]
fn a_run_that_came_to_its_end_is_not_gone_on_with() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let resume = [&APPLY[..], &["--resume"]].concat();
    for _ in 0..2 {
        workplace
            .run_as(MANAGEMENT, &simulation, &resume)
            .ends_with(0)
            .says("there is no run to go on with: this is a new one");
    }
    assert_eq!(std::fs::read_dir(workplace.path(".rolecall")).unwrap().count(), 2);
}

#[test]
fn a_run_that_still_goes_on_is_not_gone_on_with_by_another_process() {
    let workplace = Workplace::new();
    let simulation = Simulation::slow(&workplace);
    let _run = with_an_operation_under_way(&workplace, &simulation);
    let resume = [&APPLY[..], &["--resume"]].concat();
    workplace
        .run_as(MANAGEMENT, &simulation, &resume)
        .ends_with(2)
        .says("is still going on in another process");
}

#[test]
fn ctrl_c_stops_the_operation_in_aws_where_that_is_asked_for() {
    let workplace = Workplace::new();
    workplace.edit("config/rollout.yaml", "max_concurrent: 100%", "max_concurrent: 10");
    let simulation = Simulation::slow(&workplace);
    let arguments = [&APPLY[..], &["--stop-operation", "--output", "json"]].concat();
    let run = workplace.begin(&simulation, &arguments);
    wait_until("the operation is accepted", || {
        simulation.advance(1);
        simulation.calls().contains_key("cloudformation:CreateStackInstances")
    });
    run.signal("INT");
    wait_until("the operation is stopped", || {
        simulation.calls().contains_key("cloudformation:StopStackSetOperation")
    });
    let run = run.wait(|| simulation.advance(1)).ends_with(130);
    let status = |wanted: &str| {
        run.accounts().values().filter(|account| account["deployment"]["status"] == wanted).count()
    };
    assert_eq!((status("deployed"), status("cancelled")), (11, 47), "ten at work and the management account");
    let resume = [&APPLY[..], &["--resume"]].concat();
    workplace.begin(&simulation, &resume).wait(|| simulation.advance(1)).ends_with(0).says("58 verified");
}

#[test]
fn a_second_rollout_waits_for_the_first_and_then_finds_nothing_to_do() {
    let (first, second) = (Workplace::new(), Workplace::new());
    let simulation = Simulation::slow(&first);
    let run = with_an_operation_under_way(&first, &simulation);
    let begun = simulation.calls();
    let other = second.begin(&simulation, &APPLY);
    wait_until("the second one waits", || {
        other.has_said("waiting: the StackSet is busy with CREATE operation")
    });
    assert!(other.has_said("of rolecall"), "it says whose operation it is");
    run.wait(|| simulation.advance(1)).ends_with(0);
    other
        .wait(|| simulation.advance(1))
        .ends_with(0)
        .says("plan: 58 keep, 6 skip; 0 steps")
        .says("58 verified");
    let mut expected = writes(&begun);
    // Of the first one, once its management stack was there.
    expected.insert("cloudformation:UpdateTerminationProtection", 1);
    assert_eq!(writes(&simulation.calls()), expected);
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

#[test]
fn what_aws_refused_to_begin_is_not_said_to_go_on_there() {
    let workplace = Workplace::new();
    workplace.write(
        "faults.yaml",
        "calls: [ { operation: 'cloudformation:CreateStackInstances', effect: fail, code: AccessDenied, status: 403 } ]",
    );
    let arguments = ["--organization", "config/organization.yaml", "--faults", "faults.yaml"];
    let simulation = Simulation::start(&workplace, &arguments);
    let run = workplace
        .run_as(MANAGEMENT, &simulation, &APPLY)
        .ends_with(2)
        .says("STOPPED: could not create stack instances");
    let all = format!("{}{}", run.result, run.story);
    assert!(!all.contains("goes on in AWS") && !all.contains("UNDER WAY"), "{all}");
    run.says("go on with: rolecall apply config/rollout.yaml --resume");
}
