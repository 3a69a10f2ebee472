//! One plan from what is wanted, what there is, and what AWS holds.

use std::collections::BTreeMap;

use rollout_model::{
    Account, AccountId, AccountPlan, Action, Organization, RolloutPlan, RolloutSpec, StackSetSnapshot,
    Vehicle,
};

use crate::changes::changes;
use crate::decide::{self, Circumstances, Decision, Found};
use crate::error::PlanError;
use crate::guards::{
    refuse_a_doubtful_organization, refuse_more_than_the_failed, refuse_sizes, refuse_what_is_not_ours,
};
use crate::imports::{import_of, refuse_misplaced};
use crate::obstacles::Obstacles;
use crate::pace::pace;
use crate::replacement::refuse_a_replacement;
use crate::select::{Membership, select};
use crate::steps::{self, Decided};
use crate::warnings::warnings;
use crate::wave::Waves;

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
    obstacles: &Obstacles,
) -> Result<RolloutPlan, PlanError> {
    refuse_a_doubtful_organization(organization)?;
    refuse_what_is_not_ours(spec, observed)?;
    refuse_a_replacement(spec, observed)?;
    refuse_more_than_the_failed(spec, observed)?;
    refuse_misplaced(spec, organization)?;
    let memberships = select(spec, organization)?;
    let waves = Waves::assign(spec, organization)?;
    let accounts: BTreeMap<AccountId, AccountPlan> = organization
        .accounts
        .values()
        .map(|account| {
            let decision = decide_account(spec, organization, observed, account, &memberships[&account.id]);
            let decision = held_back(decision, obstacles.accounts.get(&account.id));
            let is_absent = obstacles.absent_roles.contains(&account.id);
            let is_management = account.id == organization.management_account;
            let decision =
                if is_absent { decide::without_its_role(decision, is_management) } else { decision };
            let decision = if spec.scope.only_failed { decide::only_failed(decision) } else { decision };
            (account.id.clone(), planned(organization, account, decision, &waves))
        })
        .collect();
    refuse_sizes(spec, &accounts, organization.accounts.len())?;
    let decided = Decided { spec, organization, observed, accounts: &accounts };
    let waves = steps::waves(decided, &waves)?;
    let steps = || waves.iter().flat_map(|wave| &wave.steps);
    let mut warnings = warnings(decided, &waves);
    warnings.extend(obstacles.warnings.iter().cloned());
    Ok(RolloutPlan {
        home_region: spec.home_region.clone(),
        warnings,
        changes: changes(spec, observed),
        pace: pace(steps(), &spec.preferences),
        waves,
        accounts,
        stack_set: spec.stack_set.clone(),
        management_stack: spec.management_stack.clone(),
        preferences: spec.preferences.clone(),
        may_replace: spec.consent.replacement,
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
    let memberships = select(spec, organization)?;
    let waves = Waves::assign(spec, organization)?;
    let accounts = organization.accounts.values().map(|account| {
        let Membership { selected, reason } = memberships[&account.id].clone();
        let (action, reason) = match (selected, account.state.is_deployable()) {
            (true, true) => (Action::Keep, reason),
            (true, false) => (Action::Skip, format!("account is {}", account.state)),
            (false, _) => (Action::Skip, reason),
        };
        (account.id.clone(), planned(organization, account, Decision { action, reason }, &waves))
    });
    let accounts = accounts.collect();
    refuse_sizes(spec, &accounts, organization.accounts.len())?;
    Ok(accounts)
}

fn decide_account(
    spec: &RolloutSpec,
    organization: &Organization,
    observed: &StackSetSnapshot,
    account: &Account,
    membership: &Membership,
) -> Decision {
    if account.id == organization.management_account {
        let stack = observed.management_stack.as_ref();
        return decide::management(membership, stack, &spec.management_stack, &spec.rollout);
    }
    let instance = observed.instance(&account.id, &spec.home_region);
    let found = match (instance, import_of(spec, observed, &account.id)) {
        (Some(instance), _) => Found::Instance(instance),
        (None, Some(stack)) => Found::StackToImport(stack),
        (None, None) => Found::Nothing,
    };
    decide::member(account, membership, found, Circumstances::of(spec, observed))
}

/// A deployment that is known to fail is not attempted.
fn held_back(decision: Decision, obstacle: Option<&String>) -> Decision {
    match obstacle {
        Some(obstacle) if decision.action.is_deployment() => {
            Decision { action: Action::Blocked, reason: obstacle.clone() }
        }
        _ => decision,
    }
}

fn planned(organization: &Organization, account: &Account, decision: Decision, waves: &Waves) -> AccountPlan {
    let Decision { action, reason } = decision;
    let is_management = account.id == organization.management_account;
    let in_a_wave = action.is_target() || action == Action::Blocked;
    AccountPlan {
        name: account.name.clone(),
        unit: organization.path(&account.parent),
        action,
        vehicle: if is_management { Vehicle::Stack } else { Vehicle::StackSet },
        wave: waves.of(&account.id).filter(|_| in_a_wave).cloned(),
        reason,
    }
}

#[cfg(test)]
mod tests;
