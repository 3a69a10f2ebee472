//! `status`: where rollouts stand, by their ledgers.

use serde_json::json;

use crate::interruption::with_an_operation_under_way;
use crate::program::{Simulation, Workplace};
use crate::report::ledgers;
use crate::run_difference::Fleet;

const CONFIG: &str = "config/rollout.yaml";
const PAYMENTS: &str = "222200003103";

#[test]
fn a_few_lines_say_how_the_last_run_ended_what_is_new_and_what_to_do() {
    let workplace = Workplace::new();
    workplace.run(&["status"]).ends_with(2).says("there is no run below `.rolecall`");
    let fleet = Fleet::rolled_out();
    let status = |arguments: &[&str]| fleet.workplace.run(&[&["status"], arguments].concat());
    let after_apply = status(&[]).ends_with(0).says("last run: apply").says("AS SPECIFIED");
    assert!(!after_apply.result.contains("next:"), "{}", after_apply.result);
    assert!(!after_apply.result.contains("since"), "there is no run before it: {}", after_apply.result);
    fleet.spoil(PAYMENTS);
    fleet.verify(&[]).ends_with(3);
    let text = status(&["cado-response"])
        .ends_with(3)
        .says("last run: verify, less than a minute ago")
        .says("COMPLETE, WITH FINDINGS")
        .says("64 accounts: 57 as specified, 1 with findings, 6 not targeted")
        .says("): 1 newly failing")
        .says("newly failing: 222200003103 payments-prod, in Workloads/Prod/Retail: the role is not as specified")
        .says("next: `rolecall report`");
    assert!(text.result.lines().count() < 10, "a few lines: {}", text.result);
    let status = status(&["--output", "json"]).ends_with(3).json();
    assert_eq!(status["schema"], "rolecall.status/1");
    let rollout = &status["rollouts"][0];
    assert_eq!((&rollout["last_run"]["command"], &rollout["going_on"]), (&json!("verify"), &json!(false)));
    assert_eq!(rollout["accounts"]["as_specified"], 57);
    assert_eq!(rollout["since"]["summary"]["newly_failing"], 1);
}

#[test]
fn a_run_that_goes_on_is_told_from_one_that_was_killed() {
    let workplace = Workplace::new();
    let simulation = Simulation::slow(&workplace);
    let run = with_an_operation_under_way(&workplace, &simulation);
    let status = |arguments: &[&str]| workplace.run(&[&["status"], arguments].concat()).ends_with(130);
    let going_on = |is: bool| {
        let rollout = status(&["--output", "json"]).json()["rollouts"][0].clone();
        assert_eq!(rollout["going_on"], is, "{rollout}");
        assert_eq!(rollout["open_steps"].as_array().unwrap().len(), 1, "{rollout}");
    };
    going_on(true);
    let text = status(&[]).says("STILL GOING ON").says("under way when the record ends: step");
    assert!(!text.result.contains("next:"), "{}", text.result);
    run.kill();
    going_on(false);
    status(&[]).says("NOT FINISHED").says("next: `rolecall apply ROLLOUT.yaml --resume`");
}

#[test]
fn every_rollout_is_told_of_and_the_worst_decides() {
    let workplace = Workplace::new();
    workplace.run(&["apply", CONFIG, "--simulate", "--yes"]).ends_with(0);
    workplace.edit(CONFIG, "rollout: cado-response", "rollout: another");
    // Of a role that was never rolled out nothing is there.
    workplace.run(&["verify", CONFIG, "--simulate"]).ends_with(3);
    let status = workplace.run(&["status"]).ends_with(3);
    let another = status.result.find("another\n").unwrap();
    assert!(another < status.result.find("cado-response\n").unwrap(), "the newest first: {}", status.result);
    workplace.run(&["status", "cado-response"]).ends_with(0);
    workplace.run(&["status", "cado-respose"]).ends_with(2).says("did you mean `cado-response`?");
    let damaged =
        ledgers(&workplace).into_iter().find(|path| path.to_str().unwrap().contains("another")).unwrap();
    std::fs::write(damaged, "damaged\n").unwrap();
    workplace
        .run(&["status"])
        .ends_with(2)
        .says("another: the ledger")
        .says("is damaged in line 1")
        .says("58 as specified");
}
