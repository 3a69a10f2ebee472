//! Tags of roles, users and customers' managed policies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::validate::{self, MAX_TAGS, limit_exceeded};
use super::{page, policy_calls, role_calls, tag_list, user_calls};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::world::World;

/// `TagRole`, `TagUser`, `TagPolicy`.
pub(super) fn tag(world: &mut World, call: &Call) -> Answer {
    let new = validate::tags(&call.input)?;
    let tags = tags_mut(world, call)?;
    let mut merged = tags.clone();
    // Keys ignore case, and keep the spelling in which they came last.
    merged.retain(|key, _| !new.iter().any(|(other, _)| other.eq_ignore_ascii_case(key)));
    merged.extend(new);
    if merged.len() > MAX_TAGS {
        return Err(limit_exceeded(format!("Cannot exceed quota for {}: {MAX_TAGS}", quota(call))));
    }
    *tags = merged;
    Ok(Value::Null)
}

/// `UntagRole`, `UntagUser`, `UntagPolicy`.
pub(super) fn untag(world: &mut World, call: &Call) -> Answer {
    let keys = input::texts(&call.input, "TagKeys");
    let is_named = |key: &str| keys.iter().any(|other| other.eq_ignore_ascii_case(key));
    tags_mut(world, call)?.retain(|key, _| !is_named(key));
    Ok(Value::Null)
}

/// `ListRoleTags`, `ListUserTags`, `ListPolicyTags`.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let (tags, name) = if call.operation.contains("User") {
        let user = user_calls::user(world, call)?;
        (&user.tags, &user.name)
    } else if call.operation.contains("Policy") {
        let policy = policy_calls::own(world, call)?;
        (&policy.tags, &policy.name)
    } else {
        let role = role_calls::role(world, call)?;
        (&role.tags, &role.name)
    };
    let tags = tags.iter().map(|tag| (tag.0, tag));
    page(call, "Tags", name, tags, |tag| tag_list([tag])[0].take())
}

/// How IAM names the limit of what a call is about.
fn quota(call: &Call) -> &'static str {
    match call.operation.as_str() {
        "TagUser" => "TagsPerUser",
        "TagPolicy" => "TagsPerPolicy",
        _ => "TagsPerRole",
    }
}

fn tags_mut<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut BTreeMap<String, String>, ApiError> {
    if call.operation.contains("User") {
        Ok(&mut user_calls::user_mut(world, call)?.tags)
    } else if call.operation.contains("Policy") {
        Ok(&mut policy_calls::own_mut(world, call)?.tags)
    } else {
        Ok(&mut role_calls::role_mut(world, call)?.tags)
    }
}
