//! On which resource a call acts, and the condition keys of its parameters.

use super::condition::Context;
use crate::call::{Call, Service};
use crate::input;
use crate::organizations::PolicyType;
use crate::world::World;

/// The resource ARN that policies are matched against. `*` where AWS has no resource type for the action.
pub(super) fn resource_of(world: &World, call: &Call) -> String {
    match call.service {
        Service::Iam => iam(world, call),
        Service::CloudFormation => cloudformation(call),
        Service::Organizations => organizations(world, call),
        Service::Sts => "*".to_owned(),
    }
}

/// The condition keys of a call: those of the caller and those of the request.
pub(super) fn context_of(world: &World, call: &Call) -> Context {
    let mut context = super::context_of(world, &call.caller);
    context.set("aws:RequestedRegion", call.region.as_str());
    context.set("aws:ResourceAccount", call.caller.account.as_str());
    let tags = input::tags(&call.input, "Tags");
    if !tags.is_empty() {
        context.set_all("aws:TagKeys", tags.iter().map(|(key, _)| key.clone()).collect());
    }
    for (key, value) in tags {
        context.set(&format!("aws:RequestTag/{key}"), value);
    }
    let named = [
        (Service::Iam, "PolicyArn", "iam:PolicyARN"),
        (Service::Iam, "PermissionsBoundary", "iam:PermissionsBoundary"),
        (Service::Iam, "AWSServiceName", "iam:AWSServiceName"),
        (Service::Organizations, "ServicePrincipal", "organizations:ServicePrincipal"),
        (Service::CloudFormation, "TemplateURL", "cloudformation:TemplateUrl"),
    ];
    for (service, member, key) in named {
        if let Some(value) = input::text(&call.input, member).filter(|_| service == call.service) {
            context.set(key, value);
        }
    }
    context
}

fn iam(world: &World, call: &Call) -> String {
    let account = &call.caller.account;
    let text = |name| input::text(&call.input, name);
    let arn = |kind: &str, rest: &str| format!("arn:aws:iam::{account}:{kind}{rest}");
    if let Some(name) = text("RoleName") {
        return match (world.iam.role(account, name), text("Path")) {
            (Some(role), _) => role.arn(account),
            (None, Some(path)) => arn("role", &format!("{path}{name}")),
            (None, None) => arn("role/", name),
        };
    }
    if let Some(name) = text("UserName") {
        return match (world.iam.user(account, name), text("Path")) {
            (Some(user), _) => user.arn(account),
            (None, Some(path)) => arn("user", &format!("{path}{name}")),
            (None, None) => arn("user/", name),
        };
    }
    if let Some(named) = text("PolicyArn").or(text("PolicySourceArn")) {
        return named.to_owned();
    }
    match call.operation.as_str() {
        "CreatePolicy" => {
            arn("policy", &format!("{}{}", text("Path").unwrap_or("/"), text("PolicyName").unwrap_or("")))
        }
        "CreateServiceLinkedRole" => {
            arn("role/aws-service-role/", &format!("{}/*", text("AWSServiceName").unwrap_or("")))
        }
        "ListRoles" => arn("role", text("PathPrefix").unwrap_or("/")),
        "ListUsers" => arn("user", text("PathPrefix").unwrap_or("/")),
        "ListPolicies" => arn("policy", text("PathPrefix").unwrap_or("/")),
        "GetUser" | "CreateAccessKey" | "ListAccessKeys" => call.caller.arn.clone(),
        _ => "*".to_owned(),
    }
}

fn cloudformation(call: &Call) -> String {
    let arn = |rest: String| format!("arn:aws:cloudformation:{}:{}:{rest}", call.region, call.caller.account);
    match (input::text(&call.input, "StackSetName"), input::text(&call.input, "StackName")) {
        (Some(name), _) | (None, Some(name)) if name.starts_with("arn:") => name.to_owned(),
        (Some(id), _) if id.contains(':') => arn(format!("stackset/{id}")),
        (Some(name), _) => arn(format!("stackset/{name}:*")),
        (None, Some(name)) => arn(format!("stack/{name}/*")),
        (None, None) => "*".to_owned(),
    }
}

fn organizations(world: &World, call: &Call) -> String {
    let Some(organization) = &world.organization else { return "*".to_owned() };
    let arn = |kind: &str, id: &str| {
        format!(
            "arn:aws:organizations::{}:{kind}/{}/{id}",
            organization.management_account(),
            organization.id()
        )
    };
    let named = ["AccountId", "OrganizationalUnitId", "ParentId", "ChildId", "TargetId", "ResourceId"];
    let id = named.iter().find_map(|name| input::text(&call.input, name));
    match id {
        Some(id) if id.starts_with("ou-") => arn("ou", id),
        Some(id) if id.starts_with("r-") => arn("root", id),
        Some(id) if id.starts_with("p-") => {
            let kind = organization.type_of_policy(id).unwrap_or(PolicyType::ServiceControl);
            arn("policy", &format!("{}/{id}", kind.in_arns()))
        }
        Some(id) => arn("account", id),
        None => "*".to_owned(),
    }
}
