//! ImportStacksToStackSet: stacks that exist already become instances of a set (aws-facts A11).

use std::collections::{BTreeMap, BTreeSet};

use super::definition::Values;
use super::operation::Action;
use super::stack::{Place, StackIndex, StackStatus};
use super::stack_set::{PermissionModel, SetIndex, StackSet};
use super::submit::{Bookings, Claim};
use super::{errors, execution, instance_calls};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::world::World;

/// At most this many stacks are named in the call itself (aws-facts A11).
const MAX_STACK_IDS: usize = 10;

pub(super) fn import(world: &mut World, call: &Call) -> Answer {
    let set = instance_calls::writable_set(world, call)?;
    let ids = stack_ids(call)?;
    // Before the stacks are looked at: of a repeated call they are instances already.
    let claim = Claim::read(world, set, &call.input)?;
    check_parameters(world.cloudformation.set(set))?;
    let units = input::texts(&call.input, "OrganizationalUnitIds");
    let mut stacks = BTreeMap::new();
    let mut work = Bookings::new();
    for id in &ids {
        let (place, stack) = find(world, id)?;
        check_free(world, set, &place, stack)?;
        work.insert(place.clone(), unit(world, set, &units, &place.account)?);
        if stacks.insert(place, stack).is_some() {
            return Err(errors::validation("StackIds names two stacks of one account and Region"));
        }
    }
    let regions: BTreeSet<String> = work.keys().map(|place| place.region.clone()).collect();
    claim.submit(world, set, Action::Import { stacks }, work, regions.into_iter().collect())
}

fn stack_ids(call: &Call) -> Result<Vec<String>, ApiError> {
    if call.input.get("StackIdsUrl").is_some() {
        // There is no S3 in the simulated world.
        return Err(errors::validation("StackIdsUrl could not be read: S3 error: Access Denied"));
    }
    let ids = input::texts(&call.input, "StackIds");
    match ids.len() {
        0 => Err(errors::validation("Either StackIds or StackIdsUrl should be specified")),
        1..=MAX_STACK_IDS => Ok(ids),
        _ => Err(errors::limit_exceeded(format!(
            "The number of StackIds exceeds the maximum of {MAX_STACK_IDS} stacks"
        ))),
    }
}

fn check_parameters(set: &StackSet) -> Result<(), ApiError> {
    let parameters = &set.definition.template.parameters;
    match parameters.iter().find(|(_, declared)| declared.no_echo) {
        Some((name, _)) => Err(errors::validation(format!(
            "Parameter {name} is NoEcho, which stack import does not support"
        ))),
        None => Ok(()),
    }
}

/// The stack of an ARN, in whichever account it is.
fn find(world: &World, id: &str) -> Result<(Place, StackIndex), ApiError> {
    let parts: Vec<&str> = id.splitn(6, ':').collect();
    let &["arn", _, "cloudformation", region, account, resource] = parts.as_slice() else {
        return Err(errors::validation(format!("Stack id {id} is not an ARN")));
    };
    if !resource.starts_with("stack/") {
        return Err(errors::validation(format!("Stack id {id} is not the ARN of a stack")));
    }
    let place = Place { account: account.to_owned(), region: region.to_owned() };
    let stack = world.cloudformation.stacks.find(&place, id);
    let stack =
        stack.filter(|stack| world.cloudformation.stacks.get(*stack).status != StackStatus::DeleteComplete);
    stack.map(|stack| (place, stack)).ok_or_else(|| errors::stack_not_found(id))
}

fn check_free(world: &World, set: SetIndex, place: &Place, stack: StackIndex) -> Result<(), ApiError> {
    let state = world.cloudformation.set(set);
    if state.instances.contains_key(place) {
        return Err(errors::validation(format!(
            "StackSet {} has a stack instance in account {} and region {} already",
            state.name, place.account, place.region
        )));
    }
    let mut sets = world.cloudformation.sets.iter().filter(|other| !other.is_deleted);
    match sets.find(|other| other.instances.values().any(|instance| instance.stack == Some(stack))) {
        Some(other) => {
            Err(errors::validation(format!("The stack belongs to StackSet {} already", other.name)))
        }
        None => Ok(()),
    }
}

/// Where the instance of a service-managed set is booked. Whether such a set takes imports at all is unsure; the
/// service model has the member for it (aws-facts A11).
fn unit(world: &World, set: SetIndex, units: &[String], account: &str) -> Result<Option<String>, ApiError> {
    match (world.cloudformation.set(set).permission_model, units.is_empty()) {
        (PermissionModel::SelfManaged, true) => Ok(None),
        (PermissionModel::SelfManaged, false) => {
            Err(errors::validation("OrganizationalUnitIds cannot be specified in SELF_MANAGED mode"))
        }
        (PermissionModel::ServiceManaged, _) => {
            let organization = world.organization.as_ref();
            let holds = |unit: &&String| {
                organization.is_some_and(|organization| {
                    organization.unit_exists(unit)
                        && organization.accounts_below(unit).into_iter().any(|below| below == account)
                })
            };
            let unit = units.iter().find(holds).cloned();
            unit.map(Some).ok_or_else(|| {
                errors::validation(format!("OrganizationalUnitIds has no unit with the account {account}"))
            })
        }
    }
}

/// What can fail in one account: the reason of an instance whose import failed.
pub(super) fn check(
    world: &mut World,
    set: SetIndex,
    account: &str,
    stack: StackIndex,
) -> Result<(), String> {
    execution::actor(world, set, account)?;
    let (state, set) = (world.cloudformation.stacks.get(stack), world.cloudformation.set(set));
    if !state.status.can_update() {
        return Err(format!(
            "Stack {} is in {} state and can not be imported.",
            state.id,
            state.status.as_str()
        ));
    }
    if state.definition.template.body != set.definition.template.body {
        return Err(format!(
            "The template of stack {} differs from that of StackSet {}.",
            state.id, set.name
        ));
    }
    Ok(())
}

/// Makes the stack the instance's. Nothing of the stack changes, so values that are not the set's become
/// overrides (unsure: aws-facts A11 does not say).
pub(super) fn adopt(world: &mut World, set: SetIndex, place: &Place, stack: StackIndex) {
    let values = &world.cloudformation.stacks.get(stack).definition.parameters;
    let of_the_set = &world.cloudformation.set(set).definition.parameters;
    let differs = |(name, value): &(&String, &String)| of_the_set.get(*name) != Some(*value);
    let overrides =
        values.iter().filter(differs).map(|(name, value)| (name.clone(), value.clone())).collect();
    let now = world.now;
    if let Some(instance) = world.cloudformation.set_mut(set).instances.change(place, now) {
        instance.stack = Some(stack);
        instance.overrides = Values(overrides);
    }
}
