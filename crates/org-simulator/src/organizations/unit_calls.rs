//! Organizational units, and the tree as `ListChildren` and `ListParents` show it.

use serde_json::{Value, json};

use super::organization::{MAX_UNIT_DEPTH, Parent};
use super::{
    Organization, error, is_child_id, is_parent_id, is_unit_id, listing, organization, organization_mut,
    required, required_id, shape, tags,
};
use crate::call::{Answer, ApiError, Call};
use crate::world::World;

/// `CreateOrganizationalUnit`.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let parent = required_id(&call.input, "ParentId", is_parent_id)?;
    let name = unit_name(&call.input)?;
    let new_tags = tags::read(&call.input, "Tags")?;
    let suffix = world.ids.alphanumeric_lower(8);
    let organization = organization_mut(world);
    if !organization.unit_exists(parent) {
        return Err(error::parent_not_found());
    }
    if organization.unit_named(parent, name).is_some() {
        return Err(duplicate());
    }
    if organization.unit_depth(parent) >= MAX_UNIT_DEPTH {
        return Err(error::constraint(
            "OU_DEPTH_LIMIT_EXCEEDED",
            "You have exceeded the number of levels of organizational units that are allowed.",
        ));
    }
    let root = organization.root_id().trim_start_matches("r-").to_owned();
    let id = format!("ou-{root}-{suffix}");
    organization.add_unit(id.clone(), name.to_owned(), parent);
    let unit = organization.parents.get_mut(&id).expect("it was just added");
    unit.tags.extend(new_tags);
    described(organization, &id)
}

/// `UpdateOrganizationalUnit`: a new name, nothing else.
pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    let id = unit_id(organization, &call.input)?.to_owned();
    if call.input.get("Name").is_some() {
        let name = unit_name(&call.input)?;
        let parent = organization.parents[&id].parent.clone().expect("an organizational unit has a parent");
        if organization.unit_named(&parent, name).is_some_and(|other| other != id) {
            return Err(duplicate());
        }
        organization.parents.get_mut(&id).expect("it was looked up").name = name.to_owned();
    }
    described(organization, &id)
}

/// `DeleteOrganizationalUnit`: only when nothing is in it.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    let id = unit_id(organization, &call.input)?.to_owned();
    let unit = &organization.parents[&id];
    if !unit.units.is_empty() || !unit.accounts.is_empty() {
        return Err(error::plain(
            "OrganizationalUnitNotEmptyException",
            "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.",
        ));
    }
    organization.remove_unit(&id);
    Ok(Value::Null)
}

/// `DescribeOrganizationalUnit`.
pub(super) fn describe(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let id = unit_id(organization, &call.input)?;
    described(organization, id)
}

/// `ListOrganizationalUnitsForParent`: the direct children.
pub(super) fn list_for_parent(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let parent = parent(organization, &call.input)?;
    let units = parent.units.iter().map(|id| (id, &organization.parents[id]));
    listing::page(call, "OrganizationalUnits", &parent.id, units, |unit| shape::unit(organization, unit))
}

/// `ListChildren`: ids alone, of one kind.
pub(super) fn list_children(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let parent = parent(organization, &call.input)?;
    let kind = required(&call.input, "ChildType")?;
    let children = match kind {
        "ACCOUNT" => &parent.accounts,
        "ORGANIZATIONAL_UNIT" => &parent.units,
        _ => {
            return Err(error::invalid_input(
                "INVALID_ENUM",
                "You specified an invalid value for ChildType.",
            ));
        }
    };
    let about = format!("{kind}:{}", parent.id);
    let children = children.iter().map(|id| (id, id));
    listing::page(call, "Children", &about, children, |id| json!({"Id": id, "Type": kind}))
}

/// `ListParents`: the one parent of an account or organizational unit.
pub(super) fn list_parents(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let child = required_id(&call.input, "ChildId", is_child_id)?;
    let parent = *organization.ancestors(child).first().ok_or_else(error::child_not_found)?;
    let kind = if parent == organization.root_id() { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    listing::page(call, "Parents", child, [(parent, parent)], |id| json!({"Id": id, "Type": kind}))
}

/// The root or organizational unit that a `ParentId` names.
pub(super) fn parent<'a>(organization: &'a Organization, input: &Value) -> Result<&'a Parent, ApiError> {
    let id = required_id(input, "ParentId", is_parent_id)?;
    organization.parents.get(id).ok_or_else(error::parent_not_found)
}

fn unit_id<'a>(organization: &Organization, input: &'a Value) -> Result<&'a str, ApiError> {
    let id = required_id(input, "OrganizationalUnitId", is_unit_id)?;
    if organization.unit_exists(id) { Ok(id) } else { Err(error::unit_not_found()) }
}

fn unit_name(input: &Value) -> Result<&str, ApiError> {
    let name = required(input, "Name")?;
    match name.chars().count() {
        0 => Err(error::invalid_input(
            "MIN_LENGTH_EXCEEDED",
            "You provided a value that is shorter than the minimum length of 1.",
        )),
        1..=128 => Ok(name),
        _ => Err(error::invalid_input(
            "MAX_LENGTH_EXCEEDED",
            "You provided a value that exceeds the maximum length of 128.",
        )),
    }
}

fn described(organization: &Organization, id: &str) -> Answer {
    Ok(json!({"OrganizationalUnit": shape::unit(organization, &organization.parents[id])}))
}

fn duplicate() -> ApiError {
    error::plain("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
}
