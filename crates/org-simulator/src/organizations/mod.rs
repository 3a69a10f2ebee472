//! AWS Organizations: the tree of accounts, and who may ask about it (aws-facts D).

mod account;
mod account_calls;
mod creation;
mod delegation;
mod error;
mod left_out;
mod listing;
mod organization;
mod organization_calls;
mod policies;
mod policy_calls;
mod service_principals;
mod shape;
mod tags;
mod unit_calls;

use serde_json::Value;

use crate::call::{Answer, ApiError, Call};
use crate::world::World;

pub(crate) use account::{Account, AccountState, JoinedMethod};
pub(crate) use account_calls::suspend;
pub(crate) use creation::{ACCESS_ROLE, Creation, add_account, give_access_role};
pub(crate) use left_out::LeftOut;
pub(crate) use organization::{MAX_UNIT_DEPTH, Organization};
pub(crate) use policies::{Policy, PolicyType};

/// What Organizations has to do later.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// `CreateAccount` requests by id, finished ones included.
    pub(crate) creations: std::collections::BTreeMap<String, Creation>,
    /// Accounts being closed, and when they will be.
    pub(crate) closures: std::collections::BTreeMap<String, jiff::Timestamp>,
}

/// Who may call an operation, beyond what policies say.
#[derive(Debug, PartialEq, Eq)]
enum Audience {
    /// Any account, also outside an organization.
    Anyone,
    /// Any account of the organization.
    Member,
    /// The management account, and the delegated administrators of any service.
    Reader,
    /// The management account alone.
    Management,
}

fn audience(operation: &str) -> Audience {
    match operation {
        "CreateOrganization" => Audience::Anyone,
        "DescribeOrganization" | "LeaveOrganization" => Audience::Member,
        _ if operation.starts_with("List") || operation.starts_with("Describe") => Audience::Reader,
        _ => Audience::Management,
    }
}

/// Carries out one authorized Organizations call.
pub(crate) fn handle(world: &mut World, call: &Call) -> Answer {
    admit(world, call)?;
    match call.operation.as_str() {
        "CreateOrganization" => organization_calls::create_organization(world, call),
        "DescribeOrganization" => organization_calls::describe_organization(world),
        "DeleteOrganization" => organization_calls::delete_organization(world),
        "ListRoots" => organization_calls::list_roots(world, call),

        "CreateOrganizationalUnit" => unit_calls::create(world, call),
        "UpdateOrganizationalUnit" => unit_calls::update(world, call),
        "DeleteOrganizationalUnit" => unit_calls::delete(world, call),
        "DescribeOrganizationalUnit" => unit_calls::describe(world, call),
        "ListOrganizationalUnitsForParent" => unit_calls::list_for_parent(world, call),
        "ListChildren" => unit_calls::list_children(world, call),
        "ListParents" => unit_calls::list_parents(world, call),

        "CreateAccount" => creation::create_account(world, call),
        "DescribeCreateAccountStatus" => creation::describe(world, call),
        "ListCreateAccountStatus" => creation::list(world, call),
        "ListAccounts" => account_calls::list(world, call),
        "ListAccountsForParent" => account_calls::list_for_parent(world, call),
        "DescribeAccount" => account_calls::describe(world, call),
        "MoveAccount" => account_calls::move_account(world, call),
        "CloseAccount" => account_calls::close(world, call),
        "RemoveAccountFromOrganization" => account_calls::remove(world, call),
        "LeaveOrganization" => account_calls::leave(world, call),

        "TagResource" => tags::tag(world, call),
        "UntagResource" => tags::untag(world, call),
        "ListTagsForResource" => tags::list(world, call),

        "EnableAWSServiceAccess" => delegation::enable_service_access(world, call),
        "DisableAWSServiceAccess" => delegation::disable_service_access(world, call),
        "ListAWSServiceAccessForOrganization" => delegation::list_service_access(world, call),
        "RegisterDelegatedAdministrator" => delegation::register(world, call),
        "DeregisterDelegatedAdministrator" => delegation::deregister(world, call),
        "ListDelegatedAdministrators" => delegation::list_administrators(world, call),
        "ListDelegatedServicesForAccount" => delegation::list_services(world, call),

        "EnablePolicyType" => policy_calls::enable_type(world, call),
        "DisablePolicyType" => policy_calls::disable_type(world, call),
        "CreatePolicy" => policy_calls::create(world, call),
        "UpdatePolicy" => policy_calls::update(world, call),
        "DescribePolicy" => policy_calls::describe(world, call),
        "DeletePolicy" => policy_calls::delete(world, call),
        "AttachPolicy" => policy_calls::attach(world, call),
        "DetachPolicy" => policy_calls::detach(world, call),
        "ListPolicies" => policy_calls::list(world, call),
        "ListPoliciesForTarget" => policy_calls::list_for_target(world, call),
        "ListTargetsForPolicy" => policy_calls::list_targets(world, call),
        _ => Err(ApiError::unknown_operation(call)),
    }
}

/// Does what is due by `world.now`.
pub(crate) fn advance(world: &mut World) {
    creation::advance(world);
    account_calls::advance(world);
}

/// Organizations answers the management account; some calls, delegated administrators and members too
/// (aws-facts D1).
fn admit(world: &World, call: &Call) -> Result<(), ApiError> {
    let audience = audience(&call.operation);
    if audience == Audience::Anyone {
        return Ok(());
    }
    let account = call.caller.account.as_str();
    let organization =
        world.organization.as_ref().filter(|organization| organization.account(account).is_some());
    let organization = organization.ok_or_else(error::not_in_use)?;
    let is_admitted = match audience {
        Audience::Anyone | Audience::Member => true,
        Audience::Reader => {
            account == organization.management_account()
                || organization.delegated_administrators.contains_key(account)
        }
        Audience::Management => account == organization.management_account(),
    };
    if is_admitted { Ok(()) } else { Err(error::access_denied()) }
}

/// The organization of a call that `admit` let pass.
fn organization(world: &World) -> &Organization {
    world.organization.as_ref().expect("callers outside an organization were refused")
}

/// The same, to be changed.
fn organization_mut(world: &mut World) -> &mut Organization {
    world.organization.as_mut().expect("callers outside an organization were refused")
}

/// A string that the service model requires.
fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    crate::input::text(input, name).ok_or_else(|| {
        error::invalid_input("INPUT_REQUIRED", format!("You must specify a value for the parameter {name}."))
    })
}

/// A required string of a known form, for example an account id.
fn required_id<'a>(input: &'a Value, name: &str, is_valid: fn(&str) -> bool) -> Result<&'a str, ApiError> {
    let id = required(input, name)?;
    if is_valid(id) { Ok(id) } else { Err(invalid_pattern()) }
}

fn invalid_pattern() -> ApiError {
    error::invalid_input("INVALID_PATTERN", "You provided a value that does not match the required pattern.")
}

/// `^\d{12}$` (aws-facts D3).
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_parent_id(text: &str) -> bool {
    is_root_id(text) || is_unit_id(text)
}

fn is_child_id(text: &str) -> bool {
    is_account_id(text) || is_unit_id(text)
}

fn is_target_id(text: &str) -> bool {
    is_account_id(text) || is_parent_id(text)
}

fn is_policy_id(text: &str) -> bool {
    text.strip_prefix("p-").is_some_and(|id| {
        (8..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// `^r-[0-9a-z]{4,32}$` (aws-facts D3).
pub(crate) fn is_root_id(text: &str) -> bool {
    text.strip_prefix("r-").is_some_and(|id| is_lower_alphanumeric(id, 4, 32))
}

/// `^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$` (aws-facts D3).
pub(crate) fn is_unit_id(text: &str) -> bool {
    let parts = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(root, unit)| is_lower_alphanumeric(root, 4, 32) && is_lower_alphanumeric(unit, 8, 32))
}

/// `^o-[a-z0-9]{10,32}$` (aws-facts D3).
pub(crate) fn is_organization_id(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|id| is_lower_alphanumeric(id, 10, 32))
}

fn is_lower_alphanumeric(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}
