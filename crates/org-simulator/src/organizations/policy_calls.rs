//! Policies: making, attaching and listing them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::policies::{Policy, PolicyType};
use super::{
    Organization, error, is_policy_id, is_root_id, is_target_id, listing, organization, organization_mut,
    required, required_id, shape,
};
use crate::call::{Answer, ApiError, Call};
use crate::document::{Document, Principals, Statement};
use crate::input;
use crate::world::World;

/// The longest policy of either type, white space included.
const MAX_CONTENT: usize = 5120;

/// `EnablePolicyType`.
pub(super) fn enable_type(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    let kind = policy_type(&call.input, "PolicyType")?;
    root(organization, &call.input)?;
    if !organization.all_features() {
        return Err(error::plain(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled for this organization.",
        ));
    }
    if organization.policies.is_enabled(kind) {
        return Err(error::plain(
            "PolicyTypeAlreadyEnabledException",
            "The specified policy type is already enabled.",
        ));
    }
    organization.policies.enable(kind);
    Ok(json!({"Root": shape::root(organization)}))
}

/// `DisablePolicyType`.
pub(super) fn disable_type(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    let kind = policy_type(&call.input, "PolicyType")?;
    root(organization, &call.input)?;
    require_enabled(organization, kind)?;
    organization.policies.disable(kind);
    Ok(json!({"Root": shape::root(organization)}))
}

/// `CreatePolicy`.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let kind = policy_type(&call.input, "Type")?;
    let document = content(world, kind, required(&call.input, "Content")?)?;
    let name = required(&call.input, "Name")?.to_owned();
    let description = input::text(&call.input, "Description").unwrap_or_default().to_owned();
    let id = format!("p-{}", world.ids.alphanumeric_lower(10));
    let organization = organization_mut(world);
    if organization.policies.by_id.values().any(|policy| policy.kind == kind && policy.name == name) {
        return Err(error::plain("DuplicatePolicyException", "A policy with the same name already exists."));
    }
    organization.policies.add(Policy {
        id: id.clone(),
        kind,
        name,
        description,
        aws_managed: false,
        document,
    });
    Ok(described(organization, &id))
}

/// `UpdatePolicy`.
pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let id = own_policy(organization(world), &call.input)?.to_owned();
    let kind = type_of(organization(world), &id);
    let document = input::text(&call.input, "Content").map(|text| content(world, kind, text)).transpose()?;
    let organization = organization_mut(world);
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
    let kind = type_of(organization, policy);
    require_enabled(organization, kind)?;
    let attached = organization.policies.of_target(kind, target);
    if attached.contains(policy) {
        return Err(error::plain(
            "DuplicatePolicyAttachmentException",
            "The selected policy is already attached to the specified target.",
        ));
    }
    if attached.len() >= kind.most_per_target() {
        return Err(error::constraint(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have exceeded the number of policies of this type that can be attached to an entity.",
        ));
    }
    organization.policies.attach(policy, target);
    Ok(Value::Null)
}

/// `DetachPolicy`: one policy always stays, and `RCPFullAWSAccess` is always the one.
pub(super) fn detach(world: &mut World, call: &Call) -> Answer {
    let organization = organization_mut(world);
    let (policy, target) = (policy(organization, &call.input)?, target(organization, &call.input)?);
    let kind = type_of(organization, policy);
    require_enabled(organization, kind)?;
    let attached = organization.policies.of_target(kind, target);
    if !attached.contains(policy) {
        return Err(error::plain(
            "PolicyNotAttachedException",
            "The policy isn't attached to the specified target in the specified root.",
        ));
    }
    let stays = kind == PolicyType::ResourceControl && organization.policies.by_id[policy].aws_managed;
    if attached.len() == 1 || stays {
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
    let kind = policy_type(&call.input, "Filter")?;
    let organization = organization(world);
    let policies = organization.policies.by_id.iter().filter(|(_, policy)| policy.kind == kind);
    listing::page(call, "Policies", kind.as_str(), policies, |policy| {
        shape::policy_summary(organization, policy)
    })
}

/// `ListPoliciesForTarget`: what is attached directly, not what is inherited (aws-facts D2).
pub(super) fn list_for_target(world: &World, call: &Call) -> Answer {
    let kind = policy_type(&call.input, "Filter")?;
    let organization = organization(world);
    let target = target(organization, &call.input)?;
    let policies = organization.policies.of_target(kind, target).into_iter();
    let policies = policies.filter_map(|id| organization.policies.by_id.get_key_value(id));
    let about = format!("{} of {target}", kind.as_str());
    listing::page(call, "Policies", &about, policies, |policy| shape::policy_summary(organization, policy))
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
    let kind = type_of(organization, policy);
    let targets = targets.filter(|(id, ..)| organization.policies.of_target(kind, id).contains(policy));
    let targets = targets.map(|target| (target.0, target));
    listing::page(
        call,
        "Targets",
        policy,
        targets,
        |(id, name, kind, arn)| json!({"TargetId": id, "Arn": organization.arn(arn, id), "Name": name, "Type": kind}),
    )
}

fn policy_type(input: &Value, name: &str) -> Result<PolicyType, ApiError> {
    let named = required(input, name)?;
    let kind = PolicyType::ALL.into_iter().find(|kind| kind.as_str() == named);
    let message = "You specified an invalid policy type.";
    kind.ok_or_else(|| error::invalid_input("INVALID_ENUM_POLICY_TYPE", message))
}

/// The type of a policy that was looked up.
fn type_of(organization: &Organization, policy: &str) -> PolicyType {
    organization.type_of_policy(policy).expect("the policy was looked up")
}

fn root(organization: &Organization, input: &Value) -> Result<(), ApiError> {
    if required_id(input, "RootId", is_root_id)? == organization.root_id() {
        return Ok(());
    }
    Err(error::plain("RootNotFoundException", "You specified a root that doesn't exist."))
}

fn require_enabled(organization: &Organization, kind: PolicyType) -> Result<(), ApiError> {
    if organization.policies.is_enabled(kind) {
        return Ok(());
    }
    Err(error::plain(
        "PolicyTypeNotEnabledException",
        "This operation can be performed only for enabled policy types.",
    ))
}

fn content(world: &mut World, kind: PolicyType, text: &str) -> Result<Arc<Document>, ApiError> {
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
    let may_be = |statement| may_be_statement(kind, statement);
    if document.statements.iter().all(may_be) { Ok(document) } else { Err(malformed()) }
}

/// A resource control policy denies everybody actions of named services; a service control policy names no principal.
fn may_be_statement(kind: PolicyType, statement: &Statement) -> bool {
    let principals = statement.principals.as_ref();
    let of_kind = match kind {
        PolicyType::ServiceControl => principals.is_none(),
        PolicyType::ResourceControl => {
            let names_everybody = |principals: &Principals| {
                !principals.negated
                    && principals.members.iter().all(|(kind, name)| kind == "AWS" && name == "*")
            };
            let actions = &statement.actions;
            !statement.allows
                && principals.is_some_and(names_everybody)
                && !actions.negated
                && actions.patterns.iter().all(|action| action != "*")
        }
    };
    of_kind && statement.resources.is_some()
}

fn policy<'a>(organization: &Organization, input: &'a Value) -> Result<&'a str, ApiError> {
    let id = required_id(input, "PolicyId", is_policy_id)?;
    if organization.policies.by_id.contains_key(id) { Ok(id) } else { Err(error::policy_not_found()) }
}

fn own_policy<'a>(organization: &Organization, input: &'a Value) -> Result<&'a str, ApiError> {
    let id = policy(organization, input)?;
    if organization.policies.by_id[id].aws_managed {
        return Err(error::invalid_input(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by AWS and can't be modified.",
        ));
    }
    Ok(id)
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
