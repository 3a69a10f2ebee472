//! Trusted access of services, and the members that administer them (aws-facts A2).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    AccountState, Organization, error, is_account_id, listing, organization, organization_mut, required,
    required_id, service_principals, shape,
};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::time::epoch_seconds;
use crate::world::World;

/// StackSets takes five delegated administrators (aws-facts A2); for the other services the number is not
/// simulated.
const MAX_STACKSETS_ADMINISTRATORS: usize = 5;

/// `EnableAWSServiceAccess`. For StackSets it is listed and yet not enough: `ActivateOrganizationsAccess` is
/// what counts (aws-facts A2).
pub(super) fn enable_service_access(world: &mut World, call: &Call) -> Answer {
    let now = world.now;
    let principal = service_principal(&call.input)?;
    let organization = organization_mut(world);
    require_all_features(organization)?;
    organization.service_access.entry(principal.to_owned()).or_insert(now);
    Ok(Value::Null)
}

/// `DisableAWSServiceAccess`: delegated administrators have to go first.
pub(super) fn disable_service_access(world: &mut World, call: &Call) -> Answer {
    let principal = service_principal(&call.input)?;
    let organization = organization_mut(world);
    if organization.delegated_administrators.values().any(|services| services.contains_key(principal)) {
        return Err(error::constraint(
            "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
            "You can't disable trusted access for a service that has a delegated administrator: deregister it first.",
        ));
    }
    organization.service_access.remove(principal);
    Ok(Value::Null)
}

/// `ListAWSServiceAccessForOrganization`.
pub(super) fn list_service_access(world: &World, call: &Call) -> Answer {
    let services =
        organization(world).service_access.iter().map(|(principal, since)| (principal, (principal, since)));
    listing::page(
        call,
        "EnabledServicePrincipals",
        "",
        services,
        |(principal, since)| json!({"ServicePrincipal": principal, "DateEnabled": epoch_seconds(*since)}),
    )
}

/// `RegisterDelegatedAdministrator`.
pub(super) fn register(world: &mut World, call: &Call) -> Answer {
    let now = world.now;
    let principal = service_principal(&call.input)?;
    let organization = organization_mut(world);
    require_all_features(organization)?;
    let account = account(organization, &call.input)?.to_owned();
    if account == organization.management_account() {
        return Err(error::constraint(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You can't register the management account of the organization as a delegated administrator.",
        ));
    }
    if organization.account_state(&account) != Some(AccountState::Active) {
        return Err(error::constraint(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You can't register an account that is not active as a delegated administrator.",
        ));
    }
    if !organization.service_access.contains_key(principal) {
        return Err(error::constraint(
            "SERVICE_ACCESS_NOT_ENABLED",
            "You must enable trusted access for the service before you register a delegated administrator.",
        ));
    }
    if organization.is_delegated_administrator(&account, principal) {
        return Err(error::plain(
            "AccountAlreadyRegisteredException",
            "The provided account is already a delegated administrator for your organization.",
        ));
    }
    let administrators = organization
        .delegated_administrators
        .values()
        .filter(|services| services.contains_key(principal))
        .count();
    if principal == service_principals::STACKSETS && administrators >= MAX_STACKSETS_ADMINISTRATORS {
        return Err(error::constraint(
            "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
            "You have reached the number of delegated administrators that the service allows.",
        ));
    }
    organization.delegated_administrators.entry(account).or_default().insert(principal.to_owned(), now);
    Ok(Value::Null)
}

/// `DeregisterDelegatedAdministrator`.
pub(super) fn deregister(world: &mut World, call: &Call) -> Answer {
    let principal = service_principal(&call.input)?;
    let organization = organization_mut(world);
    let account = account(organization, &call.input)?.to_owned();
    let services = organization.delegated_administrators.get_mut(&account).ok_or_else(not_registered)?;
    services.remove(principal).ok_or_else(not_registered)?;
    if services.is_empty() {
        organization.delegated_administrators.remove(&account);
    }
    Ok(Value::Null)
}

/// `ListDelegatedAdministrators`, of one service or of any.
pub(super) fn list_administrators(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let principal = input::text(&call.input, "ServicePrincipal");
    let since = |services: &BTreeMap<String, jiff::Timestamp>| match principal {
        Some(principal) => services.get(principal).copied(),
        None => services.values().min().copied(),
    };
    let administrators = organization.delegated_administrators.iter().filter_map(|(account, services)| {
        Some((account, (organization.account(account)?, since(services)?)))
    });
    listing::page(
        call,
        "DelegatedAdministrators",
        principal.unwrap_or(""),
        administrators,
        |(account, since)| {
            let mut shape = shape::account(organization, account);
            shape.as_object_mut().expect("an account is an object").remove("Paths");
            shape["DelegationEnabledDate"] = epoch_seconds(since);
            shape
        },
    )
}

/// `ListDelegatedServicesForAccount`.
pub(super) fn list_services(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let account = account(organization, &call.input)?;
    let services = organization.delegated_administrators.get(account).ok_or_else(not_registered)?;
    let services = services.iter().map(|(principal, since)| (principal, (principal, since)));
    listing::page(
        call,
        "DelegatedServices",
        account,
        services,
        |(principal, since)| json!({"ServicePrincipal": principal, "DelegationEnabledDate": epoch_seconds(*since)}),
    )
}

fn service_principal(input: &Value) -> Result<&str, ApiError> {
    let principal = required(input, "ServicePrincipal")?;
    if service_principals::is_recognized(principal) {
        return Ok(principal);
    }
    Err(error::invalid_input(
        "UNRECOGNIZED_SERVICE_PRINCIPAL",
        "You specified an unrecognized service principal.",
    ))
}

fn account<'a>(organization: &Organization, input: &'a Value) -> Result<&'a str, ApiError> {
    let id = required_id(input, "AccountId", is_account_id)?;
    if organization.account(id).is_some() { Ok(id) } else { Err(error::account_not_found()) }
}

fn require_all_features(organization: &Organization) -> Result<(), ApiError> {
    if organization.all_features() {
        return Ok(());
    }
    Err(error::constraint(
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
        "This operation requires that all features are enabled in the organization.",
    ))
}

fn not_registered() -> ApiError {
    error::plain(
        "AccountNotRegisteredException",
        "The provided account is not a registered delegated administrator for your organization.",
    )
}
