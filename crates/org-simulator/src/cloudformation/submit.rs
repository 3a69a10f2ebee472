//! Accepting operations: ids, the one slot of a set, and the queue of managed execution (aws-facts A5, A6).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::agenda::Due;
use super::operation::{Action, Operation, OperationIndex, OperationStatus, Work};
use super::preferences::Preferences;
use super::stack::Place;
use super::stack_set::SetIndex;
use super::{engine, errors};
use crate::call::{Answer, ApiError};
use crate::input;
use crate::world::World;

/// How long a queued operation waits after the one before it ended, in seconds.
pub(super) const QUEUE_PAUSE_SECONDS: i64 = 1;

/// Where an operation works, and under which organizational unit each instance is booked.
pub(super) type Bookings = BTreeMap<Place, Option<String>>;

/// An operation as it was asked for.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) action: Action,
    pub(super) preferences: Preferences,
    pub(super) deployment_targets: Option<Value>,
    pub(super) work: Bookings,
    /// The Regions in the order in which they were named.
    pub(super) regions: Vec<String>,
}

/// Leave to start an operation: everything about the call but its work was checked, and nothing is in the way.
pub(super) struct Claim {
    id: String,
    preferences: Preferences,
    deployment_targets: Option<Value>,
}

impl Claim {
    pub(super) fn read(world: &mut World, set: SetIndex, call: &Value) -> Result<Self, ApiError> {
        Ok(Claim {
            preferences: Preferences::read(call)?,
            id: claim_id(world, set, call)?,
            deployment_targets: call.get("DeploymentTargets").cloned(),
        })
    }

    /// Takes the operation on: it begins at once if nothing is unfinished, and is queued otherwise.
    pub(super) fn submit(
        self,
        world: &mut World,
        set: SetIndex,
        action: Action,
        work: Bookings,
        regions: Vec<String>,
    ) -> Answer {
        let Claim { id, preferences, deployment_targets } = self;
        let is_free = world.cloudformation.set(set).unfinished().next().is_none();
        let request = Request { action, preferences, deployment_targets, work, regions };
        let operation = add(world, set, &id, request, false);
        if is_free {
            engine::begin(world, set, operation);
        } else {
            let now = world.now;
            world.cloudformation.agenda.after(now, QUEUE_PAUSE_SECONDS, Due::Begin { set, operation });
        }
        Ok(json!({"OperationId": id}))
    }
}

/// The caller's operation id, or a new one; refused when it was used before, or when another operation is in
/// the way. A reused id is reported first: that is how a client finds the operation it started before a crash.
fn claim_id(world: &mut World, set: SetIndex, call: &Value) -> Result<String, ApiError> {
    let given = input::text(call, "OperationId").map(str::to_owned);
    let state = world.cloudformation.set(set);
    if let Some(id) = &given {
        check_id(id)?;
        if state.operation_ids.contains_key(id.as_str()) {
            return Err(errors::operation_id_already_exists(id));
        }
    }
    if !state.managed_execution && state.unfinished().next().is_some() {
        return Err(errors::operation_in_progress(&state.arn()));
    }
    Ok(given.unwrap_or_else(|| world.ids.uuid()))
}

fn check_id(id: &str) -> Result<(), ApiError> {
    let mut letters = id.chars();
    let is_good = letters.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        && id.len() <= 128;
    if is_good {
        return Ok(());
    }
    Err(errors::validation(format!(
        "1 validation error detected: Value '{id}' at 'operationId' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [a-zA-Z0-9][-a-zA-Z0-9]*"
    )))
}

/// Adds a queued operation to the set; somebody else sees to its beginning.
pub(super) fn add(
    world: &mut World,
    set: SetIndex,
    id: &str,
    request: Request,
    is_automatic: bool,
) -> OperationIndex {
    let Request { action, preferences, deployment_targets, work, regions } = request;
    let mut units: BTreeMap<String, Arc<str>> = BTreeMap::new();
    let mut shared = |unit: String| Arc::clone(units.entry(unit.clone()).or_insert_with(|| unit.into()));
    let work = work.into_iter().map(|(place, unit)| Work::waiting(place, unit.map(&mut shared))).collect();
    let operation = Operation {
        id: id.into(),
        action,
        status: OperationStatus::Queued,
        created: world.now,
        began: None,
        stopping: None,
        ended: None,
        lane_regions: preferences.ordered(&regions),
        preferences,
        deployment_targets,
        work,
        lanes: Vec::new(),
        drifts: BTreeMap::new(),
        drift: None,
        is_automatic,
    };
    let state = world.cloudformation.set_mut(set);
    let index = OperationIndex(state.operations.len());
    state.operation_ids.insert(id.to_owned(), index);
    state.operations.push(operation);
    state.is_modified = true;
    index
}

/// Begins a queued operation if nothing is in its way: without managed execution any unfinished operation
/// before it, with it only one that works on the same instances.
pub(super) fn begin_if_free(world: &mut World, set: SetIndex, operation: OperationIndex) {
    let state = world.cloudformation.set(set);
    let waiting = state.operation(operation);
    if waiting.status != OperationStatus::Queued {
        return;
    }
    let is_blocked = state
        .unfinished()
        .filter(|other| *other < operation)
        .any(|other| !state.managed_execution || state.operation(other).conflicts_with(waiting));
    let overtakes =
        state.unfinished().filter(|other| *other > operation).map(|other| state.operation(other)).any(
            |other| {
                other.status != OperationStatus::Queued
                    && (!state.managed_execution || other.conflicts_with(waiting))
            },
        );
    if !is_blocked && !overtakes {
        engine::begin(world, set, operation);
    }
}

/// Looks at every queued operation of a set again, shortly after one ended.
pub(super) fn wake_queue(world: &mut World, set: SetIndex) {
    let now = world.now;
    let queued: Vec<OperationIndex> = world.cloudformation.set(set).unfinished().collect();
    for operation in queued {
        world.cloudformation.agenda.after(now, QUEUE_PAUSE_SECONDS, Due::Begin { set, operation });
    }
}
