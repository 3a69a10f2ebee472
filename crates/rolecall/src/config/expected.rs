//! Schemas and values in the words of messages.

use serde_json::Value;

use super::node::{Kind, Node};
use super::suggest::{alternatives, listed};

/// A map with more keys than this is not described by them.
const FEW: usize = 4;

/// What the schemas take between them: "a list or a map with `exists` or `not`".
pub(super) fn expected(schemas: &[&Value]) -> String {
    let words = known_words(schemas);
    let mut descriptions = Vec::new();
    if !words.is_empty() {
        descriptions.push(listed(&words));
    }
    for schema in schemas.iter().filter(|schema| words_of(schema).is_empty()) {
        descriptions.extend(types(schema).into_iter().filter_map(|name| description(schema, name)));
    }
    alternatives(&descriptions)
}

/// The words of which a value has to be one; none when any text will do.
pub(super) fn known_words<'a>(schemas: &[&'a Value]) -> Vec<&'a str> {
    let text = schemas.iter().filter(|schema| types(schema).contains(&"string"));
    let words: Vec<Vec<&str>> = text.map(|schema| words_of(schema)).collect();
    if words.iter().any(Vec::is_empty) { Vec::new() } else { words.concat() }
}

fn words_of(schema: &Value) -> Vec<&str> {
    let several = schema["enum"].as_array().into_iter().flatten();
    several.chain(schema.get("const")).filter_map(Value::as_str).collect()
}

/// The types that a schema takes.
pub(super) fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        name => name.as_str().into_iter().collect(),
    }
}

fn description(schema: &Value, name: &str) -> Option<String> {
    Some(match name {
        "string" => "text".to_owned(),
        "integer" => "a whole number".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "array" => "a list".to_owned(),
        "object" => match schema["properties"].as_object() {
            Some(keys) if keys.len() <= FEW => {
                format!("a map with {}", listed(&keys.keys().map(String::as_str).collect::<Vec<_>>()))
            }
            _ => "a map".to_owned(),
        },
        _ => return None,
    })
}

/// What a value is, without quoting it.
pub(super) fn found(node: &Node) -> &'static str {
    match &node.kind {
        Kind::Scalar(Value::Null) => "nothing",
        Kind::Scalar(Value::Bool(_)) => "a truth value",
        Kind::Scalar(Value::Number(_)) => "a number",
        Kind::Scalar(_) => "text",
        Kind::List(_) => "a list",
        Kind::Map(_) => "a map",
    }
}
