//! The commands that only look: `discover`, `plan`.

use crate::program::{MANAGEMENT, Simulation, Workplace};

#[test]
fn discover_shows_every_account_where_it_sits() {
    let workplace = Workplace::new();
    let run = workplace.run(&["discover", "--simulate", "--output", "json"]).ends_with(0);
    let accounts = run.accounts();
    assert_eq!(accounts.len(), 64);
    let place = |id: &str| accounts[id]["organizational_unit_path"].as_str().unwrap();
    assert_eq!(place("222200003122"), "Workloads/Prod/Retail/Europe/Île-de-France");
    assert_eq!(place("222200003123"), r"Workloads/Prod/Retail/Europe/Bayern \/ Österreich");
    assert_eq!(accounts["222200007001"]["state"], "SUSPENDED");
    workplace.run(&["discover", "--simulate"]).ends_with(0).says("Smørrebrød København");
}

#[test]
fn plan_exits_3_while_changes_are_pending_and_0_when_none_are() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let plan = ["plan", "config/rollout.yaml", "--output", "json"];
    let before = workplace.run_as(MANAGEMENT, &simulation, &plan).ends_with(3);
    assert_eq!(before.accounts().len(), 64);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    workplace.run_as(MANAGEMENT, &simulation, &plan).ends_with(0);
}

#[test]
fn a_delegated_administrator_plans_like_the_management_account_and_is_told_what_is_missing() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let administrator = "222200001112";
    simulation.organizations(
        "RegisterDelegatedAdministrator",
        &serde_json::json!({
            "AccountId": administrator,
            "ServicePrincipal": "member.org.stacksets.cloudformation.amazonaws.com",
        }),
    );
    let plan = ["plan", "config/rollout.yaml"];
    workplace
        .run_as(administrator, &simulation, &plan)
        .ends_with(2)
        .says("of a delegated administrator 222200001112")
        .says("call_as: delegated-admin");
    workplace.edit(
        "config/rollout.yaml",
        "  permission_model:",
        "  call_as: delegated-admin\n  permission_model:",
    );
    workplace
        .run_as(administrator, &simulation, &plan)
        .ends_with(2)
        .says("targets.management_account: exclude");
    workplace.edit("config/rollout.yaml", "management_account: include", "management_account: exclude");
    workplace
        .run_as(administrator, &simulation, &plan)
        .ends_with(3)
        .says("57 accounts in 14 organizational units");
}
