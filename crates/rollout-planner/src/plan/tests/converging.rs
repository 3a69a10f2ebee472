//! Roles that are gone although AWS holds everything as specified.

use super::*;

/// The plan for a finished roll-out to Workloads where the role is absent from these accounts.
fn without_roles(spec: &RolloutSpec, absent: &[u64]) -> RolloutPlan {
    let observed = carried_out(spec, &plan_of(spec, &Default::default()));
    let absent_roles = absent.iter().map(|&number| account_id(number)).collect();
    let obstacles = Obstacles { absent_roles, ..Obstacles::default() };
    plan(spec, &organization(), &observed, &obstacles).unwrap()
}

#[test]
fn just_the_instances_without_their_role_are_let_go_of_and_made_anew() {
    let planned = without_roles(&spec(&["Workloads"]), &[22, 24]);
    assert_eq!(
        in_waves(&planned),
        [
            "rest: delete stack instances in 2 accounts, and leave their stacks behind (2 accounts of 2 units); \
          create stack instances in 2 accounts (2 accounts of 2 units)"
        ]
    );
    let row = |number| &planned.accounts[&account_id(number)];
    assert_eq!((row(22).action, row(21).action), (Action::Recreate, Action::Keep));
    assert_eq!(row(22).reason, "the instance is CURRENT and the role is gone");
    let behind = |warning: &String| {
        warning.contains("if the old stack still exists in") && warning.contains("leave it")
    };
    assert!(planned.warnings.iter().any(behind), "{:?}", planned.warnings);
    assert!(
        !planned.warnings.iter().any(|it| it.contains("ends automatic deployment")),
        "{:?}",
        planned.warnings
    );
    for step in planned.steps() {
        let accounts: Vec<AccountId> = step.accounts().cloned().collect();
        assert_eq!(accounts, [account_id(22), account_id(24)], "{step}");
    }
}

#[test]
fn no_limit_of_removals_counts_them() {
    let mut spec = spec(&["Workloads"]);
    spec.limits.max_removals = 0;
    assert_eq!(without_roles(&spec, &[21, 22, 23, 24]).accounts[&account_id(21)].action, Action::Recreate);
}

#[test]
fn the_management_accounts_stack_is_not_deleted_unasked() {
    let planned = without_roles(&spec(&["Workloads"]), &[1]);
    let management = &planned.accounts[&account_id(1)];
    assert_eq!(management.action, Action::Blocked);
    assert!(management.reason.contains("delete it, then apply again"), "{}", management.reason);
    assert_eq!(in_waves(&planned), [""; 0]);
}

#[test]
fn whoever_gets_a_new_definition_anyway_is_not_made_anew() {
    let before = spec(&["Workloads"]);
    let observed = carried_out(&before, &plan_of(&before, &Default::default()));
    let mut wanted = before;
    wanted.stack_set.template = "{ }".to_owned();
    let obstacles = Obstacles { absent_roles: [account_id(22)].into(), ..Obstacles::default() };
    let planned = plan(&wanted, &organization(), &observed, &obstacles).unwrap();
    assert_eq!(planned.accounts[&account_id(22)].action, Action::Update);
}
