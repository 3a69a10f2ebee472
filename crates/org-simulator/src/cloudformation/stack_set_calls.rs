//! CreateStackSet, DescribeStackSet, ListStackSets and DeleteStackSet.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::access::{self, Owner};
use super::definition::{self, Definition};
use super::past::Instances;
use super::stack_set::{AutoDeployment, PermissionModel, StackSet};
use super::{errors, lookup, pages, stack_calls};
use crate::authorization;
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::world::World;

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let input = &call.input;
    let name = input::required_text(input, "StackSetName")?;
    stack_calls::check_name("stackSetName", name)?;
    let owner = access::owner(world, call)?;
    let model = permission_model(input)?.unwrap_or(PermissionModel::SelfManaged);
    access::check_model(world, &owner, model)?;
    check_model_members(input, model)?;
    access::require_passing(world, call)?;
    let auto_deployment = auto_deployment(input)?;
    if model == PermissionModel::ServiceManaged && auto_deployment.is_none() {
        return Err(errors::validation("AutoDeployment should be specified in SERVICE_MANAGED mode"));
    }
    let definition = definition_to_create(input, model)?;
    // Tags take a permission of their own (aws-facts A18).
    if !definition.tags.is_empty() {
        authorization::require(world, call, "cloudformation:TagResource")?;
    }
    if let Some(answer) = already_created(world, call, &owner, name)? {
        return Ok(answer);
    }

    let set = StackSet {
        id: format!("{name}:{}", world.ids.uuid()),
        name: name.to_owned(),
        owner: owner.account,
        region: call.region.clone(),
        description: description(input)?,
        is_deleted: false,
        permission_model: model,
        auto_deployment: auto_deployment.unwrap_or_default(),
        administration_role_arn: input::text(input, "AdministrationRoleARN").map(str::to_owned),
        execution_role_name: input::text(input, "ExecutionRoleName").map(str::to_owned),
        managed_execution: managed_execution(input)?.unwrap_or(false),
        definition,
        client_request_token: input::text(input, "ClientRequestToken").map(str::to_owned),
        is_modified: false,
        instances: Instances::default(),
        targets: BTreeMap::new(),
        operations: Vec::new(),
        operation_ids: BTreeMap::new(),
        drift: None,
    };
    let answer = json!({"StackSetId": set.id});
    world.cloudformation.sets.push(set);
    Ok(answer)
}

/// A missing capability is no reason to refuse here: every instance will fail for it (aws-facts A15).
fn definition_to_create(input: &Value, model: PermissionModel) -> Result<Definition, ApiError> {
    let template = definition::template(input)?
        .ok_or_else(|| errors::validation("Either TemplateBody or TemplateURL must be specified."))?;
    StackSet::check_template(&template, model).map_err(errors::validation)?;
    let given = definition::given_parameters(input, "Parameters", &BTreeMap::new())?;
    let parameters = template.parameter_values(&given).map_err(errors::validation)?;
    Ok(Definition {
        template,
        parameters: Arc::new(parameters),
        capabilities: Arc::new(definition::capabilities(input)?),
        tags: Arc::new(definition::tags(input)?.unwrap_or_default()),
    })
}

/// The same token gives the same set again, as long as nothing changed it since (aws-facts A6).
fn already_created(world: &World, call: &Call, owner: &Owner, name: &str) -> Result<Option<Value>, ApiError> {
    let all = Owner { account: owner.account.clone(), service_managed_only: false };
    let existing = lookup::visible(world, call, &all)
        .map(|(_, set)| set)
        .find(|set| !set.is_deleted && set.name == name);
    let Some(existing) = existing else { return Ok(None) };
    let token = input::text(&call.input, "ClientRequestToken");
    match token.is_some() && existing.client_request_token.as_deref() == token {
        false => Err(errors::name_already_exists(name)),
        true if existing.is_modified => Err(errors::created_but_modified(name)),
        true => Ok(Some(json!({"StackSetId": existing.id}))),
    }
}

/// Reads `PermissionModel`.
pub(super) fn permission_model(input: &Value) -> Result<Option<PermissionModel>, ApiError> {
    match input::text(input, "PermissionModel") {
        None => Ok(None),
        Some("SERVICE_MANAGED") => Ok(Some(PermissionModel::ServiceManaged)),
        Some("SELF_MANAGED") => Ok(Some(PermissionModel::SelfManaged)),
        Some(other) => {
            Err(errors::not_in_enum("permissionModel", other, &["SERVICE_MANAGED", "SELF_MANAGED"]))
        }
    }
}

/// Roles belong to the self-managed model, automatic deployment to the service-managed one (aws-facts A1).
pub(super) fn check_model_members(input: &Value, model: PermissionModel) -> Result<(), ApiError> {
    let misplaced: &[&str] = match model {
        PermissionModel::ServiceManaged => &["AdministrationRoleARN", "ExecutionRoleName"],
        PermissionModel::SelfManaged => &["AutoDeployment"],
    };
    match misplaced.iter().find(|member| input.get(**member).is_some()) {
        Some(member) => {
            Err(errors::validation(format!("{member} cannot be specified in {} mode", model.as_str())))
        }
        None => Ok(()),
    }
}

/// Reads `AutoDeployment`; retaining stacks is legal only while it is enabled (aws-facts A4).
pub(super) fn auto_deployment(input: &Value) -> Result<Option<AutoDeployment>, ApiError> {
    let Some(given) = input.get("AutoDeployment").filter(|given| given.is_object()) else { return Ok(None) };
    let enabled = input::boolean(given, "Enabled")?.unwrap_or(false);
    let retain = input::boolean(given, "RetainStacksOnAccountRemoval")?;
    if !enabled && retain.is_some() {
        return Err(errors::validation(
            "RetainStacksOnAccountRemoval should not be specified when AutoDeployment is disabled",
        ));
    }
    Ok(Some(AutoDeployment {
        enabled,
        retain_stacks_on_account_removal: retain.unwrap_or(false),
        depends_on: input::texts(given, "DependsOn"),
    }))
}

/// Reads `Description`.
pub(super) fn description(input: &Value) -> Result<Option<String>, ApiError> {
    match input::text(input, "Description") {
        Some(text) if text.is_empty() || text.chars().count() > 1024 => Err(errors::validation(
            "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length \
             between 1 and 1024",
        )),
        other => Ok(other.map(str::to_owned)),
    }
}

/// Reads `ManagedExecution`.
pub(super) fn managed_execution(input: &Value) -> Result<Option<bool>, ApiError> {
    input.get("ManagedExecution").map_or(Ok(None), |given| input::boolean(given, "Active"))
}

pub(super) fn describe(world: &World, call: &Call) -> Answer {
    if let Ok(set) = lookup::stack_set(world, call) {
        return Ok(json!({"StackSet": world.cloudformation.set(set).described()}));
    }
    // A deleted set is still found by its unique id.
    let name = input::required_text(&call.input, "StackSetName")?;
    let owner = access::owner(world, call)?;
    let deleted = lookup::visible(world, call, &owner).find(|(_, set)| set.id == name);
    deleted
        .map(|(_, set)| json!({"StackSet": set.described()}))
        .ok_or_else(|| errors::stack_set_not_found(name))
}

pub(super) fn list(world: &World, call: &Call) -> Answer {
    let owner = access::owner(world, call)?;
    let wanted = match input::text(&call.input, "Status") {
        None => None,
        Some("ACTIVE") => Some(false),
        Some("DELETED") => Some(true),
        Some(other) => return Err(errors::not_in_enum("status", other, &["ACTIVE", "DELETED"])),
    };
    let mut sets: Vec<&StackSet> = lookup::visible(world, call, &owner)
        .map(|(_, set)| set)
        .filter(|set| wanted.is_none_or(|deleted| set.is_deleted == deleted))
        .collect();
    sets.sort_by(|one, other| one.id.cmp(&other.id));
    pages::answer(call, &owner.account, sets.into_iter().map(|set| (set.id.clone(), set)), StackSet::summary)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let owner = access::owner(world, call)?;
    // The service model names no StackSetNotFoundException here: deleting nothing is no error.
    let Ok(index) = lookup::stack_set(world, call) else {
        input::required_text(&call.input, "StackSetName")?;
        return Ok(json!({}));
    };
    let set = world.cloudformation.set(index);
    if owner.service_managed_only {
        access::check_model(world, &owner, set.permission_model)?;
    }
    if set.unfinished().next().is_some() {
        return Err(errors::operation_in_progress(&set.arn()));
    }
    if !set.instances.is_empty() {
        return Err(errors::stack_set_not_empty(&set.name));
    }
    world.cloudformation.set_mut(index).is_deleted = true;
    Ok(json!({}))
}
