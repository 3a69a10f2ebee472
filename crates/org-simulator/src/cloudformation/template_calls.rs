//! GetTemplate, GetTemplateSummary and ValidateTemplate.

use std::sync::Arc;

use serde_json::{Value, json};

use super::template::Template;
use super::{change_set, definition, errors, lookup, stack_calls};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::world::World;

pub(super) fn get(world: &World, call: &Call) -> Answer {
    let template = if input::text(&call.input, "ChangeSetName").is_some() {
        change_set::template_of(world, call)?
    } else {
        Arc::clone(&world.cloudformation.stacks.get(stack_calls::named(world, call)?).definition.template)
    };
    Ok(json!({"TemplateBody": template.body, "StagesAvailable": ["Original", "Processed"]}))
}

pub(super) fn summary(world: &World, call: &Call) -> Answer {
    let template = summarized(world, call)?;
    let parameters: Vec<Value> = template
        .parameters
        .iter()
        .map(|(name, declared)| {
            let mut described = parameter(
                name,
                declared.default.as_deref(),
                declared.no_echo,
                declared.description.as_deref(),
            );
            described["ParameterType"] = json!(declared.parameter_type);
            described["ParameterConstraints"] = match declared.allowed_values.as_slice() {
                [] => json!({}),
                values => json!({"AllowedValues": values}),
            };
            described
        })
        .collect();
    let identifiers: Vec<Value> = template
        .resource_types()
        .into_iter()
        .map(|resource_type| {
            let of_type = template
                .resources
                .iter()
                .filter(|(_, declared)| declared.resource_type.as_str() == resource_type);
            let names: Vec<&String> = of_type.clone().map(|(name, _)| name).collect();
            let keys =
                of_type.map(|(_, declared)| declared.resource_type.identifier()).next().unwrap_or_default();
            json!({"ResourceType": resource_type, "LogicalResourceIds": names, "ResourceIdentifiers": keys})
        })
        .collect();
    let mut answer = json!({
        "Parameters": parameters,
        "ResourceTypes": template.resource_types(),
        "ResourceIdentifierSummaries": identifiers,
    });
    if let Some(version) = &template.version {
        answer["Version"] = json!(version);
    }
    if let Some(metadata) = &template.metadata {
        answer["Metadata"] = json!(metadata.to_string());
    }
    describe_common(&mut answer, &template);
    Ok(answer)
}

/// The template of the body, the stack or the StackSet that the call names.
fn summarized(world: &World, call: &Call) -> Result<Arc<Template>, ApiError> {
    if let Some(template) = definition::template(&call.input)? {
        return Ok(template);
    }
    if input::text(&call.input, "StackName").is_some() {
        let stack = stack_calls::named(world, call)?;
        return Ok(Arc::clone(&world.cloudformation.stacks.get(stack).definition.template));
    }
    if input::text(&call.input, "StackSetName").is_some() {
        let set = lookup::stack_set(world, call)?;
        return Ok(Arc::clone(&world.cloudformation.set(set).definition.template));
    }
    Err(errors::validation("Either TemplateBody, TemplateURL, StackName or StackSetName must be specified."))
}

pub(super) fn validate(call: &Call) -> Answer {
    let template = definition::template(&call.input)?
        .ok_or_else(|| errors::validation("Either Template URL or Template Body must be specified."))?;
    let parameters: Vec<Value> = template
        .parameters
        .iter()
        .map(|(name, declared)| {
            parameter(name, declared.default.as_deref(), declared.no_echo, declared.description.as_deref())
        })
        .collect();
    let mut answer = json!({"Parameters": parameters});
    describe_common(&mut answer, &template);
    Ok(answer)
}

fn parameter(name: &str, default: Option<&str>, no_echo: bool, description: Option<&str>) -> Value {
    let mut described = json!({"ParameterKey": name, "NoEcho": no_echo});
    if let Some(default) = default {
        described["DefaultValue"] = json!(if no_echo { "****" } else { default });
    }
    if let Some(description) = description {
        described["Description"] = json!(description);
    }
    described
}

/// The members that both descriptions of a template have.
fn describe_common(answer: &mut Value, template: &Template) {
    if let Some(description) = &template.description {
        answer["Description"] = json!(description);
    }
    if let Some(capability) = template.required_capability() {
        let types: Vec<&str> = template.resource_types().into_iter().collect();
        answer["Capabilities"] = json!([capability]);
        answer["CapabilitiesReason"] =
            json!(format!("The following resource(s) require capabilities: [{}]", types.join(", ")));
    }
    if !template.transforms.is_empty() {
        answer["DeclaredTransforms"] = json!(template.transforms);
    }
}
