//! Stack instances: what is known of each, and the calls that read them.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::definition::Values;
use super::stack::{Place, StackIndex};
use super::stack_set::{StackSet, optional_timestamp, page_key};
use super::{definition, errors, lookup, pages};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::world::World;

/// `StackInstanceStatus`: whether the instance has the set's definition (aws-facts A13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InstanceStatus {
    Current,
    Outdated,
    Inoperable,
}

impl InstanceStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            InstanceStatus::Current => "CURRENT",
            InstanceStatus::Outdated => "OUTDATED",
            InstanceStatus::Inoperable => "INOPERABLE",
        }
    }
}

/// `StackInstanceDetailedStatus` (aws-facts A13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DetailedStatus {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
    Inoperable,
    SkippedSuspendedAccount,
    FailedImport,
}

impl DetailedStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            DetailedStatus::Pending => "PENDING",
            DetailedStatus::Running => "RUNNING",
            DetailedStatus::Succeeded => "SUCCEEDED",
            DetailedStatus::Failed => "FAILED",
            DetailedStatus::Cancelled => "CANCELLED",
            DetailedStatus::Inoperable => "INOPERABLE",
            DetailedStatus::SkippedSuspendedAccount => "SKIPPED_SUSPENDED_ACCOUNT",
            DetailedStatus::FailedImport => "FAILED_IMPORT",
        }
    }
}

/// One stack instance. It can exist without any stack (aws-facts A7).
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) status: InstanceStatus,
    pub(super) detailed: DetailedStatus,
    pub(super) reason: Option<Arc<str>>,
    /// The organizational unit that was targeted, which need not be the account's parent (aws-facts A3).
    pub(super) unit: Option<Arc<str>>,
    pub(super) stack: Option<StackIndex>,
    pub(super) overrides: Values,
    /// `IN_SYNC`, `DRIFTED`, `UNKNOWN` or `NOT_CHECKED`.
    pub(super) drift_status: &'static str,
    pub(super) last_drift_check: Option<Timestamp>,
    pub(super) last_operation: Arc<str>,
}

impl Instance {
    /// An instance that an operation is about to deploy to.
    pub(super) fn pending(unit: Option<Arc<str>>, operation: Arc<str>) -> Self {
        Instance {
            status: InstanceStatus::Outdated,
            detailed: DetailedStatus::Pending,
            reason: None,
            unit,
            stack: None,
            overrides: Values::default(),
            drift_status: "NOT_CHECKED",
            last_drift_check: None,
            last_operation: operation,
        }
    }
}

pub(super) fn describe(world: &World, call: &Call) -> Answer {
    let set = world.cloudformation.set(lookup::stack_set(world, call)?);
    let place = Place {
        account: input::required_text(&call.input, "StackInstanceAccount")?.to_owned(),
        region: input::required_text(&call.input, "StackInstanceRegion")?.to_owned(),
    };
    let instance = set
        .instances
        .get(&place)
        .ok_or_else(|| errors::stack_instance_not_found(&set.name, &place.account, &place.region))?;
    let mut described = summary(world, set, &place, instance);
    described["ParameterOverrides"] = definition::described(&set.definition.template, &instance.overrides.0);
    Ok(json!({"StackInstance": described}))
}

pub(super) fn list(world: &World, call: &Call) -> Answer {
    let set = world.cloudformation.set(lookup::stack_set(world, call)?);
    let filters = filters(&call.input)?;
    let account = input::text(&call.input, "StackInstanceAccount");
    let region = input::text(&call.input, "StackInstanceRegion");
    let fits = |(place, instance): &(&Place, &Instance)| {
        account.is_none_or(|account| place.account == account)
            && region.is_none_or(|region| place.region == region)
            && filters.iter().all(|(name, value)| passes(instance, name, value))
    };
    let seen = world.now - world.faults.lists_are_behind();
    let found = set
        .instances
        .seen_at(seen)
        .filter(fits)
        .map(|(place, instance)| (page_key(place), (place, instance)));
    pages::answer(call, &set.id, found, |(place, instance)| summary(world, set, place, instance))
}

/// Up to three filters, each with a single value in spite of the plural name (aws-facts A16).
fn filters(call: &Value) -> Result<Vec<(String, String)>, ApiError> {
    const NAMES: [&str; 3] = ["DETAILED_STATUS", "LAST_OPERATION_ID", "DRIFT_STATUS"];
    let given = input::list(call, "Filters");
    if given.len() > 3 {
        return Err(errors::validation(
            "1 validation error detected: Value at 'filters' failed to satisfy constraint: Member must have length less \
             than or equal to 3",
        ));
    }
    let read = |filter: &Value| {
        let name = input::required_text(filter, "Name")?;
        if !NAMES.contains(&name) {
            return Err(errors::not_in_enum("filters.name", name, &NAMES));
        }
        Ok((name.to_owned(), input::required_text(filter, "Values")?.to_owned()))
    };
    given.iter().map(read).collect()
}

fn passes(instance: &Instance, name: &str, value: &str) -> bool {
    match name {
        "DETAILED_STATUS" => instance.detailed.as_str() == value,
        "LAST_OPERATION_ID" => &*instance.last_operation == value,
        _ => instance.drift_status == value,
    }
}

fn summary(world: &World, set: &StackSet, place: &Place, instance: &Instance) -> Value {
    let mut described = json!({
        "StackSetId": set.id,
        "Region": place.region,
        "Account": place.account,
        "Status": instance.status.as_str(),
        "StackInstanceStatus": {"DetailedStatus": instance.detailed.as_str()},
        "DriftStatus": instance.drift_status,
        "LastOperationId": &*instance.last_operation,
    });
    if let Some(stack) = instance.stack {
        described["StackId"] = json!(world.cloudformation.stacks.get(stack).id);
    }
    if let Some(reason) = &instance.reason {
        described["StatusReason"] = json!(&**reason);
    }
    if let Some(unit) = &instance.unit {
        described["OrganizationalUnitId"] = json!(&**unit);
    }
    optional_timestamp(&mut described, "LastDriftCheckTimestamp", instance.last_drift_check);
    described
}
