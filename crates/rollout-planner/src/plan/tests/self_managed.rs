//! Sets that deploy by roles of the operator's own.

use super::*;

fn by_hand(include: &[&str]) -> RolloutSpec {
    let mut spec = spec(include);
    spec.stack_set.permission_model = PermissionModel::self_managed();
    spec.stack_set.auto_deployment.enabled = false;
    spec
}

/// The accounts that the call of each step names.
fn named(plan: &RolloutPlan) -> Vec<Vec<AccountId>> {
    let targets = |step: &Step| match step {
        Step::UpdateStackSet { targets, .. } => targets.clone(),
        Step::CreateStackInstances { targets, .. }
        | Step::UpdateStackInstances { targets, .. }
        | Step::DeleteStackInstances { targets, .. } => Some(targets.clone()),
        _ => None,
    };
    let accounts = |targets: DeploymentTargets| match targets {
        DeploymentTargets::Accounts(accounts) => accounts.0.into_iter().collect(),
        other => panic!("{other:?}"),
    };
    plan.steps().filter_map(targets).map(accounts).collect()
}

#[test]
fn every_call_names_its_accounts_and_none_a_unit() {
    let spec = by_hand(&["Workloads"]);
    let first = plan_of(&spec, &Default::default());
    let members: Vec<AccountId> = (21..=24).map(account_id).collect();
    assert_eq!(
        titles(&first),
        [
            "create the stack in the management account",
            "create the StackSet",
            "create stack instances in 4 accounts (each by its id)",
        ]
    );
    assert_eq!(named(&first), [members]);
    assert_eq!(titles(&plan_of(&spec, &carried_out(&spec, &first))), [""; 0]);
}

#[test]
fn what_is_updated_and_what_is_removed_is_named_too() {
    let before = by_hand(&["Workloads"]);
    let observed = carried_out(&before, &plan_of(&before, &Default::default()));
    let mut wanted = by_hand(&["Workloads/Prod"]);
    wanted.stack_set.template = "{ }".to_owned();
    wanted.consent.removal = true;
    wanted.limits.max_removals = 2;
    let planned = plan_of(&wanted, &observed);
    assert_eq!(named(&planned), [vec![account_id(22), account_id(23)], vec![account_id(21), account_id(24)]]);
}

#[test]
fn closed_accounts_are_not_named() {
    let spec = by_hand(&["Workloads"]);
    let mut organization = organization();
    organization.accounts.get_mut(&account_id(22)).unwrap().state = AccountState::Suspended;
    organization.accounts.get_mut(&account_id(23)).unwrap().state = AccountState::PendingClosure;
    let planned = plan(&spec, &organization, &Default::default(), &Obstacles::default()).unwrap();
    assert_eq!(named(&planned), [vec![account_id(21), account_id(24)]]);
    assert_eq!(planned.accounts[&account_id(22)].reason, "account is suspended");
}

#[test]
fn another_role_changes_the_settings_of_the_set_and_no_stack() {
    let mut spec = by_hand(&["Workloads"]);
    let observed = carried_out(&spec, &plan_of(&spec, &Default::default()));
    let PermissionModel::SelfManaged { execution_role, .. } = &mut spec.stack_set.permission_model else {
        panic!("{spec:?}")
    };
    *execution_role = "Ours".parse().unwrap();
    let planned = plan_of(&spec, &observed);
    assert!(planned.steps().eq([&Step::UpdateSettings]), "{:?}", planned.waves);
    assert_eq!(planned.accounts[&account_id(21)].action, Action::Keep);
    // A new definition brings them along.
    spec.stack_set.template = "{ }".to_owned();
    assert_eq!(titles(&plan_of(&spec, &observed)), ["update the StackSet and its instances in 4 accounts"]);
}
