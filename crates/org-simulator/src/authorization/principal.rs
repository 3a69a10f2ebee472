//! What policies can know of a caller.

use super::condition::Context;
use crate::call::{Caller, CallerKind};
use crate::world::World;

/// The ARN of the role behind a session, with its path, which the session's own ARN drops (aws-facts E1, F4).
fn role_arn_of(world: &World, account: &str, role: &str) -> String {
    match world.iam.role(account, role) {
        Some(role) => role.arn(account),
        None => format!("arn:aws:iam::{account}:role/{role}"),
    }
}

/// The global condition keys that a caller brings along.
pub(crate) fn context_of(world: &World, caller: &Caller) -> Context {
    let mut context = Context::default();
    context.set("aws:CurrentTime", format!("{:.0}", world.now));
    context.set("aws:EpochTime", world.now.as_second().to_string());
    context.set("aws:SecureTransport", "true");
    context.set("aws:SourceIp", "127.0.0.1");
    if let CallerKind::Service { principal } = &caller.kind {
        context.set("aws:PrincipalIsAWSService", "true");
        context.set("aws:PrincipalServiceName", principal.as_str());
        // A service acts on behalf of a resource of the account that it is configured in (aws-facts F4).
        context.set("aws:SourceAccount", caller.account.as_str());
        return context;
    }
    context.set("aws:PrincipalIsAWSService", "false");
    context.set("aws:ViaAWSService", "false");
    context.set("aws:PrincipalAccount", caller.account.as_str());
    context.set("aws:userid", caller.user_id.as_str());
    match &caller.kind {
        CallerKind::User { name } => {
            context.set("aws:PrincipalType", "User");
            context.set("aws:PrincipalArn", caller.arn.as_str());
            context.set("aws:username", name.as_str());
        }
        CallerKind::RoleSession { role, .. } => {
            context.set("aws:PrincipalType", "AssumedRole");
            context.set("aws:PrincipalArn", role_arn_of(world, &caller.account, role));
            context.set("aws:MultiFactorAuthPresent", "false");
        }
        CallerKind::Root | CallerKind::Service { .. } => {
            context.set("aws:PrincipalType", "Account");
            context.set("aws:PrincipalArn", caller.arn.as_str());
        }
    }
    for (key, value) in world.iam.principal_tags(caller) {
        context.set(&format!("aws:PrincipalTag/{key}"), value);
    }
    if let Some(organization) = &world.organization
        && let Some(parent) = organization.parent_of(&caller.account)
    {
        context.set("aws:PrincipalOrgID", organization.id());
        context.set_all("aws:PrincipalOrgPaths", vec![organization.path(parent)]);
        let management = organization.management_account();
        context.set("aws:PrincipalOrgMasterAccountId", management);
    }
    context
}
