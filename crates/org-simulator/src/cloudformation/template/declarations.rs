//! The sections of a template, each checked for its shape.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{OutputDeclaration, ParameterDeclaration, Template};

/// The resource types that the simulated CloudFormation can provision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ResourceType {
    ManagedPolicy,
    Policy,
    Role,
    RolePolicy,
}

impl ResourceType {
    const ALL: [ResourceType; 4] =
        [ResourceType::ManagedPolicy, ResourceType::Policy, ResourceType::Role, ResourceType::RolePolicy];

    /// The name that templates use.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ResourceType::ManagedPolicy => "AWS::IAM::ManagedPolicy",
            ResourceType::Policy => "AWS::IAM::Policy",
            ResourceType::Role => "AWS::IAM::Role",
            ResourceType::RolePolicy => "AWS::IAM::RolePolicy",
        }
    }

    /// The property that identifies a resource, as `GetTemplateSummary` names it.
    pub(crate) fn identifier(self) -> &'static [&'static str] {
        match self {
            ResourceType::ManagedPolicy => &["PolicyArn"],
            ResourceType::Policy => &["Id"],
            ResourceType::Role => &["RoleName"],
            ResourceType::RolePolicy => &["PolicyName", "RoleName"],
        }
    }

    /// What `Fn::GetAtt` may ask of it.
    pub(crate) fn attributes(self) -> &'static [&'static str] {
        match self {
            ResourceType::ManagedPolicy => &["PolicyArn", "PolicyId"],
            ResourceType::Policy => &["Id"],
            ResourceType::Role => &["Arn", "RoleId"],
            ResourceType::RolePolicy => &[],
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

/// One entry of `Resources`, unresolved.
#[derive(Debug, PartialEq)]
pub(crate) struct ResourceDeclaration {
    pub(crate) resource_type: ResourceType,
    pub(crate) properties: Map<String, Value>,
    pub(crate) condition: Option<String>,
    pub(crate) depends_on: Vec<String>,
    /// `DeletionPolicy: Retain` leaves the resource behind when its stack goes.
    pub(crate) retained: bool,
    pub(crate) metadata: Option<Value>,
}

impl ResourceDeclaration {
    /// Whether the author named the resource, which asks for `CAPABILITY_NAMED_IAM`.
    pub(crate) fn has_custom_name(&self) -> bool {
        let name = match self.resource_type {
            ResourceType::Role => "RoleName",
            ResourceType::ManagedPolicy => "ManagedPolicyName",
            ResourceType::Policy | ResourceType::RolePolicy => return false,
        };
        self.properties.contains_key(name)
    }
}

const SECTIONS: [&str; 9] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Transform",
];

/// Takes a template apart. `order` is still empty, and references are unchecked.
pub(super) fn declare(body: &str, document: Value) -> Result<Template, String> {
    let Value::Object(document) = document else {
        return Err("Template format error: unsupported structure.".to_owned());
    };
    let unknown: Vec<&str> =
        document.keys().map(String::as_str).filter(|key| !SECTIONS.contains(key)).collect();
    if !unknown.is_empty() {
        return Err(format!("Invalid template property or properties [{}]", unknown.join(", ")));
    }
    let version = optional_text(&document, "AWSTemplateFormatVersion")?;
    if let Some(version) = version.as_deref().filter(|version| *version != "2010-09-09") {
        return Err(format!(
            "Template format error: {version} is not a supported value for AWSTemplateFormatVersion."
        ));
    }
    let resources = section(&document, "Resources")?;
    if resources.is_empty() {
        return Err("Template format error: At least one Resources member must be defined.".to_owned());
    }
    Ok(Template {
        body: body.to_owned(),
        version,
        description: description(&document)?,
        metadata: document.get("Metadata").cloned(),
        transforms: transforms(document.get("Transform")),
        parameters: declared(&section(&document, "Parameters")?, ParameterDeclaration::declare)?,
        mappings: mappings(section(&document, "Mappings")?)?,
        conditions: section(&document, "Conditions")?,
        resources: resources_of(&resources)?,
        outputs: declared(&section(&document, "Outputs")?, output)?,
        order: Vec::new(),
    })
}

fn declared<T>(
    section: &Map<String, Value>,
    declare: impl Fn(&str, &Value) -> Result<T, String>,
) -> Result<BTreeMap<String, T>, String> {
    section.iter().map(|(name, value)| Ok((name.clone(), declare(name, value)?))).collect()
}

fn section(document: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, String> {
    match document.get(name) {
        None => Ok(Map::new()),
        Some(Value::Object(section)) => Ok(section.clone()),
        Some(_) => Err(format!("Template format error: {name} must be an object.")),
    }
}

fn optional_text(object: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("Template format error: Every {name} member must be a string.")),
    }
}

fn description(document: &Map<String, Value>) -> Result<Option<String>, String> {
    let description = optional_text(document, "Description")?;
    match description {
        Some(text) if text.len() > 1024 => {
            Err("Template format error: 'Description' length is greater than 1024.".to_owned())
        }
        other => Ok(other),
    }
}

fn transforms(declared: Option<&Value>) -> Vec<String> {
    let name = |value: &Value| match value {
        Value::String(name) => Some(name.clone()),
        Value::Object(object) => object.get("Name").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    match declared {
        Some(Value::Array(list)) => list.iter().filter_map(name).collect(),
        Some(value) => name(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn mappings(section: Map<String, Value>) -> Result<Map<String, Value>, String> {
    for (name, mapping) in &section {
        let keys = mapping.as_object().ok_or_else(|| {
            format!("Template format error: Every Mappings member must be a map; {name} is not.")
        })?;
        if let Some((key, _)) = keys.iter().find(|(_, attributes)| !attributes.is_object()) {
            return Err(format!(
                "Template format error: Every Mappings attribute must be a map; {name}::{key} is not."
            ));
        }
    }
    Ok(section)
}

fn resources_of(section: &Map<String, Value>) -> Result<BTreeMap<String, ResourceDeclaration>, String> {
    if let Some(name) = section.keys().find(|name| !name.chars().all(|letter| letter.is_ascii_alphanumeric()))
    {
        return Err(format!("Template format error: Resource name {name} is non alphanumeric."));
    }
    if section.len() > 500 {
        return Err(format!(
            "Template format error: Number of resources, {}, is greater than maximum allowed, 500",
            section.len()
        ));
    }
    let unknown: Vec<&str> = section
        .values()
        .filter_map(|resource| resource.get("Type")?.as_str())
        .filter(|name| ResourceType::named(name).is_none())
        .collect();
    if !unknown.is_empty() {
        return Err(format!("Template format error: Unrecognized resource types: [{}]", unknown.join(", ")));
    }
    declared(section, resource)
}

fn resource(name: &str, value: &Value) -> Result<ResourceDeclaration, String> {
    const ATTRIBUTES: [&str; 7] =
        ["Type", "Properties", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"];
    let object = value
        .as_object()
        .ok_or_else(|| format!("Template format error: Resource {name} must be an object."))?;
    if let Some(unknown) = object.keys().find(|key| !ATTRIBUTES.contains(&key.as_str())) {
        return Err(format!("Invalid template resource property '{unknown}'"));
    }
    let resource_type = object.get("Type").and_then(Value::as_str).and_then(ResourceType::named).ok_or_else(|| {
        format!("Template format error: [/Resources/{name}] Every Resources object must contain a Type member.")
    })?;
    let depends_on = match object.get("DependsOn") {
        None => Vec::new(),
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(_) => {
            return Err(format!("Template format error: DependsOn of {name} must be a string or a list."));
        }
    };
    let policy = optional_text(object, "DeletionPolicy")?;
    let retained = match policy.as_deref() {
        None | Some("Delete") => false,
        Some("Retain" | "RetainExceptOnCreate") => true,
        Some(other) => {
            return Err(format!(
                "Template format error: Unrecognized DeletionPolicy {other} for resource {name}"
            ));
        }
    };
    Ok(ResourceDeclaration {
        resource_type,
        properties: section(object, "Properties")?,
        condition: optional_text(object, "Condition")?,
        depends_on,
        retained,
        metadata: object.get("Metadata").cloned(),
    })
}

fn output(name: &str, value: &Value) -> Result<OutputDeclaration, String> {
    let object = value
        .as_object()
        .ok_or_else(|| format!("Template format error: Output {name} must be an object."))?;
    let value = object
        .get("Value")
        .cloned()
        .ok_or_else(|| format!("Template format error: Output {name} is malformed. Every Outputs member must contain a Value object."))?;
    Ok(OutputDeclaration {
        value,
        description: optional_text(object, "Description")?,
        condition: optional_text(object, "Condition")?,
        export_name: object.get("Export").and_then(|export| export.get("Name")).cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Template;

    #[test]
    fn a_template_of_the_wrong_shape_is_refused_as_aws_words_it() {
        for (body, expected) in [
            ("Description: nothing", "Template format error: At least one Resources member must be defined."),
            ("Resources: {}\nResource: {}", "Invalid template property or properties [Resource]"),
            (
                "AWSTemplateFormatVersion: '2011-01-01'\nResources: {}",
                "Template format error: 2011-01-01 is not a supported value for AWSTemplateFormatVersion.",
            ),
            (
                "Resources: {A: {Type: AWS::S3::Bucket}, B: {Type: AWS::IAM::Role}}",
                "Template format error: Unrecognized resource types: [AWS::S3::Bucket]",
            ),
            (
                "Resources: {A: {Properties: {}}}",
                "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
            ),
            (
                "Resources: {a-b: {Type: AWS::IAM::Role}}",
                "Template format error: Resource name a-b is non alphanumeric.",
            ),
            (
                "Resources: {A: {Type: AWS::IAM::Role, Property: {}}}",
                "Invalid template resource property 'Property'",
            ),
        ] {
            assert_eq!(Template::read(body).unwrap_err(), expected, "{body}");
        }
    }

    #[test]
    fn transforms_are_seen_in_all_their_spellings() {
        let read = |transform: &str| {
            Template::read(&format!("Transform: {transform}\nResources: {{A: {{Type: AWS::IAM::Role}}}}"))
                .unwrap()
                .transforms
        };
        assert_eq!(read("AWS::Serverless-2016-10-31"), ["AWS::Serverless-2016-10-31"]);
        assert_eq!(read("[A, {Name: B}]"), ["A", "B"]);
    }
}
