//! What the operator should know before saying yes.

use std::collections::BTreeMap;

use rollout_model::{
    AccountId, AccountPlan, AccountState, ObservedOperation, Organization, RolloutSpec, StackSetSnapshot,
    Step,
};

pub(crate) fn warnings(
    spec: &RolloutSpec,
    organization: &Organization,
    observed: &StackSetSnapshot,
    accounts: &BTreeMap<AccountId, AccountPlan>,
    steps: &[Step],
) -> Vec<String> {
    let busy = |operation: &ObservedOperation| {
        format!(
            "the StackSet is busy: operation {} ({}, {}); the first step that needs it waits for it",
            operation.id, operation.action, operation.status
        )
    };
    let mut warnings: Vec<String> =
        if steps.is_empty() { Vec::new() } else { observed.operations.iter().map(busy).collect() };
    for account in organization.accounts.values() {
        if let AccountState::Unrecognized(state) = &account.state {
            warnings.push(format!(
                "account {} has the unknown state `{state}`; it is treated as active",
                account.id
            ));
        }
    }
    if spec.stack_set.auto_deployment.enabled {
        warnings.extend(reached_by_auto_deployment(organization, accounts, steps));
    }
    warnings
}

/// Automatic deployment ignores account filters (aws-facts A4), so it may reach an account that was left out
/// of a call by name.
fn reached_by_auto_deployment(
    organization: &Organization,
    accounts: &BTreeMap<AccountId, AccountPlan>,
    steps: &[Step],
) -> Option<String> {
    let units = || {
        steps.iter().flat_map(|step| match step {
            Step::CreateStackInstances { targets, .. } => targets.units(),
            _ => &[],
        })
    };
    let left_out: Vec<String> = organization
        .accounts
        .values()
        .filter(|account| account.id != organization.management_account && account.state.is_deployable())
        .filter(|account| !accounts[&account.id].action.is_target())
        .filter(|account| units().any(|unit| organization.is_below(account, unit)))
        .map(|account| account.id.to_string())
        .collect();
    (!left_out.is_empty()).then(|| {
        format!(
            "automatic deployment ignores exclusions: it may still reach {}; to be sure, set \
             stack_set.auto_deployment.enabled to false or move them to a unit that is not targeted",
            left_out.join(", ")
        )
    })
}
