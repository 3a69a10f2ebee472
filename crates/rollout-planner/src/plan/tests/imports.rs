//! Stacks that exist already and become instances of the set.

use super::*;

fn stack_in(account: u64) -> StackArn {
    let account = account_id(account);
    format!("arn:aws:cloudformation:us-east-1:{account}:stack/audit/7f2a").parse().unwrap()
}

/// A self-managed set that is to import the stacks of these accounts.
fn importing(accounts: &[u64]) -> RolloutSpec {
    let mut spec = spec(&["Workloads"]);
    spec.stack_set.permission_model = PermissionModel::self_managed();
    spec.stack_set.auto_deployment.enabled = false;
    spec.import_stacks = accounts.iter().copied().map(stack_in).collect();
    spec.consent.adoption = true;
    spec
}

#[test]
fn an_imported_stack_is_then_brought_to_the_definition_of_the_set() {
    let spec = importing(&[22]);
    let planned = plan_of(&spec, &Default::default());
    assert_eq!(
        titles(&planned),
        [
            "create the stack in the management account",
            "create the StackSet",
            "create stack instances in 3 accounts (each by its id)",
            "import 1 stack into the StackSet",
            "update stack instances in 1 account (each by its id)",
        ]
    );
    let account = &planned.accounts[&account_id(22)];
    assert_eq!(account.action, Action::Adopt);
    assert_eq!(account.reason, format!("its stack {} is imported", stack_in(22)));
    let mut observed = carried_out(&spec, &planned);
    assert_eq!(titles(&plan_of(&spec, &observed)), [""; 0]);
    // Once it is an instance it is treated like any other.
    let instance = StackInstance { account: account_id(22), region: spec.home_region.clone() };
    observed.instances.get_mut(&instance).unwrap().status = InstanceStatus::Outdated;
    assert_eq!(titles(&plan_of(&spec, &observed)), ["update stack instances in 1 account (each by its id)"]);
}

#[test]
fn nothing_is_imported_unasked_and_the_row_says_what_would_be() {
    let mut spec = importing(&[22]);
    spec.consent.adoption = false;
    let planned = plan_of(&spec, &Default::default());
    let account = &planned.accounts[&account_id(22)];
    assert_eq!(account.action, Action::Blocked);
    assert!(account.reason.contains(&stack_in(22).to_string()) && account.reason.contains("--adopt"));
    let touched: Vec<_> = planned.steps().flat_map(Step::accounts).collect();
    assert_eq!(touched, [&account_id(21), &account_id(23), &account_id(24)]);
}

#[test]
fn a_call_names_ten_stacks_at_most() {
    let mut organization = organization();
    let many: Vec<u64> = (100..121).collect();
    for number in &many {
        crate::testing::add_account(
            &mut organization,
            *number,
            ParentId::Ou(crate::testing::unit_id("prod")),
        );
    }
    let spec = importing(&many);
    let planned = plan(&spec, &organization, &Default::default(), &Obstacles::default()).unwrap();
    let sizes = planned.steps().filter_map(|step| match step {
        Step::ImportStacksToStackSet { stacks, accounts } => Some((stacks.len(), accounts.len())),
        _ => None,
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [(10, 10), (10, 10), (1, 1)]);
}

#[test]
fn a_stack_of_an_account_that_is_no_target_is_not_imported_and_that_is_said() {
    let mut spec = importing(&[11]);
    let planned = plan_of(&spec, &Default::default());
    assert_eq!(planned.accounts[&account_id(11)].action, Action::Skip);
    assert!(
        planned
            .warnings
            .contains(&format!("the stack {} is not imported: no include entry matches", stack_in(11))),
        "{:?}",
        planned.warnings
    );
    for (account, says) in [
        (1, "stack_set.import_stacks[0]: account 000000000001 is the management account"),
        (77, "stack_set.import_stacks[0]: account 000000000077 is not in the organization"),
    ] {
        spec.import_stacks = vec![stack_in(account)];
        refused(&spec, &organization(), &Default::default(), says);
    }
}
