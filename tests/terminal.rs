//! What people see: colours, links, widths and progress, on a terminal and without one.

use std::process::{Command, Stdio};

use crate::program::{MANAGEMENT, Run, Simulation, Workplace, wait_until};

const ESCAPE: char = '\u{1b}';
const PLAN: [&str; 3] = ["plan", "config/rollout.yaml", "--simulate"];
const APPLY: [&str; 4] = ["apply", "config/rollout.yaml", "--simulate", "--yes"];

fn all(run: &Run) -> String {
    format!("{}{}", run.result, run.story)
}

/// Runs at a terminal of so many columns; `environment` comes on top of that of every test.
fn at_a_terminal(columns: u16, environment: &[(&str, &str)], arguments: &[&str]) -> String {
    let workplace = Workplace::new();
    at_a_terminal_of(&workplace, columns, environment, arguments)
}

fn at_a_terminal_of(
    workplace: &Workplace,
    columns: u16,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> String {
    let program = env!("CARGO_BIN_EXE_rolecall");
    let line = format!("stty rows 40 cols {columns}; {program} {}", arguments.join(" "));
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(workplace.path("")).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", workplace.path(""));
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("TERM", "xterm-256color");
    command.envs(environment.iter().copied()).stdin(Stdio::null());
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// Without our escape sequences; a terminal moves to a new line by two characters.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(ESCAPE) {
        plain.push_str(before);
        rest = match after.strip_prefix(']') {
            Some(link) => link.split_once("\u{1b}\\").expect("a link ends").1,
            None => after.split_once(|end: char| end.is_ascii_alphabetic()).expect("a colour ends").1,
        };
    }
    plain.push_str(rest);
    plain.replace("\r\n", "\n")
}

#[test]
fn what_is_piped_has_no_escape_sequence_unless_it_is_asked_for() {
    let workplace = Workplace::new();
    let piped = workplace.run(&APPLY).ends_with(0);
    assert!(!all(&piped).contains(ESCAPE), "{}", all(&piped));
    let always = |flag| workplace.run(&[&PLAN[..], &[flag, "always"]].concat()).ends_with(3);
    let coloured = always("--color");
    assert!(coloured.result.contains("\u{1b}[32m+\u{1b}[0m \u{1b}[32mcreate"), "{:?}", coloured.result);
    assert!(!coloured.result.contains("\u{1b}]"), "colours are no links: {:?}", coloured.result);
    let linked = always("--hyperlinks");
    let link = "\u{1b}]8;;https://us-east-1.console.aws.amazon.com/organizations/v2/home/accounts/222200003103\u{1b}\\\
                222200003103\u{1b}]8;;\u{1b}\\";
    assert!(linked.result.contains(link), "{:?}", linked.result);
    assert!(!linked.result.contains("\u{1b}["), "links are no colours: {:?}", linked.result);
    let bare = workplace.run(&PLAN).ends_with(3).result;
    assert_eq!(plain(&coloured.result), bare, "colours move nothing");
    assert_eq!(plain(&linked.result), bare);
}

#[test]
fn json_has_no_escape_sequences_whatever_is_asked_for() {
    let flags = ["--output", "json", "--color", "always", "--hyperlinks", "always"];
    let run = Workplace::new().run(&[&PLAN[..], &flags].concat()).ends_with(3);
    assert!(!run.result.contains(ESCAPE));
    assert!(run.json()["accounts"].is_array());
}

#[test]
fn the_variables_of_the_environment_are_honoured_and_the_flag_outranks_them() {
    let workplace = Workplace::new();
    let coloured = |environment: &[(&str, &str)], flags: &[&str]| {
        let mut command = workplace.command(&[&PLAN[..], flags].concat());
        let output = command.envs(environment.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains(ESCAPE)
    };
    assert!(coloured(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
    assert!(coloured(&[("NO_COLOR", "1")], &["--color", "always"]));
    let at = |environment: &[(&str, &str)]| at_a_terminal(120, environment, &PLAN);
    assert!(at(&[]).contains("\u{1b}[32m"));
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        let shown = at(&[(name, value)]);
        assert!(shown.contains("CREATE") || shown.contains("create"), "{shown}");
        assert!(!shown.contains("\u{1b}[32m"), "{name}={value}: {shown:?}");
    }
}

#[test]
fn links_are_for_terminals_that_show_them() {
    let at =
        |environment: &[(&str, &str)]| at_a_terminal(120, environment, &PLAN).contains("\u{1b}]8;;https://");
    assert!(!at(&[]), "nothing is known of this one");
    assert!(at(&[("VTE_VERSION", "7600")]));
    let workplace = Workplace::new();
    let mut piped = workplace.command(&PLAN);
    let piped = piped.env("VTE_VERSION", "7600").env("FORCE_HYPERLINK", "1").output().unwrap();
    assert!(!piped.stdout.contains(&0x1b), "never into a pipe");
}

#[test]
fn nothing_is_wider_than_the_terminal_and_what_is_piped_is_whole() {
    let widest = |text: &str| {
        let lines = plain(text).lines().map(|line| line.chars().count()).max().unwrap();
        assert!(text.contains("222200003103"), "{text}");
        lines
    };
    for columns in [80, 160] {
        let shown = at_a_terminal(columns, &[], &PLAN);
        let (_, table) = shown.split_once("STEPS").expect("the plan follows the progress");
        assert!(widest(table) <= usize::from(columns), "{table}");
    }
    let piped = Workplace::new().run(&PLAN).result;
    assert!(!piped.contains('…'), "{piped}");
    let rows = piped.lines().filter(|line| line.contains("  + create  ")).count();
    assert_eq!(rows, 58, "a line for each account: {piped}");
    let narrow = at_a_terminal(0, &[("COLUMNS", "80")], &PLAN);
    let (_, table) = narrow.split_once("STEPS").unwrap();
    assert!(widest(table) <= 80, "a terminal that does not know its width: {table}");
}

#[test]
fn a_terminal_gets_bars_and_a_log_gets_lines() {
    const REHEARSE: [&str; 4] = ["rehearse", "config/rollout.yaml", "--speed", "400"];
    let at = |environment: &[(&str, &str)], flags: &[&str]| {
        at_a_terminal(120, environment, &[&REHEARSE[..], flags].concat())
    };
    let step = "step 3 of 3: create stack instances in 57 accounts";
    let line = "(operation ";
    let bars = at(&[], &[]);
    assert!(bars.contains("/58 accounts") && bars.contains(" in flight"), "{bars}");
    assert!(bars.contains(step) && !bars.contains(line), "{bars}");
    for (environment, flags) in [(&[("CI", "true")][..], &[][..]), (&[], &["--progress", "plain"][..])] {
        let lines = at(environment, flags);
        assert!(lines.contains(step) && lines.contains(line), "{lines}");
        assert!(!lines.contains(" in flight"), "{lines}");
    }
    let none = at(&[], &["--progress", "none"]);
    assert!(!none.contains(step) && none.contains("AS SPECIFIED"), "{none}");
}

/// Virtual time passes fast here, and passes all the same.
#[test]
fn a_log_hears_of_a_run_in_which_nothing_changes() {
    let workplace = Workplace::new();
    workplace.write("faults.yaml", "accounts: [ { account: '222200003103', takes: 10m } ]");
    let rehearse = ["rehearse", "config/rollout.yaml", "--faults", "faults.yaml"];
    let run = workplace.run(&[&rehearse[..], &["--speed", "2000"]].concat()).ends_with(0);
    let beats = run.story.lines().filter(|line| line.starts_with("still deploying: ")).count();
    assert!(beats >= 10, "{beats} in ten minutes:\n{}", run.story);
    assert!(run.story.contains(", 57 of 58 accounts, about "), "{}", run.story);
    let at_once = workplace.run(&rehearse).ends_with(0);
    assert!(!at_once.story.contains("still "), "nobody waits for it:\n{}", at_once.story);
}

#[test]
fn ctrl_c_at_a_terminal_takes_the_bars_away_and_names_what_goes_on() {
    let workplace = Workplace::new();
    let simulation = Simulation::slow(&workplace);
    let mut run = workplace.begin_at_a_terminal(&simulation, &["apply", "config/rollout.yaml", "--yes"]);
    wait_until("the bars are there", || {
        simulation.advance(1);
        run.has_said("in flight")
    });
    run.types("\u{3}");
    let run = run.wait(|| ()).ends_with(130);
    let shown = plain(&run.result);
    let (_, after) = shown.rsplit_once("once more ends rolecall at once").expect("it was interrupted");
    assert!(after.contains("Go on with: rolecall apply config/rollout.yaml --resume"), "{after}");
    assert!(after.contains("exit code 130: interrupted"), "{after}");
    let (_, report) = after.split_once("INTERRUPTED").expect("there is a report");
    assert!(!report.contains("in flight"), "the bars are gone: {report}");
}

#[test]
fn a_cause_that_many_share_is_told_a_few_times_and_ends_with_a_command() {
    let workplace = Workplace::new();
    workplace.write("faults.yaml", "accounts: [ { share: 30%, fail: 'Rate exceeded' } ]");
    let arguments = ["--organization", "config/organization.yaml", "--faults", "faults.yaml"];
    let simulation = Simulation::start(&workplace, &arguments);
    let apply = ["apply", "config/rollout.yaml", "--yes"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(1);
    let told = run.story.lines().filter(|line| line.starts_with("failed: ")).count();
    assert_eq!(told, 3, "{}", run.story);
    let failed = run.result.lines().filter(|line| line.contains(" failed ")).count();
    assert!(
        run.story.contains(&format!("and {} more like it: failed: AWS was asked too often", failed - 3)),
        "{}",
        run.story
    );
    run.says("\n    next: rolecall apply config/rollout.yaml --only-failed\n")
        .says("\nexit code 1: some accounts failed or were not reached\n");
    simulation.end_faults();
    let command = ["apply", "config/rollout.yaml", "--only-failed", "--yes"];
    workplace.run_as(MANAGEMENT, &simulation, &command).ends_with(0).says(&format!("{failed} deployed"));
}

#[test]
fn hostile_names_paint_nothing_though_colours_are_on() {
    let workplace = Workplace::new();
    let hostile = "\"evil\\e]8;;http://x\\e\\\\\\e[31m\\u202e\\U000E0042\"";
    workplace.edit("config/organization.yaml", "name: payments-prod", &format!("name: {hostile}"));
    let flags = ["--color", "always", "--hyperlinks", "always", "--verbose"];
    let organization = "--simulate=config/organization.yaml";
    let plan =
        workplace.run(&[&["plan", "config/rollout.yaml", organization][..], &flags].concat()).ends_with(3);
    let apply = ["apply", "config/rollout.yaml", organization, "--yes"];
    let apply = workplace.run(&[&apply[..], &flags].concat()).ends_with(0);
    for text in [all(&plan), all(&apply)] {
        assert!(text.contains("evil\\u{1b}]8;;http://x"), "{text}");
        assert!(!text.contains("\u{1b}]8;;http://") && !text.contains('\u{202e}'), "{text:?}");
        let shown = plain(&text);
        assert!(!shown.chars().any(|character| character.is_control() && character != '\n'), "{shown:?}");
    }
}
