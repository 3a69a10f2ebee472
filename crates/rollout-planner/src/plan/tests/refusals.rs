//! What is refused before anything is planned.

use super::*;

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
fn a_set_of_the_other_permission_model_is_refused_with_what_to_do_about_it() {
    let managed = spec(&["**"]);
    let mut by_hand = managed.clone();
    by_hand.stack_set.permission_model = PermissionModel::self_managed();
    by_hand.stack_set.auto_deployment.enabled = false;
    for (wanted, there, says) in [
        (&managed, &by_hand, "is self-managed, and stack_set.permission_model says service-managed"),
        (&by_hand, &managed, "is service-managed, and stack_set.permission_model says self-managed"),
    ] {
        let observed = carried_out(there, &plan_of(there, &Default::default()));
        refused(wanted, &organization(), &observed, says);
        refused(wanted, &organization(), &observed, "only while the set has no stack instances");
    }
    let mut unknown = carried_out(&managed, &plan_of(&managed, &Default::default()));
    unknown.stack_set.as_mut().unwrap().permission_model = None;
    refused(&managed, &organization(), &unknown, "is of an unknown permission model");
}
