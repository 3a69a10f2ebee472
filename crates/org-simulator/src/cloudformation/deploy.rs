//! What an operation does in one account and Region: the member's stack.

use std::sync::Arc;

use super::agenda::spread;
use super::definition::Definition;
use super::operation::{Action, OperationIndex};
use super::stack::{Place, Stack, StackIndex, StackStatus};
use super::stack_set::{SetIndex, StackSet};
use super::{drift, errors, execution, import, provision};
use crate::call::Caller;
use crate::world::World;

/// Starts the work and gives its length in seconds. A reason why it must fail is kept with the work.
pub(super) fn start(world: &mut World, set: SetIndex, operation: OperationIndex, work: usize) -> i64 {
    let state = world.cloudformation.set(set).operation(operation);
    let place = state.work[work].place.clone();
    let texts = (place.account.clone(), Arc::clone(&state.id));
    let length = |least, most| spread(least, most, &[&texts.0, &texts.1]);
    match state.action.clone() {
        Action::Create { .. } | Action::Update { .. } => match bring_up(world, set, &place) {
            Ok(BroughtUp::Unchanged) => length(3, 6),
            Ok(BroughtUp::Begun) => {
                let slowness = world.faults.slowness(&place.account);
                slowness.map_or_else(|| length(15, 35), |takes| takes.as_secs())
            }
            Err(reason) => {
                world.cloudformation.set_mut(set).operation_mut(operation).work[work].reason =
                    Some(reason.into());
                length(4, 9)
            }
        },
        Action::Import { stacks } => {
            if let Err(reason) = import::check(world, set, &place.account, stacks[&place]) {
                world.cloudformation.set_mut(set).operation_mut(operation).work[work].reason =
                    Some(reason.into());
            }
            length(4, 9)
        }
        Action::Delete { retain_stacks: true } => length(1, 3),
        Action::Delete { retain_stacks: false } => {
            begin_deletion(world, set, &place);
            length(15, 35)
        }
        Action::DetectDrift => length(10, 20),
    }
}

/// Ends the work; the error is the reason of the stack instance.
pub(super) fn finish(
    world: &mut World,
    set: SetIndex,
    operation: OperationIndex,
    work: usize,
) -> Result<(), String> {
    let state = world.cloudformation.set(set).operation(operation);
    let place = state.work[work].place.clone();
    if let Some(reason) = &state.work[work].reason {
        return Err(reason.to_string());
    }
    match state.action.clone() {
        Action::Create { .. } | Action::Update { .. } => complete(world, set, &place),
        Action::Import { stacks } => {
            import::adopt(world, set, &place, stacks[&place]);
            Ok(())
        }
        Action::Delete { retain_stacks: true } => Ok(()),
        Action::Delete { retain_stacks: false } => delete(world, set, &place),
        Action::DetectDrift => {
            let stack = stack_of(world, set, &place).ok_or("Stack instance has no stack")?;
            let actor = execution::actor(world, set, &place.account)?;
            let drifts = drift::detect(world, stack, &actor)?;
            world.cloudformation.set_mut(set).operation_mut(operation).drifts.insert(place, drifts);
            Ok(())
        }
    }
}

enum BroughtUp {
    /// The stack has the definition already: the visit is short.
    Unchanged,
    Begun,
}

/// The member's stack, if there is one that was not deleted.
fn stack_of(world: &World, set: SetIndex, place: &Place) -> Option<StackIndex> {
    let stack = world.cloudformation.set(set).instances.get(place)?.stack?;
    (world.cloudformation.stacks.get(stack).status != StackStatus::DeleteComplete).then_some(stack)
}

/// The set's definition with the instance's overrides.
fn definition_of(set: &StackSet, place: &Place) -> Result<Definition, String> {
    let definition = set.definition.clone();
    let overrides = set.instances.get(place).map(|instance| &instance.overrides.0);
    let Some(overrides) = overrides.filter(|overrides| !overrides.is_empty()) else { return Ok(definition) };
    let mut values = (*definition.parameters).clone();
    let known = overrides.iter().filter(|(name, _)| definition.template.parameters.contains_key(*name));
    values.extend(known.map(|(name, value)| (name.clone(), value.clone())));
    let values = definition.template.parameter_values(&values)?;
    Ok(Definition { parameters: Arc::new(values), ..definition })
}

/// Checks what can fail before any resource is touched, and puts the stack in progress.
fn bring_up(world: &mut World, set: SetIndex, place: &Place) -> Result<BroughtUp, String> {
    let target = definition_of(world.cloudformation.set(set), place)?;
    if let Some(capability) = target.missing_capability() {
        return Err(errors::requires_capabilities(capability));
    }
    execution::actor(world, set, &place.account)?;
    let now = world.now;
    let Some(stack) = stack_of(world, set, place) else {
        let uuid = world.ids.uuid();
        let state = world.cloudformation.set(set);
        let mut stack =
            Stack::begun(place, format!("StackSet-{}-{uuid}", state.name), &world.ids.uuid(), now, target);
        stack.enter(StackStatus::CreateInProgress, None, now);
        let index = world.cloudformation.stacks.add(stack);
        if let Some(instance) = world.cloudformation.set_mut(set).instances.change(place, now) {
            instance.stack = Some(index);
        }
        return Ok(BroughtUp::Begun);
    };
    let stack = world.cloudformation.stacks.get_mut(stack);
    if stack.status.can_update() && stack.definition == target {
        return Ok(BroughtUp::Unchanged);
    }
    if !stack.status.can_update() {
        return Err(format!(
            "Stack:{} is in {} state and can not be updated.",
            stack.id,
            stack.status.as_str()
        ));
    }
    stack.enter(StackStatus::UpdateInProgress, None, now);
    Ok(BroughtUp::Begun)
}

fn complete(world: &mut World, set: SetIndex, place: &Place) -> Result<(), String> {
    let target = definition_of(world.cloudformation.set(set), place)?;
    let stack =
        stack_of(world, set, place).ok_or("Stack was deleted while the operation was at work on it")?;
    let now = world.now;
    let status = world.cloudformation.stacks.get(stack).status;
    let actor = execution::actor(world, set, &place.account);
    let outcome = match status {
        StackStatus::CreateInProgress => {
            let outcome = actor.and_then(|actor| create(world, stack, &actor, &target));
            if outcome.is_err()
                && let Some(instance) = world.cloudformation.set_mut(set).instances.change(place, now)
            {
                // A failed creation leaves no stack behind (aws-facts A7).
                instance.stack = None;
            }
            outcome
        }
        StackStatus::UpdateInProgress => actor.and_then(|actor| update(world, stack, &actor, &target)),
        _ => Ok(()),
    };
    if outcome.is_err() {
        abandon(world, stack);
    }
    outcome
}

fn create(world: &mut World, stack: StackIndex, actor: &Caller, target: &Definition) -> Result<(), String> {
    let outcome = provision::deploy(world, stack, actor, target, false);
    let now = world.now;
    let state = world.cloudformation.stacks.get_mut(stack);
    match outcome {
        Ok(()) => {
            state.enter(StackStatus::CreateComplete, None, now);
            Ok(())
        }
        Err(failure) => {
            state.enter(StackStatus::CreateFailed, Some(failure.stack_reason("create")), now);
            Err(failure.instance_reason())
        }
    }
}

fn update(world: &mut World, stack: StackIndex, actor: &Caller, target: &Definition) -> Result<(), String> {
    let outcome = provision::deploy(world, stack, actor, target, false);
    let now = world.now;
    let state = world.cloudformation.stacks.get_mut(stack);
    state.updated = Some(now);
    match outcome {
        Ok(()) => {
            state.enter(StackStatus::UpdateComplete, None, now);
            Ok(())
        }
        Err(failure) => {
            state.enter(StackStatus::UpdateRollbackInProgress, Some(failure.stack_reason("update")), now);
            let end = match &failure.not_rolled_back {
                None => StackStatus::UpdateRollbackComplete,
                Some(_) => StackStatus::UpdateRollbackFailed,
            };
            state.enter(end, failure.not_rolled_back.clone(), now);
            Err(failure.instance_reason())
        }
    }
}

/// Gives a stack that did not get past its beginning a final status.
fn abandon(world: &mut World, stack: StackIndex) {
    let now = world.now;
    let state = world.cloudformation.stacks.get_mut(stack);
    match state.status {
        StackStatus::CreateInProgress | StackStatus::CreateFailed => {
            state.enter(StackStatus::DeleteInProgress, None, now);
            state.enter(StackStatus::DeleteComplete, None, now);
        }
        StackStatus::UpdateInProgress => state.enter(StackStatus::UpdateRollbackComplete, None, now),
        _ => {}
    }
}

fn begin_deletion(world: &mut World, set: SetIndex, place: &Place) {
    let Some(stack) = stack_of(world, set, place) else { return };
    let now = world.now;
    let state = world.cloudformation.stacks.get_mut(stack);
    if !state.termination_protection {
        state.enter(StackStatus::DeleteInProgress, None, now);
    }
}

fn delete(world: &mut World, set: SetIndex, place: &Place) -> Result<(), String> {
    let Some(stack) = stack_of(world, set, place) else { return Ok(()) };
    let state = world.cloudformation.stacks.get(stack);
    if state.termination_protection {
        return Err(format!(
            "Stack [{}] cannot be deleted while TerminationProtection is enabled",
            state.name
        ));
    }
    let outcome = match execution::actor(world, set, &place.account) {
        Ok(actor) => provision::delete(world, stack, &actor, &[])
            .map_err(|failure| (failure.stack_reason("delete"), failure.instance_reason())),
        Err(reason) => Err((reason.clone(), reason)),
    };
    let now = world.now;
    let state = world.cloudformation.stacks.get_mut(stack);
    match outcome {
        Ok(()) => {
            state.enter(StackStatus::DeleteComplete, None, now);
            Ok(())
        }
        Err((stack_reason, instance_reason)) => {
            state.enter(StackStatus::DeleteFailed, Some(stack_reason), now);
            Err(instance_reason)
        }
    }
}
