//! Finding the StackSet and the operation that a call names.

use super::access::{self, Owner};
use super::errors;
use super::operation::OperationIndex;
use super::stack_set::{PermissionModel, SetIndex, StackSet};
use crate::call::{ApiError, Call};
use crate::input;
use crate::world::World;

/// The active StackSet that the call names, as the caller sees it: a set of another Region or owner, or one
/// that `CallAs` does not reach, is not found (aws-facts A2, A15).
pub(super) fn stack_set(world: &World, call: &Call) -> Result<SetIndex, ApiError> {
    let name = input::required_text(&call.input, "StackSetName")?;
    let owner = access::owner(world, call)?;
    visible(world, call, &owner)
        .find(|(_, set)| !set.is_deleted && (set.name == name || set.id == name))
        .map(|(index, _)| index)
        .ok_or_else(|| errors::stack_set_not_found(name))
}

/// The StackSets that a caller sees in the call's Region, deleted ones included.
pub(super) fn visible<'a>(
    world: &'a World,
    call: &'a Call,
    owner: &'a Owner,
) -> impl Iterator<Item = (SetIndex, &'a StackSet)> {
    world.cloudformation.sets.iter().enumerate().map(|(index, set)| (SetIndex(index), set)).filter(
        |(_, set)| {
            set.owner == owner.account
                && set.region == call.region
                && (!owner.service_managed_only || set.permission_model == PermissionModel::ServiceManaged)
        },
    )
}

/// The operation of a set that the call names.
pub(super) fn operation(world: &World, call: &Call, set: SetIndex) -> Result<OperationIndex, ApiError> {
    let id = input::required_text(&call.input, "OperationId")?;
    let found = world.cloudformation.set(set).operation_ids.get(id).copied();
    found.ok_or_else(|| errors::operation_not_found(id))
}
