//! Roles: creating, reading, changing and deleting them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::state::{Permissions, Role};
use super::validate::{
    self, MAX_ROLES, MAX_TAGS, already_exists, delete_conflict, limit_exceeded, no_such_entity,
};
use super::{encoded, page, tag_list, trust};
use crate::call::{Answer, ApiError, Call, CallerKind};
use crate::input;
use crate::time::iso8601;
use crate::world::World;

/// `CreateRole`.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let account = &call.caller.account;
    let name = validate::name(&call.input, "RoleName", 64)?;
    let path = validate::path(&call.input)?;
    if path.starts_with("/aws-service-role/") {
        return Err(validate::invalid_input(
            "Roles in the path /aws-service-role/ are made by their services.",
        ));
    }
    let description = validate::description(&call.input)?;
    let max_session = validate::max_session(&call.input)?.unwrap_or(3600);
    let tags: BTreeMap<_, _> = validate::tags(&call.input)?.into_iter().collect();
    let boundary = input::text(&call.input, "PermissionsBoundary");
    if let Some(boundary) = boundary {
        require_managed_policy(world, boundary)?;
    }
    let text = input::required_text(&call.input, "AssumeRolePolicyDocument")?;
    let trust = trust::store(world, text)?;
    let roles = &world.iam.account(account).roles;
    if roles.contains_key(&name.to_lowercase()) {
        return Err(already_exists(format!("Role with name {name} already exists.")));
    }
    if roles.len() >= MAX_ROLES {
        return Err(limit_exceeded(format!("Cannot exceed quota for RolesPerAccount: {MAX_ROLES}")));
    }
    if tags.len() > MAX_TAGS {
        return Err(limit_exceeded(format!("Cannot exceed quota for TagsPerRole: {MAX_TAGS}")));
    }
    let role = Role {
        name: name.to_owned(),
        path: path.to_owned(),
        id: format!("AROA{}", world.ids.alphanumeric_upper(17)),
        created: world.now,
        description: description.map(str::to_owned),
        max_session,
        trust,
        permissions: Permissions { boundary: boundary.map(str::to_owned), ..Permissions::default() },
        tags,
    };
    let answer = json!({"Role": shape(world, account, &role)});
    world.iam.account_mut(account).roles.insert(name.to_lowercase(), role);
    Ok(answer)
}

/// `GetRole`: everything that is known of a role but its policies.
pub(super) fn get(world: &World, call: &Call) -> Answer {
    let role = role(world, call)?;
    let mut shape = shape(world, &call.caller.account, role);
    shape["RoleLastUsed"] = json!({});
    Ok(json!({"Role": shape}))
}

/// `ListRoles`: without boundary, tags and last use (aws-facts F2).
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let account = &call.caller.account;
    let prefix = input::text(&call.input, "PathPrefix").unwrap_or("/");
    let roles = world.iam.account(account).roles.iter().filter(|(_, role)| role.path.starts_with(prefix));
    page(call, "Roles", prefix, roles, |role| {
        let mut shape = shape(world, account, role);
        let members = shape.as_object_mut().expect("a role is an object");
        members.remove("Tags");
        members.remove("PermissionsBoundary");
        shape
    })
}

/// `UpdateRole`: what is not given stays, but a description that is not given is no change either.
pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let description = validate::description(&call.input)?.map(str::to_owned);
    let max_session = validate::max_session(&call.input)?;
    let role = role_mut(world, call)?;
    if let Some(description) = description {
        role.description = Some(description).filter(|description| !description.is_empty());
    }
    role.max_session = max_session.unwrap_or(role.max_session);
    Ok(json!({}))
}

/// `UpdateRoleDescription`.
pub(super) fn update_description(world: &mut World, call: &Call) -> Answer {
    let description = validate::description(&call.input)?.unwrap_or_default().to_owned();
    role_mut(world, call)?.description = Some(description).filter(|description| !description.is_empty());
    Ok(json!({"Role": shape(world, &call.caller.account, role(world, call)?)}))
}

/// `UpdateAssumeRolePolicy`.
pub(super) fn update_trust(world: &mut World, call: &Call) -> Answer {
    let text = input::required_text(&call.input, "PolicyDocument")?;
    role(world, call)?;
    let trust = trust::store(world, text)?;
    role_mut(world, call)?.trust = trust;
    Ok(Value::Null)
}

/// `PutRolePermissionsBoundary`.
pub(super) fn put_boundary(world: &mut World, call: &Call) -> Answer {
    let boundary = input::required_text(&call.input, "PermissionsBoundary")?;
    require_managed_policy(world, boundary)?;
    role_mut(world, call)?.permissions.boundary = Some(boundary.to_owned());
    Ok(Value::Null)
}

/// `DeleteRolePermissionsBoundary`.
pub(super) fn delete_boundary(world: &mut World, call: &Call) -> Answer {
    let role = role_mut(world, call)?;
    match role.permissions.boundary.take() {
        Some(_) => Ok(Value::Null),
        None => Err(no_such_entity(format!("The role {} has no permissions boundary.", role.name))),
    }
}

/// `DeleteRole`: only when no policy is left.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let role = role_mut(world, call)?;
    if !role.permissions.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !role.permissions.inline.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must delete policies first."));
    }
    let key = role.name.to_lowercase();
    world.iam.account_mut(&call.caller.account).roles.remove(&key);
    Ok(Value::Null)
}

/// The role that a call names.
pub(super) fn role<'a>(world: &'a World, call: &Call) -> Result<&'a Role, ApiError> {
    let name = validate::name(&call.input, "RoleName", 64)?;
    world.iam.role(&call.caller.account, name).ok_or_else(|| not_found(name))
}

/// The same, to be changed: nobody but AWS changes a service-linked role.
pub(super) fn role_mut<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Role, ApiError> {
    let name = validate::name(&call.input, "RoleName", 64)?;
    let account = world.iam.account_mut(&call.caller.account);
    let role = account.roles.get_mut(&name.to_lowercase()).filter(|role| role.name == name);
    let role = role.ok_or_else(|| not_found(name))?;
    if role.is_service_linked() && !matches!(call.caller.kind, CallerKind::Service { .. }) {
        let message = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        return Err(ApiError::new("UnmodifiableEntity", 400, message));
    }
    Ok(role)
}

fn not_found(name: &str) -> ApiError {
    no_such_entity(format!("The role with name {name} cannot be found."))
}

/// A boundary must be a managed policy that exists.
fn require_managed_policy(world: &World, arn: &str) -> Result<(), ApiError> {
    match world.iam.managed_document(arn) {
        Some(_) => Ok(()),
        None => Err(no_such_entity(format!("Scope ARN: {arn} does not exist or is not attachable."))),
    }
}

pub(super) fn shape(world: &World, account: &str, role: &Role) -> Value {
    let mut shape = json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn(account),
        "CreateDate": iso8601(role.created),
        "AssumeRolePolicyDocument": encoded(&trust::shown(world, &role.trust)),
        "MaxSessionDuration": role.max_session,
    });
    if let Some(description) = &role.description {
        shape["Description"] = description.as_str().into();
    }
    if let Some(boundary) = &role.permissions.boundary {
        shape["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": boundary});
    }
    if !role.tags.is_empty() {
        shape["Tags"] = tag_list(&role.tags);
    }
    shape
}
