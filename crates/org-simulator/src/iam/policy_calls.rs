//! Managed policies: customers' own; AWS's can be read.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::policy_versions::{self, FIRST_VERSION, version_id};
use super::state::{ManagedPolicy, Permissions, PolicyVersion};
use super::validate::{self, MAX_TAGS, already_exists, delete_conflict, limit_exceeded, no_such_entity};
use super::{page, tag_list};
use crate::call::{Answer, ApiError, Call};
use crate::document::Document;
use crate::input;
use crate::time::iso8601;
use crate::world::World;

/// `CreatePolicy`.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let account = &call.caller.account;
    let name = validate::name(&call.input, "PolicyName", 128)?;
    let path = validate::path(&call.input)?;
    let description = validate::description(&call.input)?;
    let tags = validate::tags(&call.input)?;
    if tags.len() > MAX_TAGS {
        return Err(limit_exceeded(format!("Cannot exceed quota for TagsPerPolicy: {MAX_TAGS}")));
    }
    let document = policy_versions::document(world, call)?;
    let has_name = |policy: &ManagedPolicy| policy.name.eq_ignore_ascii_case(name);
    if world.iam.account(account).policies.values().any(has_name) {
        let message = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(already_exists(message));
    }
    let policy = ManagedPolicy {
        name: name.to_owned(),
        path: path.to_owned(),
        id: format!("ANPA{}", world.ids.alphanumeric_upper(17)),
        created: world.now,
        updated: world.now,
        description: description.map(str::to_owned),
        tags: tags.into_iter().collect(),
        versions: BTreeMap::from([(FIRST_VERSION, PolicyVersion { document, created: world.now })]),
        default_version: FIRST_VERSION,
        latest_version: FIRST_VERSION,
    };
    let arn = format!("arn:aws:iam::{account}:policy{path}{name}");
    world.iam.account_mut(account).policies.insert(arn.clone(), policy);
    described(world, call, &arn)
}

/// `GetPolicy`.
pub(super) fn get(world: &World, call: &Call) -> Answer {
    described(world, call, input::required_text(&call.input, "PolicyArn")?)
}

/// `DeletePolicy`: only when it is attached nowhere, bounds nobody and has no version but the default.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let arn = input::required_text(&call.input, "PolicyArn")?;
    let account = &call.caller.account;
    let policy = own(world, call)?;
    if attachments(world, account, arn) + boundaries(world, account, arn) > 0 {
        return Err(delete_conflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        ));
    }
    world.iam.account_mut(account).policies.remove(arn);
    Ok(Value::Null)
}

/// `ListPolicies`: those of the customer. AWS's thousand are not listed, as the table of them is not complete.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let account = &call.caller.account;
    let prefix = input::text(&call.input, "PathPrefix").unwrap_or("/");
    let scope = input::text(&call.input, "Scope").unwrap_or("All");
    let policies = world.iam.account(account).policies.iter();
    let policies = policies.filter(|(_, policy)| scope != "AWS" && policy.path.starts_with(prefix));
    let policies = policies.map(|(arn, policy)| (arn, (arn, policy)));
    page(call, "Policies", &format!("{scope}{prefix}"), policies, |(arn, policy)| {
        shape(world, account, arn, policy)
    })
}

/// The policy of the caller's account that a call names. AWS's own cannot be changed from any account, and are
/// not found here.
pub(super) fn own<'a>(world: &'a World, call: &Call) -> Result<&'a ManagedPolicy, ApiError> {
    let arn = input::required_text(&call.input, "PolicyArn")?;
    world.iam.account(&call.caller.account).policies.get(arn).ok_or_else(|| not_found(arn))
}

/// The same policy, to change it.
pub(super) fn own_mut<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut ManagedPolicy, ApiError> {
    let arn = input::required_text(&call.input, "PolicyArn")?;
    let policies = &mut world.iam.account_mut(&call.caller.account).policies;
    policies.get_mut(arn).ok_or_else(|| not_found(arn))
}

/// The document of one of AWS's policies or of one of the caller's account.
pub(super) fn readable_document(world: &World, call: &Call, arn: &str) -> Result<Arc<Document>, ApiError> {
    let is_own = arn.starts_with(&format!("arn:aws:iam::{}:", call.caller.account));
    let is_readable = is_own || arn.starts_with("arn:aws:iam::aws:");
    world.iam.managed_document(arn).filter(|_| is_readable).ok_or_else(|| not_found(arn))
}

fn described(world: &World, call: &Call, arn: &str) -> Answer {
    readable_document(world, call, arn)?;
    let account = &call.caller.account;
    let policy = match world.iam.account(account).policies.get(arn) {
        Some(policy) => {
            let mut described = shape(world, account, arn, policy);
            described["Tags"] = tag_list(&policy.tags);
            described
        }
        None => aws_managed_shape(world, account, arn),
    };
    Ok(json!({"Policy": policy}))
}

fn shape(world: &World, account: &str, arn: &str, policy: &ManagedPolicy) -> Value {
    let mut shape = json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": version_id(policy.default_version),
        "AttachmentCount": attachments(world, account, arn),
        "PermissionsBoundaryUsageCount": boundaries(world, account, arn),
        "IsAttachable": true,
        "CreateDate": iso8601(policy.created),
        "UpdateDate": iso8601(policy.updated),
    });
    if let Some(description) = &policy.description {
        shape["Description"] = description.as_str().into();
    }
    shape
}

fn aws_managed_shape(world: &World, account: &str, arn: &str) -> Value {
    let path_and_name = arn.strip_prefix("arn:aws:iam::aws:policy").unwrap_or(arn);
    let (path, name) = path_and_name.rsplit_once('/').unwrap_or(("", path_and_name));
    let date = iso8601(jiff::Timestamp::UNIX_EPOCH);
    json!({
        "PolicyName": name,
        "PolicyId": format!("ANPA{}", crate::ids::Ids::of(arn).alphanumeric_upper(17)),
        "Arn": arn,
        "Path": format!("{path}/"),
        "DefaultVersionId": version_id(FIRST_VERSION),
        "AttachmentCount": attachments(world, account, arn),
        "PermissionsBoundaryUsageCount": boundaries(world, account, arn),
        "IsAttachable": true,
        "CreateDate": date,
        "UpdateDate": date,
    })
}

fn attachments(world: &World, account: &str, arn: &str) -> usize {
    holders(world, account).filter(|holder| holder.attached.contains(arn)).count()
}

fn boundaries(world: &World, account: &str, arn: &str) -> usize {
    holders(world, account).filter(|holder| holder.boundary.as_deref() == Some(arn)).count()
}

fn holders<'a>(world: &'a World, account: &str) -> impl Iterator<Item = &'a Permissions> {
    let account = world.iam.account(account);
    let roles = account.roles.values().map(|role| &role.permissions);
    roles.chain(account.users.values().map(|user| &user.permissions))
}

fn not_found(arn: &str) -> ApiError {
    no_such_entity(format!("Policy {arn} was not found."))
}
