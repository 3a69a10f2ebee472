//! Whether everything that a template refers to exists: what AWS finds before it makes anything.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Template;
use super::dependencies::{Reference, references};

const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

pub(super) fn validate(template: &Template) -> Result<(), String> {
    conditions(template)?;
    let mut found = BTreeSet::new();
    let mut missing_conditions = Vec::new();
    let mut unresolved = BTreeSet::new();
    for resource in template.resources.values() {
        resource.properties.values().try_for_each(|value| references(value, &mut found))?;
        missing_conditions
            .extend(resource.condition.as_ref().filter(|name| !template.conditions.contains_key(*name)));
        unresolved.extend(
            resource.depends_on.iter().filter(|name| !template.resources.contains_key(*name)).cloned(),
        );
    }
    if let Some(name) = missing_conditions.first() {
        return Err(format!(
            "Template format error: Unresolved condition dependency {name} in the Resources block of the template"
        ));
    }
    check_references(template, &found, unresolved, "Resources")?;

    let mut found = BTreeSet::new();
    for output in template.outputs.values() {
        references(&output.value, &mut found)?;
        output.export_name.as_ref().map_or(Ok(()), |name| references(name, &mut found))?;
    }
    check_references(template, &found, BTreeSet::new(), "Outputs")
}

fn is_value(template: &Template, name: &str) -> bool {
    PSEUDO.contains(&name) || template.parameters.contains_key(name)
}

fn check_references(
    template: &Template,
    found: &BTreeSet<Reference>,
    mut unresolved: BTreeSet<String>,
    block: &str,
) -> Result<(), String> {
    for reference in found {
        match reference {
            Reference::Name(name) if is_value(template, name) || template.resources.contains_key(name) => {}
            Reference::Name(name) => {
                unresolved.insert(name.clone());
            }
            Reference::Attribute(resource, attribute) => check_attribute(template, resource, attribute)?,
            Reference::Condition(name) if template.conditions.contains_key(name) => {}
            Reference::Condition(name) => {
                return Err(format!("Template error: unresolved condition dependency {name} in Fn::If"));
            }
            Reference::Mapping(name) if template.mappings.contains_key(name) => {}
            Reference::Mapping(name) => {
                return Err(format!(
                    "Template error: Mapping named '{name}' is not present in the 'Mappings' section of template."
                ));
            }
        }
    }
    if unresolved.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = unresolved.into_iter().collect();
    Err(format!(
        "Template format error: Unresolved resource dependencies [{}] in the {block} block of the template",
        names.join(", ")
    ))
}

fn check_attribute(template: &Template, resource: &str, attribute: &str) -> Result<(), String> {
    match template.resources.get(resource) {
        None => {
            Err(format!("Template error: instance of Fn::GetAtt references undefined resource {resource}"))
        }
        Some(declared) if declared.resource_type.attributes().contains(&attribute) => Ok(()),
        Some(_) => Err(format!(
            "Template error: resource {resource} does not support attribute type {attribute} in Fn::GetAtt"
        )),
    }
}

/// Conditions see parameters and each other, never resources.
fn conditions(template: &Template) -> Result<(), String> {
    for (name, expression) in &template.conditions {
        let mut found = BTreeSet::new();
        references(expression, &mut found)?;
        let unresolved: Vec<&str> = found
            .iter()
            .filter_map(|reference| match reference {
                Reference::Name(name) | Reference::Attribute(name, _) => Some(name.as_str()),
                Reference::Condition(_) | Reference::Mapping(_) => None,
            })
            .filter(|name| !is_value(template, name))
            .collect();
        if !unresolved.is_empty() {
            return Err(format!(
                "Template format error: Unresolved dependencies [{}]. Cannot reference resources in the Conditions block of the template",
                unresolved.join(", ")
            ));
        }
        let mut path = Vec::new();
        circle(template, name, &mut path)?;
    }
    Ok(())
}

fn circle<'a>(template: &'a Template, name: &'a str, path: &mut Vec<&'a str>) -> Result<(), String> {
    if path.contains(&name) {
        return Err(format!(
            "Template format error: Circular dependency between conditions: [{}]",
            path.join(", ")
        ));
    }
    let expression = template.conditions.get(name).ok_or_else(|| {
        format!("Template format error: Unresolved condition dependency {name} in the Conditions block of the template")
    })?;
    path.push(name);
    let mut named = Vec::new();
    named_conditions(expression, &mut named);
    for next in named {
        circle(template, next, path)?;
    }
    path.pop();
    Ok(())
}

fn named_conditions<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(name) if key == "Condition" => found.push(name),
                    other => named_conditions(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named_conditions(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::Template;

    fn check(sections: &str, properties: &str) -> String {
        Template::read(&format!(
            "{sections}\nResources: {{Role: {{Type: AWS::IAM::Role, Properties: {properties}}}}}"
        ))
        .err()
        .unwrap_or_default()
    }

    #[test]
    fn references_into_nothing_are_named() {
        for (sections, properties, expected) in [
            (
                "",
                "{Path: !Ref X, RoleName: !Sub '${Y}'}",
                "Template format error: Unresolved resource dependencies [X, Y] in the Resources block of the template",
            ),
            (
                "Outputs: {O: {Value: !Ref X}}",
                "{}",
                "Template format error: Unresolved resource dependencies [X] in the Outputs block of the template",
            ),
            (
                "",
                "{Path: !GetAtt X.Arn}",
                "Template error: instance of Fn::GetAtt references undefined resource X",
            ),
            ("", "{Path: !If [X, a, b]}", "Template error: unresolved condition dependency X in Fn::If"),
            (
                "",
                "{Path: !FindInMap [X, a, b]}",
                "Template error: Mapping named 'X' is not present in the 'Mappings' section of template.",
            ),
            (
                "Conditions: {C: !Equals [!Ref Role, a]}",
                "{}",
                "Template format error: Unresolved dependencies [Role]. Cannot reference resources in the Conditions block of the template",
            ),
            (
                "Conditions: {C: !Not [!Condition D], D: !Not [!Condition C]}",
                "{}",
                "Template format error: Circular dependency between conditions: [C, D]",
            ),
            ("Outputs: {O: {Value: !GetAtt Role.Arn}}", "{Path: !Ref AWS::NoValue}", ""),
        ] {
            assert_eq!(check(sections, properties), expected, "{sections} {properties}");
        }
    }
}
