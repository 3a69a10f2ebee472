//! Refuses to replace the role: a new name or path makes CloudFormation create a new role and delete the old
//! one, in every account (aws-facts C2, F2).

use std::collections::BTreeMap;

use role_template::{Pseudo, RoleTemplate};
use rollout_model::{ManagementAccount, RolloutSpec, StackSetSnapshot};

use crate::error::PlanError;

/// Compares what the deployed templates and the specified one make with the same parameters. A name that
/// comes from a parameter whose value changes is not noticed: AWS does not show the old value of a masked one.
pub(crate) fn refuse_a_replacement(spec: &RolloutSpec, observed: &StackSetSnapshot) -> Result<(), PlanError> {
    let set = observed.stack_set.as_ref().map(|set| set.template.as_str());
    let is_target = spec.targets.management_account == ManagementAccount::Include;
    let stack = observed.management_stack.as_ref().filter(|_| is_target).map(|stack| stack.template.as_str());
    let Some(to) = role_of(&spec.stack_set.template, spec) else { return Ok(()) };
    let deployed = set.into_iter().chain(stack).filter_map(|template| role_of(template, spec));
    match deployed.into_iter().find(|from| *from != to) {
        Some(from) => Err(PlanError::Replacement { from, to }),
        None => Ok(()),
    }
}

/// Path and name of the one role of a template; `None` for a template that cannot be read so far.
fn role_of(template: &str, spec: &RolloutSpec) -> Option<String> {
    let pseudo = Pseudo {
        // Whatever depends on the account is the same on both sides of the comparison.
        account: "111122223333".to_owned(),
        region: spec.home_region.to_string(),
        partition: "aws".to_owned(),
        stack_name: "stack".to_owned(),
    };
    let parameters: BTreeMap<String, String> =
        spec.stack_set.parameters.iter().map(|(key, value)| (key.clone(), value.0.clone())).collect();
    let role = RoleTemplate::read(template, &parameters, &pseudo, None).ok()?;
    Some(format!("{}{}", role.path, role.name))
}
