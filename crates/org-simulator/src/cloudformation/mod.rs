//! CloudFormation: templates, stacks, StackSets and their operations.
//!
//! | file | idea |
//! |---|---|
//! | `template` | a template read, checked, and resolved for one account |
//! | `definition` | what a stack is made from |
//! | `resources`, `provision` | IAM resources made, changed and deleted by calls to IAM, and taken back |
//! | `stack`, `stack_calls`, `stack_reads`, `stack_run`, `change_set`, `changes` | plain stacks |
//! | `stack_set`, `stack_set_calls`, `stack_set_update`, `instances`, `past`, `instance_calls`, `import` | StackSets |
//! | `targets`, `preferences`, `schedule` | decisions: which accounts, how many at a time, who is next |
//! | `submit`, `operation`, `engine`, `deploy`, `operation_calls` | operations, from acceptance to the last account |
//! | `access`, `execution`, `lookup` | who may see what, and as whom CloudFormation acts |
//! | `auto_deployment`, `drift` | what happens without being asked for, and what is seen of it |

mod access;
mod agenda;
mod auto_deployment;
mod change_set;
mod changes;
mod definition;
mod deploy;
mod drift;
mod engine;
mod errors;
mod execution;
mod import;
mod instance_calls;
mod instances;
mod lookup;
mod operation;
mod operation_calls;
mod pages;
mod past;
mod preferences;
mod provision;
mod regions;
mod resources;
#[cfg(test)]
mod scenarios;
mod schedule;
mod stack;
mod stack_calls;
mod stack_reads;
mod stack_run;
mod stack_set;
mod stack_set_calls;
mod stack_set_update;
mod submit;
mod targets;
mod template;
mod template_calls;

use std::collections::BTreeMap;

use agenda::{Agenda, Due};
pub(crate) use auto_deployment::account_moved;
use stack::Stacks;
use stack_set::{SetIndex, StackSet};

use crate::call::{Answer, ApiError, Call};
use crate::world::World;

/// Stacks per account and Region, StackSets per owner and Region, and what is scheduled for later.
#[derive(Debug, Default)]
pub(crate) struct State {
    stacks: Stacks,
    sets: Vec<StackSet>,
    agenda: Agenda,
    /// Whether trusted access was activated through StackSets, which Organizations alone cannot do.
    access_activated: bool,
    /// The `stacksets-exec-…` role of each member that was deployed to.
    execution_roles: BTreeMap<String, String>,
}

impl State {
    fn set(&self, index: SetIndex) -> &StackSet {
        &self.sets[index.0]
    }

    fn set_mut(&mut self, index: SetIndex) -> &mut StackSet {
        &mut self.sets[index.0]
    }

    fn automatic_sets(&self) -> impl Iterator<Item = SetIndex> {
        let automatic = |(_, set): &(usize, &StackSet)| auto_deployment::is_automatic(set);
        self.sets.iter().enumerate().filter(automatic).map(|(index, _)| SetIndex(index))
    }
}

/// Carries out one authorized CloudFormation call.
pub(crate) fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation.as_str() {
        "ActivateOrganizationsAccess" => access::activate(world, call),
        "DeactivateOrganizationsAccess" => access::deactivate(world, call),
        "DescribeOrganizationsAccess" => access::describe(world, call),

        "CreateStackSet" => stack_set_calls::create(world, call),
        "UpdateStackSet" => stack_set_update::update(world, call),
        "DeleteStackSet" => stack_set_calls::delete(world, call),
        "DescribeStackSet" => stack_set_calls::describe(world, call),
        "ListStackSets" => stack_set_calls::list(world, call),

        "CreateStackInstances" => instance_calls::create(world, call),
        "UpdateStackInstances" => instance_calls::update(world, call),
        "DeleteStackInstances" => instance_calls::delete(world, call),
        "ImportStacksToStackSet" => import::import(world, call),
        "DescribeStackInstance" => instances::describe(world, call),
        "ListStackInstances" => instances::list(world, call),

        "DescribeStackSetOperation" => operation_calls::describe(world, call),
        "ListStackSetOperations" => operation_calls::list(world, call),
        "ListStackSetOperationResults" => operation_calls::list_results(world, call),
        "StopStackSetOperation" => operation_calls::stop(world, call),
        "DetectStackSetDrift" => operation_calls::detect_drift(world, call),
        "ListStackInstanceResourceDrifts" => operation_calls::list_resource_drifts(world, call),
        "ListStackSetAutoDeploymentTargets" => operation_calls::list_auto_deployment_targets(world, call),

        "CreateStack" => stack_calls::create(world, call),
        "UpdateStack" => stack_calls::update(world, call),
        "DeleteStack" => stack_calls::delete(world, call),
        "UpdateTerminationProtection" => stack_calls::update_termination_protection(world, call),

        "DescribeStacks" => stack_reads::describe(world, call),
        "ListStacks" => stack_reads::list(world, call),
        "DescribeStackEvents" => stack_reads::events(world, call),
        "DescribeStackResources" => stack_reads::resources(world, call),
        "DescribeStackResource" => stack_reads::resource(world, call),
        "ListStackResources" => stack_reads::list_resources(world, call),

        "CreateChangeSet" => change_set::create(world, call),
        "DescribeChangeSet" => change_set::describe(world, call),
        "ExecuteChangeSet" => change_set::execute(world, call),
        "DeleteChangeSet" => change_set::delete(world, call),
        "ListChangeSets" => change_set::list(world, call),

        "GetTemplate" => template_calls::get(world, call),
        "GetTemplateSummary" => template_calls::summary(world, call),
        "ValidateTemplate" => template_calls::validate(call),

        _ => Err(ApiError::unknown_operation(call)),
    }
}

/// What `ActivateOrganizationsAccess` does, for organizations that start with trusted access.
pub(crate) fn activate_organizations_access(world: &mut World) {
    access::turn_on(world);
}

/// Who owns the StackSet of that name, and the Region that it lives in.
pub(crate) fn home(world: &World, stack_set: &str) -> Option<(String, String)> {
    let set = world.cloudformation.sets.iter().find(|set| !set.is_deleted && set.name == stack_set)?;
    Some((set.owner.clone(), set.region.clone()))
}

/// Does what is due by `world.now`. Every event sees the clock at its own instant, so that what it schedules
/// and records follows from when it happened, not from when somebody looked.
pub(crate) fn advance(world: &mut World) {
    let now = world.now;
    while let Some((at, due)) = world.cloudformation.agenda.take_due(now) {
        world.now = at;
        match due {
            Due::Stack(stack) => stack_run::step(world, stack),
            Due::ChangeSet { stack, change_set } => change_set::computed(world, stack, change_set),
            Due::Begin { set, operation } => submit::begin_if_free(world, set, operation),
            Due::Instance { set, operation, work } => engine::instance_done(world, set, operation, work),
        }
    }
    world.now = now;
}
