//! Rehearsing a roll-out on one's own organization: what `apply` would do, and nothing of it done.

use std::net::TcpListener;

use crate::program::{MANAGEMENT, Simulation, Workplace, wait_until};

const CONFIG: &str = "config/rollout.yaml";
const PAYMENTS: &str = "222200003103";

/// A workplace with a snapshot of the reference organization.
fn with_snapshot() -> Workplace {
    let workplace = Workplace::new();
    workplace.run(&["discover", "--simulate", "--save", "org.json"]).ends_with(0);
    workplace
}

fn rehearse<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["rehearse", CONFIG, "--organization", "org.json"], more].concat()
}

/// Whether anything was written that another command could take for a real run.
fn has_ledger(workplace: &Workplace) -> bool {
    workplace.path(".rolecall").exists()
}

#[test]
fn a_rehearsal_shows_the_plan_carries_it_out_and_says_that_nothing_was_done() {
    let workplace = with_snapshot();
    let run = workplace
        .run(&rehearse(&[]))
        .ends_with(0)
        .says("organization o-rolecall42 from `org.json`, as it was ")
        .says("58 create; 6 others are not touched")
        .says("step 3 of 3: SUCCEEDED")
        .says("cado-response: rehearse, run ")
        .says("58 verified")
        .says("REHEARSED, NOT DONE: nothing left this process");
    let told = run.result.split("REHEARSED").nth(1).unwrap();
    assert!(told.contains("on AWS, expect about ") && told.contains("calls: cloudformation "), "{told}");
    assert!(!run.story.contains("go on with"), "{}", run.story);
    assert!(!has_ledger(&workplace));
    workplace.run(&["status"]).ends_with(2);
}

#[test]
fn an_account_that_a_list_of_faults_lets_fail_is_a_row_of_the_report() {
    let workplace = with_snapshot();
    let list = format!("accounts: [ {{ account: '{PAYMENTS}', fail: Out of luck. }} ]\n");
    workplace.write("faults.yaml", &list);
    let run = workplace
        .run(&rehearse(&["--faults", "faults.yaml"]))
        .ends_with(1)
        .says("SOME ACCOUNTS FAILED")
        .says("1 account: unclassified")
        .says("failed: Out of luck.")
        .says("fault accounts[0] struck once");
    assert!(run.result.contains("57 deployed, 1 failed"), "{}", run.result);

    let run = workplace.run(&rehearse(&["--faults", "faults.yaml", "--output", "json"])).ends_with(1);
    let failed = &run.accounts()[PAYMENTS];
    assert_eq!(failed["deployment"]["status"], "failed", "{failed}");
    assert!(run.story.contains("REHEARSED, NOT DONE"), "the document stays one: {}", run.story);
}

#[test]
fn answers_that_are_lost_and_calls_that_are_throttled_change_nothing_in_the_end() {
    let workplace = with_snapshot();
    let list = "calls:
  - { operation: 'cloudformation:CreateStackInstances', nth: 1, effect: lose-response }
  - { operation: '*', first_attempts: 1, effect: throttle }
";
    workplace.write("faults.yaml", list);
    workplace
        .run(&rehearse(&["--faults", "faults.yaml"]))
        .ends_with(0)
        .says("58 verified")
        .says("throttled: cloudformation ")
        .says("fault calls[0] struck once");
}

#[test]
fn a_share_of_the_accounts_fails_the_same_ones_every_time() {
    let workplace = with_snapshot();
    let run = || workplace.run(&rehearse(&["--fail", "5%", "--output", "json"])).ends_with(1);
    let failed = |run: crate::program::Run| -> Vec<String> {
        let accounts = run.accounts().into_iter();
        accounts.filter(|(_, row)| row["deployment"]["status"] == "failed").map(|(id, _)| id).collect()
    };
    let first = failed(run());
    assert!(!first.is_empty() && first.len() < 10, "{first:?}");
    assert_eq!(failed(run()), first);
    workplace.run(&rehearse(&["--fail", "0%"])).ends_with(2).says("a share such as 2%");
}

#[test]
fn without_a_snapshot_the_organization_of_a_simulation_is_taken() {
    let workplace = Workplace::new();
    workplace.run(&["rehearse", CONFIG]).ends_with(0).says("organization o-rolecall42").says("58 verified");
    workplace.write("small.yaml", SMALL);
    let shape = ["rehearse", "small.yaml", "--simulate=accounts=7,ous=1", "--throttle", "documented"];
    workplace.run(&shape).ends_with(0).says("6 verified").says("REHEARSED, NOT DONE");
    workplace.run(&rehearse(&["--simulate"])).ends_with(2).says("cannot be used with");
}

const SMALL: &str = "rollout: small
home_region: us-east-1
role: { name: Small, trust: [ { account: '111111111111' } ] }
targets: { include: [ { ou: '**' } ] }
";

#[test]
fn a_rehearsal_reaches_no_endpoint_whatever_the_environment_says() {
    let workplace = with_snapshot();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut command = workplace.command(&rehearse(&[]));
    command.env("ROLECALL_ENDPOINT_URL", &url).env("AWS_ENDPOINT_URL", &url);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    listener.set_nonblocking(true).unwrap();
    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock, "nobody knocked");
}

#[test]
fn principals_of_other_companies_and_the_role_that_tries_are_made_up() {
    let workplace = with_snapshot();
    workplace.edit(
        CONFIG,
        "- account: \"222200001111\"\n      external_id",
        "- account: \"999988887777\"\n      external_id",
    );
    let engine = "arn:aws:iam::999988887777:role/collect/Engine";
    workplace.edit(CONFIG, "arn:aws:iam::222200001111:role/CadoResponseEngine", engine);
    workplace.run(&rehearse(&[])).ends_with(0).says("58 verified");
    workplace.edit(CONFIG, "- account: \"999988887777\"", &format!("- role: {engine}"));
    // One more whom the role trusts, and who is nobody's role.
    workplace.edit(CONFIG, "  trust:\n", "  trust:\n    - account: \"555566667777\"\n");
    workplace.run(&rehearse(&[])).ends_with(0).says("58 verified");
}

#[test]
fn a_delegated_administrator_rehearses_as_one() {
    let workplace = with_snapshot();
    workplace.edit(CONFIG, "management_account: include", "management_account: exclude");
    workplace.edit(CONFIG, "permission_model: service-managed", "call_as: delegated-admin");
    let run = workplace.run(&rehearse(&[])).says(", of a delegated administrator ");
    // The role by which accounts are read trusts the management account alone, as in AWS.
    assert!(run.result.contains("57 deployed") && run.result.contains("56 not proven"), "{}", run.result);
    workplace.edit(CONFIG, "access_role: OrganizationAccountAccessRole", "access_role: Auditor");
    workplace.run(&rehearse(&[])).ends_with(0).says("57 verified");
}

#[test]
fn tags_that_decide_and_are_not_in_the_snapshot_are_asked_for() {
    let workplace = with_snapshot();
    workplace.edit(CONFIG, "- ou: Sandbox\n", "- { ou: Sandbox, tag: { env: sandbox }, optional: true }\n");
    workplace
        .run(&rehearse(&[]))
        .ends_with(2)
        .says("tags decide who is a target, and the snapshot has none of ")
        .says("rolecall discover --tags --save FILE");
    workplace.run(&["discover", "--simulate", "--tags", "--save", "org.json"]).ends_with(0);
    workplace.run(&rehearse(&[])).ends_with(0).says("REHEARSED");
}

#[test]
fn what_cannot_be_rehearsed_says_why() {
    let workplace = with_snapshot();
    workplace.write("faults.yaml", "accounts: [ { acount: '1' } ]\n");
    workplace.run(&rehearse(&["--faults", "faults.yaml"])).ends_with(2).says("unknown field `acount`");
    let plan = ["plan", CONFIG, "--simulate", "--out", "plan.json"];
    workplace.run(&plan).ends_with(3);
    let saved = ["rehearse", "plan.json", "--organization", "org.json"];
    workplace.run(&saved).ends_with(2).says("give the configuration, not a saved plan");
    let missing = ["rehearse", CONFIG, "--organization", "none.json"];
    workplace.run(&missing).ends_with(2).says("could not read the organization `none.json`");
}

#[test]
fn a_rehearsal_that_is_interrupted_leaves_nothing_to_go_on_with() {
    let workplace = with_snapshot();
    let running = workplace.begin_alone(&rehearse(&["--speed", "2"]));
    wait_until("it handles signals", || running.handles_signals());
    wait_until("the plan is carried out", || running.has_said("step 1 of 3"));
    running.signal("INT");
    let run = running.wait(|| {}).ends_with(130).says("REHEARSED, NOT DONE");
    assert!(!run.story.contains("go on with") && !run.story.contains("goes on in AWS"), "{}", run.story);
    assert!(!has_ledger(&workplace));
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let resume = ["apply", CONFIG, "--yes", "--resume"];
    workplace
        .run_as(MANAGEMENT, &simulation, &resume)
        .ends_with(0)
        .says("there is no run to go on with: this is a new one");
}
