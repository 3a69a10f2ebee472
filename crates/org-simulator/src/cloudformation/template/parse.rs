//! The text of a template as one JSON value, with YAML's short forms written out.

use serde_json::{Map, Value};
use serde_yaml::Value as Yaml;

/// Reads JSON or YAML. The short form `!Sub x` becomes `{"Fn::Sub": x}`, so that nothing behind this file
/// knows which of the two was sent.
pub(super) fn parse(body: &str) -> Result<Value, String> {
    let document = if body.trim_start().starts_with('{') { json(body)? } else { yaml(body)? };
    if !document.is_object() {
        return Err("Template format error: unsupported structure.".to_owned());
    }
    refuse_nulls(&document, &mut String::new())?;
    Ok(document)
}

fn json(body: &str) -> Result<Value, String> {
    serde_json::from_str(body).map_err(|error| {
        format!(
            "Template format error: JSON not well-formed. (line {}, column {})",
            error.line(),
            error.column()
        )
    })
}

fn yaml(body: &str) -> Result<Value, String> {
    let document: Yaml = serde_yaml::from_str(body).map_err(|error| match error.location() {
        Some(place) => format!(
            "Template format error: YAML not well-formed. (line {}, column {})",
            place.line(),
            place.column()
        ),
        None => "Template format error: YAML not well-formed.".to_owned(),
    })?;
    written_out(document)
}

fn written_out(value: Yaml) -> Result<Value, String> {
    Ok(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::String(text) => Value::String(text),
        Yaml::Number(number) => number_from(&number),
        Yaml::Sequence(items) => {
            items.into_iter().map(written_out).collect::<Result<_, _>>().map(Value::Array)?
        }
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                object.insert(key_text(&key)?, written_out(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => long_form(&tagged.tag.to_string(), tagged.value)?,
    })
}

fn number_from(number: &serde_yaml::Number) -> Value {
    number
        .as_i64()
        .map(Value::from)
        .or_else(|| number.as_u64().map(Value::from))
        .or_else(|| number.as_f64().map(Value::from))
        .unwrap_or(Value::Null)
}

/// Account ids without quotes are a common key of a mapping: they are text all the same.
fn key_text(key: &Yaml) -> Result<String, String> {
    match key {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        Yaml::Bool(value) => Ok(value.to_string()),
        _ => Err("Template format error: YAML not well-formed. A key must be a string".to_owned()),
    }
}

fn long_form(tag: &str, value: Yaml) -> Result<Value, String> {
    let name = tag.trim_start_matches('!');
    let argument = written_out(value)?;
    let (key, argument) = match (name, argument) {
        ("Ref" | "Condition", argument) => (name.to_owned(), argument),
        ("GetAtt", Value::String(path)) => {
            let parts = path.split_once('.').map_or_else(
                || vec![path.clone()],
                |(resource, attribute)| vec![resource.to_owned(), attribute.to_owned()],
            );
            ("Fn::GetAtt".to_owned(), Value::from(parts))
        }
        (_, argument) => (format!("Fn::{name}"), argument),
    };
    Ok(Value::Object(Map::from_iter([(key, argument)])))
}

/// AWS refuses a null anywhere in a template and names its place.
fn refuse_nulls(value: &Value, place: &mut String) -> Result<(), String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Null => {
            return Err(format!(
                "Template format error: [{place}] 'null' values are not allowed in templates"
            ));
        }
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => return Ok(()),
    };
    for (key, child) in children {
        let length = place.len();
        place.push('/');
        place.push_str(&key);
        refuse_nulls(child, place)?;
        place.truncate(length);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_are_written_out_at_any_depth() {
        let document = parse("A: !Join ['', [!Ref X, !GetAtt Role.Arn, !Sub ['${Y}', {Y: !If [C, 1, !Select [0, !Split [',', a]]]}]]]\nB: 2012-10-17\n").unwrap();
        assert_eq!(
            document,
            json!({
                "A": {"Fn::Join": ["", [{"Ref": "X"}, {"Fn::GetAtt": ["Role", "Arn"]},
                    {"Fn::Sub": ["${Y}", {"Y": {"Fn::If": ["C", 1, {"Fn::Select": [0, {"Fn::Split": [",", "a"]}]}]}}]}]]},
                "B": "2012-10-17"
            })
        );
    }

    #[test]
    fn account_ids_as_keys_are_text_with_their_leading_zeros() {
        let document =
            parse("M:\n  111122223333: {Id: a}\n  '011122223333': {Id: b}\n  022233334444: {Id: c}\n")
                .unwrap();
        let keys: Vec<&String> = document["M"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["011122223333", "022233334444", "111122223333"]);
    }

    #[test]
    fn what_is_not_a_template_is_refused_as_aws_words_it() {
        for (body, expected) in [
            ("{\"Resources\": {", "Template format error: JSON not well-formed. (line 1, column 15)"),
            ("a: [1", "Template format error: YAML not well-formed."),
            ("just a sentence", "Template format error: unsupported structure."),
            ("", "Template format error: unsupported structure."),
            ("[]", "Template format error: unsupported structure."),
            (
                "Resources:\n  Role:\n    Type: x\n    Properties: [1, ~]\n",
                "Template format error: [/Resources/Role/Properties/1] 'null' values are not allowed in templates",
            ),
        ] {
            let message = parse(body).unwrap_err();
            assert!(message.starts_with(expected), "{body:?}: {message}");
        }
    }
}
