//! One plan from what is wanted, what there is, and what AWS holds.

use std::collections::BTreeMap;

use rollout_model::{
    Account, AccountId, AccountPlan, Action, Organization, RolloutPlan, RolloutSpec, StackInstance,
    StackSetSnapshot, Vehicle,
};

use crate::decide;
use crate::error::PlanError;
use crate::guards::{refuse_a_doubtful_organization, refuse_sizes, refuse_what_is_not_ours};
use crate::replacement::refuse_a_replacement;
use crate::select::{Membership, select};
use crate::steps::steps;
use crate::warnings::warnings;

/// The tag by which rolecall knows its own StackSets and stacks; its value is the rollout's name.
pub const MARK: &str = "rolecall:rollout";

/// Decides, for every account of the organization, what this rollout does there, and why.
///
/// Planning again after a complete rollout yields no steps.
///
/// # Errors
/// When the targets do not fit the organization, select nobody or too many, or the StackSet is not ours.
pub fn plan(
    spec: &RolloutSpec,
    organization: &Organization,
    observed: &StackSetSnapshot,
) -> Result<RolloutPlan, PlanError> {
    refuse_a_doubtful_organization(organization)?;
    refuse_what_is_not_ours(spec, observed)?;
    refuse_a_replacement(spec, observed)?;
    let memberships = select(&spec.targets, organization)?;
    let changes =
        observed.stack_set.as_ref().is_some_and(|set| decide::definition_changes(set, &spec.stack_set));
    let accounts: BTreeMap<AccountId, AccountPlan> = organization
        .accounts
        .values()
        .map(|account| {
            let planned =
                plan_account(spec, organization, observed, account, &memberships[&account.id], changes);
            (account.id.clone(), planned)
        })
        .collect();
    refuse_sizes(spec, &accounts, organization.accounts.len())?;
    let steps = steps(spec, organization, observed, &accounts)?;
    Ok(RolloutPlan {
        home_region: spec.home_region.clone(),
        warnings: warnings(spec, organization, observed, &accounts, &steps),
        steps,
        accounts,
        stack_set: spec.stack_set.clone(),
        management_stack: spec.management_stack.clone(),
        preferences: spec.preferences.clone(),
    })
}

/// Which accounts should have the role by now, without asking what AWS holds: targets are `Keep`, everybody
/// else is `Skip`. For verifying alone, which needs no StackSets call.
///
/// # Errors
/// When the targets do not fit the organization, or select nobody or too many.
pub fn targets(
    spec: &RolloutSpec,
    organization: &Organization,
) -> Result<BTreeMap<AccountId, AccountPlan>, PlanError> {
    refuse_a_doubtful_organization(organization)?;
    let memberships = select(&spec.targets, organization)?;
    let accounts = organization.accounts.values().map(|account| {
        let Membership { selected, reason } = memberships[&account.id].clone();
        let (action, reason) = match (selected, account.state.is_deployable()) {
            (true, true) => (Action::Keep, reason),
            (true, false) => (Action::Skip, format!("account is {}", account.state)),
            (false, _) => (Action::Skip, reason),
        };
        let is_management = account.id == organization.management_account;
        let vehicle = if is_management { Vehicle::Stack } else { Vehicle::StackSet };
        let (name, unit) = (account.name.clone(), organization.path(&account.parent));
        (account.id.clone(), AccountPlan { name, unit, action, vehicle, reason })
    });
    let accounts = accounts.collect();
    refuse_sizes(spec, &accounts, organization.accounts.len())?;
    Ok(accounts)
}

fn plan_account(
    spec: &RolloutSpec,
    organization: &Organization,
    observed: &StackSetSnapshot,
    account: &Account,
    membership: &Membership,
    definition_changes: bool,
) -> AccountPlan {
    let (vehicle, decision) = if account.id == organization.management_account {
        let stack = observed.management_stack.as_ref();
        (Vehicle::Stack, decide::management(membership, stack, &spec.management_stack))
    } else {
        let target = StackInstance { account: account.id.clone(), region: spec.home_region.clone() };
        let instance = observed.instances.get(&target);
        (Vehicle::StackSet, decide::member(account, membership, instance, definition_changes))
    };
    AccountPlan {
        name: account.name.clone(),
        unit: organization.path(&account.parent),
        action: decision.action,
        vehicle,
        reason: decision.reason,
    }
}

#[cfg(test)]
mod tests {
    use rollout_model::*;

    use super::*;
    use crate::testing::{account_id, organization};

    fn spec(include: &[&str]) -> RolloutSpec {
        let tags: BTreeMap<String, String> = [(MARK.to_owned(), "demo".to_owned())].into();
        RolloutSpec {
            rollout: "demo".parse().unwrap(),
            home_region: "us-east-1".parse().unwrap(),
            targets: Targets {
                include: include.iter().map(|path| Selector::Units(path.parse().unwrap())).collect(),
                exclude: Vec::new(),
                management_account: ManagementAccount::Include,
            },
            stack_set: StackSetDefinition {
                name: "demo".parse().unwrap(),
                description: "a role".to_owned(),
                template: "{}".to_owned(),
                parameters: BTreeMap::new(),
                tags: tags.clone(),
                permission_model: PermissionModel::ServiceManaged,
                call_as: CallAs::Myself,
                auto_deployment: AutoDeployment { enabled: true, retain_on_removal: false },
                managed_execution: true,
            },
            management_stack: StackDefinition {
                name: "demo".parse().unwrap(),
                template: "{}".to_owned(),
                parameters: BTreeMap::new(),
                tags,
            },
            preferences: OperationPreferences {
                max_concurrent: Share::Percent(100),
                failure_tolerance: Share::Percent(100),
                concurrency_mode: ConcurrencyMode::Soft,
            },
            limits: Limits { max_targets: 100 },
        }
    }

    /// What AWS holds after a plan was carried out to the end.
    fn carried_out(spec: &RolloutSpec, plan: &RolloutPlan) -> StackSetSnapshot {
        let current = ObservedInstance { status: InstanceStatus::Current, reason: None, has_stack: true };
        let members = plan
            .accounts
            .iter()
            .filter(|(_, plan)| plan.vehicle == Vehicle::StackSet && plan.action.is_target());
        StackSetSnapshot {
            stack_set: Some(ObservedStackSet {
                template: spec.stack_set.template.clone(),
                parameters: spec.stack_set.parameters.keys().cloned().collect(),
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
                tags: spec.management_stack.tags.clone(),
            }),
        }
    }

    fn titles(plan: &RolloutPlan) -> Vec<String> {
        plan.steps.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_first_plan_has_a_row_for_every_account_and_creates_what_is_missing() {
        let planned = plan(&spec(&["Workloads"]), &organization(), &StackSetSnapshot::default()).unwrap();
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
        let first = plan(&spec, &organization(), &StackSetSnapshot::default()).unwrap();
        let second = plan(&spec, &organization(), &carried_out(&spec, &first)).unwrap();
        assert_eq!(titles(&second), [""; 0]);
        assert_eq!(second.accounts[&account_id(21)].action, Action::Keep);
    }

    #[test]
    fn a_new_definition_updates_every_instance_at_once_when_all_are_targets() {
        let mut wanted = spec(&["Workloads"]);
        let observed = carried_out(&wanted, &plan(&wanted, &organization(), &Default::default()).unwrap());
        wanted.stack_set.template = "{ }".to_owned();
        let planned = plan(&wanted, &organization(), &observed).unwrap();
        assert_eq!(titles(&planned), ["update the StackSet and its instances in 4 accounts"]);
        assert!(matches!(&planned.steps[0], Step::UpdateStackSet { targets: None, .. }));
    }

    #[test]
    fn an_instance_that_is_no_target_is_left_in_place_and_not_updated() {
        let observed = carried_out(
            &spec(&["Workloads"]),
            &plan(&spec(&["Workloads"]), &organization(), &Default::default()).unwrap(),
        );
        let mut wanted = spec(&["Workloads/Prod"]);
        wanted.stack_set.template = "{ }".to_owned();
        let planned = plan(&wanted, &organization(), &observed).unwrap();
        assert_eq!(planned.accounts[&account_id(24)].action, Action::LeaveInPlace);
        let updated: Vec<_> = planned.steps[0].accounts().cloned().collect();
        assert_eq!(updated, [account_id(22), account_id(23)]);
        let Step::UpdateStackSet { targets: Some(targets), .. } = &planned.steps[0] else {
            panic!("{:?}", planned.steps);
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
        let error = plan(spec, organization, observed).unwrap_err().to_string();
        assert!(error.contains(expected), "`{error}` does not say `{expected}`");
    }

    #[test]
    fn a_plan_for_nobody_or_for_too_many_or_for_a_strangers_stack_set_is_refused() {
        let none = StackSetSnapshot::default();
        let mut nobody = spec(&["Empty"]);
        nobody.targets.management_account = ManagementAccount::Exclude;
        refused(&nobody, &organization(), &none, "selection is empty");

        let mut closed = organization();
        closed.accounts.values_mut().for_each(|account| account.state = AccountState::Closed);
        refused(
            &spec(&["**"]),
            &closed,
            &none,
            "none of the 6 member accounts of the organization is active",
        );

        let mut small = spec(&["**"]);
        small.limits.max_targets = 3;
        refused(
            &small,
            &organization(),
            &none,
            "targets 7 accounts, more than limits.max_targets allows (3)",
        );

        let ours = spec(&["**"]);
        let mut strangers = carried_out(&ours, &plan(&ours, &organization(), &none).unwrap());
        strangers.stack_set.as_mut().unwrap().tags.clear();
        refused(&ours, &organization(), &strangers, "a StackSet named `demo` exists and carries no mark");

        let mut strangers = carried_out(&ours, &plan(&ours, &organization(), &none).unwrap());
        strangers.management_stack.as_mut().unwrap().tags.clear();
        refused(&ours, &organization(), &strangers, "a stack named `demo` exists in the management account");

        let mut partial = organization();
        partial.problems.push("could not list the accounts below ou-root-work0000".to_owned());
        refused(&ours, &partial, &none, "could be read only in part");
    }

    #[test]
    fn a_corrected_definition_reaches_accounts_in_which_the_first_one_failed() {
        let mut wanted = spec(&["Workloads"]);
        let mut observed =
            carried_out(&wanted, &plan(&wanted, &organization(), &Default::default()).unwrap());
        for instance in observed.instances.values_mut() {
            *instance = ObservedInstance { status: InstanceStatus::Outdated, reason: None, has_stack: false };
        }
        wanted.stack_set.template = "{ }".to_owned();
        let planned = plan(&wanted, &organization(), &observed).unwrap();
        assert_eq!(
            titles(&planned),
            ["update the StackSet", "create stack instances in 4 accounts (every account of 1 unit)",]
        );
    }

    #[test]
    fn inoperable_instances_do_not_stand_in_the_way_of_a_new_definition() {
        let mut wanted = spec(&["Workloads"]);
        let mut observed =
            carried_out(&wanted, &plan(&wanted, &organization(), &Default::default()).unwrap());
        observed.instances.values_mut().for_each(|instance| instance.status = InstanceStatus::Inoperable);
        wanted.stack_set.template = "{ }".to_owned();
        let planned = plan(&wanted, &organization(), &observed).unwrap();
        assert_eq!(titles(&planned), ["update the StackSet"]);
        assert_eq!(planned.accounts[&account_id(21)].action, Action::Blocked);
    }

    #[test]
    fn settings_change_after_the_definition_and_only_when_they_differ() {
        let mut wanted = spec(&["Workloads"]);
        let observed = carried_out(&wanted, &plan(&wanted, &organization(), &Default::default()).unwrap());
        wanted.stack_set.managed_execution = false;
        let settings =
            "update the settings of the StackSet (AWS may visit its instances, and changes nothing in them)";
        assert_eq!(titles(&plan(&wanted, &organization(), &observed).unwrap()), [settings]);
        wanted.stack_set.template = "{ }".to_owned();
        let both = ["update the StackSet and its instances in 4 accounts", settings];
        assert_eq!(titles(&plan(&wanted, &organization(), &observed).unwrap()), both);
    }

    #[test]
    fn a_busy_stack_set_is_told_before_the_first_step() {
        let mut wanted = spec(&["Workloads"]);
        let mut observed =
            carried_out(&wanted, &plan(&wanted, &organization(), &Default::default()).unwrap());
        let operation = |id: &str| ObservedOperation {
            id: id.parse().unwrap(),
            action: "DETECT_DRIFT".to_owned(),
            status: "RUNNING".to_owned(),
        };
        observed.operations = vec![operation("night-scan")];
        assert!(plan(&wanted, &organization(), &observed).unwrap().warnings.is_empty());
        wanted.stack_set.template = "{ }".to_owned();
        let warnings = plan(&wanted, &organization(), &observed).unwrap().warnings;
        assert!(warnings[0].contains("night-scan (DETECT_DRIFT, RUNNING)"), "{warnings:?}");
    }

    #[test]
    fn a_management_account_that_is_no_target_any_more_keeps_its_stack_and_a_strangers_stack_is_no_matter() {
        let mut wanted = spec(&["Workloads"]);
        let mut observed =
            carried_out(&wanted, &plan(&wanted, &organization(), &Default::default()).unwrap());
        wanted.targets.management_account = ManagementAccount::Exclude;
        let planned = plan(&wanted, &organization(), &observed).unwrap();
        assert_eq!(planned.accounts[&account_id(1)].action, Action::LeaveInPlace);
        observed.management_stack.as_mut().unwrap().tags.clear();
        let planned = plan(&wanted, &organization(), &observed).unwrap();
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
        let observed = carried_out(&wanted, &plan(&wanted, &organization(), &Default::default()).unwrap());
        for (path, name) in [("/", "Writer"), ("/x/", "Reader")] {
            wanted.stack_set.template = template(path, name);
            refused(&wanted, &organization(), &observed, "the role `/Reader` would be replaced by");
        }
    }

    #[test]
    fn a_new_definition_is_refused_when_it_would_reach_only_accounts_that_are_no_targets() {
        let before = spec(&["Workloads/Legacy"]);
        let observed = carried_out(&before, &plan(&before, &organization(), &Default::default()).unwrap());
        let mut wanted = spec(&["Workloads/Prod"]);
        wanted.stack_set.template = "{ }".to_owned();
        refused(&wanted, &organization(), &observed, "all its instances are in accounts that are no targets");
    }

    #[test]
    fn accounts_that_automatic_deployment_could_still_reach_are_named() {
        let mut wanted = spec(&["Workloads"]);
        wanted.targets.exclude = vec![Selector::Account(account_id(22))];
        let planned = plan(&wanted, &organization(), &StackSetSnapshot::default()).unwrap();
        assert_eq!(planned.warnings.len(), 1);
        assert!(planned.warnings[0].contains("may still reach 000000000022;"), "{}", planned.warnings[0]);
        wanted.stack_set.auto_deployment.enabled = false;
        let planned = plan(&wanted, &organization(), &StackSetSnapshot::default()).unwrap();
        assert!(planned.warnings.is_empty());
    }
}
