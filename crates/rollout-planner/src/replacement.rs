//! Refuses to replace the role: a new name or path makes CloudFormation create a new role and delete the old
//! one, in every account (aws-facts C2, F2).

use role_template::RoleSpecification;
use rollout_model::{ManagementAccount, RolloutSpec, StackSetSnapshot};

use crate::error::PlanError;
use crate::role;

/// Compares what the deployed templates and the specified one make. A name that comes from a masked parameter
/// whose value changes is not noticed: AWS does not show the old value.
pub(crate) fn refuse_a_replacement(spec: &RolloutSpec, observed: &StackSetSnapshot) -> Result<(), PlanError> {
    if spec.consent.replacement {
        return Ok(());
    }
    let set = observed.stack_set.as_ref().map(|set| (&set.template, &set.parameters));
    let is_target = spec.targets.management_account == ManagementAccount::Include;
    let stack = observed.management_stack.as_ref().filter(|_| is_target);
    let stack = stack.map(|stack| (&stack.template, &stack.parameters));
    let Some(to) = role::wanted(spec).map(full_name) else { return Ok(()) };
    let deployed = set
        .into_iter()
        .chain(stack)
        .filter_map(|(template, parameters)| role::deployed(template, parameters, spec).map(full_name));
    match deployed.into_iter().find(|from| *from != to) {
        Some(from) => Err(PlanError::Replacement { from, to }),
        None => Ok(()),
    }
}

fn full_name(role: RoleSpecification) -> String {
    format!("{}{}", role.path, role.name)
}
