//! Plain stacks in virtual time: from IN_PROGRESS to where they end.

use super::agenda::{Due, spread};
use super::definition::Definition;
use super::provision;
use super::stack::{StackIndex, StackStatus};
use crate::call::Caller;
use crate::world::World;

/// What becomes of the resources when creation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnFailure {
    DoNothing,
    Rollback,
    Delete,
}

/// The next step of a stack.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Create {
        on_failure: OnFailure,
    },
    Update {
        target: Definition,
        disable_rollback: bool,
    },
    Delete {
        retained: Vec<String>,
        forced: bool,
    },
    /// Everything is done, and the status says so a little later.
    Settle {
        status: StackStatus,
        reason: Option<String>,
    },
}

/// A step and when it is due. A stack that is deleted while it is being created has one step replaced by
/// another, whose turn comes later: an event that comes early belongs to the old one.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    actor: Caller,
    step: Step,
    due: jiff::Timestamp,
}

/// Schedules the step of a stack that has just entered an IN_PROGRESS status.
pub(super) fn schedule(world: &mut World, stack: StackIndex, actor: Caller, step: Step) {
    let state = world.cloudformation.stacks.get(stack);
    let seconds = match &step {
        Step::Settle { .. } => spread(3, 6, &[&state.id]),
        step => {
            let usual = spread(15, 25, &[&state.id, state.status.as_str()]);
            let is_deployment = matches!(step, Step::Create { .. } | Step::Update { .. });
            let slowness = is_deployment.then(|| world.faults.slowness(&state.account)).flatten();
            slowness.map_or(usual, |takes| takes.as_secs())
        }
    };
    let now = world.now;
    let due = now + jiff::SignedDuration::from_secs(seconds);
    world.cloudformation.stacks.get_mut(stack).pending = Some(Box::new(Pending { actor, step, due }));
    world.cloudformation.agenda.after(now, seconds, Due::Stack(stack));
}

/// Does the step that is due.
pub(super) fn step(world: &mut World, stack: StackIndex) {
    let now = world.now;
    let state = world.cloudformation.stacks.get_mut(stack);
    let Some(pending) = state.pending.take_if(|pending| pending.due <= now) else { return };
    let Pending { actor, step, .. } = *pending;
    match step {
        Step::Create { on_failure } => create(world, stack, actor, on_failure),
        Step::Update { target, disable_rollback } => update(world, stack, actor, &target, disable_rollback),
        Step::Delete { retained, forced } => delete(world, stack, &actor, &retained, forced),
        Step::Settle { status, reason } => {
            world.cloudformation.stacks.get_mut(stack).enter(status, reason, now)
        }
    }
}

fn enter(world: &mut World, stack: StackIndex, status: StackStatus, reason: Option<String>) {
    let now = world.now;
    world.cloudformation.stacks.get_mut(stack).enter(status, reason, now);
}

fn create(world: &mut World, stack: StackIndex, actor: Caller, on_failure: OnFailure) {
    let target = world.cloudformation.stacks.get(stack).definition.clone();
    let outcome = provision::deploy(world, stack, &actor, &target, on_failure == OnFailure::DoNothing);
    let Err(failure) = outcome else { return enter(world, stack, StackStatus::CreateComplete, None) };
    let reason = failure.stack_reason("create");
    let (now, then, stuck) = match on_failure {
        OnFailure::DoNothing => return enter(world, stack, StackStatus::CreateFailed, Some(reason)),
        OnFailure::Rollback => {
            (StackStatus::RollbackInProgress, StackStatus::RollbackComplete, StackStatus::RollbackFailed)
        }
        OnFailure::Delete => {
            (StackStatus::DeleteInProgress, StackStatus::DeleteComplete, StackStatus::DeleteFailed)
        }
    };
    enter(world, stack, now, Some(format!("{reason}Rollback requested by user.")));
    let status = if failure.not_rolled_back.is_none() { then } else { stuck };
    schedule(world, stack, actor, Step::Settle { status, reason: failure.not_rolled_back });
}

fn update(world: &mut World, stack: StackIndex, actor: Caller, target: &Definition, disable_rollback: bool) {
    let outcome = provision::deploy(world, stack, &actor, target, disable_rollback);
    world.cloudformation.stacks.get_mut(stack).updated = Some(world.now);
    let Err(failure) = outcome else { return enter(world, stack, StackStatus::UpdateComplete, None) };
    let reason = failure.stack_reason("update");
    if disable_rollback {
        return enter(world, stack, StackStatus::UpdateFailed, Some(reason));
    }
    enter(world, stack, StackStatus::UpdateRollbackInProgress, Some(reason));
    let status = match &failure.not_rolled_back {
        None => StackStatus::UpdateRollbackComplete,
        Some(_) => StackStatus::UpdateRollbackFailed,
    };
    schedule(world, stack, actor, Step::Settle { status, reason: failure.not_rolled_back });
}

fn delete(world: &mut World, stack: StackIndex, actor: &Caller, retained: &[String], forced: bool) {
    match provision::delete(world, stack, actor, retained) {
        Err(failure) if !forced => {
            enter(world, stack, StackStatus::DeleteFailed, Some(failure.stack_reason("delete")));
        }
        // A forced deletion leaves behind what could not be deleted.
        Ok(()) | Err(_) => enter(world, stack, StackStatus::DeleteComplete, None),
    }
}
