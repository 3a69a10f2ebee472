//! Tags of accounts, organizational units, the root and policies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Organization, error, organization, organization_mut, required};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::paging;
use crate::world::World;

/// At most this many on one resource (aws-facts D4).
const MAX_TAGS: usize = 50;
/// `ListTagsForResource` has no `MaxResults`; AWS chooses the page.
const TAGS_PER_PAGE: usize = 20;

/// `TagResource`.
pub(super) fn tag(world: &mut World, call: &Call) -> Answer {
    let new = read(&call.input, "Tags")?;
    let tags = tags_mut(organization_mut(world), required(&call.input, "ResourceId")?)?;
    let added = new.iter().filter(|(key, _)| !tags.contains_key(key)).count();
    if tags.len() + added > MAX_TAGS {
        return Err(too_many());
    }
    tags.extend(new);
    Ok(Value::Null)
}

/// `UntagResource`.
pub(super) fn untag(world: &mut World, call: &Call) -> Answer {
    let tags = tags_mut(organization_mut(world), required(&call.input, "ResourceId")?)?;
    for key in input::texts(&call.input, "TagKeys") {
        tags.remove(&key);
    }
    Ok(Value::Null)
}

/// `ListTagsForResource`.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let id = required(&call.input, "ResourceId")?;
    let empty = BTreeMap::new();
    let tags = match (organization.accounts.get(id), organization.parents.get(id)) {
        (Some(account), _) => &account.tags,
        (None, Some(parent)) => &parent.tags,
        // Tags of policies are accepted and forgotten: nothing that is simulated reads them.
        (None, None) if organization.policies.by_id.contains_key(id) => &empty,
        (None, None) => return Err(error::target_not_found()),
    };
    let token = input::text(&call.input, "NextToken");
    let page = paging::page(
        &format!("organizations:tags:{id}"),
        token,
        TAGS_PER_PAGE,
        tags.iter().map(|tag| (tag.0, tag)),
    );
    let page = page.map_err(|_| {
        error::invalid_input(
            "INVALID_NEXT_TOKEN",
            "You specified an invalid value for the NextToken parameter.",
        )
    })?;
    let tags: Vec<Value> =
        page.items.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let mut answer = json!({"Tags": tags});
    if let Some(token) = page.next_token {
        answer["NextToken"] = token.into();
    }
    Ok(answer)
}

/// Reads and checks a list of tags.
pub(super) fn read(input: &Value, name: &str) -> Result<Vec<(String, String)>, ApiError> {
    let tags = input::tags(input, name);
    let mut keys: Vec<&str> = tags.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(error::invalid_input(
            "DUPLICATE_TAG_KEY",
            "Tag keys must be unique among the tags of a request.",
        ));
    }
    for (key, value) in &tags {
        if key.starts_with("aws:") {
            return Err(error::invalid_input(
                "INVALID_SYSTEM_TAGS_PARAMETER",
                "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys.",
            ));
        }
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(error::invalid_input(
                "MAX_LENGTH_EXCEEDED",
                "A tag key or value has a length that is not valid.",
            ));
        }
    }
    if tags.len() > MAX_TAGS { Err(too_many()) } else { Ok(tags) }
}

fn too_many() -> ApiError {
    error::constraint(
        "MAX_TAG_LIMIT_EXCEEDED",
        "You have exceeded the number of tags allowed on this resource.",
    )
}

fn tags_mut<'a>(
    organization: &'a mut Organization,
    id: &str,
) -> Result<&'a mut BTreeMap<String, String>, ApiError> {
    if organization.accounts.contains_key(id) {
        return Ok(&mut organization.accounts.get_mut(id).expect("it is there").tags);
    }
    organization.parents.get_mut(id).map(|parent| &mut parent.tags).ok_or_else(error::target_not_found)
}
