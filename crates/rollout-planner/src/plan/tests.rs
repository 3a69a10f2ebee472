use std::collections::BTreeSet;

use proptest::prelude::*;
use rollout_model::*;

use super::*;
use crate::testing::{account_id, organization, random_organization, resolved_by_aws, spec, units};

/// The plan for the usual organization, with nothing known to stand in the way.
fn plan_of(spec: &RolloutSpec, observed: &StackSetSnapshot) -> RolloutPlan {
    plan(spec, &organization(), observed, &Obstacles::default()).unwrap()
}

/// What AWS holds after a plan was carried out to the end.
fn carried_out(spec: &RolloutSpec, plan: &RolloutPlan) -> StackSetSnapshot {
    let current =
        ObservedInstance { status: InstanceStatus::Current, reason: None, has_stack: true, unit: None };
    let members =
        plan.accounts.iter().filter(|(_, plan)| plan.vehicle == Vehicle::StackSet && plan.action.is_target());
    StackSetSnapshot {
        stack_set: Some(ObservedStackSet {
            template: spec.stack_set.template.clone(),
            parameters: spec.stack_set.parameters.keys().map(|key| (key.clone(), None)).collect(),
            tags: spec.stack_set.tags.clone(),
            auto_deployment: spec.stack_set.auto_deployment,
            managed_execution: spec.stack_set.managed_execution,
            permission_model: Some(PermissionModel::ServiceManaged),
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
        }),
    }
}

fn titles(plan: &RolloutPlan) -> Vec<String> {
    plan.steps().map(ToString::to_string).collect()
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

#[track_caller]
fn refused(spec: &RolloutSpec, organization: &Organization, observed: &StackSetSnapshot, expected: &str) {
    let error = plan(spec, organization, observed, &Obstacles::default()).unwrap_err().to_string();
    assert!(error.contains(expected), "`{error}` does not say `{expected}`");
}

#[test]
fn a_plan_for_nobody_or_for_too_many_or_for_a_strangers_stack_set_is_refused() {
    let none = StackSetSnapshot::default();
    let mut nobody = spec(&["Empty"]);
    nobody.targets.include[0].optional = true;
    nobody.targets.management_account = ManagementAccount::Exclude;
    refused(&nobody, &organization(), &none, "selection is empty");

    let mut closed = organization();
    closed.accounts.values_mut().for_each(|account| account.state = AccountState::Closed);
    refused(&spec(&["**"]), &closed, &none, "none of the 6 member accounts of the organization is active");

    let mut small = spec(&["**"]);
    small.limits.max_targets = 3;
    refused(&small, &organization(), &none, "targets 7 accounts, more than limits.max_targets allows (3)");

    let ours = spec(&["**"]);
    let mut strangers = carried_out(&ours, &plan_of(&ours, &none));
    strangers.stack_set.as_mut().unwrap().tags.clear();
    refused(&ours, &organization(), &strangers, "a StackSet named `demo` exists and carries no mark");

    let mut strangers = carried_out(&ours, &plan_of(&ours, &none));
    strangers.management_stack.as_mut().unwrap().tags.clear();
    refused(&ours, &organization(), &strangers, "a stack named `demo` exists in the management account");

    let mut partial = organization();
    partial.problems.push("could not list the accounts below ou-root-work0000".to_owned());
    refused(&ours, &partial, &none, "could be read only in part");
}

#[test]
fn a_corrected_definition_reaches_accounts_in_which_the_first_one_failed() {
    let mut wanted = spec(&["Workloads"]);
    let mut observed = carried_out(&wanted, &plan_of(&wanted, &Default::default()));
    for instance in observed.instances.values_mut() {
        *instance =
            ObservedInstance { status: InstanceStatus::Outdated, reason: None, has_stack: false, unit: None };
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
fn a_busy_stack_set_is_told_before_the_first_step() {
    let mut wanted = spec(&["Workloads"]);
    let mut observed = carried_out(&wanted, &plan_of(&wanted, &Default::default()));
    let operation = |id: &str| ObservedOperation {
        id: id.parse().unwrap(),
        action: "DETECT_DRIFT".to_owned(),
        status: "RUNNING".to_owned(),
        created: None,
    };
    observed.operations = vec![operation("night-scan")];
    assert!(plan_of(&wanted, &observed).warnings.is_empty());
    wanted.stack_set.template = "{ }".to_owned();
    let warnings = plan_of(&wanted, &observed).warnings;
    assert!(warnings[0].contains("night-scan (DETECT_DRIFT, RUNNING)"), "{warnings:?}");
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
fn another_name_or_path_of_the_role_is_refused() {
    let template = |path: &str, name: &str| {
        format!(
            r#"{{"Resources":{{"Role":{{"Type":"AWS::IAM::Role","Properties":{{"RoleName":"{name}","Path":"{path}",
            "AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
            "Principal":{{"AWS":"111122223333"}},"Action":"sts:AssumeRole"}}}}}}}}}}}}"#
        )
    };
    let mut wanted = spec(&["Workloads"]);
    wanted.stack_set.template = template("/", "Reader");
    let observed = carried_out(&wanted, &plan_of(&wanted, &Default::default()));
    for (path, name) in [("/", "Writer"), ("/x/", "Reader")] {
        wanted.stack_set.template = template(path, name);
        refused(&wanted, &organization(), &observed, "the role `/Reader` would be replaced by");
    }
}

#[test]
fn a_new_definition_is_refused_when_it_would_reach_only_accounts_that_are_no_targets() {
    let before = spec(&["Workloads/Legacy"]);
    let observed = carried_out(&before, &plan_of(&before, &Default::default()));
    let mut wanted = spec(&["Workloads/Prod"]);
    wanted.stack_set.template = "{ }".to_owned();
    refused(&wanted, &organization(), &observed, "all its instances are in accounts that are no targets");
}

#[test]
fn accounts_that_automatic_deployment_could_still_reach_are_named() {
    let mut wanted = spec(&["Workloads"]);
    wanted.targets.exclude =
        vec![TargetEntry { selectors: vec![Selector::Account(account_id(22))], optional: false }];
    let planned = plan_of(&wanted, &StackSetSnapshot::default());
    assert_eq!(planned.warnings.len(), 1);
    assert!(
        planned.warnings[0].contains("may still reach 000000000022 account-22;"),
        "{}",
        planned.warnings[0]
    );
    wanted.stack_set.auto_deployment.enabled = false;
    let planned = plan_of(&wanted, &StackSetSnapshot::default());
    assert!(planned.warnings.is_empty());
}

/// Each wave with its steps.
fn in_waves(plan: &RolloutPlan) -> Vec<String> {
    let titles = |wave: &Wave| wave.steps.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    plan.waves.iter().map(|wave| format!("{}: {}", wave.name, titles(wave))).collect()
}

fn with_canary(mut spec: RolloutSpec) -> RolloutSpec {
    spec.waves = vec![WaveSpec { name: "canary".parse().unwrap(), include: vec![units("Workloads/Prod")] }];
    spec
}

#[test]
fn waves_go_in_order_and_the_rest_comes_last() {
    let spec = with_canary(spec(&["Workloads"]));
    let first = plan_of(&spec, &StackSetSnapshot::default());
    assert_eq!(
        in_waves(&first),
        [
            "management account: create the stack in the management account",
            "canary: create the StackSet; create stack instances in 2 accounts (every account of 1 unit)",
            "rest: create stack instances in 2 accounts (2 accounts of 1 unit)",
        ]
    );
    let wave = |number| first.accounts[&account_id(number)].wave.as_ref().map(ToString::to_string);
    assert_eq!(wave(22).as_deref(), Some("canary"));
    assert_eq!(wave(24).as_deref(), Some(crate::LAST_WAVE));
    assert_eq!(wave(11), None, "no target, no wave");

    let mut changed = spec.clone();
    changed.stack_set.template = "{ }".to_owned();
    let second = plan_of(&changed, &carried_out(&spec, &first));
    assert_eq!(
        in_waves(&second),
        [
            "canary: update the StackSet and its instances in 2 accounts",
            "rest: update stack instances in 2 accounts (2 accounts of 1 unit)",
        ]
    );
    assert_eq!(in_waves(&plan_of(&spec, &carried_out(&spec, &first))), [""; 0]);
}

#[test]
fn a_definition_reaches_one_account_early_when_the_first_wave_has_nobody_to_visit() {
    let before = spec(&["Workloads/Legacy", "Workloads/Prod"]);
    let mut observed = carried_out(&before, &plan_of(&before, &Default::default()));
    observed.instances.retain(|instance, _| instance.account == account_id(24));
    let mut wanted = with_canary(before);
    wanted.stack_set.template = "{ }".to_owned();
    let planned = plan_of(&wanted, &observed);
    assert_eq!(
        in_waves(&planned),
        ["canary: update the StackSet and its instances in 1 account; \
          create stack instances in 2 accounts (every account of 1 unit)"]
    );
    let Step::UpdateStackSet { targets, accounts } = planned.steps().next().unwrap() else {
        panic!("{:?}", planned.waves);
    };
    assert_eq!((targets, accounts), (&None, &[account_id(24)].into_iter().collect()));
}

#[test]
fn a_wave_can_move_the_management_account() {
    let mut spec = spec(&["Workloads/Prod"]);
    let management = TargetEntry { selectors: vec![Selector::ManagementAccount], optional: false };
    spec.waves = vec![
        WaveSpec { name: "canary".parse().unwrap(), include: vec![units("Workloads/Prod")] },
        WaveSpec { name: "late".parse().unwrap(), include: vec![management] },
    ];
    let order: Vec<String> =
        plan_of(&spec, &StackSetSnapshot::default()).waves.iter().map(|wave| wave.name.to_string()).collect();
    assert_eq!(order, ["canary", "late"]);
}

#[test]
fn removals_are_last_name_every_account_and_are_held_to_their_limit() {
    let before = spec(&["Workloads"]);
    let observed = carried_out(&before, &plan_of(&before, &Default::default()));
    let mut wanted = spec(&["Workloads/Prod"]);
    assert_eq!(in_waves(&plan_of(&wanted, &observed)), [""; 0], "nothing is deleted unasked");

    wanted.consent.removal = true;
    refused(
        &wanted,
        &organization(),
        &observed,
        "takes the role away from 2 accounts, more than limits.max_removals allows (0):\n  \
         000000000021 account-21\n  000000000024 account-24\n",
    );
    wanted.limits.max_removals = 2;
    let planned = plan_of(&wanted, &observed);
    assert_eq!(
        in_waves(&planned),
        ["removal: delete stack instances and their roles in 2 accounts (2 accounts of 1 unit)"]
    );
    assert!(matches!(
        planned.steps().next(),
        Some(Step::DeleteStackInstances { targets: DeploymentTargets::Only(..), .. })
    ));
    assert!(planned.warnings.iter().any(|warning| warning.contains("ends automatic deployment")));
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
    };
    let planned =
        plan(&spec(&["Workloads"]), &organization(), &StackSetSnapshot::default(), &obstacles).unwrap();
    let of = |number| &planned.accounts[&account_id(number)];
    assert_eq!((of(22).action, &of(22).reason), (Action::Blocked, &obstacle));
    assert_eq!(of(11).action, Action::Skip, "no target, so nothing stands in its way");
    assert!(planned.steps().all(|step| step.accounts().all(|account| *account != account_id(22))));
    assert!(planned.warnings.contains(&obstacles.warnings[0]));
}

#[test]
fn what_the_plan_does_not_cover_is_pointed_out() {
    let mut unsaid = spec(&["Workloads"]);
    unsaid.targets.management_account = ManagementAccount::Unsaid;
    let warned = |spec: &RolloutSpec, observed: &StackSetSnapshot, part: &str| {
        plan_of(spec, observed).warnings.iter().any(|warning| warning.contains(part))
    };
    let none = StackSetSnapshot::default();
    assert!(warned(&unsaid, &none, "management account 000000000001 does not get the role"));
    unsaid.targets.management_account = ManagementAccount::Exclude;
    assert!(!warned(&unsaid, &none, "does not get the role"));

    let spec = spec(&["Workloads"]);
    let mut observed = carried_out(&spec, &plan_of(&spec, &none));
    let (left, instance) = observed.instances.pop_first().unwrap();
    observed.instances.insert(StackInstance { account: account_id(77), ..left }, instance);
    assert!(warned(&spec, &observed, "not in the organization any more: 000000000077"));
}

#[test]
fn automatic_deployment_watches_the_units_of_earlier_operations_too() {
    let mut wanted = spec(&["Workloads"]);
    let mut observed = carried_out(&wanted, &plan_of(&wanted, &Default::default()));
    for instance in observed.instances.values_mut() {
        instance.unit = Some(ParentId::Ou("ou-root-work0000".parse().unwrap()));
    }
    wanted.targets.exclude = vec![units("Workloads/Legacy")];
    let warnings = plan_of(&wanted, &observed).warnings;
    assert!(warnings.iter().any(|warning| warning.contains("000000000024 account-24")), "{warnings:?}");
}

/// Whether an account is meant, from the lists alone and sharing nothing with the planner.
fn is_meant(organization: &Organization, account: &Account, include: &[usize], exclude: &[usize]) -> bool {
    let mut above = vec![account.parent.clone()];
    while let Some(ParentId::Ou(id)) = above.last() {
        above.push(organization.units[id].parent.clone());
    }
    let units: Vec<&OuId> = organization.units.keys().collect();
    let is_in = |index: &usize| match units.get(index % (units.len() + 1)) {
        Some(unit) => above.contains(&ParentId::Ou((*unit).clone())),
        None => true,
    };
    include.iter().any(is_in) && !exclude.iter().any(is_in)
}

/// The entry for what [`is_meant`] takes an index for: a unit, or everything.
fn entry_of(organization: &Organization, index: usize) -> TargetEntry {
    let units: Vec<&OuId> = organization.units.keys().collect();
    let selector = match units.get(index % (units.len() + 1)) {
        Some(unit) => Selector::Unit((*unit).clone()),
        None => Selector::Root(organization.root.id.clone()),
    };
    TargetEntry { selectors: vec![selector], optional: true }
}

proptest! {
    #[test]
    fn whatever_is_selected_the_calls_reach_exactly_the_open_accounts_of_the_selection(
        units in prop::collection::vec(0usize..40, 0..70),
        places in prop::collection::vec((0usize..70, 0u8..8, Just(false)), 1..80),
        include in prop::collection::vec(0usize..70, 1..4),
        exclude in prop::collection::vec(0usize..70, 0..4),
        canary in prop::collection::vec(0usize..70, 0..2),
        auto_deployment in any::<bool>(),
    ) {
        let (organization, _) = random_organization(&units, &places);
        let mut spec = spec(&[]);
        let entries = |indices: &[usize]| indices.iter().map(|index| entry_of(&organization, *index)).collect();
        spec.targets.include = entries(&include);
        spec.targets.exclude = entries(&exclude);
        spec.waves = vec![WaveSpec { name: "canary".parse().unwrap(), include: entries(&canary) }];
        spec.stack_set.auto_deployment.enabled = auto_deployment;
        let expected: BTreeSet<AccountId> = organization
            .accounts
            .values()
            .filter(|account| account.id != organization.management_account)
            .filter(|account| account.state.is_deployable())
            .filter(|account| is_meant(&organization, account, &include, &exclude))
            .map(|account| account.id.clone())
            .collect();
        // Members of which nobody is open are not taken for the truth.
        let planned = plan(&spec, &organization, &StackSetSnapshot::default(), &Obstacles::default());
        prop_assert!(planned.is_ok() || expected.is_empty());
        if let Ok(planned) = planned {
            let mut reached = BTreeSet::new();
            for step in planned.steps() {
                let Step::CreateStackInstances { targets, accounts } = step else { continue };
                let resolved = resolved_by_aws(&organization, targets);
                prop_assert_eq!(&resolved, &accounts.0);
                for account in resolved {
                    prop_assert!(reached.insert(account), "an account is reached twice");
                }
            }
            prop_assert_eq!(reached, expected);
            prop_assert!(planned.accounts.keys().eq(organization.accounts.keys()));
        }
    }
}
