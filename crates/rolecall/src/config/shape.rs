//! Holds a document against the JSON Schema of the configuration: unknown and missing keys, values of the wrong
//! type, unknown words. `serde` stops at the first of them; here all are found, each with its place.
//!
//! Only what the schema of our own types is made of is understood: `$ref`, alternatives, `type`, `properties`,
//! `required`, `additionalProperties`, `items`, `enum`, `const` and `minimum`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::expected::{expected, found, known_words, types};
use super::hidden::{EXTERNAL_ID, PARAMETERS};
use super::node::{Key, Kind, Node, Place};
use super::problems::Problem;
use super::suggest::{listed, most_similar};

/// What is wrong with the form of a document.
#[derive(Debug, Default)]
pub(super) struct Misshapen {
    pub(super) problems: Vec<Problem>,
    /// Where the keys begin that no configuration has.
    pub(super) unknown: BTreeSet<usize>,
}

/// Looks at a whole document, whose text is `text`.
pub(super) fn check(schema: &Value, text: &str, root: &Node) -> Misshapen {
    let mut walk = Walk { schema, text, misshapen: Misshapen::default() };
    let at = At { key: String::new(), place: root.place, is_secret: false };
    walk.value(schema, root, &at);
    walk.misshapen
}

struct Walk<'a> {
    /// All of it, for what it refers to.
    schema: &'a Value,
    text: &'a str,
    misshapen: Misshapen,
}

/// Where the walk has come to.
struct At {
    key: String,
    /// What to point at when the value itself has no text.
    place: Place,
    /// Whether what is written here may be secret, so that no message quotes it.
    is_secret: bool,
}

impl<'a> Walk<'a> {
    fn value(&mut self, schema: &'a Value, node: &Node, at: &At) {
        let mut alternatives = Vec::new();
        self.alternatives(schema, &mut alternatives);
        let fitting: Vec<_> = alternatives.iter().copied().filter(|schema| fits(schema, node)).collect();
        let Some(first) = fitting.first().and_then(|schema| schema.as_object()) else {
            let message = format!("expected {}, found {}", expected(&alternatives), found(node));
            let hint = at.is_secret.then(|| "not shown, because it may be secret".to_owned());
            return self.tell(node, at, message, hint);
        };
        match &node.kind {
            Kind::Scalar(value) => self.scalar(&fitting, node, value, at),
            Kind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let key = format!("{}[{index}]", at.key);
                    let at = At { key, place: item.mark(), is_secret: at.is_secret };
                    self.value(&first["items"], item, &at);
                }
            }
            Kind::Map(entries) => self.map(first, entries, node, at),
        }
    }

    /// The schemas of which one has to fit, without those that only refer to others.
    fn alternatives(&self, schema: &'a Value, found: &mut Vec<&'a Value>) {
        if let Some(reference) = schema["$ref"].as_str() {
            let referred = self.schema.pointer(reference.trim_start_matches('#'));
            self.alternatives(referred.expect("the schema holds what it refers to"), found);
        } else if let Some(alternatives) =
            ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema[key].as_array())
        {
            alternatives.iter().for_each(|schema| self.alternatives(schema, found));
        } else {
            found.push(schema);
        }
    }

    fn scalar(&mut self, fitting: &[&'a Value], node: &Node, value: &Value, at: &At) {
        let text = match value {
            Value::String(text) => text,
            // As it is written: `0x1F` and not 31.
            _ => &self.text[node.written.start..node.written.end],
        };
        let words = known_words(fitting);
        if !words.is_empty() && !words.contains(&text) {
            let hint = most_similar(text, &words).map(|word| format!("did you mean `{word}`?"));
            return self.tell(
                node,
                at,
                format!("`{text}` is not known here; expected {}", listed(&words)),
                hint,
            );
        }
        let is_below = |schema: &&Value| value.as_i64() < schema["minimum"].as_i64();
        if fitting.iter().any(is_below) {
            return self.tell(node, at, format!("`{text}` is too small"), None);
        }
        // Where both text and numbers are taken, a number has to have one text only.
        let takes_both = fitting.iter().any(|schema| types(schema).len() > 1 && takes(schema, "string"));
        let usual = value.to_string();
        if takes_both && !value.is_string() && !value.is_null() && *text != usual {
            self.tell(node, at, "write this in quotes: YAML readers take it for different values", None);
        }
    }

    fn map(&mut self, schema: &'a Map<String, Value>, entries: &[(Key, Node)], node: &Node, at: &At) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties").filter(|schema| schema.is_object());
        for (key, value) in entries.iter().filter(|(key, _)| key.name != "<<") {
            let property = properties.and_then(|properties| properties.get(&key.name)).or(others);
            let Some(property) = property else {
                self.unknown_key(properties, key, at);
                continue;
            };
            let is_secret = at.is_secret || [EXTERNAL_ID, PARAMETERS].contains(&key.name.as_str());
            let separator = if at.key.is_empty() { "" } else { "." };
            let path = format!("{}{separator}{}", at.key, key.name);
            self.value(property, value, &At { key: path, place: key.place, is_secret });
        }
        let required = schema.get("required").and_then(Value::as_array);
        for missing in required.into_iter().flatten().filter_map(Value::as_str) {
            if !entries.iter().any(|(key, _)| key.name == missing) {
                self.tell(node, at, format!("the key `{missing}` is missing"), None);
            }
        }
    }

    fn unknown_key(&mut self, properties: Option<&'a Map<String, Value>>, key: &Key, at: &At) {
        let known: Vec<&str> = properties.into_iter().flat_map(Map::keys).map(String::as_str).collect();
        let (message, similar) = match at.is_secret {
            true => ("unknown key".to_owned(), None),
            false => (format!("unknown key `{}`", key.name), most_similar(&key.name, &known)),
        };
        let hint = match similar {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => format!("expected {}", listed(&known)),
        };
        self.misshapen.unknown.insert(key.place.start);
        self.misshapen.problems.push(Problem {
            place: Some(key.place),
            hint: Some(hint),
            ..Problem::new(&at.key, message)
        });
    }

    fn tell(&mut self, node: &Node, at: &At, message: impl ToString, hint: Option<String>) {
        let has_text = matches!(node.kind, Kind::Scalar(_)) && node.place.end > node.place.start;
        let place = match (has_text, at.key.is_empty()) {
            (true, _) => Some(node.place),
            (false, false) => Some(at.place),
            (false, true) => None,
        };
        self.misshapen.problems.push(Problem { place, hint, ..Problem::new(&at.key, message.to_string()) });
    }
}

/// Text is taken as it is written, so what is written without quotes is text too.
fn fits(schema: &Value, node: &Node) -> bool {
    match &node.kind {
        Kind::Scalar(Value::Null) => takes(schema, "null"),
        Kind::Scalar(Value::Bool(_)) => takes(schema, "boolean") || takes(schema, "string"),
        Kind::Scalar(Value::Number(number)) => {
            !number.is_f64() && takes(schema, "integer") || takes(schema, "string")
        }
        Kind::Scalar(_) => takes(schema, "string"),
        Kind::List(_) => takes(schema, "array"),
        Kind::Map(_) => takes(schema, "object"),
    }
}

fn takes(schema: &Value, name: &str) -> bool {
    types(schema).contains(&name)
}
