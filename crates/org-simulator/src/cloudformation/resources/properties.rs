//! Property schemas, and readers for the shapes that several types share.

use serde_json::Value;

use super::Properties;
use crate::cloudformation::template::ResourceType;

struct Schema {
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

fn schema(resource_type: ResourceType) -> Schema {
    match resource_type {
        ResourceType::Role => Schema {
            required: &["AssumeRolePolicyDocument"],
            optional: &[
                "Description",
                "ManagedPolicyArns",
                "MaxSessionDuration",
                "Path",
                "PermissionsBoundary",
                "Policies",
                "RoleName",
                "Tags",
            ],
        },
        ResourceType::ManagedPolicy => Schema {
            required: &["PolicyDocument"],
            optional: &["Description", "Groups", "ManagedPolicyName", "Path", "Roles", "Tags", "Users"],
        },
        ResourceType::RolePolicy => {
            Schema { required: &["PolicyName", "RoleName"], optional: &["PolicyDocument"] }
        }
        ResourceType::Policy => {
            Schema { required: &["PolicyDocument", "PolicyName"], optional: &["Groups", "Roles", "Users"] }
        }
    }
}

/// Names extraneous and missing properties as AWS's resource validation does.
pub(super) fn check(resource_type: ResourceType, properties: &Properties) -> Result<(), String> {
    let schema = schema(resource_type);
    let mut problems: Vec<String> = schema
        .required
        .iter()
        .filter(|name| !properties.contains_key(**name))
        .map(|name| format!("#: required key [{name}] not found"))
        .collect();
    let is_known = |name: &str| schema.required.contains(&name) || schema.optional.contains(&name);
    problems.extend(
        properties
            .keys()
            .filter(|name| !is_known(name))
            .map(|name| format!("#: extraneous key [{name}] is not permitted")),
    );
    // Users and groups of the account are not provisioned by anything that this CloudFormation can make.
    problems.extend(
        ["Groups", "Users"]
            .into_iter()
            .filter(|name| properties.get(*name).is_some_and(|value| *value != Value::Array(Vec::new())))
            .map(|name| format!("#/{name}: not supported by the simulated organization")),
    );
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("Properties validation failed: [{}]", problems.join(", ")))
    }
}

/// A scalar as the text that the API wants; a document as its JSON.
pub(in crate::cloudformation) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The strings of a list property; one string stands for a list of one, as in CloudFormation.
pub(in crate::cloudformation) fn texts(properties: &Properties, name: &str) -> Vec<String> {
    match properties.get(name) {
        Some(Value::Array(items)) => items.iter().map(as_text).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// The `Policies` of a role: name and document.
pub(in crate::cloudformation) fn named_policies(properties: &Properties) -> Vec<(String, Value)> {
    let policies = properties.get("Policies").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    policies
        .iter()
        .filter_map(|policy| {
            Some((policy.get("PolicyName").map(as_text)?, policy.get("PolicyDocument").cloned()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn missing_and_extraneous_properties_are_named() {
        let properties = json!({"Rolename": "x"});
        let message = check(ResourceType::Role, properties.as_object().unwrap()).unwrap_err();
        assert!(message.contains("#: required key [AssumeRolePolicyDocument] not found"), "{message}");
        assert!(message.contains("#: extraneous key [Rolename] is not permitted"), "{message}");
    }
}
