//! Parameters: how they are declared, and which values a stack gets.

use std::collections::BTreeMap;

use serde_json::Value;

use super::pattern::Pattern;

/// One entry of `Parameters`.
#[derive(Debug, PartialEq)]
pub(crate) struct ParameterDeclaration {
    pub(crate) parameter_type: String,
    pub(crate) default: Option<String>,
    pub(crate) description: Option<String>,
    /// The value is a secret: descriptions show `****` in its place.
    pub(crate) no_echo: bool,
    pub(crate) allowed_values: Vec<String>,
    allowed_pattern: Option<Pattern>,
    constraint_description: Option<String>,
    min_length: Option<f64>,
    max_length: Option<f64>,
    min_value: Option<f64>,
    max_value: Option<f64>,
}

impl ParameterDeclaration {
    pub(super) fn declare(name: &str, value: &Value) -> Result<Self, String> {
        let parameter_type = value
            .get("Type")
            .and_then(Value::as_str)
            .ok_or("Template format error: Every Parameters object must contain a Type member.")?;
        let is_known = matches!(
            parameter_type,
            "String" | "Number" | "CommaDelimitedList" | "List<Number>" | "List<String>"
        );
        if !is_known {
            return Err(format!("Template format error: Unrecognized parameter type: {parameter_type}"));
        }
        let allowed_pattern = match value.get("AllowedPattern").and_then(scalar_text) {
            None => None,
            Some(pattern) => Some(Pattern::read(&pattern).map_err(|reason| {
                format!("Template format error: Parameter '{name}' AllowedPattern {pattern} is not valid: {reason}")
            })?),
        };
        let number = |name: &str| value.get(name).and_then(scalar_text).and_then(|text| text.parse().ok());
        Ok(ParameterDeclaration {
            parameter_type: parameter_type.to_owned(),
            default: value.get("Default").and_then(scalar_text),
            description: value.get("Description").and_then(scalar_text),
            no_echo: value.get("NoEcho").and_then(scalar_text).as_deref() == Some("true"),
            allowed_values: value
                .get("AllowedValues")
                .and_then(Value::as_array)
                .map(|values| values.iter().filter_map(scalar_text).collect())
                .unwrap_or_default(),
            allowed_pattern,
            constraint_description: value.get("ConstraintDescription").and_then(scalar_text),
            min_length: number("MinLength"),
            max_length: number("MaxLength"),
            min_value: number("MinValue"),
            max_value: number("MaxValue"),
        })
    }

    /// Whether `Ref` gives a list.
    pub(super) fn is_list(&self) -> bool {
        !matches!(self.parameter_type.as_str(), "String" | "Number")
    }

    /// Why a value is refused, if it is.
    fn problem(&self, name: &str, value: &str) -> Option<String> {
        let described = || {
            let description = self.constraint_description.as_ref()?;
            Some(format!("Parameter {name} failed to satisfy constraint: {description}"))
        };
        let items: Vec<&str> =
            if self.is_list() { value.split(',').map(str::trim).collect() } else { vec![value] };
        if !self.allowed_values.is_empty()
            && !items.iter().all(|item| self.allowed_values.iter().any(|allowed| allowed == item))
        {
            let allowed = self.allowed_values.join(", ");
            return described()
                .or_else(|| Some(format!("Parameter '{name}' must be one of AllowedValues [{allowed}]")));
        }
        if let Some(pattern) = &self.allowed_pattern
            && !items.iter().all(|item| pattern.matches(item))
        {
            return described().or_else(|| {
                Some(format!(
                    "Parameter {name} failed to satisfy constraint: must match pattern {}",
                    pattern.source()
                ))
            });
        }
        if self.parameter_type == "String" {
            return self.length_problem(name, value).map(|problem| described().unwrap_or(problem));
        }
        if self.parameter_type.contains("Number") {
            return items.iter().find_map(|item| self.number_problem(name, item));
        }
        None
    }

    fn length_problem(&self, name: &str, value: &str) -> Option<String> {
        #[expect(clippy::cast_precision_loss, reason = "a parameter value has at most 4,096 characters")]
        let length = value.chars().count() as f64;
        if let Some(least) = self.min_length.filter(|least| length < *least) {
            return Some(format!("Parameter '{name}' must contain at least {least} characters"));
        }
        let most = self.max_length.filter(|most| length > *most)?;
        Some(format!("Parameter '{name}' must contain at most {most} characters"))
    }

    fn number_problem(&self, name: &str, value: &str) -> Option<String> {
        let Ok(number) = value.parse::<f64>() else {
            return Some(format!("Parameter '{name}' must be a number."));
        };
        if let Some(least) = self.min_value.filter(|least| number < *least) {
            return Some(format!("Parameter '{name}' must be a number not less than {least}"));
        }
        let most = self.max_value.filter(|most| number > *most)?;
        Some(format!("Parameter '{name}' must be a number not greater than {most}"))
    }
}

/// YAML authors leave numbers and booleans unquoted; CloudFormation sees text.
fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Joins what was given with the defaults. Unknown names, missing values and broken constraints are AWS's
/// `ValidationError`.
pub(super) fn resolve(
    declared: &BTreeMap<String, ParameterDeclaration>,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let unknown: Vec<&str> =
        given.keys().filter(|name| !declared.contains_key(*name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(format!("Parameters: [{}] do not exist in the template", unknown.join(", ")));
    }
    let missing: Vec<&str> = declared
        .iter()
        .filter(|(name, declaration)| declaration.default.is_none() && !given.contains_key(*name))
        .map(|(name, _)| name.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(format!("Parameters: [{}] must have values", missing.join(", ")));
    }
    let mut values = BTreeMap::new();
    for (name, declaration) in declared {
        let value = given
            .get(name)
            .or(declaration.default.as_ref())
            .expect("parameters without a value were refused above");
        if let Some(problem) = declaration.problem(name, value) {
            return Err(problem);
        }
        values.insert(name.clone(), value.clone());
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(declaration: Value, given: Option<&str>) -> Result<String, String> {
        let declared = BTreeMap::from([("P".to_owned(), ParameterDeclaration::declare("P", &declaration)?)]);
        let given = given.map(|value| ("P".to_owned(), value.to_owned())).into_iter().collect();
        Ok(resolve(&declared, &given)?.remove("P").unwrap())
    }

    #[test]
    fn a_value_is_the_given_one_or_else_the_default() {
        assert_eq!(check(json!({"Type": "String", "Default": 7}), None).unwrap(), "7");
        assert_eq!(check(json!({"Type": "String", "Default": "a"}), Some("")).unwrap(), "");
        assert_eq!(check(json!({"Type": "String"}), None).unwrap_err(), "Parameters: [P] must have values");
        let unknown = BTreeMap::from([("Q".to_owned(), "x".to_owned())]);
        assert_eq!(
            resolve(&BTreeMap::new(), &unknown).unwrap_err(),
            "Parameters: [Q] do not exist in the template"
        );
    }

    #[test]
    fn every_constraint_can_refuse_a_value() {
        for (declaration, good, bad) in [
            (json!({"Type": "String", "AllowedValues": ["a", "b"]}), "a", "c"),
            (json!({"Type": "String", "AllowedPattern": "[0-9]{12}"}), "111122223333", "1111222233334"),
            (json!({"Type": "String", "MinLength": 2}), "ab", "a"),
            (json!({"Type": "String", "MaxLength": "2"}), "ab", "abc"),
            (json!({"Type": "Number", "MinValue": 3600}), "3600", "3599"),
            (json!({"Type": "Number", "MaxValue": 43200}), "43200", "43201"),
            (json!({"Type": "Number"}), "1.5", "one"),
            (json!({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}), "a, b", "a,c"),
        ] {
            assert_eq!(check(declaration.clone(), Some(good)).unwrap(), good, "{declaration}");
            assert!(check(declaration.clone(), Some(bad)).is_err(), "{declaration}");
        }
    }

    #[test]
    fn the_constraint_description_replaces_the_technical_message() {
        let declaration =
            json!({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "small letters"});
        assert_eq!(
            check(declaration, Some("A")).unwrap_err(),
            "Parameter P failed to satisfy constraint: small letters"
        );
    }

    #[test]
    fn types_that_need_other_services_are_refused() {
        let message = check(json!({"Type": "AWS::SSM::Parameter::Value<String>"}), Some("x")).unwrap_err();
        assert!(message.contains("Unrecognized parameter type"), "{message}");
    }
}
