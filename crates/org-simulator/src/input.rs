//! Readers of a call's input that do not care which protocol it came by.
//!
//! The Query protocol knows only strings (`"900"`, `"true"`, and an empty string for an empty list), JSON has
//! types; services that call each other hand over JSON.

use serde_json::Value;

use crate::call::ApiError;

fn validation(message: String) -> ApiError {
    ApiError::new("ValidationError", 400, message)
}

/// AWS writes member names in its validation messages with a small first letter.
fn as_written(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

/// A string member; `None` when it is absent.
pub(crate) fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name)?.as_str()
}

/// A string member that must be there.
pub(crate) fn required_text<'a>(input: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    text(input, name).ok_or_else(|| {
        validation(format!(
            "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
            as_written(name)
        ))
    })
}

/// A whole number, given as a number or as its text.
pub(crate) fn integer(input: &Value, name: &str) -> Result<Option<i64>, ApiError> {
    let parsed = match input.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.parse().ok(),
        Some(number) => number.as_i64(),
    };
    parsed.map(Some).ok_or_else(|| {
        ApiError::new(
            "MalformedInput",
            400,
            format!("Invalid value for {}: expected an integer", as_written(name)),
        )
    })
}

/// A truth value, given as a boolean or as its text.
pub(crate) fn boolean(input: &Value, name: &str) -> Result<Option<bool>, ApiError> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(ApiError::new(
            "MalformedInput",
            400,
            format!("Invalid value for {}: expected a boolean", as_written(name)),
        )),
    }
}

/// A list member; empty when it is absent.
pub(crate) fn list<'a>(input: &'a Value, name: &str) -> &'a [Value] {
    input.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The strings of a list member.
pub(crate) fn texts(input: &Value, name: &str) -> Vec<String> {
    list(input, name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A list of `Key`/`Value` pairs, as every service writes tags.
pub(crate) fn tags(input: &Value, name: &str) -> Vec<(String, String)> {
    list(input, name)
        .iter()
        .filter_map(|tag| {
            Some((text(tag, "Key")?.to_owned(), text(tag, "Value").unwrap_or_default().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_booleans_are_read_from_either_protocol() {
        for input in [json!({"N": 900, "B": true}), json!({"N": "900", "B": "true"})] {
            assert_eq!(integer(&input, "N").unwrap(), Some(900));
            assert_eq!(boolean(&input, "B").unwrap(), Some(true));
        }
        assert_eq!(integer(&json!({}), "N").unwrap(), None);
        assert!(integer(&json!({"N": "many"}), "N").is_err());
        assert!(boolean(&json!({"B": "perhaps"}), "B").is_err());
    }

    #[test]
    fn an_empty_query_list_is_an_empty_list() {
        assert!(list(&json!({"Accounts": ""}), "Accounts").is_empty());
        assert_eq!(texts(&json!({"Accounts": ["1", "2"]}), "Accounts"), ["1", "2"]);
    }

    #[test]
    fn a_missing_member_is_named_as_aws_names_it() {
        let error = required_text(&json!({}), "RoleName").unwrap_err();
        assert!(error.message.contains("Value null at 'roleName'"), "{}", error.message);
    }
}
