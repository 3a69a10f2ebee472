//! The organization as a whole: creating, describing and deleting it, and its root.

use serde_json::{Value, json};

use super::{Account, Organization, error, listing, organization, shape};
use crate::call::{Answer, Call};
use crate::input;
use crate::world::World;

/// `CreateOrganization`. Accounts were never invited: whoever creates the organization is its only member.
pub(super) fn create_organization(world: &mut World, call: &Call) -> Answer {
    if world.organization.is_some() {
        // The simulated world has room for one organization.
        return Err(error::already_in_organization());
    }
    let all_features = match input::text(&call.input, "FeatureSet") {
        None | Some("ALL") => true,
        Some("CONSOLIDATED_BILLING") => false,
        Some(_) => {
            return Err(error::invalid_input(
                "INVALID_ENUM",
                "You specified an invalid value for FeatureSet.",
            ));
        }
    };
    let id = format!("o-{}", world.ids.alphanumeric_lower(10));
    let root = format!("r-{}", world.ids.alphanumeric_lower(4));
    let account = call.caller.account.clone();
    let email = format!("aws+{account}@example.com");
    let mut management = Account::created(account, "Management".to_owned(), email, root.clone(), world.now);
    management.joined_method = super::JoinedMethod::Invited;
    let organization = Organization::new(id, root, management, all_features);
    let answer = json!({"Organization": shape::organization(&organization)});
    world.organization = Some(organization);
    Ok(answer)
}

/// `DescribeOrganization`.
pub(super) fn describe_organization(world: &World) -> Answer {
    Ok(json!({"Organization": shape::organization(organization(world))}))
}

/// `DeleteOrganization`: the management account must be the only member left.
pub(super) fn delete_organization(world: &mut World) -> Answer {
    let organization = organization(world);
    if organization.accounts.len() > 1 || organization.parents.len() > 1 {
        return Err(error::plain(
            "OrganizationNotEmptyException",
            "To delete an organization you must first remove all member accounts (except the master).",
        ));
    }
    world.organization = None;
    Ok(Value::Null)
}

/// `ListRoots`: exactly one.
pub(super) fn list_roots(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let roots = [(organization.root_id(), organization)];
    listing::page(call, "Roots", "", roots, shape::root)
}
