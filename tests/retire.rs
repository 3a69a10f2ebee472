//! `retire`: a rollout is taken away, and proven to be gone.

use std::collections::BTreeMap;

use serde_json::json;

use crate::apply::writes;
use crate::program::{MANAGEMENT, Run, Simulation, Workplace, wait_until};
use crate::resuming::in_parallel;
use crate::small_rollout;

const CONFIG: &str = "config/rollout.yaml";
const PAYMENTS: &str = "222200003103";

fn run(workplace: &Workplace, simulation: &Simulation, arguments: &[&str]) -> Run {
    workplace.run_as(MANAGEMENT, simulation, arguments)
}

/// Takes away what was rolled out to all 58 targets.
fn retire(workplace: &Workplace, simulation: &Simulation, more: &[&str]) -> Run {
    let all = ["retire", CONFIG, "--yes", "--max-removals", "58", "--output", "json"];
    run(workplace, simulation, &[&all[..], more].concat())
}

fn rolled_out() -> (Workplace, Simulation) {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    run(&workplace, &simulation, &["apply", CONFIG, "--yes"]).ends_with(0);
    simulation.forget_calls();
    (workplace, simulation)
}

/// Whether the account has the role, as its owner sees it.
fn has_role(simulation: &Simulation, account: &str) -> bool {
    let roles = simulation.call(account, "iam", "Action=ListRoles&Version=2010-05-08&MaxItems=1000");
    roles.contains("<RoleName>CadoResponse</RoleName>")
}

fn has_stack(simulation: &Simulation, account: &str) -> bool {
    let stacks = simulation.call(account, "cloudformation", "Action=DescribeStacks&Version=2010-05-15");
    stacks.contains("<StackName>")
}

fn has_stack_set(simulation: &Simulation) -> bool {
    let form = "Action=ListStackSets&Version=2010-05-15&Status=ACTIVE";
    simulation.call(MANAGEMENT, "cloudformation", form).contains("cado-response")
}

fn by_hand(simulation: &Simulation, verb: &str, account: &str) {
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let form = format!("Action={verb}RolePolicy&Version=2010-05-08&RoleName=CadoResponse&PolicyArn={policy}");
    simulation.call(account, "iam", &form);
}

#[test]
fn what_was_rolled_out_is_taken_away_and_proven_to_be_gone_and_once_is_enough() {
    let (workplace, simulation) = rolled_out();
    let retired = retire(&workplace, &simulation, &[]).ends_with(0);
    let accounts = retired.accounts();
    assert_eq!(accounts.len(), 64, "one row per account of the organization");
    let removed: Vec<&String> =
        accounts.iter().filter(|(_, account)| account["action"] == "remove").map(|(id, _)| id).collect();
    assert_eq!(removed.len(), 58);
    for id in &removed {
        let account = &accounts[*id];
        assert_eq!(account["deployment"]["status"], "removed", "{account}");
        assert_eq!(account["verification"]["conclusion"], "verified", "{account}");
        assert_eq!(account["verification"]["checks"][0]["check"], "role_absent", "{account}");
        assert!(!has_role(&simulation, id), "{id}");
        assert!(!has_stack(&simulation, id), "{id}");
    }
    assert!(!has_stack_set(&simulation));
    assert_eq!(
        writes(&simulation.calls()),
        BTreeMap::from([
            ("cloudformation:DeleteStack", 1),
            ("cloudformation:DeleteStackInstances", 1),
            ("cloudformation:DeleteStackSet", 1),
            ("cloudformation:UpdateTerminationProtection", 1),
        ])
    );

    simulation.forget_calls();
    let again = ["retire", CONFIG, "--yes", "--max-removals", "0", "--output", "json"];
    let again = run(&workplace, &simulation, &again).ends_with(0);
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
    assert_eq!(again.json()["summary"]["verified"], 58);
    run(&workplace, &simulation, &["verify", CONFIG, "--absent"]).ends_with(0).says("58 verified");
    workplace.run(&["status"]).ends_with(0);
}

#[test]
fn a_dry_run_shows_the_order_and_touches_nothing() {
    let (workplace, simulation) = rolled_out();
    workplace.edit(CONFIG, "# waves", "waves: [ { name: canary, include: [ { ou: Sandbox } ] } ] # waves");
    let shown = run(&workplace, &simulation, &["retire", CONFIG, "--dry-run"]).ends_with(3).result;
    assert!(shown.starts_with("58 accounts in 14 organizational units and the root: 58 remove; "), "{shown}");
    let place = |text: &str| shown.find(text).unwrap_or_else(|| panic!("`{text}` is not in\n{shown}"));
    let order = ["wave rest", "wave canary", "delete the StackSet", "delete the stack in the management"];
    assert!(order.map(place).is_sorted(), "{shown}");
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
}

#[test]
fn more_removals_than_were_agreed_to_are_refused_with_their_number() {
    let (workplace, simulation) = rolled_out();
    run(&workplace, &simulation, &["retire", CONFIG, "--yes", "--max-removals", "57"])
        .ends_with(2)
        .says("takes the role away from 58 accounts, more than `--max-removals` allows (57)")
        .says("pass `--max-removals 58`");
    run(&workplace, &simulation, &["retire", CONFIG, "--yes"]).ends_with(2).says("--max-removals");
    run(&workplace, &simulation, &["retire", CONFIG]).ends_with(2).says("pass `--yes --max-removals N`");
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
}

#[test]
fn at_a_terminal_only_the_name_of_the_rollout_is_a_yes() {
    let (workplace, simulation) = rolled_out();
    for (typed, exit, says) in
        [("yes\n", 2, "not confirmed; nothing was changed"), ("cado-response\n", 0, "58 verified")]
    {
        let mut run = workplace.begin_at_a_terminal(&simulation, &["retire", CONFIG]);
        wait_until("the name is asked for", || run.has_said("type `cado-response` to carry this out"));
        assert_eq!(writes(&simulation.calls()), BTreeMap::new());
        run.types(typed);
        run.wait(|| ()).ends_with(exit).says(says);
    }
}

#[test]
fn a_closed_account_keeps_its_stack_and_does_not_stand_in_the_way() {
    let (workplace, simulation) = rolled_out();
    simulation.organizations("CloseAccount", &json!({ "AccountId": PAYMENTS }));
    simulation.advance(86_400);
    let accounts = retire(&workplace, &simulation, &[]).ends_with(0).accounts();
    let closed = &accounts[PAYMENTS];
    assert_eq!((&closed["action"], &closed["deployment"]["status"]), (&json!("retain"), &json!("retained")));
    assert_eq!(closed["reason"], "account is suspended: AWS cannot delete its stack, which stays there");
    assert_eq!(closed["verification"]["conclusion"], "not_asked");
    let removed = accounts.values().filter(|account| account["deployment"]["status"] == "removed").count();
    assert_eq!(removed, 57);
    assert!(!has_stack_set(&simulation));
    // One operation with the stacks, one without.
    assert_eq!(writes(&simulation.calls())["cloudformation:DeleteStackInstances"], 2);
}

#[test]
fn stacks_that_are_to_stay_stay_with_their_roles_and_verification_finds_them() {
    let (workplace, simulation) = rolled_out();
    let summary = &retire(&workplace, &simulation, &["--retain"]).ends_with(0).json()["summary"];
    assert_eq!((&summary["retained"], &summary["removed"]), (&json!(57), &json!(0)));
    assert_eq!(
        writes(&simulation.calls()),
        BTreeMap::from([("cloudformation:DeleteStackInstances", 1), ("cloudformation:DeleteStackSet", 1)])
    );
    for account in [PAYMENTS, MANAGEMENT] {
        assert!(has_role(&simulation, account) && has_stack(&simulation, account), "{account}");
    }
    assert!(!has_stack_set(&simulation));
    run(&workplace, &simulation, &["verify", CONFIG, "--absent"])
        .ends_with(3)
        .says("58 with findings")
        .says("its stack left it behind");
}

#[test]
fn a_stack_set_without_our_mark_is_not_taken_away() {
    let (workplace, simulation) = rolled_out();
    let untagged = "Action=UpdateStackSet&Version=2010-05-15&StackSetName=cado-response\
                    &UsePreviousTemplate=true&Capabilities.member.1=CAPABILITY_NAMED_IAM&Tags=\
                    &Parameters.member.1.ParameterKey=ExternalId&Parameters.member.1.UsePreviousValue=true";
    simulation.call(MANAGEMENT, "cloudformation", untagged);
    simulation.advance(3600);
    simulation.forget_calls();
    retire(&workplace, &simulation, &[]).ends_with(2).says("carries no mark of this rollout");
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
    assert!(has_role(&simulation, PAYMENTS));
}

#[test]
fn a_role_with_a_policy_attached_by_hand_stays_with_its_remedy_and_the_others_go() {
    let (workplace, simulation) = rolled_out();
    by_hand(&simulation, "Attach", PAYMENTS);
    let first = retire(&workplace, &simulation, &[]).ends_with(1);
    let failed = &first.accounts()[PAYMENTS]["deployment"];
    assert_eq!(failed["status"], "failed");
    let reason = failed["reason"].as_str().unwrap();
    assert!(reason.contains("must detach all policies first"), "{reason}");
    assert!(reason.contains("INOPERABLE: delete the instance again with its stack retained"), "{reason}");
    let summary = &first.json()["summary"];
    assert_eq!((&summary["removed"], &summary["failed"]), (&json!(57), &json!(1)));
    assert!(has_stack_set(&simulation), "it is not empty");
    assert!(!has_role(&simulation, MANAGEMENT));

    let second = retire(&workplace, &simulation, &[]).ends_with(3);
    let retained = &second.accounts()[PAYMENTS];
    assert_eq!(retained["deployment"]["status"], "retained", "{retained}");
    assert!(retained["reason"].as_str().unwrap().contains("delete the stack by hand"), "{retained}");
    assert_eq!(retained["verification"]["conclusion"], "finding", "{retained}");
    assert!(!has_stack_set(&simulation));

    by_hand(&simulation, "Detach", PAYMENTS);
    let stacks = simulation.call(PAYMENTS, "cloudformation", "Action=DescribeStacks&Version=2010-05-15");
    let name = stacks.split_once("<StackName>").unwrap().1.split_once('<').unwrap().0;
    let delete = format!("Action=DeleteStack&Version=2010-05-15&StackName={name}");
    simulation.call(PAYMENTS, "cloudformation", &delete);
    simulation.advance(600);
    run(&workplace, &simulation, &["verify", CONFIG, "--absent"]).ends_with(0).says("58 verified");
}

#[test]
fn the_management_accounts_stack_that_cannot_be_deleted_is_a_failed_row_and_can_be_mended() {
    let (workplace, simulation) = rolled_out();
    by_hand(&simulation, "Attach", MANAGEMENT);
    let run = retire(&workplace, &simulation, &[]).ends_with(1);
    let failed = &run.accounts()[MANAGEMENT]["deployment"];
    let reason = failed["reason"].as_str().unwrap();
    assert!(reason.starts_with("the stack is in DELETE_FAILED: "), "{reason}");
    assert!(reason.contains("must detach all policies first"), "{reason}");
    assert!(reason.contains("run `rolecall retire` again"), "{reason}");
    by_hand(&simulation, "Detach", MANAGEMENT);
    retire(&workplace, &simulation, &[]).ends_with(0);
    assert!(!has_role(&simulation, MANAGEMENT));
}

#[test]
fn what_could_not_be_looked_at_is_not_taken_for_gone() {
    let (workplace, simulation) = rolled_out();
    workplace.edit(CONFIG, "access_role: OrganizationAccountAccessRole", "access_role: NoSuchRole");
    let run = retire(&workplace, &simulation, &[]).ends_with(1);
    let summary = &run.json()["summary"];
    assert_eq!(
        (&summary["removed"], &summary["not_proven"], &summary["verified"]),
        (&json!(58), &json!(57), &json!(1))
    );
    assert!(run.result.contains("could not enter the access role"));
}

#[test]
fn a_former_target_is_looked_at_too_while_the_stack_set_knows_of_it() {
    let (workplace, simulation) = rolled_out();
    workplace.edit(CONFIG, "    - ou: Sandbox\n", "");
    let run = run(&workplace, &simulation, &["verify", CONFIG, "--absent", "--output", "json"]).ends_with(3);
    let former = &run.accounts()["222200006001"];
    assert_eq!(former["verification"]["conclusion"], "finding", "{former}");
    assert_eq!(writes(&simulation.calls()), BTreeMap::new());
}

#[test]
fn an_interrupted_retirement_goes_on_in_aws_and_the_next_one_finishes_it() {
    let workplace = Workplace::new();
    let simulation = Simulation::slow(&workplace);
    let apply = ["apply", CONFIG, "--yes"];
    workplace.begin(&simulation, &apply).wait(|| simulation.advance(1)).ends_with(0);
    let arguments = ["retire", CONFIG, "--yes", "--max-removals", "58"];
    let run = workplace.begin(&simulation, &arguments);
    wait_until("the deletion is accepted", || {
        simulation.calls().contains_key("cloudformation:DeleteStackInstances")
    });
    run.signal("INT");
    run.wait(|| ())
        .ends_with(130)
        .says(" goes on in AWS")
        .says("go on with: rolecall retire config/rollout.yaml");
    assert!(!simulation.calls().contains_key("cloudformation:DeleteStackSet"));
    let run = workplace.begin(&simulation, &arguments).wait(|| simulation.advance(1)).ends_with(0);
    assert!(run.result.contains("58 verified"), "{}", run.result);
    assert_eq!(writes(&simulation.calls())["cloudformation:DeleteStackInstances"], 1);
}

#[test]
fn a_retirement_that_retains_is_gone_on_with_as_one_that_retains() {
    let (workplace, simulation) = rolled_out();
    simulation.add_faults(&json!({ "calls": [
        { "operation": "cloudformation:DeleteStackSet", "effect": "fail", "code": "AccessDenied", "status": 403 },
    ] }));
    retire(&workplace, &simulation, &["--retain"])
        .ends_with(2)
        .says("go on with: rolecall retire config/rollout.yaml --retain");
}

#[test]
fn an_account_that_left_with_its_stack_keeps_the_stack_set_and_the_run_from_being_green() {
    let (workplace, simulation) = rolled_out();
    simulation.organizations("RemoveAccountFromOrganization", &json!({ "AccountId": PAYMENTS }));
    for expected in ["removed", "none"] {
        let run = retire(&workplace, &simulation, &[]).ends_with(1);
        let accounts = run.accounts();
        let left = &accounts[PAYMENTS];
        assert_eq!(left["action"], "blocked", "{left}");
        assert!(left["reason"].as_str().unwrap().contains("not in the organization any more"), "{left}");
        let other = accounts[MANAGEMENT]["deployment"]["status"].as_str().unwrap_or("none");
        assert_eq!(other, expected);
        assert!(has_stack_set(&simulation));
    }
}

#[test]
fn a_retirement_that_is_killed_at_any_call_comes_to_the_same_end_when_it_is_run_again() {
    let calls = {
        let workplace = small_rollout::workplace();
        let simulation = small_rollout::simulation(&workplace, "{}");
        run(&workplace, &simulation, &small_rollout::APPLY).ends_with(0);
        simulation.forget_calls();
        retire(&workplace, &simulation, &[]).ends_with(0);
        simulation.calls().values().sum::<u64>()
    };
    let moments = (1..calls).step_by(4).flat_map(|call| [(call, "hold-before"), (call + 1, "hold-after")]);
    in_parallel(moments.collect(), |(call, effect)| {
        let workplace = small_rollout::workplace();
        let simulation = small_rollout::simulation(&workplace, "{}");
        run(&workplace, &simulation, &small_rollout::APPLY).ends_with(0);
        simulation.add_faults(&json!({ "calls": [ { "operation": "*", "nth": call, "effect": effect } ] }));
        let arguments = ["retire", CONFIG, "--yes", "--max-removals", "5"];
        let mut running = workplace.begin(&simulation, &arguments);
        wait_until("the call is held, or the run ends without it", || {
            simulation.held() > 0 || running.has_ended()
        });
        running.kill();
        simulation.end_faults();
        let again = retire(&workplace, &simulation, &[]).ends_with(0);
        let when = format!("{effect} {call} of {calls}");
        assert_eq!(again.json()["summary"]["verified"], 5, "{when}");
        assert!(!has_stack_set(&simulation), "{when}");
        for account in again.accounts().keys().filter(|account| *account != small_rollout::CLOSED) {
            assert!(!has_role(&simulation, account) && !has_stack(&simulation, account), "{when}: {account}");
        }
    });
}
