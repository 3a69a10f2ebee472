//! Accounts: listing, moving, closing and removing them.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::organization::Organization;
use super::{
    Account, AccountState, error, is_account_id, is_parent_id, listing, organization, organization_mut,
    required_id, shape, unit_calls,
};
use crate::call::{Answer, ApiError, Call};
use crate::world::World;

/// How long an account stays `PENDING_CLOSURE`. AWS promises no time; minutes is what people see.
const CLOSING_TAKES: SignedDuration = SignedDuration::from_secs(60);

/// `ListAccounts`: every account, the management account included.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let accounts = organization.accounts.iter();
    listing::page(call, "Accounts", "", accounts, |account| shape::account(organization, account))
}

/// `ListAccountsForParent`: the direct children alone (aws-facts D1).
pub(super) fn list_for_parent(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let parent = unit_calls::parent(organization, &call.input)?;
    let accounts = parent.accounts.iter().map(|id| (id, &organization.accounts[id]));
    listing::page(call, "Accounts", &parent.id, accounts, |account| shape::account(organization, account))
}

/// `DescribeAccount`.
pub(super) fn describe(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let account = account(organization, &call.input)?;
    Ok(json!({"Account": shape::account(organization, account)}))
}

/// `MoveAccount`.
pub(super) fn move_account(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    let id = account(organization, &call.input)?.id.clone();
    let from = required_id(&call.input, "SourceParentId", is_parent_id)?;
    let to = required_id(&call.input, "DestinationParentId", is_parent_id)?;
    if organization.parent_of(&id) != Some(from) {
        return Err(error::plain(
            "SourceParentNotFoundException",
            "You specified a source parent that doesn't exist.",
        ));
    }
    if !organization.unit_exists(to) {
        return Err(error::plain(
            "DestinationParentNotFoundException",
            "You specified a destination parent that doesn't exist.",
        ));
    }
    if from == to {
        return Err(error::plain(
            "DuplicateAccountException",
            "That account is already present in the specified destination.",
        ));
    }
    organization.move_account(&id, to);
    world.account_moved(&id, Some(from), Some(to));
    Ok(Value::Null)
}

/// `CloseAccount`: pending at once, closed a while later.
pub(super) fn close(world: &mut World, call: &Call) -> Answer {
    let closed_at = world.now + CLOSING_TAKES;
    let organization = organization_mut(world);
    let account = account(organization, &call.input)?;
    if account.id == organization.management_account() {
        return Err(error::constraint(
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
            "You can't close the management account of an organization with this operation.",
        ));
    }
    match account.state {
        AccountState::Active => {}
        AccountState::PendingActivation => {
            return Err(error::constraint(
                "ACCOUNT_CREATION_NOT_COMPLETE",
                "The account can't be closed before its creation is complete.",
            ));
        }
        AccountState::PendingClosure => {
            return Err(error::plain("ConflictException", "The account is already being closed."));
        }
        AccountState::Suspended | AccountState::Closed => {
            return Err(error::plain(
                "AccountAlreadyClosedException",
                "You attempted to close an account that is already closed.",
            ));
        }
    }
    let id = account.id.clone();
    organization.accounts.get_mut(&id).expect("it was looked up").state = AccountState::PendingClosure;
    world.organizations.closures.insert(id, closed_at);
    Ok(Value::Null)
}

/// `RemoveAccountFromOrganization`.
pub(super) fn remove(world: &mut World, call: &Call) -> Answer {
    let id = account(organization(world), &call.input)?.id.clone();
    take_out(world, &id)
}

/// `LeaveOrganization`: the same by the account itself.
pub(super) fn leave(world: &mut World, call: &Call) -> Answer {
    take_out(world, &call.caller.account)
}

/// An account outside the organization works on, and whoever its roles let in gets in as before; what was said of
/// it in the organization, service control policies above all, binds it no more.
fn take_out(world: &mut World, account: &str) -> Answer {
    let organization = organization_mut(world);
    let account = organization.account(account).ok_or_else(error::account_not_found)?;
    if account.id == organization.management_account() {
        return Err(error::plain(
            "MasterCannotLeaveOrganizationException",
            "You can't remove a management account from an organization.",
        ));
    }
    if organization.delegated_administrators.contains_key(&account.id) {
        return Err(error::constraint(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You can't remove an account that is a delegated administrator of a service: deregister it first.",
        ));
    }
    let (id, parent) = (account.id.clone(), account.parent.clone());
    organization.remove_account(&id);
    world.organizations.closures.remove(&id);
    world.account_moved(&id, Some(&parent), None);
    Ok(Value::Null)
}

/// Closes the accounts whose time has come. They stay visible and suspended for 90 days (aws-facts D4).
pub(super) fn advance(world: &mut World) {
    if world.organizations.closures.is_empty() {
        return;
    }
    let now = world.now;
    let due: Vec<String> = world
        .organizations
        .closures
        .iter()
        .filter(|(_, closed_at)| **closed_at <= now)
        .map(|(account, _)| account.clone())
        .collect();
    for id in due {
        suspend(world, &id);
    }
}

/// Suspends an account, whether somebody closed it or AWS has its reasons; `false` when there is none.
pub(crate) fn suspend(world: &mut World, account: &str) -> bool {
    world.organizations.closures.remove(account);
    let Some(organization) = world.organization.as_mut() else { return false };
    let Some(suspended) = organization.accounts.get_mut(account) else { return false };
    suspended.state = AccountState::Suspended;
    let parent = suspended.parent.clone();
    world.account_moved(account, Some(&parent), Some(&parent));
    true
}

fn account<'a>(organization: &'a Organization, input: &Value) -> Result<&'a Account, ApiError> {
    let id = required_id(input, "AccountId", is_account_id)?;
    organization.account(id).ok_or_else(error::account_not_found)
}
