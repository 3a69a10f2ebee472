//! Managed policies. Customers' have one version each; AWS's can be read.

use serde_json::{Value, json};

use super::state::ManagedPolicy;
use super::validate::{
    self, MAX_MANAGED_POLICY, already_exists, delete_conflict, limit_exceeded, malformed, no_such_entity,
};
use super::{encoded, page};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::time::iso8601;
use crate::world::World;

/// The one version that is simulated.
const VERSION: &str = "v1";

/// `CreatePolicy`.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let account = &call.caller.account;
    let name = validate::name(&call.input, "PolicyName", 128)?;
    let path = validate::path(&call.input)?;
    let description = validate::description(&call.input)?;
    let text = input::required_text(&call.input, "PolicyDocument")?;
    validate::latin1_document(text, "policyDocument")?;
    if validate::size(text) > MAX_MANAGED_POLICY {
        return Err(limit_exceeded(format!("Cannot exceed quota for PolicySize: {MAX_MANAGED_POLICY}")));
    }
    let document = world.documents.read(text).map_err(|error| malformed(error.to_string()))?;
    validate::identity_document(&document)?;
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
        description: description.map(str::to_owned),
        document,
    };
    let arn = format!("arn:aws:iam::{account}:policy{path}{name}");
    world.iam.account_mut(account).policies.insert(arn.clone(), policy);
    described(world, call, &arn)
}

/// `GetPolicy`.
pub(super) fn get(world: &World, call: &Call) -> Answer {
    described(world, call, input::required_text(&call.input, "PolicyArn")?)
}

/// `GetPolicyVersion`.
pub(super) fn get_version(world: &World, call: &Call) -> Answer {
    let arn = input::required_text(&call.input, "PolicyArn")?;
    let version = input::required_text(&call.input, "VersionId")?;
    let document = readable_document(world, call, arn)?;
    if version != VERSION {
        let message = format!("Policy {arn} version {version} does not exist or is not attachable.");
        return Err(no_such_entity(message));
    }
    let created = world.iam.account(&call.caller.account).policies.get(arn).map(|policy| policy.created);
    Ok(json!({"PolicyVersion": {
        "Document": encoded(&document.text),
        "VersionId": VERSION,
        "IsDefaultVersion": true,
        "CreateDate": iso8601(created.unwrap_or(jiff::Timestamp::UNIX_EPOCH)),
    }}))
}

/// `DeletePolicy`: only when it is attached nowhere and bounds nobody.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let arn = input::required_text(&call.input, "PolicyArn")?;
    let account = world.iam.account_mut(&call.caller.account);
    if !account.policies.contains_key(arn) {
        return Err(not_found(arn));
    }
    let roles = account.roles.values().map(|role| &role.permissions);
    let users = account.users.values().map(|user| &user.permissions);
    let mut holders = roles.chain(users);
    if holders.any(|holder| holder.attached.contains(arn) || holder.boundary.as_deref() == Some(arn)) {
        return Err(delete_conflict("Cannot delete a policy attached to entities."));
    }
    account.policies.remove(arn);
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

/// The document of one of AWS's policies or of one of the caller's account.
fn readable_document(
    world: &World,
    call: &Call,
    arn: &str,
) -> Result<std::sync::Arc<crate::document::Document>, ApiError> {
    let is_own = arn.starts_with(&format!("arn:aws:iam::{}:", call.caller.account));
    let is_readable = is_own || arn.starts_with("arn:aws:iam::aws:");
    world.iam.managed_document(arn).filter(|_| is_readable).ok_or_else(|| not_found(arn))
}

fn described(world: &World, call: &Call, arn: &str) -> Answer {
    readable_document(world, call, arn)?;
    let account = &call.caller.account;
    let policy = match world.iam.account(account).policies.get(arn) {
        Some(policy) => shape(world, account, arn, policy),
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
        "DefaultVersionId": VERSION,
        "AttachmentCount": attachments(world, account, arn),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": true,
        "CreateDate": iso8601(policy.created),
        "UpdateDate": iso8601(policy.created),
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
        "DefaultVersionId": VERSION,
        "AttachmentCount": attachments(world, account, arn),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": true,
        "CreateDate": date,
        "UpdateDate": date,
    })
}

fn attachments(world: &World, account: &str, arn: &str) -> usize {
    let account = world.iam.account(account);
    let roles = account.roles.values().map(|role| &role.permissions);
    let users = account.users.values().map(|user| &user.permissions);
    roles.chain(users).filter(|holder| holder.attached.contains(arn)).count()
}

fn not_found(arn: &str) -> ApiError {
    no_such_entity(format!("Policy {arn} was not found."))
}
