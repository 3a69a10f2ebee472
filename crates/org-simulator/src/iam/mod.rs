//! IAM: roles, users and policies of every account (aws-facts F).

mod aws_managed;
mod permission_calls;
mod policy_calls;
mod policy_versions;
mod role_calls;
mod service_linked;
mod simulation_calls;
mod state;
mod summary;
mod tag_calls;
mod trust;
mod user_calls;
mod validate;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::paging;
use crate::world::World;

pub(crate) use state::{ADMIN_USER, Role, State};
pub(crate) use validate::is_name;

/// Carries out one authorized IAM call. The caller's account is the account that is changed.
pub(crate) fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateRole" => role_calls::create(world, call),
        "GetRole" => role_calls::get(world, call),
        "DeleteRole" => role_calls::delete(world, call),
        "ListRoles" => role_calls::list(world, call),
        "UpdateRole" => role_calls::update(world, call),
        "UpdateRoleDescription" => role_calls::update_description(world, call),
        "UpdateAssumeRolePolicy" => role_calls::update_trust(world, call),
        "PutRolePermissionsBoundary" => role_calls::put_boundary(world, call),
        "DeleteRolePermissionsBoundary" => role_calls::delete_boundary(world, call),
        "CreateServiceLinkedRole" => service_linked::create(world, call),

        "PutRolePolicy" | "PutUserPolicy" => permission_calls::put_inline(world, call),
        "GetRolePolicy" | "GetUserPolicy" => permission_calls::get_inline(world, call),
        "DeleteRolePolicy" | "DeleteUserPolicy" => permission_calls::delete_inline(world, call),
        "ListRolePolicies" | "ListUserPolicies" => permission_calls::list_inline(world, call),
        "AttachRolePolicy" | "AttachUserPolicy" => permission_calls::attach(world, call),
        "DetachRolePolicy" | "DetachUserPolicy" => permission_calls::detach(world, call),
        "ListAttachedRolePolicies" | "ListAttachedUserPolicies" => {
            permission_calls::list_attached(world, call)
        }

        "TagRole" | "TagUser" | "TagPolicy" => tag_calls::tag(world, call),
        "UntagRole" | "UntagUser" | "UntagPolicy" => tag_calls::untag(world, call),
        "ListRoleTags" | "ListUserTags" | "ListPolicyTags" => tag_calls::list(world, call),

        "CreatePolicy" => policy_calls::create(world, call),
        "GetPolicy" => policy_calls::get(world, call),
        "DeletePolicy" => policy_calls::delete(world, call),
        "ListPolicies" => policy_calls::list(world, call),
        "CreatePolicyVersion" => policy_versions::create(world, call),
        "GetPolicyVersion" => policy_versions::get(world, call),
        "ListPolicyVersions" => policy_versions::list(world, call),
        "SetDefaultPolicyVersion" => policy_versions::set_default(world, call),
        "DeletePolicyVersion" => policy_versions::delete(world, call),

        "SimulatePrincipalPolicy" => simulation_calls::simulate_principal(world, call),
        "GetAccountSummary" => summary::account(world, call),

        "CreateUser" => user_calls::create(world, call),
        "GetUser" => user_calls::get(world, call),
        "DeleteUser" => user_calls::delete(world, call),
        "ListUsers" => user_calls::list(world, call),
        "CreateAccessKey" => user_calls::create_access_key(world, call),
        "DeleteAccessKey" => user_calls::delete_access_key(world, call),
        "ListAccessKeys" => user_calls::list_access_keys(world, call),
        _ => Err(ApiError::unknown_operation(call)),
    }
}

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Policy documents travel URL-encoded (aws-facts F2).
fn encoded(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}

/// A page of a sorted list, with `IsTruncated` and `Marker`: 100 unless told, 1,000 at most.
fn page<K: AsRef<str>, T>(
    call: &Call,
    member: &str,
    about: &str,
    sorted: impl IntoIterator<Item = (K, T)>,
    shape: impl FnMut(T) -> Value,
) -> Answer {
    let limit = match input::integer(&call.input, "MaxItems")? {
        None => 100,
        Some(limit @ 1..=1000) => usize::try_from(limit).expect("between 1 and 1000"),
        Some(limit) if limit < 1 => {
            let text = "Member must have value greater than or equal to 1";
            return Err(validate::constraint(&limit.to_string(), "maxItems", text));
        }
        Some(limit) => {
            let text = "Member must have value less than or equal to 1000";
            return Err(validate::constraint(&limit.to_string(), "maxItems", text));
        }
    };
    let scope = format!("iam:{}:{}:{about}", call.operation, call.caller.account);
    let page = paging::page(&scope, input::text(&call.input, "Marker"), limit, sorted)
        .map_err(|_| ApiError::new("ValidationError", 400, "Invalid Marker."))?;
    let mut answer = Map::new();
    answer.insert(member.to_owned(), page.items.into_iter().map(shape).collect());
    answer.insert("IsTruncated".to_owned(), page.next_token.is_some().into());
    if let Some(marker) = page.next_token {
        answer.insert("Marker".to_owned(), marker.into());
    }
    Ok(Value::Object(answer))
}

fn tag_list<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Value {
    tags.into_iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}
