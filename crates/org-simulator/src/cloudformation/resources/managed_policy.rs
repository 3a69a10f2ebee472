//! `AWS::IAM::ManagedPolicy`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Made, Properties, Setting, as_text, texts};
use crate::call::ApiError;
use crate::cloudformation::template::Attributes;
use crate::world::World;

pub(super) fn create(
    world: &mut World,
    setting: &Setting<'_>,
    properties: &Properties,
) -> Result<Made, ApiError> {
    let name = match properties.get("ManagedPolicyName") {
        Some(name) => as_text(name),
        None => setting.generated_name(world),
    };
    let mut request = json!({
        "PolicyName": name,
        "PolicyDocument": properties.get("PolicyDocument").map(as_text).unwrap_or_default(),
    });
    for member in ["Path", "Description"] {
        if let Some(value) = properties.get(member) {
            request[member] = Value::from(as_text(value));
        }
    }
    if let Some(tags) = properties.get("Tags") {
        request["Tags"] = tags.clone();
    }
    let made = setting.iam(world, "CreatePolicy", request)?;
    let attribute = |member: &str| made["Policy"][member].as_str().unwrap_or_default().to_owned();
    let (arn, id) = (attribute("Arn"), attribute("PolicyId"));
    for role in texts(properties, "Roles") {
        if let Err(error) =
            setting.iam(world, "AttachRolePolicy", json!({"RoleName": role, "PolicyArn": arn}))
        {
            // The first failure is the one that matters.
            let _ = delete(world, setting, &arn, properties);
            return Err(error);
        }
    }
    Ok(Made {
        attributes: Attributes {
            reference: arn.clone(),
            attributes: BTreeMap::from([("PolicyArn", arn.clone()), ("PolicyId", id)]),
        },
        physical_id: arn,
    })
}

pub(super) fn update(
    world: &mut World,
    setting: &Setting<'_>,
    arn: &str,
    old: &Properties,
    new: &Properties,
) -> Result<(), ApiError> {
    if old.get("PolicyDocument") != new.get("PolicyDocument") {
        replace_document(world, setting, arn, &new.get("PolicyDocument").map(as_text).unwrap_or_default())?;
    }
    let (before, after) = (texts(old, "Roles"), texts(new, "Roles"));
    for role in after.iter().filter(|role| !before.contains(role)) {
        setting.iam(world, "AttachRolePolicy", json!({"RoleName": role, "PolicyArn": arn}))?;
    }
    for role in before.iter().filter(|role| !after.contains(role)) {
        setting.iam_unless_gone(world, "DetachRolePolicy", json!({"RoleName": role, "PolicyArn": arn}))?;
    }
    Ok(())
}

/// IAM keeps at most five versions, so the one that was the default goes once the new one is.
fn replace_document(
    world: &mut World,
    setting: &Setting<'_>,
    arn: &str,
    document: &str,
) -> Result<(), ApiError> {
    let policy = setting.iam(world, "GetPolicy", json!({"PolicyArn": arn}))?;
    let request = json!({"PolicyArn": arn, "PolicyDocument": document, "SetAsDefault": true});
    setting.iam(world, "CreatePolicyVersion", request)?;
    let request = json!({"PolicyArn": arn, "VersionId": policy["Policy"]["DefaultVersionId"]});
    setting.iam_unless_gone(world, "DeletePolicyVersion", request)
}

pub(super) fn delete(
    world: &mut World,
    setting: &Setting<'_>,
    arn: &str,
    properties: &Properties,
) -> Result<(), ApiError> {
    for role in texts(properties, "Roles") {
        setting.iam_unless_gone(world, "DetachRolePolicy", json!({"RoleName": role, "PolicyArn": arn}))?;
    }
    setting.iam_unless_gone(world, "DeletePolicy", json!({"PolicyArn": arn}))
}

/// Only whether the policy still exists: edits of its document are not seen (aws-facts A12).
pub(super) fn read(
    world: &mut World,
    setting: &Setting<'_>,
    arn: &str,
    expected: &Properties,
) -> Result<Properties, ApiError> {
    setting.iam(world, "GetPolicy", json!({"PolicyArn": arn}))?;
    Ok(expected.clone())
}
