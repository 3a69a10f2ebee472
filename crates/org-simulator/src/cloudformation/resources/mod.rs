//! The resource types: each made, changed, deleted and read through the API of its service.
//!
//! Nothing here reaches into IAM's state: every step is a call by the actor, so that missing permissions,
//! service control policies and taken names fail it as they do on AWS.

mod edit;
mod managed_policy;
mod properties;
mod role;
mod role_policy;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::template::{Attributes, ResourceType};
use crate::call::{Answer, ApiError, Caller, Service};
use crate::world::World;

pub(super) use properties::{as_text, named_policies, texts};

/// Resolved properties of one resource.
pub(super) type Properties = Map<String, Value>;

/// Who acts, and on which resource of which stack.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    pub(super) actor: &'a Caller,
    pub(super) stack_name: &'a str,
    pub(super) logical_id: &'a str,
}

impl Setting<'_> {
    fn iam(&self, world: &mut World, operation: &str, input: Value) -> Answer {
        world.call_as(self.actor, Service::Iam, operation, input)
    }

    /// The same call where it is fine if the thing is gone already.
    fn iam_unless_gone(&self, world: &mut World, operation: &str, input: Value) -> Result<(), ApiError> {
        match self.iam(world, operation, input) {
            Err(error) if error.code != "NoSuchEntity" => Err(error),
            _ => Ok(()),
        }
    }

    /// A physical name made of the stack's name, the logical id and a random part, within IAM's 64 characters.
    fn generated_name(&self, world: &mut World) -> String {
        let random = world.ids.alphanumeric_upper(12);
        let room = 64 - random.len() - 1;
        let mut name = format!("{}-{}", self.stack_name, self.logical_id);
        if name.len() > room {
            let logical: String = self.logical_id.chars().take(room / 2).collect();
            let stack: String = self.stack_name.chars().take(room - logical.len() - 1).collect();
            name = format!("{stack}-{logical}");
        }
        format!("{name}-{random}")
    }
}

/// What making a resource gave.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) physical_id: String,
    pub(super) attributes: Attributes,
}

/// Adds the tags of the stack to those of the resource, whose own win; types without tags stay as they are.
pub(super) fn with_stack_tags(
    resource_type: ResourceType,
    mut properties: Properties,
    stack_tags: &BTreeMap<String, String>,
) -> Properties {
    let takes_tags = matches!(resource_type, ResourceType::Role | ResourceType::ManagedPolicy);
    if !takes_tags || stack_tags.is_empty() {
        return properties;
    }
    let mut tags = match properties.remove("Tags") {
        Some(Value::Array(own)) => own,
        _ => Vec::new(),
    };
    let own: Vec<String> = tags.iter().filter_map(|tag| tag.get("Key").map(as_text)).collect();
    let inherited = stack_tags.iter().filter(|(key, _)| !own.contains(key));
    tags.extend(inherited.map(|(key, value)| json!({"Key": key, "Value": value})));
    properties.insert("Tags".to_owned(), Value::Array(tags));
    properties
}

/// How the properties of a resource changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeKind {
    None,
    InPlace,
    /// The resource is made anew; `custom_named` cannot be, since its name is taken by its old self.
    Replacement {
        custom_named: bool,
    },
}

/// Checks properties against the type's schema, as AWS does before it makes the resource.
pub(super) fn check(resource_type: ResourceType, properties: &Properties) -> Result<(), String> {
    properties::check(resource_type, properties)
}

/// Compares the properties of before and after.
pub(super) fn change(resource_type: ResourceType, old: &Properties, new: &Properties) -> ChangeKind {
    let differs = |name: &str| old.get(name) != new.get(name);
    if old == new {
        return ChangeKind::None;
    }
    let (immutable, name): (&[&str], &str) = match resource_type {
        ResourceType::Role => (&["RoleName", "Path"], "RoleName"),
        ResourceType::ManagedPolicy => (&["ManagedPolicyName", "Path", "Description"], "ManagedPolicyName"),
        ResourceType::RolePolicy => (&["RoleName", "PolicyName"], ""),
        // AWS::IAM::Policy renames in place.
        ResourceType::Policy => (&[], ""),
    };
    if immutable.iter().any(|property| differs(property)) {
        ChangeKind::Replacement { custom_named: new.contains_key(name) && !differs(name) }
    } else {
        ChangeKind::InPlace
    }
}

/// Makes a resource. A failure leaves nothing behind; its text is the reason that AWS gives.
pub(super) fn create(
    world: &mut World,
    setting: &Setting<'_>,
    resource_type: ResourceType,
    properties: &Properties,
) -> Result<Made, String> {
    match resource_type {
        ResourceType::Role => role::create(world, setting, properties),
        ResourceType::ManagedPolicy => managed_policy::create(world, setting, properties),
        ResourceType::RolePolicy => role_policy::create(world, setting, properties),
        ResourceType::Policy => role_policy::create_policy(world, setting, properties),
    }
    .map_err(|error| error.message)
}

/// Changes a resource in place: only the properties that differ are touched. A failure leaves the resource as it was.
pub(super) fn update(
    world: &mut World,
    setting: &Setting<'_>,
    resource_type: ResourceType,
    physical_id: &str,
    old: &Properties,
    new: &Properties,
) -> Result<(), String> {
    match resource_type {
        ResourceType::Role => role::update(world, setting, physical_id, old, new),
        ResourceType::ManagedPolicy => managed_policy::update(world, setting, physical_id, old, new),
        ResourceType::RolePolicy => role_policy::put(world, setting, new),
        ResourceType::Policy => role_policy::update_policy(world, setting, old, new),
    }
    .map_err(|error| error.message)
}

/// Deletes a resource and what the template put on it, nothing else: a policy attached by hand to a role
/// makes IAM refuse, as on AWS (aws-facts A10).
pub(super) fn delete(
    world: &mut World,
    setting: &Setting<'_>,
    resource_type: ResourceType,
    physical_id: &str,
    properties: &Properties,
) -> Result<(), String> {
    match resource_type {
        ResourceType::Role => role::delete(world, setting, physical_id, properties),
        ResourceType::ManagedPolicy => managed_policy::delete(world, setting, physical_id, properties),
        ResourceType::RolePolicy => role_policy::delete(world, setting, properties),
        ResourceType::Policy => role_policy::delete_policy(world, setting, properties),
    }
    .map_err(|error| error.message)
}

/// Reads the live properties that drift detection compares; `None` when the resource is gone.
pub(super) fn read(
    world: &mut World,
    setting: &Setting<'_>,
    resource_type: ResourceType,
    physical_id: &str,
    expected: &Properties,
) -> Result<Option<Properties>, String> {
    let live = match resource_type {
        ResourceType::Role => role::read(world, setting, physical_id, expected),
        ResourceType::RolePolicy => role_policy::read(world, setting, expected),
        ResourceType::ManagedPolicy => managed_policy::read(world, setting, physical_id, expected),
        // Not supported by drift detection (aws-facts A12), so that nothing asks.
        ResourceType::Policy => Ok(expected.clone()),
    };
    match live {
        Ok(properties) => Ok(Some(properties)),
        Err(error) if error.code == "NoSuchEntity" => Ok(None),
        Err(error) => Err(error.message),
    }
}

/// A policy document as IAM returns it: percent-encoded JSON.
fn decoded(document: &Value) -> Value {
    let text = document.as_str().unwrap_or_default();
    let plain = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    serde_json::from_str(&plain).unwrap_or(Value::Null)
}
