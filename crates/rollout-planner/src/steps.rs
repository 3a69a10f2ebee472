//! The calls that carry the decisions out, in order.

use std::collections::BTreeMap;

use rollout_model::{
    AccountId, AccountIds, AccountPlan, AccountState, Action, DeploymentTargets, InstanceStatus,
    ObservedInstance, Organization, RolloutSpec, StackSetSnapshot, Step, Vehicle,
};

use crate::compile::{Booking, compile, compile_only};
use crate::decide;
use crate::error::PlanError;

/// The management account first: a vendor's set-up usually begins there, and a plain stack fails fast.
pub(crate) fn steps(
    spec: &RolloutSpec,
    organization: &Organization,
    observed: &StackSetSnapshot,
    accounts: &BTreeMap<AccountId, AccountPlan>,
) -> Result<Vec<Step>, PlanError> {
    let booking = if spec.stack_set.auto_deployment.enabled { Booking::Units } else { Booking::Nothing };
    let with = |wanted: Action| -> AccountIds {
        let chosen = |plan: &AccountPlan| plan.vehicle == Vehicle::StackSet && plan.action == wanted;
        accounts.iter().filter(|(_, plan)| chosen(plan)).map(|(id, _)| id.clone()).collect()
    };
    let (missing, outdated) = (with(Action::Create), with(Action::Update));

    let mut steps: Vec<Step> = management_step(accounts).into_iter().collect();
    match &observed.stack_set {
        None if missing.is_empty() => {}
        None => steps.push(Step::CreateStackSet),
        Some(set) => {
            if decide::definition_changes(set, &spec.stack_set) {
                steps.extend(redefine(spec, organization, observed, accounts, booking)?);
            } else {
                steps.extend(update_instances(organization, &outdated, booking));
            }
            // After a new definition, so that every parameter it has can be kept by name.
            if decide::settings_change(set, &spec.stack_set) {
                steps.push(Step::UpdateSettings);
            }
        }
    }
    steps.extend(compile(organization, &missing, booking).into_iter().map(|targets| {
        let accounts = reached(organization, &targets, &missing);
        Step::CreateStackInstances { targets, accounts }
    }));
    Ok(steps)
}

fn management_step(accounts: &BTreeMap<AccountId, AccountPlan>) -> Option<Step> {
    let plan = accounts.values().find(|plan| plan.vehicle == Vehicle::Stack)?;
    match plan.action {
        Action::Create => Some(Step::CreateStack),
        Action::Update => Some(Step::UpdateStack),
        Action::Keep | Action::LeaveInPlace | Action::Blocked | Action::Skip => None,
    }
}

/// A new definition goes to every instance in one call when every instance may have it; otherwise the call
/// names those that may, and the others stay outdated.
///
/// The call reaches instances without a stack, too. Whether AWS creates the stack then is not documented, so
/// the step answers only for accounts that have one; the others are named again when the missing instances are
/// created, where a current one is left alone (aws-facts A7).
fn redefine(
    spec: &RolloutSpec,
    organization: &Organization,
    observed: &StackSetSnapshot,
    accounts: &BTreeMap<AccountId, AccountPlan>,
    booking: Booking,
) -> Result<Vec<Step>, PlanError> {
    let is =
        |id: &AccountId, wanted: fn(Action) -> bool| accounts.get(id).is_some_and(|plan| wanted(plan.action));
    let with_stack = |all: AccountIds| -> AccountIds {
        all.0.into_iter().filter(|id| is(id, |action| action == Action::Update)).collect()
    };
    let ids = observed.instances.keys().map(|instance| &instance.account);
    let changed: AccountIds = ids.filter(|id| is(id, Action::is_change)).cloned().collect();
    let harmless = observed.instances.iter().all(|(instance, seen)| {
        is(&instance.account, Action::is_change)
            || is_left_alone_by_aws(organization, &instance.account, seen)
    });
    if harmless {
        return Ok(vec![Step::UpdateStackSet { targets: None, accounts: with_stack(changed) }]);
    }
    let mut calls = update_instances(organization, &changed, booking);
    match calls.first_mut() {
        Some(first) => {
            if let Step::UpdateStackInstances { targets, accounts } = first.clone() {
                *first = Step::UpdateStackSet { targets: Some(targets), accounts: with_stack(accounts) };
            }
            Ok(calls)
        }
        // Without targets the call would update accounts that are no targets, and AWS has no way to name
        // nobody.
        None => Err(PlanError::OnlyStrayInstances { stack_set: spec.stack_set.name.clone() }),
    }
}

/// AWS skips inoperable instances and suspended accounts in every update (aws-facts A3, A8).
fn is_left_alone_by_aws(organization: &Organization, account: &AccountId, seen: &ObservedInstance) -> bool {
    let state = organization.accounts.get(account).map(|account| &account.state);
    seen.status == InstanceStatus::Inoperable || state == Some(&AccountState::Suspended)
}

fn update_instances(organization: &Organization, outdated: &AccountIds, booking: Booking) -> Vec<Step> {
    compile_only(organization, outdated, booking)
        .into_iter()
        .map(|targets| {
            let accounts = reached(organization, &targets, outdated);
            Step::UpdateStackInstances { targets, accounts }
        })
        .collect()
}

fn reached(organization: &Organization, targets: &DeploymentTargets, wanted: &AccountIds) -> AccountIds {
    let is_reached = |id: &&AccountId| {
        organization
            .accounts
            .get(id)
            .is_some_and(|account| targets.units().iter().any(|unit| organization.is_below(account, unit)))
    };
    wanted.0.iter().filter(is_reached).cloned().collect()
}
