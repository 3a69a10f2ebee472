//! Moving operations along: instance by instance, in virtual time.
//!
//! Who may start is decided in `schedule`; what happens in an account is in `deploy`. Here both meet the
//! state of the operation and of its instances.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::agenda::Due;
use super::deploy;
use super::drift::SetDrift;
use super::instances::{DetailedStatus, Instance, InstanceStatus};
use super::operation::{Action, OperationIndex, OperationStatus, ResultStatus, Work};
use super::schedule::{self, Lane};
use super::stack_set::{SetIndex, StackSet};
use super::submit;
use crate::organizations::AccountState;
use crate::world::World;

const OVER_TOLERANCE: &str = "Cancelled since failure tolerance has exceeded";
const STOPPED: &str = "Cancelled since the operation was stopped";

/// Begins an operation: what it will work on is decided now, not when it was queued.
pub(super) fn begin(world: &mut World, set: SetIndex, operation: OperationIndex) {
    let now = world.now;
    let state = world.cloudformation.set_mut(set);
    drop_what_needs_no_work(state, operation);
    mark_instances(state, operation, now);
    for work in 0..world.cloudformation.set(set).operation(operation).work.len() {
        if must_skip(world, set, operation, work) {
            skip(world.cloudformation.set_mut(set), operation, work, now);
        }
    }
    let begun = world.cloudformation.set_mut(set).operation_mut(operation);
    begun.status = OperationStatus::Running;
    begun.began = Some(now);
    begun.lanes = begun
        .lane_regions
        .iter()
        .map(|region| {
            let waits = |work: &Work| work.place.region == *region && work.status == ResultStatus::Pending;
            let of_region = begun.work.iter().enumerate().filter(|(_, work)| waits(work));
            let waiting: VecDeque<usize> = of_region.map(|(index, _)| index).collect();
            Lane::new(waiting, &begun.preferences)
        })
        .collect();
    if begun.action == Action::DetectDrift {
        begun.drift = Some(SetDrift::begun(world.now, begun.work.len()));
    }
    drive(world, set, operation);
}

/// Creation leaves instances that are current alone, and updates skip inoperable ones (aws-facts A7, A8).
fn drop_what_needs_no_work(state: &mut StackSet, operation: OperationIndex) {
    let StackSet { instances, operations, .. } = state;
    let operation = &mut operations[operation.0];
    let action = &operation.action;
    operation.work.retain(|work| {
        let instance = instances.get(&work.place);
        match action {
            Action::Create { .. } => {
                instance.is_none_or(|instance| instance.status == InstanceStatus::Outdated)
            }
            Action::Update { .. } => {
                instance.is_some_and(|instance| instance.status != InstanceStatus::Inoperable)
            }
            Action::Delete { .. } => instance.is_some(),
            Action::Import { .. } => instance.is_none(),
            Action::DetectDrift => instance.is_some_and(|instance| instance.stack.is_some()),
        }
    });
}

fn mark_instances(state: &mut StackSet, operation: OperationIndex, now: Timestamp) {
    let StackSet { instances, operations, .. } = state;
    let operation = &mut operations[operation.0];
    for work in &mut operation.work {
        let id = Arc::clone(&operation.id);
        let instance = instances
            .change_or_add(&work.place, now, || Instance::pending(work.unit.clone(), Arc::clone(&id)));
        instance.last_operation = id;
        match &operation.action {
            Action::Create { overrides } => {
                instance.overrides.clone_from(overrides);
                wait(instance);
            }
            Action::Update { overrides } => {
                if let Some(overrides) = overrides {
                    instance.overrides = overrides.over(&instance.overrides);
                }
                wait(instance);
            }
            Action::Delete { .. } => instance.detailed = DetailedStatus::Pending,
            Action::Import { .. } => wait(instance),
            Action::DetectDrift => {}
        }
        work.unit.clone_from(&instance.unit);
    }
}

fn wait(instance: &mut Instance) {
    instance.status = InstanceStatus::Outdated;
    instance.detailed = DetailedStatus::Pending;
    instance.reason = None;
}

/// Starts whatever may start, and ends the operation when nothing is left.
fn drive(world: &mut World, set: SetIndex, operation: OperationIndex) {
    loop {
        let state = world.cloudformation.set_mut(set).operation_mut(operation);
        let parallel = state.preferences.parallel_regions;
        let Some(lane) = schedule::next_lane(&state.lanes, parallel) else { break };
        let work = state.lanes[lane].waiting.pop_front().expect("a lane with room has work waiting");
        if start(world, set, operation, work) {
            world.cloudformation.set_mut(set).operation_mut(operation).lanes[lane].in_flight += 1;
        }
    }
    let state = world.cloudformation.set(set).operation(operation);
    if state.lanes.iter().all(Lane::is_finished) {
        end(world, set, operation);
    }
}

/// Starts the work in one account; `false` when the account is skipped.
fn start(world: &mut World, set: SetIndex, operation: OperationIndex, work: usize) -> bool {
    // The account may have been closed since the operation began.
    let now = world.now;
    if must_skip(world, set, operation, work) {
        skip(world.cloudformation.set_mut(set), operation, work, now);
        return false;
    }
    let state = world.cloudformation.set(set).operation(operation);
    let place = state.work[work].place.clone();
    let changes_instance = state.action != Action::DetectDrift;
    let state = world.cloudformation.set_mut(set);
    state.operation_mut(operation).work[work].start(now);
    if changes_instance && let Some(instance) = state.instances.change(&place, now) {
        instance.detailed = DetailedStatus::Running;
    }
    let seconds = deploy::start(world, set, operation, work);
    world.cloudformation.agenda.after(now, seconds, Due::Instance { set, operation, work });
    true
}

/// Suspended accounts are skipped by every operation (aws-facts A3). What happens to accounts that are being
/// closed or were is unsure; they are skipped here as well, since nobody can work in them for long.
fn must_skip(world: &World, set: SetIndex, operation: OperationIndex, work: usize) -> bool {
    let operation = world.cloudformation.set(set).operation(operation);
    let account = &operation.work[work].place.account;
    let state = world.organization.as_ref().and_then(|organization| organization.account_state(account));
    // Retaining the stack touches nothing in the account, so that a closed one can be let go.
    operation.action != Action::Delete { retain_stacks: true }
        && matches!(
            state,
            Some(AccountState::Suspended | AccountState::PendingClosure | AccountState::Closed)
        )
}

fn skip(state: &mut StackSet, operation: OperationIndex, work: usize, now: Timestamp) {
    let StackSet { instances, operations, .. } = state;
    let skipped = &mut operations[operation.0].work[work];
    skipped.end(ResultStatus::Skipped, None, now);
    if let Some(instance) = instances.change(&skipped.place, now) {
        // The sync status that goes with it is unsure (aws-facts A13). OUTDATED is expected where a definition
        // did not arrive; looking for drift or deleting does not change what is deployed.
        if matches!(operations[operation.0].action, Action::Create { .. } | Action::Update { .. }) {
            instance.status = InstanceStatus::Outdated;
        }
        instance.detailed = DetailedStatus::SkippedSuspendedAccount;
        instance.reason = None;
    }
}

/// The work in one account is over: its outcome is recorded, and the operation moves on.
pub(super) fn instance_done(world: &mut World, set: SetIndex, operation: OperationIndex, work: usize) {
    let outcome = deploy::finish(world, set, operation, work);
    let failed = outcome.is_err();
    record(world, set, operation, work, outcome.map_err(Arc::from));

    let now = world.now;
    let state = world.cloudformation.set_mut(set).operation_mut(operation);
    let lane = state.lane_of(work);
    state.lanes[lane].in_flight -= 1;
    state.lanes[lane].failed += usize::from(failed);
    for lane in schedule::given_up(&state.lanes, state.preferences.parallel_regions) {
        cancel_waiting(world.cloudformation.set_mut(set), operation, lane, OVER_TOLERANCE, now);
    }
    drive(world, set, operation);
}

fn record(
    world: &mut World,
    set: SetIndex,
    operation: OperationIndex,
    work: usize,
    outcome: Result<(), Arc<str>>,
) {
    let now = world.now;
    let StackSet { instances, operations, .. } = world.cloudformation.set_mut(set);
    let operation = &mut operations[operation.0];
    let done = &mut operation.work[work];
    let status = if outcome.is_ok() { ResultStatus::Succeeded } else { ResultStatus::Failed };
    done.end(status, outcome.as_ref().err().cloned(), now);
    let place = &done.place;
    match (&operation.action, &outcome) {
        (Action::Delete { .. }, Ok(())) => {
            instances.remove(place, now);
        }
        (Action::DetectDrift, outcome) => {
            let drifts = operation.drifts.get(place).map_or(&[][..], Vec::as_slice);
            let drift =
                operation.drift.as_mut().expect("a drift operation has its counts from the beginning");
            let status = drift.count(outcome.as_ref().map(|()| drifts).map_err(|_| ()), now);
            if let Some(instance) = instances.change(place, now) {
                instance.drift_status = status;
                instance.last_drift_check = Some(now);
            }
        }
        (action, outcome) => {
            if let Some(instance) = instances.change(place, now) {
                settle(instance, action, outcome);
            }
        }
    }
}

fn settle(instance: &mut Instance, action: &Action, outcome: &Result<(), Arc<str>>) {
    let (status, detailed) = match (action, outcome) {
        (_, Ok(())) => (InstanceStatus::Current, DetailedStatus::Succeeded),
        // A failed deletion leaves an instance that only RetainStacks can remove (aws-facts A10).
        (Action::Delete { .. }, Err(_)) => (InstanceStatus::Inoperable, DetailedStatus::Inoperable),
        // And so does a failed import (aws-facts A11).
        (Action::Import { .. }, Err(_)) => (InstanceStatus::Inoperable, DetailedStatus::FailedImport),
        (_, Err(_)) => (InstanceStatus::Outdated, DetailedStatus::Failed),
    };
    instance.status = status;
    instance.detailed = detailed;
    instance.reason = outcome.as_ref().err().cloned();
    if matches!(action, Action::Create { .. } | Action::Update { .. }) && outcome.is_ok() {
        // What was found before the update says nothing of the stack after it.
        instance.drift_status = "NOT_CHECKED";
    }
}

/// Cancels everything of a lane that has not started.
fn cancel_waiting(
    state: &mut StackSet,
    operation: OperationIndex,
    lane: usize,
    reason: &str,
    now: Timestamp,
) {
    let reason: Arc<str> = reason.into();
    let StackSet { instances, operations, .. } = state;
    let operation = &mut operations[operation.0];
    let changes_instance = operation.action != Action::DetectDrift;
    for work in std::mem::take(&mut operation.lanes[lane].waiting) {
        let cancelled = &mut operation.work[work];
        cancelled.end(ResultStatus::Cancelled, Some(Arc::clone(&reason)), now);
        if changes_instance && let Some(instance) = instances.change(&cancelled.place, now) {
            instance.detailed = DetailedStatus::Cancelled;
            instance.reason = Some(Arc::clone(&reason));
        }
    }
}

/// Stops an operation: what runs is finished, the rest is cancelled (aws-facts A6).
pub(super) fn stop(world: &mut World, set: SetIndex, operation: OperationIndex) {
    let now = world.now;
    let state = world.cloudformation.set_mut(set);
    let stopped = state.operation_mut(operation);
    if stopped.status == OperationStatus::Queued {
        for work in &mut stopped.work {
            work.end(ResultStatus::Cancelled, Some(STOPPED.into()), now);
        }
    }
    stopped.status = OperationStatus::Stopping;
    stopped.stopping = Some(now);
    for lane in 0..state.operation(operation).lanes.len() {
        cancel_waiting(state, operation, lane, STOPPED, now);
    }
    if world.cloudformation.set(set).operation(operation).lanes.iter().all(Lane::is_finished) {
        end(world, set, operation);
    }
}

fn end(world: &mut World, set: SetIndex, operation: OperationIndex) {
    let now = world.now;
    let state = world.cloudformation.set_mut(set);
    let ended = state.operation_mut(operation);
    let over_tolerance = ended.lanes.iter().any(Lane::is_over_tolerance);
    ended.status = match ended.status {
        OperationStatus::Stopping => OperationStatus::Stopped,
        _ if over_tolerance => OperationStatus::Failed,
        _ => OperationStatus::Succeeded,
    };
    ended.ended = Some(now);
    if let Some(drift) = &mut ended.drift {
        drift.end(ended.status);
        state.drift = state.operations[operation.0].drift.clone();
    }
    forget_emptied_targets(state, operation);
    submit::wake_queue(world, set);
}

/// Once the last instance of an organizational unit is deleted, the unit is no target any more (aws-facts A4).
fn forget_emptied_targets(state: &mut StackSet, operation: OperationIndex) {
    let operation = state.operation(operation);
    if operation.is_automatic || !matches!(operation.action, Action::Delete { .. }) {
        return;
    }
    let deleted: BTreeSet<(Arc<str>, String)> = operation
        .work
        .iter()
        .filter(|work| work.status == ResultStatus::Succeeded)
        .filter_map(|work| Some((work.unit.clone()?, work.place.region.clone())))
        .collect();
    for (unit, region) in deleted {
        let remains = state
            .instances
            .iter()
            .any(|(place, instance)| place.region == region && instance.unit.as_deref() == Some(&*unit));
        if !remains && let Some(regions) = state.targets.get_mut(&*unit) {
            regions.remove(&region);
            if regions.is_empty() {
                state.targets.remove(&*unit);
            }
        }
    }
}
