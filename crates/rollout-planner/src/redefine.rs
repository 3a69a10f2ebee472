//! A new definition of the StackSet: AWS takes it together with instances that are brought to it at once.

use rollout_model::{AccountId, AccountIds, AccountState, InstanceStatus, ObservedInstance, Step, WaveName};

use crate::error::PlanError;
use crate::steps::Decided;

/// The steps that give the set its new definition, and the accounts that they visit.
///
/// They go to every instance in one call when every instance may have it and all belong to one wave; otherwise
/// the call names those of the `first` wave, and the others stay outdated until their turn.
///
/// The call reaches instances without a stack, too. Whether AWS creates the stack then is not documented, so
/// the step answers only for accounts that have one; the others are named again when the missing instances are
/// created, where a current one is left alone (aws-facts A7).
pub(crate) fn redefine(
    decided: Decided<'_>,
    first: Option<&WaveName>,
) -> Result<(Vec<Step>, AccountIds), PlanError> {
    let with_stack = |accounts: &AccountIds| -> AccountIds {
        accounts.0.iter().filter(|account| decided.has_stack(account)).cloned().collect()
    };
    let changed = changed(decided);
    let harmless = decided.observed.instances.iter().all(|(instance, seen)| {
        changed.0.contains(&instance.account) || is_left_alone_by_aws(decided, &instance.account, seen)
    });
    let to_visit = to_visit(decided, first, &changed);
    if harmless && to_visit == changed {
        let accounts = with_stack(&changed);
        return Ok((vec![Step::UpdateStackSet { targets: None, accounts: accounts.clone() }], accounts));
    }
    let mut steps = decided.update_instances(&to_visit);
    match steps.first_mut() {
        Some(first) => {
            if let Step::UpdateStackInstances { targets, accounts } = first.clone() {
                *first = Step::UpdateStackSet { targets: Some(targets), accounts: with_stack(&accounts) };
            }
            Ok((steps, to_visit))
        }
        // Without targets the call would update accounts that are no targets, and AWS has no way to name
        // nobody.
        None => Err(PlanError::OnlyStrayInstances { stack_set: decided.spec.stack_set.name.clone() }),
    }
}

/// The accounts with an instance that gets the new definition.
fn changed(decided: Decided<'_>) -> AccountIds {
    let is_deployed =
        |id: &&AccountId| decided.accounts.get(id).is_some_and(|plan| plan.action.is_deployment());
    decided.observed.instances.keys().map(|instance| &instance.account).filter(is_deployed).cloned().collect()
}

/// The changed accounts of the first wave. Where it has none, one of a later wave goes ahead alone: AWS takes
/// no definition without somebody to visit.
fn to_visit(decided: Decided<'_>, first: Option<&WaveName>, changed: &AccountIds) -> AccountIds {
    let of_first = |id: &&AccountId| decided.accounts[*id].wave.as_ref() == first;
    let visited: AccountIds = changed.0.iter().filter(of_first).cloned().collect();
    match visited.is_empty() {
        true => changed.0.iter().take(1).cloned().collect(),
        false => visited,
    }
}

/// AWS skips inoperable instances and suspended accounts in every update (aws-facts A3, A8).
fn is_left_alone_by_aws(decided: Decided<'_>, account: &AccountId, seen: &ObservedInstance) -> bool {
    let state = decided.organization.accounts.get(account).map(|account| &account.state);
    matches!(seen.status, InstanceStatus::Inoperable | InstanceStatus::FailedImport)
        || state == Some(&AccountState::Suspended)
}
