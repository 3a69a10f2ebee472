//! What keeps a plan from being made: an organization that cannot be trusted, a StackSet or stack that is not
//! ours, and sizes that were not meant.

use std::collections::BTreeMap;

use rollout_model::{
    Account, AccountId, AccountPlan, Action, ManagementAccount, ObservedStack, ObservedStackSet,
    Organization, RolloutSpec, StackSetSnapshot,
};

use crate::decide::definition_changes;
use crate::error::PlanError;

/// Accounts whose place was not read could be taken for targets or for none. And members of which none is
/// active are more likely misread than true; the management account is always active, or it could not ask.
pub(crate) fn refuse_a_doubtful_organization(organization: &Organization) -> Result<(), PlanError> {
    if !organization.problems.is_empty() {
        return Err(PlanError::PartialOrganization(organization.problems.clone()));
    }
    let is_member = |account: &&Account| account.id != organization.management_account;
    let mut members = organization.accounts.values().filter(is_member).peekable();
    if members.peek().is_none() || members.any(|account| account.state.is_deployable()) {
        return Ok(());
    }
    Err(PlanError::NoActiveMembers { accounts: organization.accounts.len() - 1 })
}

pub(crate) fn refuse_what_is_not_ours(
    spec: &RolloutSpec,
    observed: &StackSetSnapshot,
) -> Result<(), PlanError> {
    let rollout = spec.rollout.clone();
    let wanted = spec.targets.management_account == ManagementAccount::Include && !spec.consent.adoption;
    // One that is only reviewed holds nothing yet, and may be what an earlier run of ours was about to create.
    let is_foreign = |stack: &ObservedStack| {
        let is_empty = stack.tags.is_empty() && stack.status == "REVIEW_IN_PROGRESS";
        !stack.is_of(&spec.rollout) && !is_empty
    };
    if wanted && observed.management_stack.as_ref().is_some_and(is_foreign) {
        return Err(PlanError::ForeignStack { stack: spec.management_stack.name.clone(), rollout });
    }
    let Some(set) = &observed.stack_set else { return Ok(()) };
    let stack_set = spec.stack_set.name.clone();
    if !spec.consent.adoption && !set.is_of(&spec.rollout) {
        return Err(PlanError::ForeignStackSet { stack_set, rollout });
    }
    refuse_another_permission_model(spec, set)
}

/// Who deploys decides how accounts are named, and cannot be changed while there are instances.
pub(crate) fn refuse_another_permission_model(
    spec: &RolloutSpec,
    set: &ObservedStackSet,
) -> Result<(), PlanError> {
    let stack_set = spec.stack_set.name.clone();
    let wanted = &spec.stack_set.permission_model;
    match &set.permission_model {
        Some(found) if found.is_service_managed() == wanted.is_service_managed() => Ok(()),
        found => Err(PlanError::OtherPermissionModel {
            stack_set,
            found: found.as_ref().map_or("of an unknown permission model".to_owned(), ToString::to_string),
            wanted: wanted.to_string(),
        }),
    }
}

/// A new definition reaches every account, whatever is asked for: the set has only one (aws-facts A8).
pub(crate) fn refuse_more_than_the_failed(
    spec: &RolloutSpec,
    observed: &StackSetSnapshot,
) -> Result<(), PlanError> {
    let stack_set = spec.stack_set.name.clone();
    match &observed.stack_set {
        _ if !spec.scope.only_failed => Ok(()),
        Some(set) if definition_changes(set, &spec.stack_set) => {
            Err(PlanError::MoreThanTheFailed { stack_set })
        }
        _ => Ok(()),
    }
}

pub(crate) fn refuse_sizes(
    spec: &RolloutSpec,
    accounts: &BTreeMap<AccountId, AccountPlan>,
    all: usize,
) -> Result<(), PlanError> {
    let meant = |plan: &&AccountPlan| plan.action.is_target() || plan.action == Action::Blocked;
    let targets = accounts.values().filter(meant).count();
    let limit = spec.limits.max_targets;
    match targets {
        // Of those who failed there may be none.
        0 if spec.scope.only_failed => Ok(()),
        0 => Err(PlanError::EmptySelection { accounts: all }),
        _ if targets > limit => Err(PlanError::TooManyTargets { targets, limit }),
        _ => refuse_too_many_removals(accounts, spec.limits.max_removals),
    }
}

fn refuse_too_many_removals(
    accounts: &BTreeMap<AccountId, AccountPlan>,
    limit: usize,
) -> Result<(), PlanError> {
    let removed = accounts.iter().filter(|(_, plan)| plan.action == Action::Remove);
    let removals: Vec<String> = removed.map(|(id, plan)| format!("{id} {}", plan.name)).collect();
    match removals.len() > limit {
        true => Err(PlanError::TooManyRemovals { removals, limit }),
        false => Ok(()),
    }
}
