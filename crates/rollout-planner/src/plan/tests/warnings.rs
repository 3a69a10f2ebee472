//! What a plan points out.

use super::*;

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
