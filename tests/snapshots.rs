//! Organizations that were saved: shown again, compared, and worked with offline.

use serde_json::json;

use crate::program::{MANAGEMENT, Simulation, Workplace};

const DATA_PROD: &str = "222200003103";

fn save(workplace: &Workplace, simulation: &Simulation, file: &str) {
    workplace
        .run_as(MANAGEMENT, simulation, &["discover", "--save", file])
        .ends_with(0)
        .says("of the management account 111111111111")
        .says(&format!("saved to {file}"));
}

#[test]
fn a_saved_organization_is_shown_as_it_was_discovered() {
    let workplace = Workplace::new();
    let live = workplace.run(&["discover", "--simulate", "--save", "org.json"]).ends_with(0);
    let saved = workplace.run(&["discover", "--organization", "org.json"]).ends_with(0);
    assert_eq!(saved.result, live.result);
    saved.says("organization o-rolecall42 from `org.json`, as it was ");
}

#[test]
fn what_happened_between_two_snapshots_is_told_and_exits_3() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    save(&workplace, &simulation, "before.json");
    let compare = ["discover", "--compare", "before.json"];
    workplace.run_as(MANAGEMENT, &simulation, &compare).ends_with(0).says("the organization has not changed");

    let parent = simulation.organizations("ListParents", &json!({ "ChildId": DATA_PROD }));
    let root = simulation.organizations("ListRoots", &json!({}))["Roots"][0]["Id"].clone();
    let from = &parent["Parents"][0]["Id"];
    let to_root = json!({ "AccountId": DATA_PROD, "SourceParentId": from, "DestinationParentId": root });
    simulation.organizations("MoveAccount", &to_root);
    simulation.organizations("CloseAccount", &json!({ "AccountId": "222200006001" }));
    simulation.organizations(
        "CreateAccount",
        &json!({ "AccountName": "newcomer", "Email": "newcomer@acme.example" }),
    );
    simulation.advance(600);
    workplace
        .run_as(MANAGEMENT, &simulation, &compare)
        .ends_with(3)
        .says("1 joined, 1 moved, 1 in another state")
        .says("newcomer, in Root")
        .says("222200003103 payments-prod: moved from Workloads/Prod/Retail to Root")
        .says("222200006001 sandbox-alder: was active, is");

    save(&workplace, &simulation, "after.json");
    let offline =
        ["discover", "--organization", "after.json", "--compare", "before.json", "--output", "json"];
    let difference = workplace.run(&offline).ends_with(3).json();
    assert_eq!(difference["schema"], "rolecall.organization-difference/1");
    assert_eq!(difference["joined"].as_array().unwrap().len(), 1);
    let same = ["discover", "--organization", "after.json", "--compare", "after.json"];
    workplace.run(&same).ends_with(0);
}

#[test]
fn explain_and_plan_work_offline_without_credentials_and_without_secrets() {
    let workplace = Workplace::new();
    workplace.run(&["discover", "--simulate", "--save", "org.json"]).ends_with(0);
    let config = "config/rollout.yaml";
    workplace
        .run(&["explain", DATA_PROD, config, "--organization", "org.json"])
        .ends_with(0)
        .says("organizational unit: Workloads/Prod/Retail")
        .says("target: yes, included by ou Workloads/**")
        .says("- targets.include[0] `ou Security` does not match")
        .says("- targets.exclude[0] `ou Workloads/Legacy` does not match");
    workplace
        .run(&["explain", "acquired-startup", config, "--organization", "org.json"])
        .ends_with(0)
        .says("target: no, because the account is suspended");
    workplace
        .run(&["explain", "payments-prood", config, "--organization", "org.json"])
        .ends_with(2)
        .says("has no account `payments-prood`; did you mean `payments-prod`?");
    workplace
        .run(&["plan", config, "--organization", "org.json"])
        .ends_with(3)
        .says("AWS was not asked: this is the plan of a first roll-out")
        .says("58 accounts in 14 organizational units and the root: 58 create");
}

#[test]
fn explain_tells_what_the_plan_does_in_an_account() {
    let workplace = Workplace::new();
    let run = workplace
        .run(&["explain", DATA_PROD, "config/rollout.yaml", "--simulate", "--output", "json"])
        .ends_with(0);
    let account = run.accounts()[DATA_PROD].clone();
    assert_eq!(account["plan"]["action"], "create");
    assert_eq!(account["plan"]["wave"], "rest");
    let keys: Vec<&str> =
        account["entries"].as_array().unwrap().iter().map(|entry| entry["key"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), 8, "{keys:?}");
}

#[test]
fn a_snapshot_that_is_damaged_or_something_else_is_refused() {
    let workplace = Workplace::new();
    workplace.run(&["discover", "--simulate", "--save", "org.json"]).ends_with(0);
    let show = |says: &str| {
        workplace.run(&["discover", "--organization", "org.json"]).ends_with(2).says(says);
    };
    workplace.edit("org.json", "\"222200000099\"", "\"22220000009\"");
    show("`22220000009` is not an account id");
    workplace.write("org.json", r#"{ "schema": "rolecall.plan/1" }"#);
    show("its schema is `rolecall.plan/1`");
    workplace.write("org.json", "organization: { }");
    show("it is no snapshot of an organization");
}

#[test]
fn verify_takes_its_targets_from_a_snapshot() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    save(&workplace, &simulation, "org.json");
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    simulation.forget_calls();
    let verify = ["verify", "config/rollout.yaml", "--organization", "org.json"];
    workplace.run_as(MANAGEMENT, &simulation, &verify).ends_with(0).says("verification: 58 verified");
    let calls = simulation.calls();
    assert!(!calls.keys().any(|call| call.starts_with("organizations:")), "{calls:#?}");
}
