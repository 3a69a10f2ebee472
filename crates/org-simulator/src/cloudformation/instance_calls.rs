//! CreateStackInstances, UpdateStackInstances and DeleteStackInstances.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::definition::Values;
use super::operation::{Action, Overrides};
use super::stack::Place;
use super::stack_set::{PermissionModel, SetIndex, StackSet};
use super::submit::{Bookings, Claim};
use super::targets::{self, AccountFilterType, Purpose, Targets};
use super::{access, definition, errors, lookup, regions};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::world::World;

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let set = writable_set(world, call)?;
    let state = world.cloudformation.set(set);
    let (targets, regions) = required_targets(state, &call.input, Purpose::Create)?;
    let accounts = targets::resolve(&targets, world.organization.as_ref())?;
    let overrides = definition::given_parameters(&call.input, "ParameterOverrides", &BTreeMap::new())?;
    check_overrides(state, overrides.keys())?;
    let overrides = Values(overrides);
    let claim = Claim::read(world, set, &call.input)?;

    if let Targets::Units { units, .. } = &targets {
        let state = world.cloudformation.set_mut(set);
        for unit in units {
            state.targets.entry(unit.clone()).or_default().extend(regions.iter().cloned());
        }
    }
    let work = every_region(&accounts, &regions);
    claim.submit(world, set, Action::Create { overrides }, work, regions)
}

pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let set = writable_set(world, call)?;
    let state = world.cloudformation.set(set);
    let (targets, regions) = required_targets(state, &call.input, Purpose::Change)?;
    let work = existing_instances(world, set, &targets, &regions)?;
    let state = world.cloudformation.set(set);
    let overrides = overrides(&call.input)?;
    if let Some(overrides) = &overrides {
        check_overrides(state, overrides.set.0.keys().chain(&overrides.kept))?;
    }
    let claim = Claim::read(world, set, &call.input)?;
    claim.submit(world, set, Action::Update { overrides }, work, regions)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let set = writable_set(world, call)?;
    let state = world.cloudformation.set(set);
    let (targets, regions) = required_targets(state, &call.input, Purpose::Change)?;
    let retain_stacks = input::boolean(&call.input, "RetainStacks")?.ok_or_else(|| {
        errors::validation(
            "1 validation error detected: Value null at 'retainStacks' failed to satisfy constraint: Member must not be null",
        )
    })?;
    let work = instances_to_delete(world, set, &targets, &regions)?;
    let claim = Claim::read(world, set, &call.input)?;

    if let Targets::Units { units, filter: AccountFilterType::None, .. } = &targets {
        stop_targeting(world.cloudformation.set_mut(set), units, &regions);
    }
    claim.submit(world, set, Action::Delete { retain_stacks }, work, regions)
}

/// The set that the call names, if the caller may operate it now.
pub(super) fn writable_set(world: &World, call: &Call) -> Result<SetIndex, ApiError> {
    let set = lookup::stack_set(world, call)?;
    let owner = access::owner(world, call)?;
    access::check_model(world, &owner, world.cloudformation.set(set).permission_model)?;
    Ok(set)
}

fn required_targets(
    set: &StackSet,
    call: &Value,
    purpose: Purpose,
) -> Result<(Targets, Vec<String>), ApiError> {
    let targets = targets::read(call, set.permission_model, purpose)?.ok_or_else(|| {
        errors::validation(match set.permission_model {
            PermissionModel::ServiceManaged => {
                "OrganizationalUnitIds should be specified in SERVICE_MANAGED mode"
            }
            PermissionModel::SelfManaged => "Accounts should be specified in SELF_MANAGED mode",
        })
    })?;
    let named = input::texts(call, "Regions");
    regions::check(&named)?;
    Ok((targets, named))
}

fn every_region(accounts: &BTreeMap<String, Option<String>>, regions: &[String]) -> Bookings {
    accounts
        .iter()
        .flat_map(|(account, unit)| {
            regions
                .iter()
                .map(|region| (Place { account: account.clone(), region: region.clone() }, unit.clone()))
        })
        .collect()
}

/// The existing instances that targets mean. An account that was named must have an instance in every Region,
/// or the whole call is refused (aws-facts A8); an organizational unit means those of its accounts that have
/// one, of which there must be some.
pub(super) fn existing_instances(
    world: &World,
    set: SetIndex,
    targets: &Targets,
    regions: &[String],
) -> Result<Bookings, ApiError> {
    let state = world.cloudformation.set(set);
    let accounts = targets::resolve(targets, world.organization.as_ref())?;
    let named: BTreeSet<&str> = match targets {
        Targets::Accounts(accounts) => accounts.iter().map(String::as_str).collect(),
        Targets::Units {
            accounts,
            filter: AccountFilterType::Intersection | AccountFilterType::Union,
            ..
        } => accounts.iter().map(String::as_str).collect(),
        Targets::Units { .. } => BTreeSet::new(),
    };
    let (found, missing): (BTreeMap<_, _>, BTreeMap<_, _>) = every_region(&accounts, regions)
        .into_iter()
        .partition(|(place, _)| state.instances.contains_key(place));
    let absent = missing.keys().find(|place| named.contains(place.account.as_str()));
    match absent.or_else(|| missing.keys().find(|_| found.is_empty())) {
        Some(place) => Err(errors::stack_instance_not_found(&state.name, &place.account, &place.region)),
        None => Ok(found),
    }
}

/// Deletion means instances of accounts below the units now, and those that are still booked under a unit
/// though their account went elsewhere. Where there is none, nothing is to be done.
fn instances_to_delete(
    world: &World,
    set: SetIndex,
    targets: &Targets,
    regions: &[String],
) -> Result<Bookings, ApiError> {
    let state = world.cloudformation.set(set);
    let mut accounts = targets::resolve(targets, world.organization.as_ref())?;
    if let Targets::Units { units, accounts: named, filter } = targets {
        for (place, instance) in state.instances.iter() {
            let is_booked =
                instance.unit.as_deref().is_some_and(|unit| units.iter().any(|named| named == unit));
            let passes = match filter {
                AccountFilterType::Intersection => named.contains(&place.account),
                AccountFilterType::Difference => !named.contains(&place.account),
                AccountFilterType::None | AccountFilterType::Union => true,
            };
            if is_booked && passes {
                accounts
                    .entry(place.account.clone())
                    .or_insert_with(|| instance.unit.as_deref().map(str::to_owned));
            }
        }
    }
    let mut work = every_region(&accounts, regions);
    work.retain(|place, _| state.instances.contains_key(place));
    Ok(work)
}

/// Deleting the instances of a unit ends its being a target of automatic deployment (aws-facts A4).
fn stop_targeting(set: &mut StackSet, units: &[String], regions: &[String]) {
    for unit in units {
        if let Some(targeted) = set.targets.get_mut(unit) {
            targeted.retain(|region| !regions.contains(region));
            if targeted.is_empty() {
                set.targets.remove(unit);
            }
        }
    }
}

/// `None` when the member is absent: the overrides of every instance stay (aws-facts A9).
fn overrides(call: &Value) -> Result<Option<Overrides>, ApiError> {
    if call.get("ParameterOverrides").is_none() {
        return Ok(None);
    }
    let mut overrides = Overrides::default();
    let mut values = Vec::new();
    for entry in input::list(call, "ParameterOverrides") {
        if input::boolean(entry, "UsePreviousValue")?.unwrap_or(false)
            && input::text(entry, "ParameterValue").is_none()
        {
            overrides.kept.push(input::required_text(entry, "ParameterKey")?.to_owned());
        } else {
            values.push(entry.clone());
        }
    }
    overrides.set = Values(definition::given_parameters(
        &json!({"ParameterOverrides": values}),
        "ParameterOverrides",
        &BTreeMap::new(),
    )?);
    Ok(Some(overrides))
}

/// Only parameters that the set has can be overridden (aws-facts A9).
fn check_overrides<'a>(set: &StackSet, names: impl Iterator<Item = &'a String>) -> Result<(), ApiError> {
    let unknown: Vec<&str> =
        names.filter(|name| !set.definition.parameters.contains_key(*name)).map(String::as_str).collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(errors::validation(format!("Parameters: [{}] do not exist in the template", unknown.join(", "))))
    }
}
