//! Reading and stopping operations, drift detection, and the targets of automatic deployment.

use serde_json::{Value, json};

use super::engine;
use super::operation::{Action, OperationStatus, Work};
use super::stack::Place;
use super::stack_set::{PermissionModel, page_key};
use super::submit::{Bookings, Claim};
use super::{errors, instance_calls, lookup, pages};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::world::World;

pub(super) fn describe(world: &World, call: &Call) -> Answer {
    let set = lookup::stack_set(world, call)?;
    let operation = lookup::operation(world, call, set)?;
    let set = world.cloudformation.set(set);
    let mut described = set.operation(operation).described(world.now);
    described["StackSetId"] = json!(set.id);
    if set.permission_model == PermissionModel::SelfManaged {
        if let Some(arn) = &set.administration_role_arn {
            described["AdministrationRoleARN"] = json!(arn);
        }
        let role = set.execution_role_name.as_deref().unwrap_or(super::execution::DEFAULT_EXECUTION_ROLE);
        described["ExecutionRoleName"] = json!(role);
    }
    Ok(json!({"StackSetOperation": described}))
}

/// The newest first, as the console and the CLI show them.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let set = world.cloudformation.set(lookup::stack_set(world, call)?);
    let seen = world.now - world.faults.lists_are_behind();
    let newest_first =
        set.operations.iter().enumerate().rev().filter(|(_, operation)| operation.created <= seen);
    let sorted = newest_first.map(|(number, operation)| (format!("{:09}", 999_999_999 - number), operation));
    pages::answer(call, &set.id, sorted, |operation| operation.summary(seen))
}

pub(super) fn list_results(world: &World, call: &Call) -> Answer {
    let set = lookup::stack_set(world, call)?;
    let operation = lookup::operation(world, call, set)?;
    let wanted = result_filter(&call.input)?;
    let set = world.cloudformation.set(set);
    let operation = set.operation(operation);
    let seen = world.now - world.faults.results_are_behind();
    let fits = |work: &&Work| {
        let status = work.status_at(seen).as_str();
        operation.created <= seen
            && status.is_some()
            && wanted.as_deref().is_none_or(|wanted| status == Some(wanted))
    };
    let mut shown: Vec<(String, &Work)> =
        operation.work.iter().filter(fits).map(|work| (page_key(&work.place), work)).collect();
    shown.sort_by(|one, other| one.0.cmp(&other.0));
    pages::answer(call, &format!("{} {}", set.id, operation.id), shown, |work| work.summary(seen))
}

/// One filter at most, on the status (aws-facts A16).
fn result_filter(call: &Value) -> Result<Option<String>, ApiError> {
    let Some(filter) = input::list(call, "Filters").first() else { return Ok(None) };
    let name = input::required_text(filter, "Name")?;
    if name != "OPERATION_RESULT_STATUS" {
        return Err(errors::not_in_enum("filters.name", name, &["OPERATION_RESULT_STATUS"]));
    }
    Ok(Some(input::required_text(filter, "Values")?.to_owned()))
}

pub(super) fn stop(world: &mut World, call: &Call) -> Answer {
    let set = lookup::stack_set(world, call)?;
    let operation = lookup::operation(world, call, set)?;
    let state = world.cloudformation.set(set).operation(operation);
    match state.status {
        OperationStatus::Running | OperationStatus::Queued => {
            engine::stop(world, set, operation);
            Ok(json!({}))
        }
        status => Err(errors::invalid_operation(format!(
            "Operation {} cannot be stopped since it is in {} state",
            state.id,
            status.as_str()
        ))),
    }
}

pub(super) fn detect_drift(world: &mut World, call: &Call) -> Answer {
    let set = instance_calls::writable_set(world, call)?;
    let claim = Claim::read(world, set, &call.input)?;
    let state = world.cloudformation.set(set);
    let work: Bookings = state
        .instances
        .iter()
        .map(|(place, instance)| (place.clone(), instance.unit.as_deref().map(str::to_owned)))
        .collect();
    let regions: std::collections::BTreeSet<String> = work.keys().map(|place| place.region.clone()).collect();
    let regions = regions.into_iter().collect();
    claim.submit(world, set, Action::DetectDrift, work, regions)
}

pub(super) fn list_resource_drifts(world: &World, call: &Call) -> Answer {
    let set = lookup::stack_set(world, call)?;
    let operation = lookup::operation(world, call, set)?;
    let place = Place {
        account: input::required_text(&call.input, "StackInstanceAccount")?.to_owned(),
        region: input::required_text(&call.input, "StackInstanceRegion")?.to_owned(),
    };
    let set = world.cloudformation.set(set);
    if !set.instances.contains_key(&place) {
        return Err(errors::stack_instance_not_found(&set.name, &place.account, &place.region));
    }
    let wanted = input::texts(&call.input, "StackInstanceResourceDriftStatuses");
    let drifts = set.operation(operation).drifts.get(&place).map_or(&[][..], Vec::as_slice);
    let shown = drifts
        .iter()
        .filter(|drift| wanted.is_empty() || wanted.iter().any(|status| status == drift.status))
        .map(|drift| (drift.logical_id.clone(), drift));
    let scope = format!("{} {} {}", set.id, call.input["OperationId"], page_key(&place));
    pages::answer(call, &scope, shown, super::drift::ResourceDrift::described)
}

/// The one list that ends with an empty token instead of none (aws-facts A16).
pub(super) fn list_auto_deployment_targets(world: &World, call: &Call) -> Answer {
    let set = world.cloudformation.set(lookup::stack_set(world, call)?);
    let targets = set.targets.iter().map(|(unit, regions)| (unit.clone(), (unit, regions)));
    let mut answer = pages::answer(
        call,
        &set.id,
        targets,
        |(unit, regions)| json!({"OrganizationalUnitId": unit, "Regions": regions}),
    )?;
    if answer.get("NextToken").is_none() {
        answer["NextToken"] = json!("");
    }
    Ok(answer)
}
