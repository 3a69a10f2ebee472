//! Service control policies: making, attaching and listing them. No other policy type is simulated.

use std::sync::Arc;

use serde_json::{Value, json};

use super::policies::{FULL_AWS_ACCESS, MAX_POLICIES_PER_TARGET, Policy};
use super::{
    Organization, error, is_policy_id, is_root_id, is_target_id, listing, organization, organization_mut,
    required, required_id, shape,
};
use crate::call::{Answer, ApiError, Call};
use crate::document::Document;
use crate::input;
use crate::world::World;

/// The longest service control policy, white space included.
const MAX_CONTENT: usize = 5120;

/// `EnablePolicyType`.
pub(super) fn enable_type(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    policy_type(&call.input, "PolicyType")?;
    root(organization, &call.input)?;
    if !organization.all_features() {
        return Err(error::plain(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled for this organization.",
        ));
    }
    if organization.policies.is_enabled() {
        return Err(error::plain(
            "PolicyTypeAlreadyEnabledException",
            "The specified policy type is already enabled.",
        ));
    }
    organization.policies.enable();
    Ok(json!({"Root": shape::root(organization)}))
}

/// `DisablePolicyType`.
pub(super) fn disable_type(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    policy_type(&call.input, "PolicyType")?;
    root(organization, &call.input)?;
    require_enabled(organization)?;
    organization.policies.disable();
    Ok(json!({"Root": shape::root(organization)}))
}

/// `CreatePolicy`.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    policy_type(&call.input, "Type")?;
    let document = content(world, required(&call.input, "Content")?)?;
    let name = required(&call.input, "Name")?.to_owned();
    let description = input::text(&call.input, "Description").unwrap_or_default().to_owned();
    let id = format!("p-{}", world.ids.alphanumeric_lower(10));
    let organization = organization_mut(world);
    if organization.policies.by_id.values().any(|policy| policy.name == name) {
        return Err(error::plain("DuplicatePolicyException", "A policy with the same name already exists."));
    }
    organization.policies.add(Policy { id: id.clone(), name, description, aws_managed: false, document });
    Ok(described(organization, &id))
}

/// `UpdatePolicy`.
pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let document = input::text(&call.input, "Content").map(|text| content(world, text)).transpose()?;
    let organization = organization_mut(world);
    let id = own_policy(organization, &call.input)?.to_owned();
    let policy = organization.policies.by_id.get_mut(&id).expect("it was looked up");
    if let Some(document) = document {
        policy.document = document;
    }
    if let Some(name) = input::text(&call.input, "Name") {
        name.clone_into(&mut policy.name);
    }
    if let Some(description) = input::text(&call.input, "Description") {
        description.clone_into(&mut policy.description);
    }
    Ok(described(organization, &id))
}

/// `DescribePolicy`.
pub(super) fn describe(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let id = policy(organization, &call.input)?;
    Ok(described(organization, id))
}

/// `DeletePolicy`: only when it is attached nowhere.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    let id = own_policy(organization, &call.input)?;
    if organization.policies.is_attached(id) {
        return Err(error::plain(
            "PolicyInUseException",
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.",
        ));
    }
    organization.policies.by_id.remove(id);
    Ok(Value::Null)
}

/// `AttachPolicy`.
pub(super) fn attach(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    let (policy, target) = (policy(organization, &call.input)?, target(organization, &call.input)?);
    require_enabled(organization)?;
    let attached = organization.policies.of_target(target);
    if attached.contains(policy) {
        return Err(error::plain(
            "DuplicatePolicyAttachmentException",
            "The selected policy is already attached to the specified target.",
        ));
    }
    if attached.len() >= MAX_POLICIES_PER_TARGET {
        return Err(error::constraint(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have exceeded the number of policies of this type that can be attached to an entity.",
        ));
    }
    organization.policies.attach(policy, target);
    Ok(Value::Null)
}

/// `DetachPolicy`: one policy always stays.
pub(super) fn detach(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    let (policy, target) = (policy(organization, &call.input)?, target(organization, &call.input)?);
    require_enabled(organization)?;
    let attached = organization.policies.of_target(target);
    if !attached.contains(policy) {
        return Err(error::plain(
            "PolicyNotAttachedException",
            "The policy isn't attached to the specified target in the specified root.",
        ));
    }
    if attached.len() == 1 {
        return Err(error::constraint(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You attempted to detach the last policy of this type from an entity: at least one must stay attached.",
        ));
    }
    organization.policies.detach(policy, target);
    Ok(Value::Null)
}

/// `ListPolicies`.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    policy_type(&call.input, "Filter")?;
    let organization = organization(world);
    let policies = organization.policies.by_id.iter();
    listing::page(call, "Policies", "", policies, |policy| shape::policy_summary(organization, policy))
}

/// `ListPoliciesForTarget`: what is attached directly, not what is inherited (aws-facts D2).
pub(super) fn list_for_target(world: &World, call: &Call) -> Answer {
    policy_type(&call.input, "Filter")?;
    let organization = organization(world);
    let target = target(organization, &call.input)?;
    let policies = organization.policies.of_target(target).into_iter();
    let policies = policies.filter_map(|id| organization.policies.by_id.get_key_value(id));
    listing::page(call, "Policies", target, policies, |policy| shape::policy_summary(organization, policy))
}

/// `ListTargetsForPolicy`.
pub(super) fn list_targets(world: &World, call: &Call) -> Answer {
    let organization = organization(world);
    let policy = policy(organization, &call.input)?;
    let parents = organization.parents.values().map(|parent| {
        let (kind, arn) =
            if parent.parent.is_none() { ("ROOT", "root") } else { ("ORGANIZATIONAL_UNIT", "ou") };
        (parent.id.as_str(), parent.name.as_str(), kind, arn)
    });
    let accounts = organization.accounts.values();
    let accounts = accounts.map(|account| (account.id.as_str(), account.name.as_str(), "ACCOUNT", "account"));
    // Account ids begin with a digit and so come before `ou-` and `r-`: the whole is in order.
    let targets = accounts.chain(parents);
    let targets = targets.filter(|(id, ..)| organization.policies.of_target(id).contains(policy));
    let targets = targets.map(|target| (target.0, target));
    listing::page(
        call,
        "Targets",
        policy,
        targets,
        |(id, name, kind, arn)| json!({"TargetId": id, "Arn": organization.arn(arn, id), "Name": name, "Type": kind}),
    )
}

fn policy_type(input: &Value, name: &str) -> Result<(), ApiError> {
    match required(input, name)? {
        "SERVICE_CONTROL_POLICY" => Ok(()),
        _ => Err(error::invalid_input("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type.")),
    }
}

fn root(organization: &Organization, input: &Value) -> Result<(), ApiError> {
    if required_id(input, "RootId", is_root_id)? == organization.root_id() {
        return Ok(());
    }
    Err(error::plain("RootNotFoundException", "You specified a root that doesn't exist."))
}

fn require_enabled(organization: &Organization) -> Result<(), ApiError> {
    if organization.policies.is_enabled() {
        return Ok(());
    }
    Err(error::plain(
        "PolicyTypeNotEnabledException",
        "This operation can be performed only for enabled policy types.",
    ))
}

fn content(world: &mut World, text: &str) -> Result<Arc<Document>, ApiError> {
    if text.chars().count() > MAX_CONTENT {
        return Err(error::constraint(
            "POLICY_CONTENT_LIMIT_EXCEEDED",
            "You have exceeded the maximum size of a policy document.",
        ));
    }
    let malformed = || {
        error::plain(
            "MalformedPolicyDocumentException",
            "The provided policy document does not meet the requirements of the specified policy type.",
        )
    };
    let document = world.documents.read(text).map_err(|_| malformed())?;
    let is_complete = document
        .statements
        .iter()
        .all(|statement| statement.principals.is_none() && statement.resources.is_some());
    if is_complete { Ok(document) } else { Err(malformed()) }
}

fn policy<'a>(organization: &Organization, input: &'a Value) -> Result<&'a str, ApiError> {
    let id = required_id(input, "PolicyId", is_policy_id)?;
    if organization.policies.by_id.contains_key(id) { Ok(id) } else { Err(error::policy_not_found()) }
}

fn own_policy<'a>(organization: &Organization, input: &'a Value) -> Result<&'a str, ApiError> {
    match policy(organization, input)? {
        FULL_AWS_ACCESS => Err(error::invalid_input(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by AWS and can't be modified.",
        )),
        id => Ok(id),
    }
}

fn target<'a>(organization: &Organization, input: &'a Value) -> Result<&'a str, ApiError> {
    let id = required_id(input, "TargetId", is_target_id)?;
    let exists = organization.account(id).is_some() || organization.unit_exists(id);
    if exists { Ok(id) } else { Err(error::target_not_found()) }
}

fn described(organization: &Organization, id: &str) -> Value {
    let policy = &organization.policies.by_id[id];
    json!({"Policy": {
        "PolicySummary": shape::policy_summary(organization, policy),
        "Content": policy.document.text,
    }})
}
