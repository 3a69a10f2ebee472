//! The order of a plan.

use super::*;

fn with_canary(mut spec: RolloutSpec) -> RolloutSpec {
    spec.waves = vec![WaveSpec {
        name: "canary".parse().unwrap(),
        include: vec![units("Workloads/Prod")],
        gate: Gate::OPEN,
    }];
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
        WaveSpec {
            name: "canary".parse().unwrap(),
            include: vec![units("Workloads/Prod")],
            gate: Gate::OPEN,
        },
        WaveSpec { name: "late".parse().unwrap(), include: vec![management], gate: Gate::OPEN },
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
fn a_wave_that_has_to_be_proven_stays_in_the_plan_until_nothing_comes_after_it() {
    let mut spec = with_canary(spec(&["Workloads"]));
    spec.waves[0].gate = Gate { proceed_when: ProceedWhen::Verified, ..Gate::OPEN };
    let first = plan_of(&spec, &StackSetSnapshot::default());
    let gates = |plan: &RolloutPlan| -> Vec<(String, ProceedWhen)> {
        plan.waves.iter().map(|wave| (wave.name.to_string(), wave.gate.proceed_when)).collect()
    };
    let (deployed, verified) = (ProceedWhen::Deployed, ProceedWhen::Verified);
    let of = |name: &str, when| (name.to_owned(), when);
    assert_eq!(
        gates(&first),
        [of("management account", deployed), of("canary", verified), of("rest", deployed)]
    );

    let mut halfway = carried_out(&spec, &first);
    halfway.instances.retain(|instance, _| is_in(&first, instance, "canary"));
    let second = plan_of(&spec, &halfway);
    assert_eq!(gates(&second), [of("canary", verified), of("rest", deployed)]);
    assert_eq!(second.waves[0].steps, [], "it is only looked at");
    assert_eq!(in_waves(&plan_of(&spec, &carried_out(&spec, &first))), [""; 0]);
}

#[test]
fn a_run_that_goes_on_looks_at_the_gate_of_a_wave_that_it_has_done() {
    let mut spec = with_canary(spec(&["Workloads"]));
    spec.waves[0].gate = Gate { soak: std::time::Duration::from_secs(600), ..Gate::OPEN };
    let first = plan_of(&spec, &StackSetSnapshot::default());
    let mut halfway = carried_out(&spec, &first);
    halfway.instances.retain(|instance, _| is_in(&first, instance, "canary"));
    let names =
        |plan: &RolloutPlan| -> Vec<String> { plan.waves.iter().map(|wave| wave.name.to_string()).collect() };
    assert_eq!(names(&plan_of(&spec, &halfway)), ["rest"]);
    spec.scope.resumed = Some("20261120T120000Z-k3f9".parse().unwrap());
    assert_eq!(names(&plan_of(&spec, &halfway)), ["canary", "rest"]);
}

fn is_in(plan: &RolloutPlan, instance: &StackInstance, wave: &str) -> bool {
    plan.accounts[&instance.account].wave.as_ref().is_some_and(|name| name.as_str() == wave)
}
