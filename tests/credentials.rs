//! Where credentials come from and how often they are asked for; the way to AWS through a proxy.

use crate::program::{MANAGEMENT, Run, Simulation, Workplace, administrator};

/// A profile whose credentials come from a program, which writes a line each time that it is asked. What it gives ends
/// so many minutes from now.
fn discover_with_a_program(minutes: u32) -> usize {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let key = administrator(MANAGEMENT);
    workplace.write(
        "credentials.sh",
        &format!(
            "echo asked >>asked\n\
             end=$(/bin/date --utc --date='+{minutes} minutes' +%Y-%m-%dT%H:%M:%SZ)\n\
             echo '{{\"Version\":1,\"AccessKeyId\":\"{key}\",\"SecretAccessKey\":\"any\",\
             \"Expiration\":\"'$end'\"}}'\n"
        ),
    );
    std::fs::create_dir(workplace.path(".aws")).unwrap();
    let script = workplace.path("credentials.sh");
    workplace
        .write(".aws/config", &format!("[default]\ncredential_process = /bin/sh {}\n", script.display()));
    let mut command = workplace.command(&["discover", "--endpoint-url", &simulation.url]);
    Run::of(command.output().unwrap()).ends_with(0).says("64 accounts");
    std::fs::read_to_string(workplace.path("asked")).unwrap().lines().count()
}

#[test]
fn credentials_are_asked_for_once_to_see_whether_there_are_any_and_once_for_all_calls() {
    assert_eq!(discover_with_a_program(60), 2);
}

#[test]
fn credentials_that_are_about_to_end_are_asked_for_again() {
    assert!(discover_with_a_program(2) > 3);
}

#[test]
fn calls_go_through_the_proxy_that_the_environment_names() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    // Nobody can be found under this name: only the proxy, here the simulation itself, takes the calls.
    let mut command = workplace.command(&["discover", "--endpoint-url", "http://organizations.invalid"]);
    command.env("AWS_ACCESS_KEY_ID", administrator(MANAGEMENT)).env("AWS_SECRET_ACCESS_KEY", "any");
    command.env("HTTP_PROXY", &simulation.url);
    Run::of(command.output().unwrap()).ends_with(0).says("64 accounts");
}
