//! Automatic deployment: accounts that enter or leave a targeted organizational unit (aws-facts A4).

use std::collections::{BTreeMap, BTreeSet};

use super::agenda::Due;
use super::definition::Values;
use super::operation::{Action, OperationIndex, OperationStatus, Work};
use super::preferences::Preferences;
use super::stack::Place;
use super::stack_set::{PermissionModel, SetIndex, StackSet};
use super::submit::{self, Bookings, Request};
use crate::world::World;

/// How long StackSets takes to notice a move, in seconds.
const NOTICE_SECONDS: i64 = 5;

/// Tells StackSets that an account joined the organization (`from` is none), moved, or left it (`to` is
/// none). The parents are ids of the root or of organizational units.
///
/// Account filters of earlier calls do not matter: whoever enters a targeted unit gets the stack.
pub(crate) fn account_moved(world: &mut World, account: &str, from: Option<&str>, to: Option<&str>) {
    let Some(organization) = world.organization.as_ref() else { return };
    if organization.management_account() == account {
        return;
    }
    let path = |parent: Option<&str>| -> BTreeSet<String> {
        let Some(parent) = parent else { return BTreeSet::new() };
        organization.ancestors(parent).into_iter().chain([parent]).map(str::to_owned).collect()
    };
    let (before, after) = (path(from), path(to));
    let sets: Vec<SetIndex> = world.cloudformation.automatic_sets().collect();
    for set in sets {
        let state = world.cloudformation.set_mut(set);
        let (was, is) = (covered(state, &before), covered(state, &after));
        withdraw(state, account, &is);
        let joins = missing(account, state, &is);
        let leaves = leaving(account, state, &was, &is);
        let retain_stacks = state.auto_deployment.retain_stacks_on_account_removal || to.is_none();
        if !joins.is_empty() {
            schedule(world, set, Action::Create { overrides: Values::default() }, joins);
        }
        if !leaves.is_empty() {
            // Out of the organization the stack is out of reach and stays behind (unsure in aws-facts A4).
            schedule(world, set, Action::Delete { retain_stacks }, leaves);
        }
    }
}

/// The Regions in which a parent's accounts are to have the stack, each with the targeted unit.
fn covered(set: &StackSet, path: &BTreeSet<String>) -> BTreeMap<String, String> {
    let targeted = set.targets.iter().filter(|(unit, _)| path.contains(*unit));
    targeted.flat_map(|(unit, regions)| regions.iter().map(|region| (region.clone(), unit.clone()))).collect()
}

fn missing(account: &str, set: &StackSet, covered: &BTreeMap<String, String>) -> Bookings {
    covered
        .iter()
        .map(|(region, unit)| {
            (Place { account: account.to_owned(), region: region.clone() }, Some(unit.clone()))
        })
        .filter(|(place, _)| !set.instances.contains_key(place))
        .collect()
}

/// Takes back what an earlier move asked for and this one makes pointless, as long as it has not begun.
fn withdraw(set: &mut StackSet, account: &str, covered: &BTreeMap<String, String>) {
    let waiting = set
        .operations
        .iter_mut()
        .filter(|operation| operation.is_automatic && operation.status == OperationStatus::Queued);
    for operation in waiting {
        let creates = matches!(operation.action, Action::Create { .. });
        operation.work.retain(|work| {
            work.place.account != account || covered.contains_key(&work.place.region) == creates
        });
    }
}

/// A move between two targeted units of one set takes nothing away: the stack stays as it is.
fn leaving(
    account: &str,
    set: &StackSet,
    was: &BTreeMap<String, String>,
    is: &BTreeMap<String, String>,
) -> Bookings {
    was.iter()
        .filter(|(region, _)| !is.contains_key(*region))
        .map(|(region, unit)| {
            (Place { account: account.to_owned(), region: region.clone() }, Some(unit.clone()))
        })
        .filter(|(place, _)| set.instances.contains_key(place))
        .collect()
}

/// Adds the work to an automatic operation that has not begun, or makes a new one with an id nobody chose.
fn schedule(world: &mut World, set: SetIndex, action: Action, work: Bookings) {
    let state = world.cloudformation.set_mut(set);
    let waiting = state.operations.iter_mut().find(|operation| {
        operation.is_automatic && operation.status == OperationStatus::Queued && operation.action == action
    });
    if let Some(operation) = waiting {
        for (place, unit) in work {
            if !operation.lane_regions.contains(&place.region) {
                operation.lane_regions.push(place.region.clone());
            }
            if operation.work.iter().all(|existing| existing.place != place) {
                operation.work.push(Work::waiting(place, unit.map(Into::into)));
            }
        }
        return;
    }
    let regions: BTreeSet<String> = work.keys().map(|place| place.region.clone()).collect();
    let id = world.ids.uuid();
    let request = Request {
        action,
        // The operator's preferences do not apply: the service goes at its own pace, and one failing account
        // does not hold up the others.
        preferences: Preferences::automatic(),
        deployment_targets: None,
        work,
        regions: regions.into_iter().collect(),
    };
    let operation: OperationIndex = submit::add(world, set, &id, request, true);
    let now = world.now;
    world.cloudformation.agenda.after(now, NOTICE_SECONDS, Due::Begin { set, operation });
}

/// Whether a set deploys by itself.
pub(super) fn is_automatic(set: &StackSet) -> bool {
    !set.is_deleted && set.permission_model == PermissionModel::ServiceManaged && set.auto_deployment.enabled
}
