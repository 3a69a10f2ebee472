//! The role that a template makes: the specified one, and what is deployed.

use std::collections::BTreeMap;

use role_template::{Pseudo, RoleSpecification, RoleTemplate};
use rollout_model::{ParameterValue, RolloutSpec};

/// What the specified template makes; `None` when it cannot be read.
pub(crate) fn wanted(spec: &RolloutSpec) -> Option<RoleSpecification> {
    read(&spec.stack_set.template, values(spec), spec)
}

/// What a deployed template makes; `None` when it cannot be read. AWS masks the values of `NoEcho` parameters,
/// which are taken to be what is specified now.
pub(crate) fn deployed(
    template: &str,
    parameters: &BTreeMap<String, Option<ParameterValue>>,
    spec: &RolloutSpec,
) -> Option<RoleSpecification> {
    let mut given = values(spec);
    let shown = parameters.iter().filter_map(|(key, value)| Some((key.clone(), value.as_ref()?.0.clone())));
    given.extend(shown);
    given.retain(|key, _| parameters.contains_key(key));
    read(template, given, spec)
}

fn values(spec: &RolloutSpec) -> BTreeMap<String, String> {
    spec.stack_set.parameters.iter().map(|(key, value)| (key.clone(), value.0.clone())).collect()
}

fn read(
    template: &str,
    parameters: BTreeMap<String, String>,
    spec: &RolloutSpec,
) -> Option<RoleSpecification> {
    let pseudo = Pseudo {
        // Whatever depends on the account is the same on both sides of a comparison.
        account: "111122223333".to_owned(),
        region: spec.home_region.to_string(),
        partition: "aws".to_owned(),
        stack_name: "stack".to_owned(),
    };
    RoleTemplate::read(template, &parameters, &pseudo, None).ok()
}
