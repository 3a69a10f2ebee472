//! What a plan says before anything happens, and plans that were saved.

use serde_json::json;

use crate::program::{EXTERNAL_ID, MANAGEMENT, Run, Simulation, Workplace};

const CONFIG: &str = "config/rollout.yaml";
const PAYMENTS: &str = "222200003103";

fn plan(workplace: &Workplace, simulation: &Simulation, more: &[&str]) -> Run {
    workplace.run_as(MANAGEMENT, simulation, &[&["plan", CONFIG][..], more].concat())
}

fn apply(workplace: &Workplace, simulation: &Simulation, more: &[&str]) -> Run {
    workplace.run_as(MANAGEMENT, simulation, &[&["apply"][..], more, &["--yes"]].concat())
}

/// No call that changes anything arrived.
#[track_caller]
fn nothing_was_written(simulation: &Simulation) {
    let calls = simulation.calls();
    let writes = ["cloudformation:Create", "cloudformation:Update", "cloudformation:Delete", "iam:Create"];
    let written: Vec<_> = calls.keys().filter(|call| writes.iter().any(|it| call.starts_with(it))).collect();
    assert!(written.is_empty(), "{written:?}");
}

#[test]
fn the_summary_comes_first_and_every_account_only_on_demand() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let brief = plan(&workplace, &simulation, &[]).ends_with(3);
    let first = brief.result.lines().next().unwrap();
    assert_eq!(
        first,
        "58 accounts in 14 organizational units and the root: 58 create; 6 others are not touched"
    );
    assert!(!brief.result.contains("acquired-startup"), "{}", brief.result);
    brief.says("not shown: 6 not targeted; `--verbose`").says("at a time: about 1 min in all");
    let all = plan(&workplace, &simulation, &["--verbose"]).ends_with(3);
    all.says("account is suspended").says("cloudformation:DescribeOrganizationsAccess 1");
    apply(&workplace, &simulation, &[CONFIG]).ends_with(0);
    let done = plan(&workplace, &simulation, &[]).ends_with(0);
    done.says("58 unchanged; 6 others are not touched").says("not shown: 58 unchanged, 6 not targeted");
}

#[test]
fn a_change_of_the_role_is_shown_property_by_property() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    apply(&workplace, &simulation, &[CONFIG]).ends_with(0);
    workplace.edit(CONFIG, "max_session: 1h", "max_session: 2h");
    workplace.edit(CONFIG, "    - arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess\n", "");
    plan(&workplace, &simulation, &[])
        .ends_with(3)
        .says("CHANGES of StackSet cado-response")
        .says("CHANGES of stack cado-response in the management account")
        .says("~ maximum session: 3600 s becomes 7200 s")
        .says("~ managed policy arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess is removed");
}

#[test]
fn strict_mode_without_tolerance_is_told_to_be_slow_and_what_would_help() {
    let workplace = Workplace::new();
    workplace.edit(CONFIG, "concurrency_mode: soft", "concurrency_mode: strict");
    workplace.edit(CONFIG, "failure_tolerance: 100%", "failure_tolerance: 0%");
    workplace
        .run(&["plan", CONFIG, "--simulate"])
        .ends_with(3)
        .says("up to 1 account at a time: about 57 min in all")
        .says("faster: `concurrency_mode: soft`");
}

#[test]
fn a_saved_plan_is_carried_out_exactly() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let saved = plan(&workplace, &simulation, &["--out", "plan.json"]).ends_with(3);
    saved.says("carry it out with: rolecall apply plan.json");
    let text = std::fs::read_to_string(workplace.path("plan.json")).unwrap();
    assert!(!text.contains(EXTERNAL_ID), "the saved plan shows the external ID");
    let run = apply(&workplace, &simulation, &["plan.json", "--output", "json"]).ends_with(0);
    assert_eq!(run.json()["summary"]["verified"], 58);
    apply(&workplace, &simulation, &["plan.json"])
        .ends_with(2)
        .says("is not carried out, because it would come out differently now")
        .says("account 111111111111 Acme Management was create");
}

#[test]
fn what_a_saved_plan_may_do_is_said_again_by_the_command_that_goes_on_with_it() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    plan(&workplace, &simulation, &["--allow-replacement", "--out", "plan.json"]).ends_with(3);
    simulation.add_faults(&json!({ "calls": [
        { "operation": "cloudformation:CreateStackSet", "effect": "fail", "code": "AccessDenied", "status": 403 },
    ] }));
    apply(&workplace, &simulation, &["plan.json"])
        .ends_with(2)
        .says("go on with: rolecall apply config/rollout.yaml --resume --allow-replacement");
}

/// A saved plan is refused after a change, nothing is written, and the reason is said.
#[track_caller]
fn refused_after(change: impl FnOnce(&Workplace, &Simulation), says: &[&str]) {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    plan(&workplace, &simulation, &["--out", "plan.json"]).ends_with(3);
    change(&workplace, &simulation);
    simulation.forget_calls();
    let mut run = apply(&workplace, &simulation, &["plan.json"]).ends_with(2);
    for text in says {
        run = run.says(text);
    }
    nothing_was_written(&simulation);
}

#[test]
fn a_saved_plan_is_refused_when_the_configuration_or_the_template_changed() {
    let edit = |from: &'static str, to: &'static str| {
        move |workplace: &Workplace, _: &Simulation| workplace.edit(CONFIG, from, to)
    };
    refused_after(edit("failure_tolerance: 100%", "failure_tolerance: 5%"), &["`config/rollout.yaml`"]);
    refused_after(edit("max_session: 1h", "max_session: 2h"), &["has changed since", "make a new plan"]);
    refused_after(
        |workplace, _| workplace.edit("config/policies/collect.json", "\"*\"", "\"arn:aws:s3:::x\""),
        &["or a file or variable that it refers to, has changed since"],
    );
}

#[test]
fn a_saved_plan_is_refused_when_the_organization_or_the_stack_set_changed() {
    refused_after(
        |_, simulation| {
            let created = json!({ "AccountName": "newcomer", "Email": "newcomer@acme.example" });
            simulation.organizations("CreateAccount", &created);
            simulation.advance(600);
        },
        &["newcomer joined the organization"],
    );
    refused_after(
        |_, simulation| {
            simulation.organizations("CloseAccount", &json!({ "AccountId": PAYMENTS }));
            simulation.advance(600);
        },
        &["account 222200003103 payments-prod was create (included by ou Workloads/**); is skip"],
    );
    refused_after(
        |workplace, simulation| drop(apply(workplace, simulation, &[CONFIG]).ends_with(0)),
        &["account 222200001112 log-archive was create (included by ou Security); is keep", "more\n"],
    );
}

#[test]
fn a_saved_plan_does_nothing_that_was_not_agreed_to_when_it_was_made() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    plan(&workplace, &simulation, &["--out", "plan.json"]).ends_with(3);
    apply(&workplace, &simulation, &["plan.json", "--remove"]).ends_with(2).says(
        "give `--remove`, `--adopt`, `--allow-replacement` and `--converge` to `rolecall plan --out` instead",
    );
    workplace.write("plan.json", "{}");
    apply(&workplace, &simulation, &["plan.json"]).ends_with(2).says("could not use the plan `plan.json`");
    plan(&workplace, &simulation, &["--out", "no/such/folder/plan.json"])
        .ends_with(2)
        .says("could not write `no/such/folder/plan.json`");
}

#[test]
fn the_role_is_taken_away_only_on_demand_within_the_limit_and_from_nobody_else() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    apply(&workplace, &simulation, &[CONFIG]).ends_with(0);
    workplace.edit(
        CONFIG,
        "    - ou: Workloads/Legacy\n",
        "    - ou: Workloads/Legacy\n    - account: \"222200003103\"\n",
    );
    plan(&workplace, &simulation, &[])
        .ends_with(0)
        .says("leave in place")
        .says("stays unless `--remove` is given");
    simulation.forget_calls();
    for command in ["plan", "apply"] {
        workplace
            .run_as(MANAGEMENT, &simulation, &[command, CONFIG, "--remove"])
            .ends_with(2)
            .says("takes the role away from 1 account, more than limits.max_removals allows (0)")
            .says("222200003103 payments-prod");
    }
    nothing_was_written(&simulation);
    workplace.edit(CONFIG, "max_removals: 0", "max_removals: 1");
    plan(&workplace, &simulation, &["--remove"]).ends_with(3).says("57 unchanged; 1 remove");
    let run = apply(&workplace, &simulation, &[CONFIG, "--remove", "--output", "json"]).ends_with(0);
    assert_eq!(run.accounts()[PAYMENTS]["deployment"]["status"], "removed");
    assert_eq!(run.json()["summary"]["verified"], 57);
    let calls = simulation.calls();
    assert_eq!(calls.get("cloudformation:DeleteStackInstances"), Some(&1), "{calls:#?}");
    plan(&workplace, &simulation, &["--remove"]).ends_with(0);
}

#[test]
fn a_stack_set_without_our_mark_is_taken_over_after_showing_what_changes() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    apply(&workplace, &simulation, &[CONFIG]).ends_with(0);
    let untagged = "Action=UpdateStackSet&Version=2010-05-15&StackSetName=cado-response\
                    &UsePreviousTemplate=true&Capabilities.member.1=CAPABILITY_NAMED_IAM&Tags=\
                    &Parameters.member.1.ParameterKey=ExternalId&Parameters.member.1.UsePreviousValue=true";
    simulation.call(MANAGEMENT, "cloudformation", untagged);
    simulation.advance(3600);
    plan(&workplace, &simulation, &[]).ends_with(2).says("carries no mark of this rollout");
    plan(&workplace, &simulation, &["--adopt"])
        .ends_with(3)
        .says("57 adopt")
        .says("~ the mark of this rollout is added");
    let run = apply(&workplace, &simulation, &[CONFIG, "--adopt"]).ends_with(0);
    assert!(run.story.contains("~ the mark of this rollout is added"), "{}", run.story);
    plan(&workplace, &simulation, &[]).ends_with(0);
}
