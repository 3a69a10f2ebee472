//! Plans that take a roll-out away.

use super::*;
use crate::{Stacks, absence, plan_retirement};

/// A roll-out to Workloads, with a canary in Workloads/Prod and the management account, carried out.
fn rolled_out() -> (RolloutSpec, StackSetSnapshot) {
    let mut spec = spec(&["Workloads"]);
    let (name, include) = ("canary".parse().unwrap(), vec![units("Workloads/Prod")]);
    spec.waves = vec![WaveSpec { name, include, gate: Gate::OPEN }];
    let observed = carried_out(&spec, &plan_of(&spec, &Default::default()));
    (spec, observed)
}

fn retired(spec: &RolloutSpec, observed: &StackSetSnapshot, stacks: Stacks) -> RolloutPlan {
    plan_retirement(spec, &organization(), observed, stacks).unwrap()
}

fn instance(number: u64) -> StackInstance {
    StackInstance { account: account_id(number), region: "us-east-1".parse().unwrap() }
}

fn suspended(number: u64) -> Organization {
    let mut organization = organization();
    organization.accounts.get_mut(&account_id(number)).unwrap().state = AccountState::Suspended;
    organization
}

#[test]
fn the_waves_go_in_reverse_and_the_stack_set_and_the_management_accounts_stack_come_last() {
    let (spec, observed) = rolled_out();
    let planned = retired(&spec, &observed, Stacks::Delete);
    assert_eq!(
        in_waves(&planned),
        [
            "rest: delete stack instances and their roles in 2 accounts (2 accounts of 1 unit)",
            "canary: delete stack instances and their roles in 2 accounts (2 accounts of 1 unit)",
            "removal: delete the StackSet; delete the stack in the management account, and its role",
        ]
    );
    assert!(planned.accounts.keys().eq(organization().accounts.keys()), "every account has a row");
    let action = |number| planned.accounts[&account_id(number)].action;
    assert_eq!([1, 21, 22, 11].map(action), [Action::Remove, Action::Remove, Action::Remove, Action::Skip]);
}

#[test]
fn retiring_again_yields_no_steps() {
    let (spec, _) = rolled_out();
    let planned = retired(&spec, &StackSetSnapshot::default(), Stacks::Delete);
    assert_eq!(in_waves(&planned), [""; 0]);
    assert!(planned.accounts.values().all(|account| account.action == Action::Skip));
}

#[test]
fn a_suspended_account_and_an_inoperable_instance_keep_their_stacks_and_nobody_else() {
    let (spec, mut observed) = rolled_out();
    let inoperable = observed.instances.get_mut(&instance(24)).unwrap();
    inoperable.status = InstanceStatus::Inoperable;
    inoperable.reason = Some("DeleteConflict".to_owned());
    let planned = plan_retirement(&spec, &suspended(23), &observed, Stacks::Delete).unwrap();
    assert_eq!(
        in_waves(&planned)[..2],
        [
            "rest: delete stack instances and their roles in 1 account (1 account of 1 unit); \
             delete stack instances in 1 account, and leave their stacks behind (1 account of 1 unit)",
            "canary: delete stack instances and their roles in 1 account (1 account of 1 unit); \
             delete stack instances in 1 account, and leave their stacks behind (1 account of 1 unit)",
        ]
    );
    let row = |number| &planned.accounts[&account_id(number)];
    assert_eq!((row(23).action, row(24).action), (Action::Retain, Action::Retain));
    assert!(row(23).reason.starts_with("account is suspended"), "{}", row(23).reason);
    assert!(row(24).reason.contains("(DeleteConflict)"), "{}", row(24).reason);
    assert!(row(24).reason.contains("delete the stack by hand"), "{}", row(24).reason);
    let named: Vec<_> =
        planned.steps().filter(|step| step.accounts().any(|id| *id == account_id(23))).collect();
    let [Step::DeleteStackInstances { targets, accounts, retain_stacks: true }] = named[..] else {
        panic!("{named:?}");
    };
    assert_eq!(
        *targets,
        DeploymentTargets::Only(vec![ParentId::Ou(crate::testing::unit_id("prod"))], accounts.clone())
    );
}

#[test]
fn on_demand_every_stack_stays_and_the_stack_set_goes_all_the_same() {
    let (spec, observed) = rolled_out();
    let planned = retired(&spec, &observed, Stacks::Retain);
    let deletes = |step: &Step| {
        matches!(step, Step::DeleteStackInstances { retain_stacks: false, .. } | Step::DeleteStack)
    };
    assert!(!planned.steps().any(deletes), "{:?}", titles(&planned));
    assert_eq!(titles(&planned).last().unwrap(), "delete the StackSet");
    assert_eq!(planned.accounts[&account_id(21)].action, Action::Retain);
    assert_eq!(planned.accounts[&account_id(1)].action, Action::LeaveInPlace);
}

#[test]
fn only_what_carries_our_mark_is_taken_away() {
    let (spec, observed) = rolled_out();
    let mut foreign = observed.clone();
    foreign.stack_set.as_mut().unwrap().tags.clear();
    let error = plan_retirement(&spec, &organization(), &foreign, Stacks::Delete).unwrap_err().to_string();
    assert!(error.contains("carries no mark of this rollout (tag rolecall:rollout=demo)"), "{error}");

    let mut foreign = observed;
    foreign.management_stack.as_mut().unwrap().tags.insert(MARK.to_owned(), "another".to_owned());
    let planned = retired(&spec, &foreign, Stacks::Delete);
    assert_eq!(planned.accounts[&account_id(1)].action, Action::Skip);
    assert_eq!(in_waves(&planned).last().unwrap(), "removal: delete the StackSet");
}

#[test]
fn a_management_stack_that_is_in_motion_is_waited_for() {
    let (spec, mut observed) = rolled_out();
    observed.management_stack.as_mut().unwrap().status = "UPDATE_IN_PROGRESS".to_owned();
    let planned = retired(&spec, &observed, Stacks::Delete);
    assert_eq!(planned.accounts[&account_id(1)].action, Action::Blocked);
    // One that waits for its first change set is deleted like any other (aws-facts C2).
    for status in ["DELETE_FAILED", "ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"] {
        observed.management_stack.as_mut().unwrap().status = status.to_owned();
        let planned = retired(&spec, &observed, Stacks::Delete);
        assert_eq!(planned.accounts[&account_id(1)].action, Action::Remove, "{status}");
    }
}

#[test]
fn a_stack_set_with_instances_that_no_call_reaches_stays_and_the_plan_says_so() {
    let (spec, observed) = rolled_out();
    let current = observed.instances[&instance(21)].clone();
    for left in [instance(99), StackInstance { region: "eu-west-1".parse().unwrap(), ..instance(21) }] {
        let mut observed = observed.clone();
        observed.instances.insert(left.clone(), current.clone());
        let planned = retired(&spec, &observed, Stacks::Delete);
        assert!(!planned.steps().any(|step| *step == Step::DeleteStackSet), "{left:?}");
        let said = |warning: &String| {
            warning.starts_with("the StackSet stays") && warning.contains(left.account.as_str())
        };
        assert!(planned.warnings.iter().any(said), "{:?}", planned.warnings);
    }
}

#[test]
fn a_former_target_loses_its_instance_too() {
    let (mut spec, observed) = rolled_out();
    spec.targets.include = vec![units("Workloads/Prod")];
    let planned = retired(&spec, &observed, Stacks::Delete);
    assert_eq!(planned.accounts[&account_id(24)].action, Action::Remove);
}

#[test]
fn the_role_has_to_be_gone_wherever_it_was_meant_to_be_or_has_a_stack() {
    let (mut spec, observed) = rolled_out();
    spec.targets.include = vec![units("Workloads/Prod")];
    let to_be_gone = |observed: &StackSetSnapshot| -> Vec<AccountId> {
        let accounts = absence(&spec, &suspended(23), observed).unwrap();
        assert!(accounts.keys().eq(organization().accounts.keys()), "every account has a row");
        accounts.into_iter().filter(|(_, plan)| plan.action == Action::Remove).map(|(id, _)| id).collect()
    };
    assert_eq!(to_be_gone(&observed), [1, 21, 22, 24].map(account_id));
    assert_eq!(to_be_gone(&StackSetSnapshot::default()), [1, 22].map(account_id));
}
