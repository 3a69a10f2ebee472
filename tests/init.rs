//! A configuration to begin with, from options and from questions.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::program::{MANAGEMENT, Run, Running, Simulation, Workplace, wait_until};
use crate::self_managed::{deploy, members, printed};

/// The principal of the simulated organization that may enter a role named CadoResponse.
const ENGINE: &str = "arn:aws:iam::222200001111:role/CadoResponseEngine";

impl Workplace {
    /// Writes `rollout.yaml` from options, given as in a shell.
    fn init(&self, options: &str) -> Run {
        let words = ["init", "--role-name", "CadoResponse"].into_iter().chain(options.split(' '));
        self.run(&words.collect::<Vec<_>>())
    }
}

/// What `init` writes is planned unchanged, and rolled out and proven.
#[track_caller]
fn check(options: &str, expected: &str) {
    let workplace = Workplace::new();
    workplace.init(options).ends_with(0).says("wrote rollout.yaml");
    workplace.run(&["plan", "--simulate"]).ends_with(3);
    workplace.run(&["apply", "--simulate", "--yes"]).ends_with(0).says(expected);
}

#[test]
fn a_trusted_role_tries_the_role() {
    check(&format!("--trust {ENGINE} --external-id-env CADO_EXTERNAL_ID"), "60 verified");
    check(&format!("--trust 222200001111 --verify-from {ENGINE}"), "60 verified");
}

#[test]
fn the_operator_tries_a_role_that_trusts_his_account_or_his_organization() {
    check("--trust 111111111111", "60 verified");
    check("--trust arn:aws:iam::111111111111:root --managed-policy none", "60 verified");
    check("--trust o-rolecall42", "60 verified");
}

#[test]
fn whom_nobody_can_stand_in_for_is_proven_by_a_probe_or_by_evaluation() {
    let vendor = "--trust 111122223333 --external-id-env VENDOR_ID";
    check(&format!("{vendor} --verify-mode probe --verify-from {ENGINE}"), "60 verified");
    check(&format!("{vendor} --verify-mode offline"), "60 verified");
    check("--trust ec2.amazonaws.com", "60 verified");
}

#[test]
fn targets_are_those_that_were_named() {
    let chosen = "--target ou:Sandbox --target Workloads/** --target 222200001112 --exclude sandbox-* \
                  --exclude ou=Workloads/Legacy --management-account include --home-region eu-central-1 \
                  --rollout eu-audit --permission-model service-managed \
                  --managed-policy arn:aws:iam::aws:policy/SecurityAudit \
                  --managed-policy arn:aws:iam::aws:policy/ReadOnlyAccess";
    check(&format!("--trust 111111111111 {chosen}"), "deployment: 27 deployed");
}

#[test]
fn a_self_managed_rollout_needs_nothing_but_its_two_roles() {
    let workplace = Workplace::new();
    let options = "--trust 111111111111 --permission-model self-managed --target ou:Security";
    workplace.init(&format!("{options} config/rollout.yaml --force")).ends_with(0);
    let simulation = Simulation::of_the_reference_organization(&workplace);
    deploy(&simulation, MANAGEMENT, &printed(&workplace, &simulation, "administration"));
    let execution = printed(&workplace, &simulation, "execution");
    for account in members(&workplace, &simulation) {
        deploy(&simulation, &account, &execution);
    }
    simulation.advance(300);
    let apply = ["apply", "config/rollout.yaml", "--yes"];
    workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0).says("4 verified");
}

#[test]
fn the_schema_that_is_written_beside_it_is_met() {
    let workplace = Workplace::new();
    workplace.init("--trust 111111111111 --schema").ends_with(0);
    let read = |name: &str| std::fs::read_to_string(workplace.path(name)).unwrap();
    assert!(read("rollout.yaml").starts_with("# yaml-language-server: $schema=rollout.schema.json\n"));
    assert_eq!(read("rollout.schema.json"), workplace.run(&["schema"]).result);
    let schema: Value = serde_json::from_str(&read("rollout.schema.json")).unwrap();
    let written: Value = serde_saphyr::from_str(&read("rollout.yaml")).unwrap();
    jsonschema::draft7::new(&schema).unwrap().validate(&written).unwrap();
}

#[test]
fn without_a_terminal_every_answer_that_is_missing_is_named() {
    let workplace = Workplace::new();
    for options in [&["init"][..], &["init", "--no-input"]] {
        let run = workplace.run(options).ends_with(2).says("--role-name, --trust");
        assert!(!run.story.contains("--verify-from"), "{}", run.story);
    }
    let probe = "--trust 111122223333 --verify-mode probe";
    workplace.init(probe).ends_with(2).says("no default for --verify-from");
    assert!(!workplace.path("rollout.yaml").exists());
}

#[test]
fn answers_that_do_not_go_together_leave_no_file() {
    let workplace = Workplace::new();
    let offline = format!("--trust 111122223333 --verify-mode offline --verify-from {ENGINE}");
    workplace.init(&offline).ends_with(2).says("nothing was written").says("verify.from: in mode `offline`");
    workplace.init("--trust ec2.amazonaws.com --verify-mode direct").ends_with(2).says("verify.mode:");
    assert!(!workplace.path("rollout.yaml").exists());
}

#[test]
fn an_answer_that_cannot_be_is_refused_by_its_option() {
    let workplace = Workplace::new();
    workplace.init("--trust arn:aws:iam::111122223333:user/ann").ends_with(2).says("'--trust <PRINCIPAL>'");
    workplace
        .init("--trust 111122223333 --target ou:A//B")
        .ends_with(2)
        .says("a name between slashes is empty");
    workplace.init("--trust 111122223333 --managed-policy SecurityAudit").ends_with(2).says("is not the ARN");
    workplace
        .init("--trust 111122223333 --home-region Frankfurt")
        .ends_with(2)
        .says("`Frankfurt` is not a Region");
}

#[test]
fn a_file_that_is_there_stays_unless_it_is_to_be_overwritten() {
    let workplace = Workplace::new();
    let read = |name: &str| std::fs::read_to_string(workplace.path(name)).unwrap();
    workplace.write("rollout.yaml", "mine");
    workplace.init("--trust 111111111111 --schema").ends_with(2).says("--force");
    assert_eq!(read("rollout.yaml"), "mine");
    assert!(!workplace.path("rollout.schema.json").exists(), "both or none");
    std::fs::remove_file(workplace.path("rollout.yaml")).unwrap();
    workplace.write("rollout.schema.json", "mine");
    workplace
        .init("--trust 111111111111 --schema")
        .ends_with(2)
        .says("`rollout.schema.json` is there already");
    assert!(!workplace.path("rollout.yaml").exists(), "both or none");
    std::os::unix::fs::symlink("nowhere", workplace.path("rollout.yaml")).unwrap();
    workplace.init("--trust 111111111111").ends_with(2).says("--force");
    workplace.init("--trust 111111111111 --schema --force").ends_with(0);
    assert!(read("rollout.yaml").contains("name: CadoResponse") && read("rollout.schema.json").len() > 1000);
}

#[test]
fn what_is_written_has_the_rights_of_any_file_and_leaves_no_other_behind() {
    let workplace = Workplace::new();
    workplace.write("any", "");
    workplace.init("--trust 111111111111").ends_with(0);
    let mode = |name: &str| workplace.path(name).metadata().unwrap().permissions().mode();
    assert_eq!(mode("rollout.yaml"), mode("any"));
    workplace.init("--trust 111111111111 no/such/directory.yaml").ends_with(2).says("no/such/directory.yaml");
    let mut names: Vec<_> =
        std::fs::read_dir(workplace.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["any", "config", "rollout.yaml"]);
}

/// Waits for each question and answers it.
#[track_caller]
fn answer(running: &mut Running, answers: &[(&str, &str)]) {
    for (question, answer) in answers {
        wait_until(question, || running.has_said(question));
        running.types(answer);
    }
}

#[test]
fn questions_at_a_terminal_come_to_what_options_say() {
    let (asked, given) = (Workplace::new(), Workplace::new());
    let mut running = asked.begin_alone_at_a_terminal(&["init", "--home-region", "eu-west-1"]);
    answer(
        &mut running,
        &[
            ("Name of the role", "Cado Response\r"),
            ("`Cado Response` is not a role name", "\u{15}CadoResponse\r"),
            ("Who may enter it", "222200001111, ec2.amazonaws.com\r"),
            ("external ID [none]", "VENDOR_ID\r"),
            ("[arn:aws:iam::aws:policy/SecurityAudit]", "\r"),
            ("Accounts that get it", "Workloads/**, ou:Sandbox\r"),
            ("The management account", "\u{1b}[A\r"),
            ("How the role is proven", "\u{1b}[B\r"),
            ("ARN of the role of yours", &format!("{ENGINE}\r")),
            ("StackSet [cado-response]", "\r"),
        ],
    );
    running.wait(|| {}).ends_with(0).says("wrote rollout.yaml");
    let options = format!(
        "--trust 222200001111 --trust ec2.amazonaws.com --external-id-env VENDOR_ID --home-region eu-west-1 \
         --target Workloads/** --target ou:Sandbox --management-account include --verify-mode probe \
         --verify-from {ENGINE}"
    );
    given.init(&options).ends_with(0);
    let written = |workplace: &Workplace| std::fs::read_to_string(workplace.path("rollout.yaml")).unwrap();
    assert_eq!(written(&asked), written(&given));
}

#[test]
fn at_a_terminal_nothing_is_asked_that_options_say_or_that_has_one_answer() {
    let workplace = Workplace::new();
    let options = "init --role-name Audit --trust ec2.amazonaws.com --managed-policy none --target ** \
                   --management-account exclude --rollout audit --home-region us-east-1";
    let options: Vec<&str> =
        options.split(' ').map(|word| if word == "**" { "'**'" } else { word }).collect();
    workplace.begin_alone_at_a_terminal(&options).wait(|| {}).ends_with(0).says("wrote rollout.yaml");
}

#[test]
fn whoever_ends_the_questions_leaves_no_file_and_has_his_cursor_back() {
    let workplace = Workplace::new();
    let options = "init --role-name Audit --trust 111111111111 --external-id-env none --home-region us-east-1 \
                   --managed-policy none --target 222200001112";
    let mut running = workplace.begin_alone_at_a_terminal(&options.split(' ').collect::<Vec<_>>());
    answer(&mut running, &[("The management account", "\u{3}")]);
    let run = running.wait(|| {}).ends_with(130).says("interrupted; nothing was changed");
    let (hidden, shown) = (run.result.rfind("\u{1b}[?25l"), run.result.rfind("\u{1b}[?25h"));
    assert!(hidden.is_some() && shown > hidden, "{:?}", run.result);
    assert!(!workplace.path("rollout.yaml").exists());
}
