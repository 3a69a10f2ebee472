//! Versions of customers' managed policies: five at most, and the default one is the one in force.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::policy_calls::{own_mut, readable_document};
use super::state::{ManagedPolicy, PolicyVersion};
use super::validate::{
    self, MAX_MANAGED_POLICY, MAX_POLICY_VERSIONS, constraint, delete_conflict, limit_exceeded, malformed,
    no_such_entity,
};
use super::{encoded, page};
use crate::call::{Answer, ApiError, Call};
use crate::document::Document;
use crate::input;
use crate::time::iso8601;
use crate::world::World;

/// The number of a policy's first version, and of the only one that is shown of AWS's own policies.
pub(super) const FIRST_VERSION: u32 = 1;

impl ManagedPolicy {
    /// The version in force.
    pub(super) fn default(&self) -> &PolicyVersion {
        self.versions.get(&self.default_version).expect("the default version is never deleted")
    }
}

/// How IAM names a version.
pub(super) fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// Reads and checks the document of a request that makes a version.
pub(super) fn document(world: &mut World, call: &Call) -> Result<Arc<Document>, ApiError> {
    let text = input::required_text(&call.input, "PolicyDocument")?;
    validate::latin1_document(text, "policyDocument")?;
    if validate::size(text) > MAX_MANAGED_POLICY {
        return Err(limit_exceeded(format!("Cannot exceed quota for PolicySize: {MAX_MANAGED_POLICY}")));
    }
    let document = world.documents.read(text).map_err(|error| malformed(error.to_string()))?;
    validate::identity_document(&document)?;
    Ok(document)
}

/// `CreatePolicyVersion`: numbers are never used again.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let document = document(world, call)?;
    let becomes_default = input::boolean(&call.input, "SetAsDefault")?.unwrap_or(false);
    let now = world.now;
    let policy = own_mut(world, call)?;
    if policy.versions.len() >= MAX_POLICY_VERSIONS {
        return Err(limit_exceeded(format!(
            "A managed policy can have up to {MAX_POLICY_VERSIONS} versions. Before you create a new version, you must delete an existing version."
        )));
    }
    policy.latest_version += 1;
    let number = policy.latest_version;
    policy.versions.insert(number, PolicyVersion { document, created: now });
    if becomes_default {
        policy.default_version = number;
    }
    policy.updated = now;
    Ok(json!({"PolicyVersion": shape(number, becomes_default, now)}))
}

/// `GetPolicyVersion`, the one call that shows the document.
pub(super) fn get(world: &World, call: &Call) -> Answer {
    let arn = input::required_text(&call.input, "PolicyArn")?;
    let number = number(call)?.ok_or_else(|| no_such_version(call, arn))?;
    let in_force = readable_document(world, call, arn)?;
    let (mut shape, document) = match world.iam.account(&call.caller.account).policies.get(arn) {
        Some(policy) => {
            let version = policy.versions.get(&number).ok_or_else(|| no_such_version(call, arn))?;
            let is_default = number == policy.default_version;
            (shape(number, is_default, version.created), Arc::clone(&version.document))
        }
        None if number == FIRST_VERSION => (shape(number, true, Timestamp::UNIX_EPOCH), in_force),
        None => return Err(no_such_version(call, arn)),
    };
    shape["Document"] = encoded(&document.text).into();
    Ok(json!({"PolicyVersion": shape}))
}

/// `ListPolicyVersions`, the newest first.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let arn = input::required_text(&call.input, "PolicyArn")?;
    readable_document(world, call, arn)?;
    let versions: Vec<(u32, Value)> = match world.iam.account(&call.caller.account).policies.get(arn) {
        Some(policy) => {
            let newest_first = policy.versions.iter().rev();
            newest_first
                .map(|(number, version)| {
                    (*number, shape(*number, *number == policy.default_version, version.created))
                })
                .collect()
        }
        None => vec![(FIRST_VERSION, shape(FIRST_VERSION, true, Timestamp::UNIX_EPOCH))],
    };
    // Pages go by ascending keys.
    let keyed = versions.into_iter().map(|(number, shape)| (format!("{:010}", u32::MAX - number), shape));
    page(call, "Versions", arn, keyed, |shape| shape)
}

/// `SetDefaultPolicyVersion`.
pub(super) fn set_default(world: &mut World, call: &Call) -> Answer {
    let number = number(call)?;
    let now = world.now;
    let policy = own_mut(world, call)?;
    let arn = input::required_text(&call.input, "PolicyArn")?;
    let number = number.filter(|number| policy.versions.contains_key(number));
    policy.default_version = number.ok_or_else(|| no_such_version(call, arn))?;
    policy.updated = now;
    Ok(Value::Null)
}

/// `DeletePolicyVersion`: any but the default.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let number = number(call)?;
    let policy = own_mut(world, call)?;
    let arn = input::required_text(&call.input, "PolicyArn")?;
    if number == Some(policy.default_version) {
        return Err(delete_conflict("Cannot delete the default version of a policy."));
    }
    let removed = number.and_then(|number| policy.versions.remove(&number));
    removed.map(|_| Value::Null).ok_or_else(|| no_such_version(call, arn))
}

/// The number in `VersionId`; `None` for one too large to exist.
fn number(call: &Call) -> Result<Option<u32>, ApiError> {
    let id = input::required_text(&call.input, "VersionId")?;
    let is_number =
        |digits: &&str| !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    match id.strip_prefix('v').filter(|digits| !digits.is_empty()).filter(is_number) {
        Some(digits) => Ok(digits.parse().ok()),
        None => {
            let pattern = r"Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?";
            Err(constraint(id, "versionId", pattern))
        }
    }
}

fn no_such_version(call: &Call, arn: &str) -> ApiError {
    let id = input::text(&call.input, "VersionId").unwrap_or_default();
    no_such_entity(format!("Policy {arn} version {id} does not exist or is not attachable."))
}

fn shape(number: u32, is_default: bool, created: Timestamp) -> Value {
    json!({"VersionId": version_id(number), "IsDefaultVersion": is_default, "CreateDate": iso8601(created)})
}
