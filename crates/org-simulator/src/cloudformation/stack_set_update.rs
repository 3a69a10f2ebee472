//! UpdateStackSet: a new definition at once, and an operation that brings it to instances (aws-facts A8).

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::definition::{self, Definition};
use super::instances::{DetailedStatus, InstanceStatus};
use super::operation::Action;
use super::stack_set::{AutoDeployment, PermissionModel, SetIndex, StackSet};
use super::stack_set_calls::{
    auto_deployment, check_model_members, description, managed_execution, permission_model,
};
use super::submit::{Bookings, Claim};
use super::targets::{self, Purpose};
use super::{access, errors, instance_calls, regions};
use crate::authorization;
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::world::World;

/// Everything that the call changes in the set itself, read before anything is changed.
struct Changes {
    definition: Definition,
    /// Template or parameters were given, which outdates every instance, targeted or not.
    outdates: bool,
    permission_model: PermissionModel,
    auto_deployment: Option<AutoDeployment>,
    description: Option<String>,
    managed_execution: Option<bool>,
    administration_role_arn: Option<String>,
    execution_role_name: Option<String>,
}

pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let set = instance_calls::writable_set(world, call)?;
    let changes = read(world, set, call)?;
    require_tagging(world, set, call, &changes.definition)?;
    let (work, regions) = targeted(world, set, &call.input)?;
    let state = world.cloudformation.set(set);
    let is_busy = state.unfinished().next().is_some();
    if is_busy && changes.managed_execution.is_some_and(|active| active != state.managed_execution) {
        return Err(errors::invalid_operation(
            "ManagedExecution cannot be changed while operations are running or queued",
        ));
    }
    let claim = Claim::read(world, set, &call.input)?;
    let now = world.now;
    apply(world.cloudformation.set_mut(set), changes, now);
    claim.submit(world, set, Action::Update { overrides: None }, work, regions)
}

/// Tags that are new or another, and tags that are left out, each take a permission of their own (aws-facts A18).
fn require_tagging(world: &World, set: SetIndex, call: &Call, wanted: &Definition) -> Result<(), ApiError> {
    let present = &world.cloudformation.set(set).definition.tags;
    if wanted.tags.iter().any(|(key, value)| present.get(key) != Some(value)) {
        authorization::require(world, call, "cloudformation:TagResource")?;
    }
    if present.keys().any(|key| !wanted.tags.contains_key(key)) {
        authorization::require(world, call, "cloudformation:UntagResource")?;
    }
    Ok(())
}

fn read(world: &World, set: SetIndex, call: &Call) -> Result<Changes, ApiError> {
    let input = &call.input;
    let state = world.cloudformation.set(set);
    let permission_model = permission_model(input)?.unwrap_or(state.permission_model);
    if permission_model != state.permission_model {
        if !state.instances.is_empty() {
            return Err(errors::validation(
                "PermissionModel cannot be changed while the stack set has stack instances",
            ));
        }
        access::check_model(world, &access::owner(world, call)?, permission_model)?;
    }
    check_model_members(input, permission_model)?;
    access::require_passing(world, call)?;
    let auto_deployment = auto_deployment(input)?;
    if auto_deployment.is_some()
        && (input.get("DeploymentTargets").is_some() || input.get("Regions").is_some())
    {
        return Err(errors::validation(
            "AutoDeployment cannot be specified together with DeploymentTargets or Regions",
        ));
    }
    let given_template = definition::template(input)?;
    let keeps_template = input::boolean(input, "UsePreviousTemplate")?.unwrap_or(false);
    let outdates = given_template.is_some() || input.get("Parameters").is_some();
    let template = match (given_template, keeps_template) {
        (Some(template), false) => template,
        (None, true) => Arc::clone(&state.definition.template),
        _ => {
            return Err(errors::validation(
                "Exactly one of TemplateBody, TemplateURL or UsePreviousTemplate=true must be specified.",
            ));
        }
    };
    StackSet::check_template(&template, permission_model).map_err(errors::validation)?;
    // A parameter that is not listed falls back to the default of the template.
    let given = definition::given_parameters(input, "Parameters", &state.definition.parameters)?;
    let parameters = template.parameter_values(&given).map_err(errors::validation)?;
    Ok(Changes {
        definition: Definition {
            template,
            parameters: Arc::new(parameters),
            capabilities: Arc::new(definition::capabilities(input)?),
            tags: definition::tags(input)?.map_or_else(|| Arc::clone(&state.definition.tags), Arc::new),
        },
        outdates,
        permission_model,
        auto_deployment,
        description: description(input)?,
        managed_execution: managed_execution(input)?,
        administration_role_arn: input::text(input, "AdministrationRoleARN").map(str::to_owned),
        execution_role_name: input::text(input, "ExecutionRoleName").map(str::to_owned),
    })
}

/// The instances that the operation visits and their Regions: those named, or all.
fn targeted(world: &World, set: SetIndex, call: &Value) -> Result<(Bookings, Vec<String>), ApiError> {
    let state = world.cloudformation.set(set);
    let named_regions = input::texts(call, "Regions");
    let targets = targets::read(call, state.permission_model, Purpose::Change)?;
    match (targets, named_regions.is_empty()) {
        (None, true) => {
            let booked = |instance: &super::instances::Instance| instance.unit.as_deref().map(str::to_owned);
            let work: Bookings =
                state.instances.iter().map(|(place, instance)| (place.clone(), booked(instance))).collect();
            let regions: std::collections::BTreeSet<String> =
                work.keys().map(|place| place.region.clone()).collect();
            Ok((work, regions.into_iter().collect()))
        }
        (Some(targets), false) => {
            regions::check(&named_regions)?;
            Ok((instance_calls::existing_instances(world, set, &targets, &named_regions)?, named_regions))
        }
        (Some(_), true) => {
            Err(errors::validation("Regions must be specified together with accounts or deployment targets"))
        }
        (None, false) => {
            Err(errors::validation("Accounts or deployment targets must be specified together with Regions"))
        }
    }
}

/// The definition changes now and stays changed, whatever becomes of the operation.
fn apply(set: &mut StackSet, changes: Changes, now: Timestamp) {
    set.definition = changes.definition;
    set.permission_model = changes.permission_model;
    set.is_modified = true;
    if let Some(auto_deployment) = changes.auto_deployment {
        set.auto_deployment = auto_deployment;
    }
    // Whether an omitted description is kept is unsure (aws-facts A8); it is kept here.
    if changes.description.is_some() {
        set.description = changes.description;
    }
    if let Some(active) = changes.managed_execution {
        set.managed_execution = active;
    }
    // A custom administration role must be given again with every update, an execution role is remembered
    // (aws-facts A1).
    set.administration_role_arn = changes.administration_role_arn;
    if changes.execution_role_name.is_some() {
        set.execution_role_name = changes.execution_role_name;
    }
    if changes.outdates {
        for instance in
            set.instances.change_all(now).filter(|instance| instance.status != InstanceStatus::Inoperable)
        {
            instance.status = InstanceStatus::Outdated;
            instance.detailed = DetailedStatus::Pending;
            instance.reason = None;
        }
    }
}
