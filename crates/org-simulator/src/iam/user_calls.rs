//! Users and their access keys: enough for an operator with few rights.

use serde_json::{Value, json};

use super::state::{Permissions, User};
use super::validate::{self, already_exists, delete_conflict, limit_exceeded, no_such_entity};
use super::{page, tag_list};
use crate::call::{Answer, ApiError, Call, CallerKind};
use crate::credentials;
use crate::input;
use crate::time::iso8601;
use crate::world::World;

/// A user has two access keys at most.
const MAX_ACCESS_KEYS: usize = 2;

/// `CreateUser`.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let account = &call.caller.account;
    let name = validate::name(&call.input, "UserName", 64)?;
    let path = validate::path(&call.input)?;
    let tags = validate::tags(&call.input)?;
    let boundary = input::text(&call.input, "PermissionsBoundary").map(str::to_owned);
    if world.iam.account(account).users.contains_key(&name.to_lowercase()) {
        return Err(already_exists(format!("User with name {name} already exists.")));
    }
    let user = User {
        name: name.to_owned(),
        path: path.to_owned(),
        id: format!("AIDA{}", world.ids.alphanumeric_upper(17)),
        created: world.now,
        permissions: Permissions { boundary, ..Permissions::default() },
        tags: tags.into_iter().collect(),
    };
    let answer = json!({"User": shape(account, &user)});
    world.iam.account_mut(account).users.insert(name.to_lowercase(), user);
    Ok(answer)
}

/// `GetUser`: the caller itself when no name is given.
pub(super) fn get(world: &World, call: &Call) -> Answer {
    Ok(json!({"User": shape(&call.caller.account, user(world, call)?)}))
}

/// `ListUsers`.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let account = &call.caller.account;
    let prefix = input::text(&call.input, "PathPrefix").unwrap_or("/");
    let users = world.iam.account(account).users.iter().filter(|(_, user)| user.path.starts_with(prefix));
    page(call, "Users", prefix, users, |user| shape(account, user))
}

/// `DeleteUser`: only when no policy and no access key is left.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let account = &call.caller.account;
    let user = user(world, call)?;
    if !user.permissions.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !user.permissions.inline.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must delete policies first."));
    }
    if world.credentials.keys_of(account, &user.name).next().is_some() {
        return Err(delete_conflict("Cannot delete entity, must delete access keys first."));
    }
    let key = user.name.to_lowercase();
    world.iam.account_mut(account).users.remove(&key);
    Ok(Value::Null)
}

/// `CreateAccessKey`: any secret signs, as signatures are not checked.
pub(super) fn create_access_key(world: &mut World, call: &Call) -> Answer {
    let account = &call.caller.account;
    let name = user(world, call)?.name.clone();
    if world.credentials.keys_of(account, &name).count() >= MAX_ACCESS_KEYS {
        return Err(limit_exceeded(format!("Cannot exceed quota for AccessKeysPerUser: {MAX_ACCESS_KEYS}")));
    }
    let (id, secret) = credentials::issue_for_user(world, account, &name);
    Ok(json!({"AccessKey": {
        "UserName": name,
        "AccessKeyId": id,
        "Status": "Active",
        "SecretAccessKey": secret,
        "CreateDate": iso8601(world.now),
    }}))
}

/// `DeleteAccessKey`.
pub(super) fn delete_access_key(world: &mut World, call: &Call) -> Answer {
    let name = user(world, call)?.name.clone();
    let id = input::required_text(&call.input, "AccessKeyId")?;
    if world.credentials.forget_key(id, &call.caller.account, &name) {
        return Ok(Value::Null);
    }
    Err(no_such_entity(format!("The Access Key with id {id} cannot be found.")))
}

/// `ListAccessKeys`.
pub(super) fn list_access_keys(world: &World, call: &Call) -> Answer {
    let user = user(world, call)?;
    let keys = world.credentials.keys_of(&call.caller.account, &user.name).map(|id| (id, id));
    page(
        call,
        "AccessKeyMetadata",
        &user.name,
        keys,
        |id| json!({"UserName": user.name, "AccessKeyId": id, "Status": "Active"}),
    )
}

/// The user that a call names, or the caller.
pub(super) fn user<'a>(world: &'a World, call: &Call) -> Result<&'a User, ApiError> {
    let name = user_name(call)?;
    world.iam.user(&call.caller.account, name).ok_or_else(|| not_found(name))
}

/// The same, to be changed.
pub(super) fn user_mut<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut User, ApiError> {
    let name = user_name(call)?;
    let account = world.iam.account_mut(&call.caller.account);
    account
        .users
        .get_mut(&name.to_lowercase())
        .filter(|user| user.name == name)
        .ok_or_else(|| not_found(name))
}

fn user_name(call: &Call) -> Result<&str, ApiError> {
    match (&call.caller.kind, call.input.get("UserName")) {
        (CallerKind::User { name }, None) => Ok(name),
        (_, None) => Err(ApiError::new(
            "ValidationError",
            400,
            "Must specify userName when calling with non-User credentials",
        )),
        (_, Some(_)) => validate::name(&call.input, "UserName", 64),
    }
}

fn not_found(name: &str) -> ApiError {
    no_such_entity(format!("The user with name {name} cannot be found."))
}

fn shape(account: &str, user: &User) -> Value {
    let mut shape = json!({
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn(account),
        "CreateDate": iso8601(user.created),
    });
    if let Some(boundary) = &user.permissions.boundary {
        shape["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": boundary});
    }
    if !user.tags.is_empty() {
        shape["Tags"] = tag_list(&user.tags);
    }
    shape
}
