//! What `--help`, the manual and the completion of a shell say, and that it is so.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::program::{EXTERNAL_ID, MANAGEMENT, Simulation, Workplace, administrator};

/// The commands below `command` that its help lists; ` ` is between their words.
fn listed(command: &str) -> Vec<String> {
    let help = help(command);
    let Some((_, below)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let lines = below.lines().take_while(|line| !line.is_empty());
    let names =
        lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|name| *name != "help");
    names.map(|name| format!("{command} {name}").trim().to_owned()).collect()
}

fn help(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
    Workplace::new().run(&words).ends_with(0).result
}

/// Every command, rolecall itself first.
fn commands() -> Vec<String> {
    let mut found = vec![String::new()];
    let mut next = 0;
    while let Some(command) = found.get(next) {
        found.extend(listed(command));
        next += 1;
    }
    found
}

/// The lines of the examples, without those that explain.
#[track_caller]
fn examples(command: &str) -> Vec<String> {
    let help = help(command);
    let (_, below) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("no examples:\n{help}"));
    let block = below.split("\n\n").next().unwrap().replace("\\\n", "");
    let is_whole =
        |line: &str| ["  rolecall ", "  # ", "  source "].iter().any(|begin| line.starts_with(begin));
    for line in block.lines() {
        assert!(is_whole(line), "too wide, or no example: {line}");
    }
    let lines = block.lines().map(|line| line.trim().to_owned()).filter(|line| !line.starts_with('#'));
    lines.collect()
}

/// Runs the examples of a command one after another, as the operator of a simulated organization.
struct Checkout {
    workplace: Workplace,
    simulation: Simulation,
}

impl Checkout {
    fn new() -> Self {
        let workplace = Workplace::new();
        // Slow enough that sessions last while all examples run side by side.
        let organization = ["--organization", "config/organization.yaml"];
        let simulation = Simulation::start_at("50", &workplace, &organization);
        Checkout { workplace, simulation }
    }

    /// With everything rolled out, and no ledger of it.
    fn rolled_out() -> Self {
        let checkout = Checkout::new();
        let apply = ["apply", "config/rollout.yaml", "--yes"];
        checkout.workplace.run_as(MANAGEMENT, &checkout.simulation, &apply).ends_with(0);
        std::fs::remove_dir_all(checkout.workplace.path(".rolecall")).unwrap();
        checkout
    }

    fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("bash");
        let binary = Path::new(env!("CARGO_BIN_EXE_rolecall")).parent().unwrap();
        command.args(["-c", line]).current_dir(self.workplace.path(".")).env_clear().stdin(Stdio::null());
        command.env("PATH", format!("{}:/usr/bin:/bin", binary.display()));
        command.env("HOME", self.workplace.path(".")).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ACCESS_KEY_ID", administrator(MANAGEMENT)).env("AWS_SECRET_ACCESS_KEY", "any");
        command.env("CADO_EXTERNAL_ID", EXTERNAL_ID).env("VENDOR_EXTERNAL_ID", "external-id");
        // Where the example names where AWS is, that holds.
        if !line.contains("--simulate") {
            command.env("ROLECALL_ENDPOINT_URL", &self.simulation.url);
        }
        command
    }

    #[track_caller]
    fn run(&self, line: &str) {
        let Output { status, stdout, stderr } = self.shell(line).output().unwrap();
        let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        // Changes that are pending are findings, and of accounts that are to fail some do.
        let expected = match line {
            _ if line.contains("--fail ") => 1,
            _ if line.contains(" plan ") || line.contains("--dry-run") => 3,
            _ => 0,
        };
        assert_eq!(status.code(), Some(expected), "{line}\n{stdout}\n{stderr}");
    }

    /// Serves until it is told to end.
    #[track_caller]
    fn serve(&self, line: &str) {
        let mut child =
            self.shell(&format!("exec {line}")).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}: {url}");
    }
}

#[track_caller]
fn check(command: &str, checkout: Checkout) {
    let examples = examples(command);
    assert!((1..=4).contains(&examples.len()), "{examples:?}");
    assert!(examples.iter().any(|line| line.contains(&format!("rolecall {command}"))), "{examples:?}");
    for line in &examples {
        match line.starts_with("rolecall simulate ") {
            true => checkout.serve(line),
            false => checkout.run(line),
        }
    }
}

/// One test for each command, so that they run side by side; and the list of them.
macro_rules! commands {
    ($($test:ident: $command:literal in $checkout:expr,)*) => {
        pub(crate) const RUN: &[&str] = &[$($command),*];
        $(#[test]
        fn $test() {
            check($command, $checkout);
        })*
    };
}

commands! {
    the_examples_of_rolecall_run: "" in Checkout::new(),
    the_examples_of_init_run: "init" in Checkout::new(),
    the_examples_of_doctor_run: "doctor" in Checkout::new(),
    the_examples_of_discover_run: "discover" in Checkout::new(),
    the_examples_of_explain_run: "explain" in Checkout::new(),
    the_examples_of_plan_run: "plan" in Checkout::new(),
    the_examples_of_rehearse_run: "rehearse" in Checkout::new(),
    the_examples_of_apply_run: "apply" in Checkout::new(),
    the_examples_of_verify_run: "verify" in Checkout::rolled_out(),
    the_examples_of_status_run: "status" in Checkout::rolled_out(),
    the_examples_of_report_run: "report" in Checkout::rolled_out(),
    the_examples_of_report_list_run: "report list" in Checkout::rolled_out(),
    the_examples_of_report_diff_run: "report diff" in Checkout::rolled_out(),
    the_examples_of_report_merge_run: "report merge" in Checkout::rolled_out(),
    the_examples_of_retire_run: "retire" in Checkout::rolled_out(),
    the_examples_of_prerequisites_run: "prerequisites" in Checkout::new(),
    the_examples_of_simulate_run: "simulate" in Checkout::new(),
    the_examples_of_schema_run: "schema" in Checkout::new(),
    the_examples_of_completions_run: "completions" in Checkout::new(),
    the_examples_of_man_run: "man" in Checkout::new(),
}

#[test]
fn every_command_has_examples_that_are_run() {
    let commands = commands();
    assert_eq!(commands.iter().map(String::as_str).collect::<BTreeSet<_>>(), RUN.iter().copied().collect());
}

#[test]
fn the_help_says_what_each_exit_code_means() {
    for page in [help(""), Workplace::new().run(&["man"]).ends_with(0).result] {
        for code in [
            "  everything is as specified",
            "  some accounts failed",
            "  the command could not",
            "  interrupted",
        ] {
            assert!(page.contains(code), "`{code}` is missing:\n{page}");
        }
    }
}
