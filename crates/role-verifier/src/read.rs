//! Talks to IAM and decides nothing: the live role, in the terms of a specification.

use aws_failure::AwsFailure;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role;
use iam_policy::{PolicyDocument, PolicyError};
use role_template::RoleSpecification;

/// What could be learned of the live role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LiveRole {
    /// All of it.
    Read(Box<RoleSpecification>),
    /// IAM says that there is no such role.
    Absent,
    /// Not all of it, and why.
    Unreadable(String),
}

/// Reads everything that makes the role what it is (aws-facts F2).
pub(crate) async fn read(client: &Client, role_name: &str) -> LiveRole {
    match try_read(client, role_name).await {
        Ok(Some(role)) => LiveRole::Read(Box::new(role)),
        Ok(None) => LiveRole::Absent,
        Err(problem) => LiveRole::Unreadable(problem),
    }
}

async fn try_read(client: &Client, role_name: &str) -> Result<Option<RoleSpecification>, String> {
    let answer = match client.get_role().role_name(role_name).send().await {
        Ok(answer) => answer,
        Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_entity_exception()) => {
            return Ok(None);
        }
        Err(error) => return Err(format!("could not get the role: {}", AwsFailure::new(&error))),
    };
    let role = answer.role().ok_or("the answer to GetRole has no role")?;
    let mut read = properties(role)?;
    let attached = client.list_attached_role_policies().role_name(role_name).into_paginator().items().send();
    let attached = attached.collect::<Result<Vec<_>, _>>().await;
    let attached = attached
        .map_err(|error| format!("could not list the attached policies: {}", AwsFailure::new(&error)))?;
    read.managed_policies =
        attached.iter().filter_map(|policy| policy.policy_arn()).map(str::to_owned).collect();
    let names = client.list_role_policies().role_name(role_name).into_paginator().items().send();
    let names = names.collect::<Result<Vec<_>, _>>().await;
    let names =
        names.map_err(|error| format!("could not list the inline policies: {}", AwsFailure::new(&error)))?;
    for name in names {
        let policy = client.get_role_policy().role_name(role_name).policy_name(&name).send().await;
        let policy = policy.map_err(|error| {
            format!("could not get the inline policy `{name}`: {}", AwsFailure::new(&error))
        })?;
        let document = document(&format!("inline policy `{name}`"), policy.policy_document())?;
        read.inline_policies.insert(name, document);
    }
    Ok(Some(read))
}

fn properties(role: &Role) -> Result<RoleSpecification, String> {
    let trust = role.assume_role_policy_document().unwrap_or_default();
    let mut read = RoleSpecification::new(role.role_name(), document("trust policy", trust)?);
    read.path = role.path().to_owned();
    read.description = role.description().filter(|text| !text.is_empty()).map(str::to_owned);
    read.permissions_boundary = role
        .permissions_boundary()
        .and_then(|boundary| boundary.permissions_boundary_arn())
        .map(str::to_owned);
    if let Some(seconds) = role.max_session_duration().and_then(|seconds| u32::try_from(seconds).ok()) {
        read.max_session = seconds;
    }
    read.tags = role
        .tags()
        .iter()
        // Tags of AWS's own cannot be specified.
        .filter(|tag| !tag.key().starts_with("aws:"))
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect();
    Ok(read)
}

/// IAM gives documents percent-encoded, and the SDK leaves them so (aws-facts F2).
fn document(which: &str, encoded: &str) -> Result<PolicyDocument, String> {
    PolicyDocument::parse_encoded(encoded)
        .map_err(|error: PolicyError| format!("could not understand the {which}: {error}"))
}
