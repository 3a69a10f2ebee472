//! What a stack is made from: template, parameter values, capabilities and tags.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::errors;
use super::template::{MAX_BODY_BYTES, Template};
use crate::call::ApiError;
use crate::input;

/// Parameter values by name. They may hold an external ID, so `Debug` shows the names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Values(pub(super) BTreeMap<String, String>);

impl fmt::Debug for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// Shared, so that ten thousand stacks of one StackSet cost one template.
#[derive(Clone, PartialEq)]
pub(super) struct Definition {
    pub(super) template: Arc<Template>,
    /// A value for every parameter of the template.
    pub(super) parameters: Arc<BTreeMap<String, String>>,
    pub(super) capabilities: Arc<BTreeSet<String>>,
    pub(super) tags: Arc<BTreeMap<String, String>>,
}

/// Parameters and templates may hold an external ID, so neither shows here.
impl fmt::Debug for Definition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Definition")
            .field("template_bytes", &self.template.body.len())
            .field("parameters", &self.parameters.keys())
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

impl Definition {
    /// The capability that is missing, if one is.
    pub(super) fn missing_capability(&self) -> Option<&'static str> {
        let required = self.template.required_capability()?;
        let given = |name: &str| self.capabilities.contains(name);
        // The named capability includes the other one.
        let is_enough = given(required) || given("CAPABILITY_NAMED_IAM");
        (!is_enough).then_some(required)
    }

    /// `Parameters` as descriptions show them: a value declared `NoEcho` is masked.
    pub(super) fn described_parameters(&self) -> Value {
        described(&self.template, &self.parameters)
    }

    /// `Tags` as descriptions show them.
    pub(super) fn described_tags(&self) -> Value {
        self.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
    }

    /// `Capabilities` as descriptions show them.
    pub(super) fn described_capabilities(&self) -> Value {
        self.capabilities.iter().map(String::as_str).collect()
    }
}

/// Parameters as descriptions show them.
pub(super) fn described(template: &Template, parameters: &BTreeMap<String, String>) -> Value {
    let shown = |name: &str, value: &str| {
        let is_secret = template.parameters.get(name).is_some_and(|declared| declared.no_echo);
        if is_secret { "****".to_owned() } else { value.to_owned() }
    };
    parameters
        .iter()
        .map(|(name, value)| json!({"ParameterKey": name, "ParameterValue": shown(name, value)}))
        .collect()
}

/// Reads `TemplateBody`, or refuses what cannot be had. `None` when the call names no template.
pub(super) fn template(input: &Value) -> Result<Option<Arc<Template>>, ApiError> {
    match (input::text(input, "TemplateBody"), input::text(input, "TemplateURL")) {
        (Some(_), Some(_)) => {
            Err(errors::validation("Either TemplateBody or TemplateURL can be specified, not both."))
        }
        (Some(body), None) => read(body).map(Some),
        // There is no S3 in the simulated world, so that no object in it can be read.
        (None, Some(_)) => Err(errors::validation("S3 error: Access Denied")),
        (None, None) => Ok(None),
    }
}

fn read(body: &str) -> Result<Arc<Template>, ApiError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(errors::validation(format!(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have \
             length less than or equal to {MAX_BODY_BYTES}"
        )));
    }
    if body.is_empty() {
        return Err(errors::validation(
            "1 validation error detected: Value '' at 'templateBody' failed to satisfy constraint: Member must have \
             length greater than or equal to 1",
        ));
    }
    Template::read(body).map(Arc::new).map_err(errors::validation)
}

/// Reads `Parameters` (or `ParameterOverrides`) against the values of before: `UsePreviousValue` keeps one.
/// What is not listed is not in the result (aws-facts A8: it falls back to the default).
pub(super) fn given_parameters(
    input: &Value,
    member: &str,
    previous: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, ApiError> {
    let mut given = BTreeMap::new();
    for entry in input::list(input, member) {
        let key = input::required_text(entry, "ParameterKey")?;
        let keeps = input::boolean(entry, "UsePreviousValue")?.unwrap_or(false);
        let value = match (input::text(entry, "ParameterValue"), keeps) {
            (Some(_), true) => {
                return Err(errors::validation(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true and non empty value for a parameter"
                )));
            }
            (Some(value), false) => value.to_owned(),
            (None, true) => previous.get(key).cloned().ok_or_else(|| {
                errors::validation(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template"
                ))
            })?,
            (None, false) => {
                return Err(errors::validation(format!(
                    "Invalid input for parameter key {key}. Need to specify either usePreviousValue as true or a value"
                )));
            }
        };
        if given.insert(key.to_owned(), value).is_some() {
            return Err(errors::validation(format!("Duplicate parameter key: {key}")));
        }
    }
    Ok(given)
}

/// Reads `Capabilities`.
pub(super) fn capabilities(input: &Value) -> Result<BTreeSet<String>, ApiError> {
    const KNOWN: [&str; 3] = ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"];
    let given: BTreeSet<String> = input::texts(input, "Capabilities").into_iter().collect();
    match given.iter().find(|name| !KNOWN.contains(&name.as_str())) {
        Some(unknown) => Err(errors::not_in_enum("capabilities", unknown, &KNOWN)),
        None => Ok(given),
    }
}

/// Reads `Tags`; `None` when the member is absent, which is not the same as an empty list (aws-facts A8).
pub(super) fn tags(input: &Value) -> Result<Option<BTreeMap<String, String>>, ApiError> {
    if input.get("Tags").is_none() {
        return Ok(None);
    }
    let mut tags = BTreeMap::new();
    for (key, value) in input::tags(input, "Tags") {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(errors::validation(format!("Tag key or value is too short or too long: {key}")));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::validation("aws: prefixed tag key names are not allowed for external use."));
        }
        if tags.insert(key.clone(), value).is_some() {
            return Err(errors::validation(format!("Duplicate tag key: {key}")));
        }
    }
    if tags.len() > 50 {
        return Err(errors::validation(
            "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less \
             than or equal to 50",
        ));
    }
    Ok(Some(tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "Parameters: {P: {Type: String, NoEcho: true, Default: x}}\nResources: {Role: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref P}}}";

    fn definition(capabilities: &[&str]) -> Definition {
        let template = Template::read(ROLE).unwrap();
        Definition {
            parameters: Arc::new(
                template.parameter_values(&BTreeMap::from([("P".to_owned(), "hush".to_owned())])).unwrap(),
            ),
            template: Arc::new(template),
            capabilities: Arc::new(capabilities.iter().map(|name| (*name).to_owned()).collect()),
            tags: Arc::default(),
        }
    }

    #[test]
    fn only_the_named_capability_covers_a_named_role() {
        for (given, missing) in [
            (&[][..], Some("CAPABILITY_NAMED_IAM")),
            (&["CAPABILITY_IAM"], Some("CAPABILITY_NAMED_IAM")),
            (&["CAPABILITY_NAMED_IAM"], None),
        ] {
            assert_eq!(definition(given).missing_capability(), missing, "{given:?}");
        }
    }

    #[test]
    fn a_no_echo_parameter_shows_nowhere() {
        let definition = definition(&[]);
        assert_eq!(
            definition.described_parameters(),
            json!([{"ParameterKey": "P", "ParameterValue": "****"}])
        );
        assert!(!format!("{definition:?}").contains("hush"));
    }

    #[test]
    fn a_parameter_is_given_kept_or_refused() {
        let previous = BTreeMap::from([("A".to_owned(), "old".to_owned())]);
        let check = |entry: Value| given_parameters(&json!({"Parameters": [entry]}), "Parameters", &previous);
        assert_eq!(check(json!({"ParameterKey": "A", "ParameterValue": "new"})).unwrap()["A"], "new");
        assert_eq!(check(json!({"ParameterKey": "A", "UsePreviousValue": "true"})).unwrap()["A"], "old");
        for refused in [
            json!({"ParameterKey": "A"}),
            json!({"ParameterKey": "B", "UsePreviousValue": true}),
            json!({"ParameterKey": "A", "ParameterValue": "x", "UsePreviousValue": true}),
            json!({"ParameterValue": "x"}),
        ] {
            assert!(check(refused.clone()).is_err(), "{refused}");
        }
    }

    #[test]
    fn absent_tags_differ_from_no_tags() {
        assert_eq!(tags(&json!({})).unwrap(), None);
        assert_eq!(tags(&json!({"Tags": []})).unwrap(), Some(BTreeMap::new()));
        assert!(tags(&json!({"Tags": [{"Key": "aws:x", "Value": "y"}]})).is_err());
    }

    #[test]
    fn a_template_over_the_inline_limit_is_refused() {
        let body = format!("{ROLE}\n#{}", "x".repeat(MAX_BODY_BYTES));
        let error = template(&json!({"TemplateBody": body})).unwrap_err();
        assert!(error.message.contains("less than or equal to 51200"), "{}", error.message);
    }
}
