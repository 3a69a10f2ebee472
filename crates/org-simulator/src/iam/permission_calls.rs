//! Inline and attached policies, of roles and of users alike.

use serde_json::{Value, json};

use super::state::Permissions;
use super::validate::{
    self, MAX_ATTACHED_POLICIES, MAX_INLINE_POLICIES_OF_ROLE, MAX_INLINE_POLICIES_OF_USER, limit_exceeded,
    malformed, no_such_entity,
};
use super::{encoded, page, role_calls, user_calls};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::world::World;

/// Whom a call is about: every operation exists once for roles and once for users.
struct Holder {
    kind: &'static str,
    member: &'static str,
    name: String,
}

fn holder(call: &Call) -> Result<Holder, ApiError> {
    let (kind, member) =
        if call.operation.contains("User") { ("user", "UserName") } else { ("role", "RoleName") };
    Ok(Holder { kind, member, name: validate::name(&call.input, member, 64)?.to_owned() })
}

fn permissions<'a>(world: &'a World, call: &Call, holder: &Holder) -> Result<&'a Permissions, ApiError> {
    match holder.kind {
        "user" => Ok(&user_calls::user(world, call)?.permissions),
        _ => Ok(&role_calls::role(world, call)?.permissions),
    }
}

fn permissions_mut<'a>(
    world: &'a mut World,
    call: &Call,
    holder: &Holder,
) -> Result<&'a mut Permissions, ApiError> {
    match holder.kind {
        "user" => Ok(&mut user_calls::user_mut(world, call)?.permissions),
        _ => Ok(&mut role_calls::role_mut(world, call)?.permissions),
    }
}

/// `PutRolePolicy`, `PutUserPolicy`: adds or replaces.
pub(super) fn put_inline(world: &mut World, call: &Call) -> Answer {
    let holder = holder(call)?;
    let name = validate::name(&call.input, "PolicyName", 128)?.to_owned();
    let text = input::required_text(&call.input, "PolicyDocument")?;
    validate::latin1_document(text, "policyDocument")?;
    let document = world.documents.read(text).map_err(|error| malformed(error.to_string()))?;
    validate::identity_document(&document)?;
    let permissions = permissions_mut(world, call, &holder)?;
    let others = permissions.inline.iter().filter(|(other, _)| **other != name);
    let total =
        others.map(|(_, document)| validate::size(&document.text)).sum::<usize>() + validate::size(text);
    let limit = if holder.kind == "user" { MAX_INLINE_POLICIES_OF_USER } else { MAX_INLINE_POLICIES_OF_ROLE };
    if total > limit {
        let Holder { kind, name, .. } = holder;
        return Err(limit_exceeded(format!(
            "Maximum policy size of {limit} bytes exceeded for {kind} {name}"
        )));
    }
    permissions.inline.insert(name, document);
    Ok(Value::Null)
}

/// `GetRolePolicy`, `GetUserPolicy`.
pub(super) fn get_inline(world: &World, call: &Call) -> Answer {
    let holder = holder(call)?;
    let name = validate::name(&call.input, "PolicyName", 128)?;
    let document =
        permissions(world, call, &holder)?.inline.get(name).ok_or_else(|| no_inline(&holder, name))?;
    let mut answer = json!({"PolicyName": name, "PolicyDocument": encoded(&document.text)});
    answer[holder.member] = holder.name.into();
    Ok(answer)
}

/// `DeleteRolePolicy`, `DeleteUserPolicy`.
pub(super) fn delete_inline(world: &mut World, call: &Call) -> Answer {
    let holder = holder(call)?;
    let name = validate::name(&call.input, "PolicyName", 128)?;
    let removed = permissions_mut(world, call, &holder)?.inline.remove(name);
    removed.map(|_| Value::Null).ok_or_else(|| no_inline(&holder, name))
}

/// `ListRolePolicies`, `ListUserPolicies`.
pub(super) fn list_inline(world: &World, call: &Call) -> Answer {
    let holder = holder(call)?;
    let names = permissions(world, call, &holder)?.inline.keys().map(|name| (name, name));
    page(call, "PolicyNames", &holder.name, names, |name| name.as_str().into())
}

/// `AttachRolePolicy`, `AttachUserPolicy`: attaching twice is no error.
pub(super) fn attach(world: &mut World, call: &Call) -> Answer {
    let holder = holder(call)?;
    let arn = policy_arn(call)?;
    let is_foreign = !arn.starts_with("arn:aws:iam::aws:policy/")
        && !arn.starts_with(&format!("arn:aws:iam::{}:policy/", call.caller.account));
    if is_foreign || arn.contains(":policy/aws-service-role/") || world.iam.managed_document(arn).is_none() {
        return Err(no_such_entity(format!("Policy {arn} does not exist or is not attachable.")));
    }
    let permissions = permissions_mut(world, call, &holder)?;
    if !permissions.attached.contains(arn) && permissions.attached.len() >= MAX_ATTACHED_POLICIES {
        let kind = if holder.kind == "user" { "User" } else { "Role" };
        let message = format!("Cannot exceed quota for PoliciesPer{kind}: {MAX_ATTACHED_POLICIES}");
        return Err(limit_exceeded(message));
    }
    permissions.attached.insert(arn.to_owned());
    Ok(Value::Null)
}

/// `DetachRolePolicy`, `DetachUserPolicy`.
pub(super) fn detach(world: &mut World, call: &Call) -> Answer {
    let holder = holder(call)?;
    let arn = policy_arn(call)?;
    if permissions_mut(world, call, &holder)?.attached.remove(arn) {
        return Ok(Value::Null);
    }
    Err(no_such_entity(format!("Policy {arn} was not found.")))
}

/// `ListAttachedRolePolicies`, `ListAttachedUserPolicies`.
pub(super) fn list_attached(world: &World, call: &Call) -> Answer {
    let holder = holder(call)?;
    let prefix = input::text(&call.input, "PathPrefix").unwrap_or("/");
    let path = |arn: &str| arn.split_once(":policy").map_or("/", |(_, path)| path).to_owned();
    let attached = permissions(world, call, &holder)?.attached.iter();
    let attached = attached.filter(|arn| path(arn).starts_with(prefix)).map(|arn| (arn, arn));
    page(call, "AttachedPolicies", &format!("{}{prefix}", holder.name), attached, |arn| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        json!({"PolicyName": name, "PolicyArn": arn})
    })
}

fn policy_arn(call: &Call) -> Result<&str, ApiError> {
    let arn = input::required_text(&call.input, "PolicyArn")?;
    if arn.len() < 20 {
        return Err(validate::constraint(
            arn,
            "policyArn",
            "Member must have length greater than or equal to 20",
        ));
    }
    if !arn.starts_with("arn:") {
        return Err(validate::invalid_input(format!("ARN {arn} is not valid.")));
    }
    Ok(arn)
}

fn no_inline(holder: &Holder, name: &str) -> ApiError {
    no_such_entity(format!("The {} policy with name {name} cannot be found.", holder.kind))
}
