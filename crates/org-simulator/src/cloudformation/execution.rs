//! As whom CloudFormation acts in a target account (aws-facts A1).

use serde_json::json;

use super::access;
use super::stack_set::{PermissionModel, SetIndex};
use crate::call::{Caller, CallerKind, Service};
use crate::organizations::AccountState;
use crate::world::World;

const DEFAULT_ADMINISTRATION_ROLE: &str = "AWSCloudFormationStackSetAdministrationRole";
pub(super) const DEFAULT_EXECUTION_ROLE: &str = "AWSCloudFormationStackSetExecutionRole";

/// The session in which the work of a StackSet is done in an account, or why there is none: the reason of
/// the stack instance (aws-facts A14).
pub(super) fn actor(world: &mut World, set: SetIndex, account: &str) -> Result<Caller, String> {
    match world.cloudformation.set(set).permission_model {
        PermissionModel::ServiceManaged => service_managed(world, account),
        PermissionModel::SelfManaged => self_managed(world, set, account),
    }
}

fn session(account: &str, role: &str) -> Caller {
    Caller {
        account: account.to_owned(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{role}/StackSets"),
        user_id: "AROASTACKSETSEXECUTION:StackSets".to_owned(),
        kind: CallerKind::RoleSession { role: role.to_owned(), session_policies: Vec::new() },
    }
}

fn missing_role(account: &str, role: &str, trusted: &str) -> String {
    format!("Account {account} should have '{role}' role with trust relationship to Role '{trusted}'.")
}

/// An ordinary role, made at the first deployment. Service control policies bind its sessions, and whoever
/// deletes it by hand is told so by every later deployment.
fn service_managed(world: &mut World, account: &str) -> Result<Caller, String> {
    let Some(organization) = world.organization.as_ref() else {
        return Err(missing_role(
            account,
            "stacksets-exec-*",
            "AWSServiceRoleForCloudFormationStackSetsOrgAdmin",
        ));
    };
    let trusted = access::admin_role_arn(organization.management_account());
    let state = organization.account_state(account);
    let known = world.cloudformation.execution_roles.get(account).cloned();
    let is_new = known.is_none();
    let role = known.unwrap_or_else(|| format!("stacksets-exec-{}", world.ids.hex(32)));
    // An account that is still being activated has no IAM yet; one that left the organization is out of reach.
    if matches!(state, None | Some(AccountState::PendingActivation)) || !access::is_enabled(world) {
        return Err(missing_role(account, &role, &trusted));
    }
    if is_new {
        make_execution_role(world, account, &role, &trusted)?;
        world.cloudformation.execution_roles.insert(account.to_owned(), role.clone());
    }
    let service = access::service_caller(account);
    match world.call_as(&service, Service::Iam, "GetRole", json!({"RoleName": role})) {
        Ok(_) => Ok(session(account, &role)),
        Err(_) => Err(missing_role(account, &role, &trusted)),
    }
}

fn make_execution_role(world: &mut World, account: &str, role: &str, trusted: &str) -> Result<(), String> {
    access::create_member_role(world, account);
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}]
    });
    let service = access::service_caller(account);
    let create = json!({"RoleName": role, "AssumeRolePolicyDocument": trust.to_string()});
    let attach = json!({"RoleName": role, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    world.call_as(&service, Service::Iam, "CreateRole", create).map_err(|error| error.message)?;
    world.call_as(&service, Service::Iam, "AttachRolePolicy", attach).map_err(|error| error.message)?;
    Ok(())
}

/// The administration role of the owner assumes the execution role of the target: both must exist, the one
/// must be allowed to, and the other must trust it.
fn self_managed(world: &mut World, set: SetIndex, account: &str) -> Result<Caller, String> {
    let set = world.cloudformation.set(set);
    let owner = set.owner.clone();
    let execution_role = set.execution_role_name.clone().unwrap_or_else(|| DEFAULT_EXECUTION_ROLE.to_owned());
    let administration_arn = set
        .administration_role_arn
        .clone()
        .unwrap_or_else(|| format!("arn:aws:iam::{owner}:role/{DEFAULT_ADMINISTRATION_ROLE}"));
    let administration_role = administration_arn.rsplit('/').next().unwrap_or_default().to_owned();

    let service = access::service_caller(&owner);
    let get = json!({"RoleName": administration_role});
    if world.call_as(&service, Service::Iam, "GetRole", get).is_err() {
        return Err(format!(
            "Account {owner} should have '{administration_role}' role with trust relationship to CloudFormation service."
        ));
    }
    let administrator = session(&owner, &administration_role);
    let assume = json!({
        "RoleArn": format!("arn:aws:iam::{account}:role/{execution_role}"),
        "RoleSessionName": "StackSets",
    });
    match world.call_as(&administrator, Service::Sts, "AssumeRole", assume) {
        Ok(_) => Ok(session(account, &execution_role)),
        Err(_) => Err(missing_role(account, &execution_role, &administration_arn)),
    }
}
