//! What is known against a template, whoever wrote it.

use std::collections::BTreeMap;

use iam_policy::PolicyDocument;
use serde_json::{Map, Value};

use crate::beside::beside_the_role;
use crate::parameter::default_of;
use crate::place::Place;
use crate::{Problem, RoleTemplate, TemplateError, text};

impl RoleTemplate {
    /// What a service-managed StackSet refuses about a template (aws-facts A1, A15, K24), and what is unwise
    /// about it (A12). What is wrong with the role itself is told by
    /// [`RoleSpecification::problems`](crate::RoleSpecification::problems).
    ///
    /// # Errors
    ///
    /// When the text is neither JSON nor YAML.
    pub fn problems(
        body: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Vec<Problem>, TemplateError> {
        let template = text::parse(body)?;
        let template =
            template.as_object().ok_or_else(|| Place::new("template").error("is not an object"))?;
        let mut problems = too_large(template);
        problems.extend(too_long(template, parameters));
        problems.extend(macros(template));
        problems.extend(refused_resources(template));
        problems.extend(managed_policies(template));
        problems.extend(beside_the_role(template));
        Ok(problems)
    }
}

/// CloudFormation's limits on sections (aws-facts A15).
const SECTIONS: [(&str, usize); 4] =
    [("Resources", 500), ("Parameters", 200), ("Outputs", 200), ("Mappings", 200)];

/// Bytes of the template's own description (aws-facts A15).
const MAX_DESCRIPTION_BYTES: usize = 1024;

/// Bytes of the value of a parameter (aws-facts A15).
const MAX_PARAMETER_BYTES: usize = 4096;

fn too_large(template: &Map<String, Value>) -> Vec<Problem> {
    let sections = SECTIONS.iter().filter_map(|(section, most)| {
        let count = template.get(*section)?.as_object()?.len();
        let message = format!("{section}: {count}, and CloudFormation takes {most} at most");
        (count > *most).then(|| Problem::refused(*section, message))
    });
    let bytes = template.get("Description").and_then(Value::as_str).map_or(0, str::len);
    let description = (bytes > MAX_DESCRIPTION_BYTES).then(|| {
        let most = MAX_DESCRIPTION_BYTES;
        let message =
            format!("the template's Description has {bytes} bytes, and CloudFormation takes {most}");
        Problem::refused("Description", message)
    });
    sections.chain(description).collect()
}

/// The messages do not quote the value: it may be one that nobody is to see.
fn too_long(template: &Map<String, Value>, given: &BTreeMap<String, String>) -> Vec<Problem> {
    let declared = template.get("Parameters").and_then(Value::as_object).into_iter().flatten();
    let values = declared.filter_map(|(name, declaration)| {
        Some((name, given.get(name).cloned().or_else(|| default_of(declaration))?.len()))
    });
    let long = values.filter(|(_, bytes)| *bytes > MAX_PARAMETER_BYTES);
    long.map(|(name, bytes)| {
        let most = MAX_PARAMETER_BYTES;
        let message =
            format!("the value of parameter `{name}` has {bytes} bytes, and CloudFormation takes {most}");
        Problem::refused(format!("Parameters.{name}"), message)
    })
    .collect()
}

fn macros(template: &Map<String, Value>) -> Vec<Problem> {
    let message = "service-managed StackSets do not take templates with macros";
    let section = template.contains_key("Transform").then(|| Problem::refused("Transform", message));
    let call = template
        .iter()
        .find(|(_, value)| has_key(value, "Fn::Transform"))
        .map(|(section, _)| Problem::refused(section, format!("Fn::Transform: {message}")));
    section.into_iter().chain(call).collect()
}

fn has_key(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| has_key(item, wanted)),
        Value::Object(object) => object.iter().any(|(key, value)| key == wanted || has_key(value, wanted)),
        _ => false,
    }
}

fn refused_resources(template: &Map<String, Value>) -> Vec<Problem> {
    let resources = template.get("Resources").and_then(Value::as_object).into_iter().flatten();
    let refused = resources.filter_map(|(name, resource)| {
        let kind = resource.get("Type")?.as_str()?;
        let what = match kind {
            "AWS::CloudFormation::Stack" => "nested stacks",
            "AWS::CloudFormation::Macro" => "macros",
            _ => return None,
        };
        let message = format!("`{name}` is an {kind}: service-managed StackSets do not take {what}");
        Some(Problem::refused(format!("Resources.{name}"), message))
    });
    refused.collect()
}

/// Characters of the document of a managed policy, without whitespace (aws-facts F1).
const MAX_MANAGED_POLICY: usize = 6144;

/// A document in which functions stand is known only when it is deployed, and not looked at.
fn managed_policies(template: &Map<String, Value>) -> Vec<Problem> {
    let resources = template.get("Resources").and_then(Value::as_object).into_iter().flatten();
    let policies = resources.filter(|(_, resource)| resource["Type"] == "AWS::IAM::ManagedPolicy");
    let documents = policies.filter_map(|(name, resource)| {
        let document = PolicyDocument::from_value(resource.get("Properties")?.get("PolicyDocument")?).ok()?;
        Some((name, document))
    });
    documents.flat_map(|(name, document)| document_problems(name, &document)).collect()
}

fn document_problems(name: &str, document: &PolicyDocument) -> Vec<Problem> {
    let mut messages = document.identity_problems();
    let characters = document.counted_characters();
    if characters > MAX_MANAGED_POLICY {
        messages.push(format!("characters: {characters}, and IAM takes {MAX_MANAGED_POLICY} at most"));
    }
    let problem = |message| Problem::refused(format!("Resources.{name}"), format!("`{name}`: {message}"));
    messages.into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;

    #[track_caller]
    fn check(body: &str, parameters: &[(&str, &str)], expected: &[(&str, &str)]) {
        let parameters =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let found = RoleTemplate::problems(body, &parameters).unwrap();
        assert!(found.iter().all(|problem| problem.severity == Severity::Refused), "{found:?}");
        let found: Vec<(&str, &str)> =
            found.iter().map(|problem| (problem.key.as_str(), problem.message.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn macros_and_nested_stacks_are_refused() {
        let message = "service-managed StackSets do not take templates with macros";
        check("Transform: [AWS::LanguageExtensions]", &[], &[("Transform", message)]);
        let body =
            "Resources: { R: { Type: 'AWS::IAM::Role', Properties: !Transform { Name: AWS::Include } } }";
        check(body, &[], &[("Resources", &format!("Fn::Transform: {message}"))]);
        check(
            "Resources: { N: { Type: 'AWS::CloudFormation::Stack' }, M: { Type: 'AWS::CloudFormation::Macro' } }",
            &[],
            &[
                (
                    "Resources.M",
                    "`M` is an AWS::CloudFormation::Macro: service-managed StackSets do not take macros",
                ),
                (
                    "Resources.N",
                    "`N` is an AWS::CloudFormation::Stack: service-managed StackSets do not take nested stacks",
                ),
            ],
        );
    }

    #[test]
    fn sections_are_held_to_a15() {
        let with = |section: &str, count: usize| {
            let members: String = (0..count).map(|number| format!("  M{number}: {{}}\n")).collect();
            format!("{section}:\n{members}")
        };
        for (section, most) in SECTIONS {
            check(&with(section, most), &[], &[]);
            let message = format!("{section}: {}, and CloudFormation takes {most} at most", most + 1);
            check(&with(section, most + 1), &[], &[(section, &message)]);
        }
        let description = |length: usize| format!("Description: {}", "ä".repeat(length));
        check(&description(512), &[], &[]);
        let message = "the template's Description has 1026 bytes, and CloudFormation takes 1024";
        check(&description(513), &[], &[("Description", message)]);
    }

    #[test]
    fn values_of_parameters_are_measured_and_not_shown() {
        let body = format!("Parameters: {{ A: {{}}, B: {{ Default: {} }} }}", "b".repeat(4097));
        let of_b = "the value of parameter `B` has 4097 bytes, and CloudFormation takes 4096";
        check(&body, &[("A", &"a".repeat(4096))], &[("Parameters.B", of_b)]);
        let of_a = "the value of parameter `A` has 4097 bytes, and CloudFormation takes 4096";
        check(&body, &[("A", &"a".repeat(4097)), ("B", "short")], &[("Parameters.A", of_a)]);
    }

    #[test]
    fn the_document_of_a_managed_policy_is_held_to_f1() {
        let with = |resource: &str| {
            format!(
                "Resources: {{ P: {{ Type: 'AWS::IAM::ManagedPolicy', Properties: {{ PolicyDocument: {{ Statement: \
                 {{ Effect: Allow, Action: 's3:*', Resource: {resource} }} }} }} }} }}"
            )
        };
        let overhead =
            r#"{"Statement":[{"Action":"s3:*","Effect":"Allow","Resource":""}],"Version":"2008-10-17"}"#
                .len();
        check(&with(&"r".repeat(6144 - overhead)), &[], &[]);
        let message = "`P`: characters: 6145, and IAM takes 6144 at most";
        check(&with(&"r".repeat(6145 - overhead)), &[], &[("Resources.P", message)]);
        check(&with("!Ref X"), &[], &[]);
        let message = "`P`: character '–' is not in Latin-1, and IAM takes no other";
        check(&with("–"), &[], &[("Resources.P", message)]);
    }
}
