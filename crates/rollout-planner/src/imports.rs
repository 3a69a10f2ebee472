//! Stacks that exist in target accounts and are to become instances of the set (aws-facts A11).

use rollout_model::{
    AccountId, AccountIds, AccountPlan, Action, Organization, RolloutSpec, StackArn, StackSetSnapshot, Step,
};

use crate::error::{PlanError, SelectionProblem, SelectionProblemKind};
use crate::steps::Decided;

/// The most stacks that one call names (aws-facts A11).
const MAX_STACKS: usize = 10;

/// The stack to be imported in an account: none once the set has an instance there.
pub(crate) fn import_of<'a>(
    spec: &'a RolloutSpec,
    observed: &StackSetSnapshot,
    account: &AccountId,
) -> Option<&'a StackArn> {
    let stack = spec.import_stacks.iter().find(|stack| stack.account == *account)?;
    observed.instance(account, &spec.home_region).is_none().then_some(stack)
}

/// Refuses stacks of accounts that can have no instance.
pub(crate) fn refuse_misplaced(spec: &RolloutSpec, organization: &Organization) -> Result<(), PlanError> {
    let problem = |(index, stack): (usize, &StackArn)| {
        let account = stack.account.clone();
        let kind = if account == organization.management_account {
            SelectionProblemKind::ManagementAccount(account)
        } else if !organization.accounts.contains_key(&account) {
            SelectionProblemKind::UnknownAccount(account)
        } else {
            return None;
        };
        Some(SelectionProblem { key: format!("stack_set.import_stacks[{index}]"), kind })
    };
    let problems: Vec<SelectionProblem> = spec.import_stacks.iter().enumerate().filter_map(problem).collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(PlanError::Selection(problems)),
    }
}

/// Imports, and then brings what was imported to the set's definition: whether an import gives a stack the tags of
/// the set is not documented, and the role is verified for them. The second step comes to nothing where the first
/// one failed, as AWS skips inoperable instances in updates (aws-facts A8).
pub(crate) fn import_steps(decided: Decided<'_>, accounts: &AccountIds) -> Vec<Step> {
    let stacks: Vec<&StackArn> =
        accounts.0.iter().filter_map(|account| import_of(decided.spec, decided.observed, account)).collect();
    let step = |stacks: &[&StackArn]| Step::ImportStacksToStackSet {
        stacks: stacks.iter().copied().cloned().collect(),
        accounts: stacks.iter().map(|stack| stack.account.clone()).collect(),
    };
    let mut steps: Vec<Step> = stacks.chunks(MAX_STACKS).map(step).collect();
    steps.extend(decided.update_instances(accounts));
    steps
}

/// Of stacks that are not imported, because their accounts are no targets.
pub(crate) fn not_imported(decided: Decided<'_>) -> impl Iterator<Item = String> {
    let Decided { spec, observed, accounts, .. } = decided;
    let is_no_target =
        |plan: &AccountPlan| matches!(plan.action, Action::Skip | Action::LeaveInPlace | Action::Remove);
    spec.import_stacks
        .iter()
        .filter(move |stack| import_of(spec, observed, &stack.account).is_some())
        .filter_map(move |stack| Some((stack, accounts.get(&stack.account)?)))
        .filter(move |(_, plan)| is_no_target(plan))
        .map(|(stack, plan)| format!("the stack {stack} is not imported: {}", plan.reason))
}
