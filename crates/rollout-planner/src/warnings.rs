//! What the operator should know before saying yes.

use std::collections::BTreeSet;

use rollout_model::{
    AccountIds, AccountState, Action, ManagementAccount, ObservedOperation, ParentId, Step, Wave,
};

use crate::imports::not_imported;
use crate::steps::Decided;

pub(crate) fn warnings(decided: Decided<'_>, waves: &[Wave]) -> Vec<String> {
    let mut warnings = Vec::new();
    if !waves.is_empty() {
        warnings.extend(decided.observed.operations.iter().map(busy));
    }
    warnings.extend(unknown_states(decided));
    warnings.extend(uncovered_management_account(decided));
    warnings.extend(instances_outside(decided));
    warnings.extend(not_imported(decided));
    warnings.extend(stacks_left_behind(decided));
    if decided.spec.stack_set.auto_deployment.enabled {
        warnings.extend(reached_by_auto_deployment(decided, waves));
        warnings.extend(no_longer_auto_deployed(waves));
    }
    warnings
}

pub(crate) fn busy(operation: &ObservedOperation) -> String {
    format!(
        "the StackSet is busy: operation {} ({}, {}); the first step that needs it waits for it",
        operation.id, operation.action, operation.status
    )
}

pub(crate) fn unknown_states(decided: Decided<'_>) -> impl Iterator<Item = String> {
    decided.organization.accounts.values().filter_map(|account| match &account.state {
        AccountState::Unrecognized(state) => {
            Some(format!("account {} has the unknown state `{state}`; it is treated as active", account.id))
        }
        _ => None,
    })
}

/// Whoever wants every account easily believes that the root has them all (aws-facts A3, K4).
fn uncovered_management_account(decided: Decided<'_>) -> Option<String> {
    let is_unsaid = decided.spec.targets.management_account == ManagementAccount::Unsaid;
    is_unsaid.then(|| {
        format!(
            "the management account {} does not get the role: the StackSet never reaches it; say \
             `management_account: include` (a plain stack) or `exclude` below `targets`",
            decided.organization.management_account
        )
    })
}

fn instances_outside(decided: Decided<'_>) -> Option<String> {
    let accounts = decided.observed.instances.keys().map(|instance| &instance.account);
    let outside = accounts.filter(|account| !decided.organization.accounts.contains_key(account));
    let outside: AccountIds = outside.cloned().collect();
    (!outside.is_empty()).then(|| {
        format!(
            "the StackSet has instances in accounts that are not in the organization any more: {outside}; \
             they are left alone, and so are their roles"
        )
    })
}

/// The old stack knows its role by name alone, and the new role has that name.
fn stacks_left_behind(decided: Decided<'_>) -> Option<String> {
    let recreated = decided.accounts.iter().filter(|(_, plan)| plan.action == Action::Recreate);
    let recreated: AccountIds = recreated.map(|(id, _)| id.clone()).collect();
    (!recreated.is_empty()).then(|| {
        format!(
            "if the old stack still exists in {recreated}, it stays behind there, unmanaged and without its role; \
             delete it before this is carried out or leave it: deleting it later would delete the new role, which \
             has the same name"
        )
    })
}

/// Automatic deployment ignores account filters (aws-facts A4), so it may reach an account that was left out
/// of a call by name: now, or when a unit was deployed to before.
fn reached_by_auto_deployment(decided: Decided<'_>, waves: &[Wave]) -> Option<String> {
    let Decided { organization, observed, accounts, .. } = decided;
    let created = waves.iter().flat_map(|wave| &wave.steps).flat_map(|step| match step {
        Step::CreateStackInstances { targets, .. } => targets.units(),
        _ => &[],
    });
    let watched = observed.instances.values().filter_map(|instance| instance.unit.as_ref());
    let units: BTreeSet<&ParentId> = created.chain(watched).collect();
    let left_out: Vec<String> = organization
        .accounts
        .values()
        .filter(|account| account.id != organization.management_account && account.state.is_deployable())
        .filter(|account| !accounts[&account.id].action.is_target())
        .filter(|account| units.iter().any(|unit| organization.is_below(account, unit)))
        .map(|account| format!("{} {}", account.id, account.name))
        .collect();
    (!left_out.is_empty()).then(|| {
        format!(
            "automatic deployment ignores exclusions: it may still reach {}; to be sure, set \
             stack_set.auto_deployment.enabled to false or move them to a unit that is not targeted",
            left_out.join(", ")
        )
    })
}

/// Deleting instances ends automatic deployment for the units that the call names (aws-facts A4).
fn no_longer_auto_deployed(waves: &[Wave]) -> Option<String> {
    let deleted = waves.iter().flat_map(|wave| &wave.steps).flat_map(|step| match step {
        // Whoever is made anew is deployed to again.
        Step::DeleteStackInstances { targets, retain_stacks: false, .. } => targets.units(),
        _ => &[],
    });
    let units: BTreeSet<&str> = deleted.map(ParentId::as_str).collect();
    (!units.is_empty()).then(|| {
        format!(
            "removing accounts ends automatic deployment for what joins {} later",
            units.into_iter().collect::<Vec<_>>().join(", ")
        )
    })
}
