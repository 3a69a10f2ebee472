//! Template text to one JSON value, in which every function has its long form.

use serde_json::{Map, Number, Value};
use serde_yaml::Value as Yaml;

use crate::TemplateError;

/// Reads JSON or YAML, whichever it is.
pub(crate) fn parse(body: &str) -> Result<Value, TemplateError> {
    let syntax = |message: String| TemplateError::Syntax { message };
    // JSON has its own reader, since YAML's forbids the tabs by which JSON may be indented. Both fill the same
    // type, which refuses a key that stands twice.
    let yaml = if body.trim_start().starts_with('{') {
        serde_json::from_str(body).map_err(|error| syntax(error.to_string()))?
    } else {
        serde_yaml::from_str(body).map_err(|error| syntax(error.to_string()))?
    };
    value_of(yaml)
}

fn value_of(yaml: Yaml) -> Result<Value, TemplateError> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(value), _, _) => Value::from(value),
            (_, Some(value), _) => Value::from(value),
            (_, _, value) => value.and_then(Number::from_f64).map_or(Value::Null, Value::Number),
        },
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(value_of).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                object.insert(key_of(key)?, value_of(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => short_form(&tagged.tag.to_string(), value_of(tagged.value)?)?,
    })
}

/// Account ids and the like stand as keys in mappings without quotes.
fn key_of(key: Yaml) -> Result<String, TemplateError> {
    match value_of(key)? {
        Value::String(text) => Ok(text),
        scalar @ (Value::Number(_) | Value::Bool(_)) => Ok(scalar.to_string()),
        _ => Err(TemplateError::Syntax { message: "a key is neither text nor a number".to_owned() }),
    }
}

/// `!Sub text` is `{"Fn::Sub": text}`.
fn short_form(tag: &str, value: Value) -> Result<Value, TemplateError> {
    let name = tag.trim_start_matches('!');
    let long = match name {
        "Ref" | "Condition" => name.to_owned(),
        "And" | "Base64" | "Cidr" | "Equals" | "FindInMap" | "GetAZs" | "GetAtt" | "If" | "ImportValue"
        | "Join" | "Length" | "Not" | "Or" | "Select" | "Split" | "Sub" | "ToJsonString" | "Transform" => {
            format!("Fn::{name}")
        }
        _ => {
            return Err(TemplateError::Syntax {
                message: format!("CloudFormation has no function `!{name}`"),
            });
        }
    };
    Ok(Value::Object(Map::from_iter([(long, value)])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn short_forms_become_long_forms() {
        let yaml =
            "A: !Ref X\nB: !Sub 'arn:${AWS::Partition}:x'\nC: !If [Y, !GetAtt R.Arn, !Ref 'AWS::NoValue']\n";
        let expected = json!({
            "A": { "Ref": "X" },
            "B": { "Fn::Sub": "arn:${AWS::Partition}:x" },
            "C": { "Fn::If": ["Y", { "Fn::GetAtt": "R.Arn" }, { "Ref": "AWS::NoValue" }] },
        });
        assert_eq!(parse(yaml).unwrap(), expected);
    }

    #[test]
    fn dates_and_account_ids_keep_their_digits() {
        let value = parse("Version: 2012-10-17\nId: 012345678901\nMap:\n  111122223333: x\n").unwrap();
        assert_eq!(value["Version"], json!("2012-10-17"));
        assert_eq!(value["Id"], json!("012345678901"));
        assert_eq!(value["Map"]["111122223333"], json!("x"));
    }

    #[test]
    fn json_may_be_indented_by_tabs() {
        assert_eq!(parse("{\n\t\"A\": [\n\t\t1]}").unwrap(), json!({ "A": [1] }));
    }

    #[test]
    fn errors_say_where() {
        for (body, where_or_what) in [
            ("{\n  \"A\": }", "line 2"),
            ("{\"A\": 1, \"A\": 2}", "duplicate entry with key \"A\""),
            ("A: [1\nB: 2\n", "line 2"),
            ("A: 1\nA: 2\n", "duplicate entry with key \"A\""),
            ("A: !Frobnicate x\n", "no function `!Frobnicate`"),
        ] {
            let error = parse(body).unwrap_err().to_string();
            assert!(error.contains(where_or_what), "{error}");
        }
    }
}
