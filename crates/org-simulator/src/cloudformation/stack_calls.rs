//! CreateStack, UpdateStack, DeleteStack and UpdateTerminationProtection.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::definition::{self, Definition};
use super::stack::{Place, Stack, StackIndex, StackStatus};
use super::stack_run::{self, OnFailure, Step};
use super::{change_set, changes, errors};
use crate::authorization;
use crate::call::{Answer, ApiError, Call, Caller, CallerKind};
use crate::input;
use crate::world::World;

/// Where a caller's stacks are.
pub(super) fn place(call: &Call) -> Place {
    Place { account: call.caller.account.clone(), region: call.region.clone() }
}

/// The stack that the call names.
pub(super) fn named(world: &World, call: &Call) -> Result<StackIndex, ApiError> {
    let name = input::required_text(&call.input, "StackName")?;
    world.cloudformation.stacks.find(&place(call), name).ok_or_else(|| errors::stack_does_not_exist(name))
}

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let input = &call.input;
    let name = input::required_text(input, "StackName")?;
    check_name("stackName", name)?;
    let definition = definition_to_create(input)?;
    let on_failure = on_failure(input)?;
    // Protecting takes a permission of its own, on new stacks as well (aws-facts C5).
    if input::boolean(input, "EnableTerminationProtection")? == Some(true) {
        authorization::require(world, call, "cloudformation:UpdateTerminationProtection")?;
    }
    let place = place(call);
    if world.cloudformation.stacks.find(&place, name).is_some() {
        return Err(errors::stack_already_exists(name));
    }
    let uuid = world.ids.uuid();
    let mut stack = Stack::begun(&place, name.to_owned(), &uuid, world.now, definition);
    // A function that cannot be evaluated is found before anything is made.
    changes::plan(&stack, &stack.definition).map_err(errors::validation)?;
    stack.termination_protection = input::boolean(input, "EnableTerminationProtection")?.unwrap_or(false);
    stack.role_arn = input::text(input, "RoleARN").map(str::to_owned);
    stack.disable_rollback = on_failure == OnFailure::DoNothing;
    stack.enter(StackStatus::CreateInProgress, Some("User Initiated".to_owned()), world.now);
    let actor = actor(call, stack.role_arn.as_deref());
    let answer = json!({"StackId": stack.id});
    let index = world.cloudformation.stacks.add(stack);
    stack_run::schedule(world, index, actor, Step::Create { on_failure });
    Ok(answer)
}

/// Reads the definition of a new stack, for `CreateStack` and for change sets of type CREATE.
pub(super) fn definition_to_create(input: &Value) -> Result<Definition, ApiError> {
    let template = definition::template(input)?
        .ok_or_else(|| errors::validation("Either Template URL or Template Body must be specified."))?;
    let given = definition::given_parameters(input, "Parameters", &BTreeMap::new())?;
    let parameters = template.parameter_values(&given).map_err(errors::validation)?;
    let definition = Definition {
        template,
        parameters: Arc::new(parameters),
        capabilities: Arc::new(definition::capabilities(input)?),
        tags: Arc::new(definition::tags(input)?.unwrap_or_default()),
    };
    check(&definition)?;
    Ok(definition)
}

/// Reads the definition of an existing stack, for `UpdateStack` and for change sets of type UPDATE.
pub(super) fn definition_to_update(stack: &Stack, input: &Value) -> Result<Definition, ApiError> {
    let keeps_template = input::boolean(input, "UsePreviousTemplate")?.unwrap_or(false);
    let template = match (definition::template(input)?, keeps_template) {
        (Some(template), false) => template,
        (None, true) => Arc::clone(&stack.definition.template),
        _ => {
            return Err(errors::validation(
                "Either Template URL or Template Body must be specified, or UsePreviousTemplate must be true.",
            ));
        }
    };
    let given = definition::given_parameters(input, "Parameters", &stack.definition.parameters)?;
    let parameters = template.parameter_values(&given).map_err(errors::validation)?;
    let definition = Definition {
        template,
        parameters: Arc::new(parameters),
        capabilities: Arc::new(definition::capabilities(input)?),
        tags: definition::tags(input)?.map_or_else(|| Arc::clone(&stack.definition.tags), Arc::new),
    };
    check(&definition)?;
    Ok(definition)
}

fn check(definition: &Definition) -> Result<(), ApiError> {
    if let Some(transform) = definition.template.transforms.first() {
        return Err(errors::validation(format!(
            "No transform named {transform} is available in the simulated organization"
        )));
    }
    match definition.missing_capability() {
        Some(capability) => Err(errors::insufficient_capabilities(capability)),
        None => Ok(()),
    }
}

/// Checks the name of a new stack or StackSet; `member` is where the call gives it.
pub(super) fn check_name(member: &str, name: &str) -> Result<(), ApiError> {
    let mut letters = name.chars();
    let is_good = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        && name.len() <= 128;
    if is_good {
        return Ok(());
    }
    Err(errors::validation(format!(
        "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
    )))
}

fn on_failure(input: &Value) -> Result<OnFailure, ApiError> {
    let disable_rollback = input::boolean(input, "DisableRollback")?;
    match (input::text(input, "OnFailure"), disable_rollback) {
        (Some(_), Some(_)) => {
            Err(errors::validation("You can specify either DisableRollback or OnFailure, but not both."))
        }
        (None, Some(true)) | (Some("DO_NOTHING"), None) => Ok(OnFailure::DoNothing),
        (None, _) | (Some("ROLLBACK"), None) => Ok(OnFailure::Rollback),
        (Some("DELETE"), None) => Ok(OnFailure::Delete),
        (Some(other), None) => {
            Err(errors::not_in_enum("onFailure", other, &["DELETE", "DO_NOTHING", "ROLLBACK"]))
        }
    }
}

/// As whom the resources of a plain stack are made: the service role if there is one, else the caller.
pub(super) fn actor(call: &Call, role_arn: Option<&str>) -> Caller {
    let Some(role) = role_arn.and_then(|arn| arn.rsplit('/').next()) else { return call.caller.clone() };
    let account = &call.caller.account;
    Caller {
        account: account.clone(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{role}/AWSCloudFormation"),
        user_id: "AROACLOUDFORMATION:AWSCloudFormation".to_owned(),
        kind: CallerKind::RoleSession { role: role.to_owned(), session_policies: Vec::new() },
    }
}

pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let index = named(world, call)?;
    let stack = world.cloudformation.stacks.get(index);
    check_updatable(stack)?;
    let target = definition_to_update(stack, &call.input)?;
    if !changes::is_update(stack, &target).map_err(errors::validation)? {
        return Err(errors::validation("No updates are to be performed."));
    }
    let disable_rollback = input::boolean(&call.input, "DisableRollback")?.unwrap_or(false);
    begin_update(world, call, index, target, disable_rollback);
    let stack = world.cloudformation.stacks.get_mut(index);
    change_set::make_obsolete(stack);
    Ok(json!({"StackId": stack.id}))
}

/// Puts a stack in progress towards a definition.
pub(super) fn begin_update(
    world: &mut World,
    call: &Call,
    index: StackIndex,
    target: Definition,
    disable_rollback: bool,
) {
    let now = world.now;
    let stack = world.cloudformation.stacks.get_mut(index);
    if let Some(role_arn) = input::text(&call.input, "RoleARN") {
        stack.role_arn = Some(role_arn.to_owned());
    }
    stack.enter(StackStatus::UpdateInProgress, Some("User Initiated".to_owned()), now);
    let actor = actor(call, stack.role_arn.as_deref());
    stack_run::schedule(world, index, actor, Step::Update { target, disable_rollback });
}

pub(super) fn check_updatable(stack: &Stack) -> Result<(), ApiError> {
    if stack.status.can_update() || stack.status == StackStatus::UpdateFailed {
        return Ok(());
    }
    Err(errors::validation(format!(
        "Stack:{} is in {} state and can not be updated.",
        stack.id,
        stack.status.as_str()
    )))
}

/// Deleting a stack that does not exist succeeds. The operation has no output shape.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let Ok(index) = named(world, call) else {
        input::required_text(&call.input, "StackName")?;
        return Ok(Value::Null);
    };
    let stack = world.cloudformation.stacks.get(index);
    if matches!(stack.status, StackStatus::DeleteComplete | StackStatus::DeleteInProgress) {
        return Ok(Value::Null);
    }
    if stack.termination_protection {
        return Err(errors::validation(format!(
            "Stack [{}] cannot be deleted while TerminationProtection is enabled",
            stack.name
        )));
    }
    let retained = input::texts(&call.input, "RetainResources");
    if !retained.is_empty() && stack.status != StackStatus::DeleteFailed {
        return Err(errors::validation(format!(
            "Invalid operation on stack [{}]. RetainResources can only be specified for stacks in DELETE_FAILED state",
            stack.name
        )));
    }
    let forced = input::text(&call.input, "DeletionMode") == Some("FORCE_DELETE_STACK");
    let role_arn = input::text(&call.input, "RoleARN").map(str::to_owned).or_else(|| stack.role_arn.clone());
    let now = world.now;
    let stack = world.cloudformation.stacks.get_mut(index);
    stack.enter(StackStatus::DeleteInProgress, Some("User Initiated".to_owned()), now);
    let actor = actor(call, role_arn.as_deref());
    stack_run::schedule(world, index, actor, Step::Delete { retained, forced });
    Ok(Value::Null)
}

pub(super) fn update_termination_protection(world: &mut World, call: &Call) -> Answer {
    let index = named(world, call)?;
    let protects = input::boolean(&call.input, "EnableTerminationProtection")?
        .ok_or_else(|| errors::validation("EnableTerminationProtection must be specified"))?;
    let stack = world.cloudformation.stacks.get_mut(index);
    if matches!(stack.status, StackStatus::DeleteInProgress | StackStatus::DeleteComplete) {
        return Err(errors::validation(format!("Stack [{}] is being deleted", stack.name)));
    }
    stack.termination_protection = protects;
    Ok(json!({"StackId": stack.id}))
}
