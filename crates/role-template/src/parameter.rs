//! The values of a template's parameters.

use std::collections::BTreeMap;

use iam_policy::MASK;
use serde_json::{Map, Value};

use crate::TemplateError;
use crate::place::Place;
use crate::scope::scalar_text;

/// What the parameters are worth, as `Ref` gives it: text, or a list of texts for the list types.
pub(crate) struct Parameters(BTreeMap<String, Result<Value, String>>);

impl Parameters {
    /// Joins the declarations with the given values. What CloudFormation would refuse is refused: a value for
    /// a parameter that is not declared, no value and no default, a value that is not allowed.
    pub(crate) fn resolve(
        declared: &Map<String, Value>,
        given: &BTreeMap<String, String>,
    ) -> Result<Parameters, TemplateError> {
        if let Some(name) = given.keys().find(|name| !declared.contains_key(*name)) {
            return Err(Place::new("Parameters").error(format!("the template has no parameter `{name}`")));
        }
        let mut values = BTreeMap::new();
        for (name, declaration) in declared {
            let place = Place::new("Parameters").child(name);
            let value = match (given.get(name), default_of(declaration)) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => default,
                (None, None) => return Err(place.error("has neither a value nor a default")),
            };
            check_allowed(declaration, &value, &place)?;
            values.insert(name.clone(), typed(declaration, &value));
        }
        Ok(Parameters(values))
    }

    /// The values for a template that somebody else deployed. What is not known of a parameter is an error for
    /// whoever uses it: AWS answers the value of a `NoEcho` parameter masked.
    pub(crate) fn of_deployed(declared: &Map<String, Value>, given: &BTreeMap<String, String>) -> Parameters {
        let value = |(name, declaration): (&String, &Value)| {
            let given = given.get(name).filter(|value| value.as_str() != MASK).cloned();
            let value = given.or_else(|| default_of(declaration));
            let value = value.ok_or_else(|| format!("the value of the parameter `{name}` is not known"));
            (name.clone(), value.and_then(|value| typed(declaration, &value)))
        };
        Parameters(declared.iter().map(value).collect())
    }

    /// The value of `Ref`, if there is such a parameter.
    pub(crate) fn get(&self, name: &str, place: &Place) -> Option<Result<Value, TemplateError>> {
        let value = self.0.get(name)?;
        Some(value.clone().map_err(|message| place.error(message)))
    }
}

/// The value of a parameter that is not given.
pub(crate) fn default_of(declaration: &Value) -> Option<String> {
    declaration.get("Default").and_then(scalar_text)
}

/// Whether AWS shows asterisks for the value; CloudFormation takes the word for the truth value.
pub(crate) fn is_masked(declaration: &Value) -> bool {
    declaration.get("NoEcho").and_then(scalar_text).as_deref() == Some("true")
}

/// The messages do not quote the value: it may be one that nobody is to see.
fn check_allowed(declaration: &Value, value: &str, place: &Place) -> Result<(), TemplateError> {
    let limit =
        |name: &str| declaration.get(name).and_then(scalar_text).and_then(|text| text.parse::<usize>().ok());
    let length = value.chars().count();
    if let Some(least) = limit("MinLength").filter(|least| length < *least) {
        return Err(place.error(format!("the value has {length} characters, fewer than MinLength {least}")));
    }
    if let Some(most) = limit("MaxLength").filter(|most| length > *most) {
        return Err(place.error(format!("the value has {length} characters, more than MaxLength {most}")));
    }
    let allowed = declaration.get("AllowedValues").and_then(Value::as_array);
    if allowed.is_some_and(|allowed| !allowed.iter().filter_map(scalar_text).any(|one| one == value)) {
        return Err(place.error("the value is none of the AllowedValues"));
    }
    Ok(())
}

/// A type whose value is looked up in the account is an error for whoever uses it, not for the template.
fn typed(declaration: &Value, value: &str) -> Result<Value, String> {
    let kind = declaration.get("Type").and_then(Value::as_str).unwrap_or("String");
    if kind.starts_with("AWS::SSM::Parameter::Value") {
        return Err("the value stands in the account's parameter store and is known only there".to_owned());
    }
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        return Ok(value.split(',').map(|item| Value::from(item.trim())).collect());
    }
    Ok(Value::from(value))
}
