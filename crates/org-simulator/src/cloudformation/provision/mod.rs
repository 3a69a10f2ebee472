//! Bringing the resources of one stack to what a definition says, and back when that fails.
//!
//! `forward` makes and changes, `back` deletes and takes back. Everything happens in one virtual instant; the stack's statuses and the time between them are the business
//! of `stack_run` and `deploy`.

mod back;
mod forward;

use std::collections::BTreeMap;

use back::Undo;
use forward::Leftover;

use super::definition::Definition;
use super::resources::{self, Properties, Setting};
use super::stack::{Resource, Stack, StackEvent, StackIndex};
use super::template::ResourceType;
use crate::call::Caller;
use crate::world::World;

/// Why a stack could not be brought to its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The resource that failed; `None` when the stack as a whole did.
    pub(super) resource: Option<(String, ResourceType)>,
    pub(super) reason: String,
    /// What could not be taken back, if anything.
    pub(super) not_rolled_back: Option<String>,
}

impl Failure {
    fn of_stack(reason: String) -> Self {
        Failure { resource: None, reason, not_rolled_back: None }
    }

    /// The words of a stack instance's `StatusReason` (aws-facts A14).
    pub(super) fn instance_reason(&self) -> String {
        match &self.resource {
            Some((logical_id, resource_type)) => format!(
                "ResourceLogicalId:{logical_id}, ResourceType:{}, ResourceStatusReason:{}",
                resource_type.as_str(),
                self.reason
            ),
            None => self.reason.clone(),
        }
    }

    /// The words of a stack's `StackStatusReason`.
    pub(super) fn stack_reason(&self, verb: &str) -> String {
        match &self.resource {
            Some((logical_id, _)) => format!("The following resource(s) failed to {verb}: [{logical_id}]. "),
            None => self.reason.clone(),
        }
    }
}

/// One run over one stack.
struct Run<'w> {
    world: &'w mut World,
    actor: &'w Caller,
    stack: StackIndex,
    /// The resources as they are at this moment.
    resources: BTreeMap<String, Resource>,
    /// What the existing resources were made from, and what they answered to references then: a resource
    /// that is replaced on the way must not change what the others are thought to have been.
    before: Definition,
    resources_before: BTreeMap<String, Resource>,
    undo: Vec<Undo>,
    leftovers: Vec<Leftover>,
}

/// Makes the resources of a stack what `target` says. On failure the stack's resources are again what they
/// were, unless the failure says otherwise or `keeps_failed` asks for them to be left as they are.
pub(super) fn deploy(
    world: &mut World,
    stack: StackIndex,
    actor: &Caller,
    target: &Definition,
    keeps_failed: bool,
) -> Result<(), Failure> {
    let state = world.cloudformation.stacks.get_mut(stack);
    let resources = std::mem::take(&mut state.resources);
    let before = state.definition.clone();
    let account = state.account.clone();
    let fault = world.faults.failure(&account).map(Failure::of_stack);
    let mut run = Run::new(world, actor, stack, resources, before);
    let mut result = run.bring_to(target);
    if let Some(fault) = fault {
        result = Err(fault);
    }
    match &mut result {
        Ok(()) => run.clean_up(),
        Err(_) if keeps_failed => {}
        Err(failure) => failure.not_rolled_back = run.roll_back(),
    }
    let resources = run.resources;
    let state = world.cloudformation.stacks.get_mut(stack);
    state.resources = resources;
    if result.is_ok() || keeps_failed {
        state.definition = target.clone();
    }
    result
}

/// Deletes the resources of a stack, the last made first; those named in `retained` and those with a
/// `DeletionPolicy` of `Retain` are left behind. What could not be deleted stays in the stack.
pub(super) fn delete(
    world: &mut World,
    stack: StackIndex,
    actor: &Caller,
    retained: &[String],
) -> Result<(), Failure> {
    let state = world.cloudformation.stacks.get_mut(stack);
    let resources = std::mem::take(&mut state.resources);
    let before = state.definition.clone();
    let order: Vec<String> = before.template.order.iter().rev().cloned().collect();
    let mut run = Run::new(world, actor, stack, resources, before);
    let mut first_failure = None;
    for logical_id in order {
        if retained.contains(&logical_id) {
            run.resources.remove(&logical_id);
        } else if let Err(failure) = run.remove(&logical_id) {
            first_failure = first_failure.or(Some(failure));
        }
    }
    let resources = run.resources;
    world.cloudformation.stacks.get_mut(stack).resources = resources;
    first_failure.map_or(Ok(()), Err)
}

/// The properties of a resource as a definition resolves them, tags of the stack included.
fn resolved(
    stack: &Stack,
    definition: &Definition,
    existing: &BTreeMap<String, Resource>,
    logical_id: &str,
) -> Result<Properties, String> {
    let declared = &definition.template.resources[logical_id];
    let properties = stack.scope(definition, existing).object(&declared.properties)?;
    Ok(resources::with_stack_tags(declared.resource_type, properties, &definition.tags))
}

impl<'w> Run<'w> {
    fn new(
        world: &'w mut World,
        actor: &'w Caller,
        stack: StackIndex,
        resources: BTreeMap<String, Resource>,
        before: Definition,
    ) -> Self {
        let resources_before = resources.clone();
        Run {
            world,
            actor,
            stack,
            resources,
            before,
            resources_before,
            undo: Vec::new(),
            leftovers: Vec::new(),
        }
    }

    /// The properties of a resource under a definition, given the resources that exist now.
    fn resolved(&self, definition: &Definition, logical_id: &str) -> Result<Properties, String> {
        resolved(self.world.cloudformation.stacks.get(self.stack), definition, &self.resources, logical_id)
    }

    /// The properties that an existing resource was made from.
    fn resolved_before(&self, logical_id: &str) -> Result<Properties, String> {
        let stack = self.world.cloudformation.stacks.get(self.stack);
        resolved(stack, &self.before, &self.resources_before, logical_id)
    }

    fn scoped<T>(
        &self,
        definition: &Definition,
        evaluate: impl FnOnce(&super::template::Scope<'_>) -> T,
    ) -> T {
        evaluate(&self.world.cloudformation.stacks.get(self.stack).scope(definition, &self.resources))
    }

    fn with_setting<T>(&mut self, logical_id: &str, act: impl FnOnce(&mut World, &Setting<'_>) -> T) -> T {
        let stack_name = self.world.cloudformation.stacks.get(self.stack).name.clone();
        let setting = Setting { actor: self.actor, stack_name: &stack_name, logical_id };
        act(self.world, &setting)
    }

    fn record(
        &mut self,
        logical_id: &str,
        resource_type: ResourceType,
        physical_id: &str,
        status: &'static str,
        reason: Option<String>,
    ) {
        let event = StackEvent {
            at: self.world.now,
            logical_id: Some(logical_id.to_owned()),
            physical_id: physical_id.to_owned(),
            resource_type: resource_type.as_str(),
            status,
            reason,
        };
        self.world.cloudformation.stacks.get_mut(self.stack).events.push(event);
    }
}
