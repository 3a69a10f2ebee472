mod converging;
mod imports;
mod reach;
mod refusals;
mod retiring;
mod scope;
mod self_managed;
mod warnings;
mod waves;

use rollout_model::*;

use super::*;
use crate::testing::{account_id, organization, spec, units};

/// The plan for the usual organization, with nothing known to stand in the way.
fn plan_of(spec: &RolloutSpec, observed: &StackSetSnapshot) -> RolloutPlan {
    plan(spec, &organization(), observed, &Obstacles::default()).unwrap()
}

/// What AWS holds after a plan was carried out to the end.
fn carried_out(spec: &RolloutSpec, plan: &RolloutPlan) -> StackSetSnapshot {
    let current = ObservedInstance {
        status: InstanceStatus::Current,
        reason: None,
        has_stack: true,
        unit: None,
        last_operation: None,
    };
    let members =
        plan.accounts.iter().filter(|(_, plan)| plan.vehicle == Vehicle::StackSet && plan.action.is_target());
    StackSetSnapshot {
        stack_set: Some(ObservedStackSet {
            template: spec.stack_set.template.clone(),
            parameters: spec.stack_set.parameters.keys().map(|key| (key.clone(), None)).collect(),
            tags: spec.stack_set.tags.clone(),
            auto_deployment: spec.stack_set.auto_deployment,
            managed_execution: spec.stack_set.managed_execution,
            permission_model: Some(spec.stack_set.permission_model.clone()),
            description: spec.stack_set.description.clone(),
        }),
        instances: members
            .map(|(account, _)| {
                let region = spec.home_region.clone();
                (StackInstance { account: account.clone(), region }, current.clone())
            })
            .collect(),
        operations: Vec::new(),
        management_stack: Some(ObservedStack {
            status: "CREATE_COMPLETE".to_owned(),
            template: spec.management_stack.template.clone(),
            parameters: BTreeMap::new(),
            tags: spec.management_stack.tags.clone(),
            is_protected: true,
        }),
    }
}

fn titles(plan: &RolloutPlan) -> Vec<String> {
    plan.steps().map(ToString::to_string).collect()
}

/// Each wave with its steps.
fn in_waves(plan: &RolloutPlan) -> Vec<String> {
    let titles = |wave: &Wave| wave.steps.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    plan.waves.iter().map(|wave| format!("{}: {}", wave.name, titles(wave))).collect()
}

#[track_caller]
fn refused(spec: &RolloutSpec, organization: &Organization, observed: &StackSetSnapshot, expected: &str) {
    let error = plan(spec, organization, observed, &Obstacles::default()).unwrap_err().to_string();
    assert!(error.contains(expected), "`{error}` does not say `{expected}`");
}

#[test]
fn a_first_plan_has_a_row_for_every_account_and_creates_what_is_missing() {
    let planned = plan_of(&spec(&["Workloads"]), &StackSetSnapshot::default());
    assert!(planned.accounts.keys().eq(organization().accounts.keys()));
    assert_eq!(
        titles(&planned),
        [
            "create the stack in the management account",
            "create the StackSet",
            "create stack instances in 4 accounts (every account of 1 unit)",
        ]
    );
}

#[test]
fn planning_again_after_a_complete_rollout_yields_no_steps() {
    let spec = spec(&["Workloads"]);
    let first = plan_of(&spec, &StackSetSnapshot::default());
    let second = plan_of(&spec, &carried_out(&spec, &first));
    assert_eq!(titles(&second), [""; 0]);
    assert_eq!(second.accounts[&account_id(21)].action, Action::Keep);
}

#[test]
fn a_new_definition_updates_every_instance_at_once_when_all_are_targets() {
    let mut wanted = spec(&["Workloads"]);
    let observed = carried_out(&wanted, &plan_of(&wanted, &Default::default()));
    wanted.stack_set.template = "{ }".to_owned();
    let planned = plan_of(&wanted, &observed);
    assert_eq!(titles(&planned), ["update the StackSet and its instances in 4 accounts"]);
    assert!(matches!(planned.steps().next().unwrap(), Step::UpdateStackSet { targets: None, .. }));
}

#[test]
fn an_instance_that_is_no_target_is_left_in_place_and_not_updated() {
    let observed = carried_out(&spec(&["Workloads"]), &plan_of(&spec(&["Workloads"]), &Default::default()));
    let mut wanted = spec(&["Workloads/Prod"]);
    wanted.stack_set.template = "{ }".to_owned();
    let planned = plan_of(&wanted, &observed);
    assert_eq!(planned.accounts[&account_id(24)].action, Action::LeaveInPlace);
    let updated: Vec<_> = planned.steps().next().unwrap().accounts().cloned().collect();
    assert_eq!(updated, [account_id(22), account_id(23)]);
    let Step::UpdateStackSet { targets: Some(targets), .. } = planned.steps().next().unwrap() else {
        panic!("{:?}", planned.waves);
    };
    assert!(matches!(targets, DeploymentTargets::Only(..)));
}

#[test]
fn verifying_alone_knows_its_targets_without_asking_what_aws_holds() {
    let mut organization = organization();
    organization.accounts.get_mut(&account_id(22)).unwrap().state = AccountState::Suspended;
    let accounts = targets(&spec(&["Workloads/Prod"]), &organization).unwrap();
    let targeted: Vec<_> = accounts.iter().filter(|(_, plan)| plan.action.is_target()).collect();
    let ids: Vec<_> = targeted.iter().map(|(id, _)| (*id).clone()).collect();
    assert_eq!(ids, [account_id(1), account_id(23)]);
    assert!(accounts.keys().eq(organization.accounts.keys()));
}

#[test]
fn a_corrected_definition_reaches_accounts_in_which_the_first_one_failed() {
    let mut wanted = spec(&["Workloads"]);
    let mut observed = carried_out(&wanted, &plan_of(&wanted, &Default::default()));
    for instance in observed.instances.values_mut() {
        *instance = ObservedInstance {
            status: InstanceStatus::Outdated,
            reason: None,
            has_stack: false,
            unit: None,
            last_operation: None,
        };
    }
    wanted.stack_set.template = "{ }".to_owned();
    let planned = plan_of(&wanted, &observed);
    assert_eq!(
        titles(&planned),
        ["update the StackSet", "create stack instances in 4 accounts (every account of 1 unit)",]
    );
}

#[test]
fn inoperable_instances_do_not_stand_in_the_way_of_a_new_definition() {
    let mut wanted = spec(&["Workloads"]);
    let mut observed = carried_out(&wanted, &plan_of(&wanted, &Default::default()));
    observed.instances.values_mut().for_each(|instance| instance.status = InstanceStatus::Inoperable);
    wanted.stack_set.template = "{ }".to_owned();
    let planned = plan_of(&wanted, &observed);
    assert_eq!(titles(&planned), ["update the StackSet"]);
    assert_eq!(planned.accounts[&account_id(21)].action, Action::Blocked);
}

#[test]
fn settings_change_after_the_definition_and_only_when_they_differ() {
    let mut wanted = spec(&["Workloads"]);
    let observed = carried_out(&wanted, &plan_of(&wanted, &Default::default()));
    wanted.stack_set.managed_execution = false;
    let settings =
        "update the settings of the StackSet (AWS may visit its instances, and changes nothing in them)";
    assert_eq!(titles(&plan_of(&wanted, &observed)), [settings]);
    wanted.stack_set.template = "{ }".to_owned();
    let both = ["update the StackSet and its instances in 4 accounts", settings];
    assert_eq!(titles(&plan_of(&wanted, &observed)), both);
}

#[test]
fn a_management_account_that_is_no_target_any_more_keeps_its_stack_and_a_strangers_stack_is_no_matter() {
    let mut wanted = spec(&["Workloads"]);
    let mut observed = carried_out(&wanted, &plan_of(&wanted, &Default::default()));
    wanted.targets.management_account = ManagementAccount::Exclude;
    let planned = plan_of(&wanted, &observed);
    assert_eq!(planned.accounts[&account_id(1)].action, Action::LeaveInPlace);
    observed.management_stack.as_mut().unwrap().tags.clear();
    let planned = plan_of(&wanted, &observed);
    assert_eq!(planned.accounts[&account_id(1)].action, Action::Skip);
}

#[test]
fn a_stack_set_without_our_mark_is_taken_over_only_on_demand() {
    let ours = spec(&["Workloads"]);
    let mut observed = carried_out(&ours, &plan_of(&ours, &Default::default()));
    observed.stack_set.as_mut().unwrap().tags.clear();
    observed.management_stack.as_mut().unwrap().tags.clear();
    let mut adopting = ours;
    adopting.consent.adoption = true;
    let planned = plan_of(&adopting, &observed);
    assert_eq!(
        in_waves(&planned),
        [
            "management account: update the stack in the management account",
            "rest: update the StackSet and its instances in 4 accounts",
        ]
    );
    assert_eq!(planned.accounts[&account_id(1)].action, Action::Adopt);
    assert_eq!(planned.accounts[&account_id(21)].action, Action::Adopt);
}

#[test]
fn an_account_with_an_obstacle_is_blocked_and_left_out_of_every_call() {
    let obstacle = "the role exists already".to_owned();
    let obstacles = Obstacles {
        accounts: [(account_id(22), obstacle.clone()), (account_id(11), obstacle.clone())].into(),
        warnings: vec!["could not look everywhere".to_owned()],
        ..Obstacles::default()
    };
    let planned =
        plan(&spec(&["Workloads"]), &organization(), &StackSetSnapshot::default(), &obstacles).unwrap();
    let of = |number| &planned.accounts[&account_id(number)];
    assert_eq!((of(22).action, &of(22).reason), (Action::Blocked, &obstacle));
    assert_eq!(of(11).action, Action::Skip, "no target, so nothing stands in its way");
    assert!(planned.steps().all(|step| step.accounts().all(|account| *account != account_id(22))));
    assert!(planned.warnings.contains(&obstacles.warnings[0]));
}
