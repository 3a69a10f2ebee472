//! Trusted access, and who may see which StackSets (aws-facts A2).

use serde_json::{Value, json};

use super::errors;
use super::stack_set::PermissionModel;
use crate::authorization;
use crate::call::{Answer, ApiError, Call, Caller, CallerKind, Service};
use crate::input;
use crate::organizations::Organization;
use crate::world::World;

/// The service principal that trusted access and delegation go by.
pub(super) const MEMBER_PRINCIPAL: &str = "member.org.stacksets.cloudformation.amazonaws.com";
/// The service principal of the service-linked role in the management account.
const ADMIN_PRINCIPAL: &str = "stacksets.cloudformation.amazonaws.com";

const NOT_ALLOWED: &str = "You must be the management account or delegated admin account of an organization before \
                           operating a SERVICE_MANAGED stack set";
const NOT_ACTIVATED: &str = "You must enable organizations access to operate a service managed stack set";
const NO_DELEGATE: &str = "Account used is not a delegated administrator";

/// On whose StackSets a caller works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) account: String,
    /// A delegated administrator sees nothing but the service-managed sets.
    pub(super) service_managed_only: bool,
}

/// Reads `CallAs` and decides whose StackSets the call is about.
pub(super) fn owner(world: &World, call: &Call) -> Result<Owner, ApiError> {
    match input::text(&call.input, "CallAs") {
        None | Some("SELF") => {
            Ok(Owner { account: call.caller.account.clone(), service_managed_only: false })
        }
        Some("DELEGATED_ADMIN") => {
            let organization = world.organization.as_ref().ok_or_else(|| errors::validation(NOT_ALLOWED))?;
            // The management account is no delegate of itself, so it ends here as well.
            if !organization.is_delegated_administrator(&call.caller.account, MEMBER_PRINCIPAL) {
                return Err(errors::validation(NO_DELEGATE));
            }
            Ok(Owner { account: organization.management_account().to_owned(), service_managed_only: true })
        }
        Some(other) => Err(errors::not_in_enum("callAs", other, &["DELEGATED_ADMIN", "SELF"])),
    }
}

/// Whether an owner may operate sets of a permission model now.
pub(super) fn check_model(world: &World, owner: &Owner, model: PermissionModel) -> Result<(), ApiError> {
    if model == PermissionModel::SelfManaged {
        return if owner.service_managed_only {
            Err(errors::validation("CallAs DELEGATED_ADMIN is only valid for SERVICE_MANAGED stack sets"))
        } else {
            Ok(())
        };
    }
    let organization = world.organization.as_ref().ok_or_else(|| errors::validation(NOT_ALLOWED))?;
    if organization.management_account() != owner.account {
        return Err(errors::validation(NOT_ALLOWED));
    }
    if is_enabled(world) { Ok(()) } else { Err(errors::validation(NOT_ACTIVATED)) }
}

/// Whoever names an administration role hands it to CloudFormation, which takes a permission of its own
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html>). Whether
/// AWS asks for it where the role goes without saying is not known.
pub(super) fn require_passing(world: &World, call: &Call) -> Result<(), ApiError> {
    match input::text(&call.input, "AdministrationRoleARN") {
        Some(arn) => authorization::require_on(world, call, "iam:PassRole", arn.to_owned()),
        None => Ok(()),
    }
}

/// Enabling the principal through Organizations alone is not enough, and disabling it there is (aws-facts A2).
pub(super) fn is_enabled(world: &World) -> bool {
    let is_trusted = |organization: &Organization| organization.service_access.contains_key(MEMBER_PRINCIPAL);
    world.cloudformation.access_activated && world.organization.as_ref().is_some_and(is_trusted)
}

pub(super) fn activate(world: &mut World, call: &Call) -> Answer {
    check_management_account(world, call)?;
    // What the service does next, it does only for whoever could do it (aws-facts A2).
    authorization::require_on(world, call, "organizations:EnableAWSServiceAccess", "*".to_owned())?;
    let role = format!("arn:aws:iam::{}:role/aws-service-role/{ADMIN_PRINCIPAL}/*", call.caller.account);
    authorization::require_on(world, call, "iam:CreateServiceLinkedRole", role)?;
    super::activate_organizations_access(world);
    Ok(json!({}))
}

/// Turns trusted access on and makes the role that the execution roles of the members will trust.
pub(super) fn turn_on(world: &mut World) {
    let now = world.now;
    let Some(organization) = world.organization.as_mut() else { return };
    organization.service_access.entry(MEMBER_PRINCIPAL.to_owned()).or_insert(now);
    let management = organization.management_account().to_owned();
    world.cloudformation.access_activated = true;
    create_service_linked_role(world, &management, ADMIN_PRINCIPAL);
}

pub(super) fn deactivate(world: &mut World, call: &Call) -> Answer {
    check_management_account(world, call)?;
    let organization = world.organization.as_mut().expect("the management account has an organization");
    let has_delegates = organization
        .delegated_administrators
        .values()
        .any(|services| services.contains_key(MEMBER_PRINCIPAL));
    if has_delegates {
        return Err(errors::invalid_operation(
            "Delegated administrators must be deregistered before organizations access can be deactivated",
        ));
    }
    organization.service_access.remove(MEMBER_PRINCIPAL);
    world.cloudformation.access_activated = false;
    Ok(json!({}))
}

pub(super) fn describe(world: &World, call: &Call) -> Answer {
    let owner = owner(world, call)?;
    let is_management = world
        .organization
        .as_ref()
        .is_some_and(|organization| organization.management_account() == owner.account);
    if !is_management {
        return Err(errors::invalid_operation(
            "Only the management account or a delegated administrator can describe organizations access",
        ));
    }
    Ok(json!({"Status": if is_enabled(world) { "ENABLED" } else { "DISABLED" }}))
}

fn check_management_account(world: &World, call: &Call) -> Result<(), ApiError> {
    let organization = world
        .organization
        .as_ref()
        .ok_or_else(|| errors::invalid_operation("Your account is not a member of an organization"))?;
    if organization.management_account() != call.caller.account {
        return Err(errors::invalid_operation(
            "Only the management account of the organization can change organizations access",
        ));
    }
    if organization.all_features() {
        Ok(())
    } else {
        Err(errors::invalid_operation("The organization must have all features enabled"))
    }
}

/// CloudFormation itself at work in an account.
pub(super) fn service_caller(account: &str) -> Caller {
    Caller {
        account: account.to_owned(),
        arn: format!(
            "arn:aws:sts::{account}:assumed-role/AWSServiceRoleForCloudFormationStackSetsOrgMember/StackSets"
        ),
        user_id: "AROASTACKSETSORGMEMBER:StackSets".to_owned(),
        kind: CallerKind::Service { principal: MEMBER_PRINCIPAL.to_owned() },
    }
}

/// Makes a service-linked role; one that exists already is left alone.
fn create_service_linked_role(world: &mut World, account: &str, principal: &str) {
    let request: Value = json!({"AWSServiceName": principal});
    if let Err(error) =
        world.call_as(&service_caller(account), Service::Iam, "CreateServiceLinkedRole", request)
    {
        tracing::debug!(account, principal, code = %error.code, "service-linked role not created");
    }
}

/// The service-linked role of a member, made at the first deployment there (aws-facts A1).
pub(super) fn create_member_role(world: &mut World, account: &str) {
    create_service_linked_role(world, account, MEMBER_PRINCIPAL);
}

/// The role of the management account that the execution roles of members trust.
pub(super) fn admin_role_arn(management_account: &str) -> String {
    format!(
        "arn:aws:iam::{management_account}:role/aws-service-role/{ADMIN_PRINCIPAL}/AWSServiceRoleForCloudFormationStackSetsOrgAdmin"
    )
}
