//! `AWS::IAM::RolePolicy` and `AWS::IAM::Policy`: inline policies that are resources of their own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::edit::{self, Edit};
use super::{Made, Properties, Setting, as_text, texts};
use crate::call::ApiError;
use crate::cloudformation::template::Attributes;
use crate::world::World;

fn text(properties: &Properties, name: &str) -> String {
    properties.get(name).map(as_text).unwrap_or_default()
}

fn put_on(
    world: &mut World,
    setting: &Setting<'_>,
    role: &str,
    properties: &Properties,
) -> Result<(), ApiError> {
    let request = json!({
        "RoleName": role,
        "PolicyName": text(properties, "PolicyName"),
        "PolicyDocument": text(properties, "PolicyDocument"),
    });
    setting.iam(world, "PutRolePolicy", request).map(drop)
}

fn take_from(world: &mut World, setting: &Setting<'_>, role: &str, policy: &str) -> Result<(), ApiError> {
    setting.iam_unless_gone(world, "DeleteRolePolicy", json!({"RoleName": role, "PolicyName": policy}))
}

pub(super) fn create(
    world: &mut World,
    setting: &Setting<'_>,
    properties: &Properties,
) -> Result<Made, ApiError> {
    put(world, setting, properties)?;
    let physical_id = format!("{}|{}", text(properties, "PolicyName"), text(properties, "RoleName"));
    Ok(Made {
        attributes: Attributes { reference: physical_id.clone(), attributes: BTreeMap::new() },
        physical_id,
    })
}

pub(super) fn put(world: &mut World, setting: &Setting<'_>, properties: &Properties) -> Result<(), ApiError> {
    put_on(world, setting, &text(properties, "RoleName"), properties)
}

pub(super) fn delete(
    world: &mut World,
    setting: &Setting<'_>,
    properties: &Properties,
) -> Result<(), ApiError> {
    take_from(world, setting, &text(properties, "RoleName"), &text(properties, "PolicyName"))
}

pub(super) fn create_policy(
    world: &mut World,
    setting: &Setting<'_>,
    properties: &Properties,
) -> Result<Made, ApiError> {
    for role in texts(properties, "Roles") {
        if let Err(error) = put_on(world, setting, &role, properties) {
            // The first failure is the one that matters.
            let _ = delete_policy(world, setting, properties);
            return Err(error);
        }
    }
    let physical_id = setting.generated_name(world);
    Ok(Made {
        attributes: Attributes {
            reference: physical_id.clone(),
            attributes: BTreeMap::from([("Id", physical_id.clone())]),
        },
        physical_id,
    })
}

pub(super) fn update_policy(
    world: &mut World,
    setting: &Setting<'_>,
    old: &Properties,
    new: &Properties,
) -> Result<(), ApiError> {
    edit::carry_out(world, setting, edits(old, new), edits(new, old))
}

/// The calls that bring an `AWS::IAM::Policy` from one set of properties to another: it is put on every role it
/// names, and taken from those it no longer names or on which it had another name.
fn edits(old: &Properties, new: &Properties) -> Vec<Edit> {
    let places = |properties: &Properties| {
        let name = text(properties, "PolicyName");
        texts(properties, "Roles").into_iter().map(|role| (role, name.clone())).collect::<BTreeSet<_>>()
    };
    let (before, after) = (places(old), places(new));
    let document = text(new, "PolicyDocument");
    let is_other_document = document != text(old, "PolicyDocument");
    let edit = |(role, policy): &(String, String), operation, mut request: Value| {
        request["RoleName"] = role.as_str().into();
        request["PolicyName"] = policy.as_str().into();
        Edit::new(format!("{policy} of {role}"), operation, request)
    };
    let put = after.iter().filter(|place| is_other_document || !before.contains(place));
    let taken = before.difference(&after);
    put.map(|place| edit(place, "PutRolePolicy", json!({"PolicyDocument": document})))
        .chain(taken.map(|place| edit(place, "DeleteRolePolicy", json!({}))))
        .collect()
}

pub(super) fn delete_policy(
    world: &mut World,
    setting: &Setting<'_>,
    properties: &Properties,
) -> Result<(), ApiError> {
    texts(properties, "Roles")
        .iter()
        .try_for_each(|role| take_from(world, setting, role, &text(properties, "PolicyName")))
}

/// The live inline policy in the shape of `AWS::IAM::RolePolicy`.
pub(super) fn read(
    world: &mut World,
    setting: &Setting<'_>,
    expected: &Properties,
) -> Result<Properties, ApiError> {
    let request = json!({"RoleName": text(expected, "RoleName"), "PolicyName": text(expected, "PolicyName")});
    let answer = setting.iam(world, "GetRolePolicy", request)?;
    let mut live = expected.clone();
    live.insert("PolicyDocument".to_owned(), super::decoded(&answer["PolicyDocument"]));
    Ok(live)
}
