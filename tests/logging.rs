//! The log: a line for every AWS call, which says what was asked, where, for whom, and what came of it.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::program::{MANAGEMENT, Simulation, Workplace};

const LOG: &[&str] = &["--log-file", "calls.log", "--log-format", "json"];

/// The lines of the log file.
fn lines(workplace: &Workplace) -> Vec<Value> {
    let text = std::fs::read_to_string(workplace.path("calls.log")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The attempts of `call`.
fn attempts(lines: &[Value], call: &str) -> Vec<Value> {
    lines.iter().filter(|line| line["call"] == call).cloned().collect()
}

#[test]
fn every_call_is_a_line_that_says_where_for_whom_and_how_it_ended() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let command = [&["verify", "config/rollout.yaml"], LOG].concat();
    workplace.run_as(MANAGEMENT, &simulation, &command).ends_with(3);
    let lines = lines(&workplace);
    for (call, count) in simulation.calls() {
        assert_eq!(attempts(&lines, &call).len() as u64, count, "{call}");
    }
    for line in &lines {
        assert_eq!(line["region"], "us-east-1", "{line}");
        assert_eq!(line["attempt"], 1, "{line}");
        assert!(line["request_id"].is_string() && line["took_ms"].is_u64(), "{line}");
    }
    let entered = attempts(&lines, "sts:AssumeRole");
    let refused = entered.iter().find(|line| line["status"] == 403).unwrap();
    assert_eq!(refused["code"], "AccessDenied");
    assert_eq!(refused["spans"][0], json!({ "name": "run", "caller": MANAGEMENT }));
    assert!(
        entered.iter().any(|line| line["spans"][1] == json!({ "name": "target", "account": "222200003102" }))
    );
}

#[test]
fn a_call_that_is_refused_for_coming_too_fast_is_logged_with_each_attempt() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let throttled = json!({ "operation": "organizations:ListRoots", "nth": 1, "effect": "throttle" });
    simulation.add_faults(&json!({ "calls": [throttled] }));
    workplace.run_as(MANAGEMENT, &simulation, &[&["discover"], LOG].concat()).ends_with(0);
    let roots = attempts(&lines(&workplace), "organizations:ListRoots");
    let told = |line: &Value| (line["attempt"].clone(), line["throttled"].clone(), line["code"].clone());
    assert_eq!(told(&roots[0]), (json!(1), json!(true), json!("TooManyRequestsException")));
    assert_eq!(told(&roots[1]), (json!(2), Value::Null, Value::Null));
    assert_eq!(roots.len(), 2);
}

#[test]
fn a_failure_tells_the_call_the_region_the_attempts_the_request_and_who_asked() {
    let workplace = Workplace::new();
    workplace.write("faults.yaml", "calls: [ { operation: organizations:ListRoots, effect: throttle } ]");
    // A rehearsal, because eight attempts take no time there.
    let run = workplace.run(&["rehearse", "config/rollout.yaml", "--faults", "faults.yaml"]).ends_with(2);
    let told = run.story.split_once("(organizations:ListRoots in us-east-1, tried 8 times, request id ");
    let id = told.unwrap_or_else(|| panic!("{}", run.story)).1.split_once(')').unwrap().0;
    assert_eq!(id.len(), 36, "{}", run.story);
    run.says("asked as arn:aws:iam::111111111111:user/admin, of account 111111111111");
}

#[test]
fn a_file_is_appended_to_and_its_owner_alone_reads_it() {
    let workplace = Workplace::new();
    let command = ["discover", "--simulate", "--log-file", "calls.log"];
    workplace.run(&command).ends_with(0);
    let first = std::fs::read_to_string(workplace.path("calls.log")).unwrap();
    let mode = std::fs::metadata(workplace.path("calls.log")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let run = workplace.run(&command).ends_with(0);
    assert!(!run.story.contains("AWS call"), "the log is in the file: {}", run.story);
    let both = std::fs::read_to_string(workplace.path("calls.log")).unwrap();
    assert!(both.starts_with(&first));
    assert_eq!(both.lines().count(), 2 * first.lines().count());
}

#[test]
fn once_verbose_shows_the_calls_twice_the_waits_as_well_and_a_filter_what_it_says() {
    let workplace = Workplace::new();
    let shows = |options: &[&str]| {
        let run = workplace.run(&[&["discover", "--simulate"], options].concat()).ends_with(0);
        (run.story.contains("AWS call"), run.story.contains("waited_ms"))
    };
    assert_eq!(shows(&[]), (false, false));
    assert_eq!(shows(&["-v"]), (true, false));
    assert_eq!(shows(&["-vv"]), (true, true));
    assert_eq!(shows(&["-vv", "--log", "rolecall=info"]), (false, false));
    let mut command = workplace.command(&["discover", "--simulate"]);
    let output = command.env("ROLECALL_LOG", "request_budget=debug").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("waited_ms"));
}

#[test]
fn nothing_of_the_libraries_below_a_warning_is_ever_logged() {
    let workplace = Workplace::new();
    let run =
        workplace.run(&["discover", "--simulate", "--log", "trace", "--log-format", "json"]).ends_with(0);
    let targets = run.story.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let targets: Vec<String> = targets.map(|line| line["target"].as_str().unwrap().to_owned()).collect();
    assert!(targets.iter().any(|target| target.starts_with("request_budget")));
    for target in targets {
        assert!(!target.starts_with("aws_") && !target.starts_with("hyper"), "{target}");
    }
}

#[test]
fn a_log_that_cannot_be_kept_is_told_and_ends_no_run() {
    let workplace = Workplace::new();
    let run = workplace.run(&["discover", "--simulate", "--log-file", "/dev/full"]).ends_with(0);
    let told = run.story.matches("warning: the log file `/dev/full` is incomplete").count();
    assert_eq!(told, 1, "{}", run.story);
    workplace
        .run(&["discover", "--simulate", "--log-file", "nowhere/calls.log"])
        .ends_with(2)
        .says("could not open the log file `nowhere/calls.log`");
}

#[test]
fn where_the_log_is_on_the_terminal_there_are_no_bars_for_it_to_tear() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let counted = "verification: 58 of 58 accounts";
    for (options, is_lines) in [("-v", true), ("--log-file=calls.log", false)] {
        let running = workplace.begin_at_a_terminal(&simulation, &["verify", "config/rollout.yaml", options]);
        let run = running.wait(|| ()).ends_with(3);
        assert_eq!(run.result.contains(counted), is_lines, "{options}: {}", run.result);
    }
}
