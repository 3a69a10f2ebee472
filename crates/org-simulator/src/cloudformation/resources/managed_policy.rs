//! `AWS::IAM::ManagedPolicy`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::edit::{self, Edit, Tagged};
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
    if let Some(tags) = edit::tag_list(properties) {
        request["Tags"] = tags;
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
    let document =
        |properties: &Properties| properties.get("PolicyDocument").map(as_text).unwrap_or_default();
    let is_other_document = document(old) != document(new);
    if is_other_document {
        replace_document(world, setting, arn, &document(new))?;
    }
    let edited = edit::carry_out(world, setting, edits(arn, old, new), edits(arn, new, old));
    if edited.is_err() && is_other_document {
        // The first failure is the one that matters.
        let _ = replace_document(world, setting, arn, &document(old));
    }
    edited
}

/// The calls that bring all but the document from one set of properties to another.
fn edits(arn: &str, old: &Properties, new: &Properties) -> Vec<Edit> {
    let (before, after) = (texts(old, "Roles"), texts(new, "Roles"));
    let edit = |role: &String, operation| {
        Edit::new(format!("role {role}"), operation, json!({"RoleName": role, "PolicyArn": arn}))
    };
    let attached = after.iter().filter(|role| !before.contains(role));
    let detached = before.iter().filter(|role| !after.contains(role));
    let tagged = Tagged { named: ("PolicyArn", arn), tag: "TagPolicy", untag: "UntagPolicy" };
    attached
        .map(|role| edit(role, "AttachRolePolicy"))
        .chain(detached.map(|role| edit(role, "DetachRolePolicy")))
        .chain(tagged.edits(old, new))
        .collect()
}

/// IAM keeps at most five versions, so the one that was in force goes once the new one is.
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
    delete_other_versions(world, setting, arn)?;
    setting.iam_unless_gone(world, "DeletePolicy", json!({"PolicyArn": arn}))
}

/// Versions that somebody made by hand would keep IAM from deleting the policy.
fn delete_other_versions(world: &mut World, setting: &Setting<'_>, arn: &str) -> Result<(), ApiError> {
    let listed = match setting.iam(world, "ListPolicyVersions", json!({"PolicyArn": arn})) {
        Ok(listed) => listed,
        Err(error) if error.code == "NoSuchEntity" => return Ok(()),
        Err(error) => return Err(error),
    };
    let versions = listed["Versions"].as_array().into_iter().flatten();
    for version in versions.filter(|version| version["IsDefaultVersion"] == false) {
        let request = json!({"PolicyArn": arn, "VersionId": version["VersionId"]});
        setting.iam_unless_gone(world, "DeletePolicyVersion", request)?;
    }
    Ok(())
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
