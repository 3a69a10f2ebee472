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
        let as_a_number = value.to_string();
        let takes_both = fitting.iter().any(|schema| types(schema).len() > 1 && takes(schema, "string"));
        if takes_both && !value.is_string() && *text != as_a_number {
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
            if entries.iter().all(|(key, _)| key.name != missing) {
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
        Kind::Scalar(Value::Null) => false,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{schema::schema, syntax};

    /// The smallest configuration, in which one line is another.
    fn with(line: &str) -> String {
        let lines = [
            "rollout: x",
            "home_region: us-east-1",
            "role: { name: R, trust: [ { account: '111122223333' } ] }",
            "targets: { include: [ { ou: A } ] }",
        ];
        let key = line.split(':').next().unwrap();
        let kept = lines.iter().filter(|kept| kept.split(':').next() != Some(key));
        kept.chain([&line]).map(|line| format!("{line}\n")).collect()
    }

    /// Each problem with the text that it points at.
    fn problems(text: &str) -> Vec<(String, Option<&str>)> {
        let misshapen = check(&schema(), text, &syntax::parse(text).unwrap());
        let told = |problem: Problem| {
            let hint = problem.hint.map_or(String::new(), |hint| format!(" ({hint})"));
            let place = problem.place.map(|place| &text[place.start..place.end]);
            (format!("{}: {}{hint}", problem.key, problem.message), place)
        };
        misshapen.problems.into_iter().map(told).collect()
    }

    #[track_caller]
    fn finds(line: &str, expected: &[(&str, &str)]) {
        let text = with(line);
        let expected: Vec<_> = expected.iter().map(|(told, at)| ((*told).to_owned(), Some(*at))).collect();
        assert_eq!(problems(&text), expected, "{line}");
    }

    #[test]
    fn every_form_that_the_configuration_has_is_accepted() {
        finds("limits: { max_targets: 5, max_removals: 0 }", &[]);
        finds("stack_set: { max_concurrent: 5, failure_tolerance: 5%, managed_execution: true }", &[]);
        finds("stack_set: { call_as: self, regions: [us-east-1], auto_deployment: { enabled: false } }", &[]);
        finds("targets: { include: [ { account: 111122223333 } ], exclude: [ management_account ] }", &[]);
        finds(
            "targets: { include: [ { tag: { a: b, c: [d, 1], e: true, f: { exists: true, not: x } } } ] }",
            &[],
        );
        finds(
            "targets: { include: [ { tag: { a: { not: [b] } }, state: pending-closure, optional: true } ] }",
            &[],
        );
        finds("waves: [ { name: w, include: [ management_account, { name: a } ] } ]", &[]);
        finds("role: { name: R, trust: [], tags: { a: 5, b: true }, path: / }", &[]);
    }

    #[test]
    fn an_unknown_key_is_told_with_the_one_that_it_is_most_like() {
        finds("limmits: {}", &[(": unknown key `limmits` (did you mean `limits`?)", "limmits")]);
        finds(
            "limits: { x: 1 }",
            &[("limits: unknown key `x` (expected `max_removals`, `max_targets` or `sts_requests`)", "x")],
        );
        finds(
            "targets: { include: [ { acount: x } ] }",
            &[("targets.include[0]: unknown key `acount` (did you mean `account`?)", "acount")],
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_told_with_what_is_expected() {
        finds(
            "limits: 5",
            &[(
                "limits: expected a map with `max_removals`, `max_targets` or `sts_requests`, found a number",
                "5",
            )],
        );
        finds(
            "limits:",
            &[(
                "limits: expected a map with `max_removals`, `max_targets` or `sts_requests`, found nothing",
                "limits",
            )],
        );
        finds(
            "limits: { max_targets: many }",
            &[("limits.max_targets: expected a whole number, found text", "many")],
        );
        finds(
            "limits: { max_targets: 1.5 }",
            &[("limits.max_targets: expected a whole number, found a number", "1.5")],
        );
        finds("limits: { max_targets: -1 }", &[("limits.max_targets: `-1` is too small", "-1")]);
        finds("rollout: [x]", &[("rollout: expected text, found a list", "rollout")]);
        finds(
            "stack_set: { managed_execution: yes }",
            &[("stack_set.managed_execution: expected `true` or `false`, found text", "yes")],
        );
        finds(
            "waves: [ { name: w, include: [ [x] ] } ]",
            &[("waves[0].include[0]: expected `management_account` or a map, found a list", "[")],
        );
    }

    #[test]
    fn an_unknown_word_is_told_with_the_one_that_it_is_most_like() {
        finds(
            "stack_set: { call_as: delegate-admin }",
            &[(
                "stack_set.call_as: `delegate-admin` is not known here; expected `self` or `delegated-admin` \
                 (did you mean `delegated-admin`?)",
                "delegate-admin",
            )],
        );
        finds(
            "verify: { mode: true }",
            &[("verify.mode: `true` is not known here; expected `direct`, `probe` or `offline`", "true")],
        );
    }

    #[test]
    fn a_tag_that_yaml_reads_as_a_number_has_to_be_quoted_unless_it_is_written_as_one() {
        let told =
            "targets.include[0].tag.a: write this in quotes: YAML readers take it for different values";
        for value in ["0x1F", "+5", "True"] {
            finds(&format!("targets: {{ include: [ {{ tag: {{ a: {value} }} }} ] }}"), &[(told, value)]);
        }
        finds("targets: { include: [ { tag: { a: '0x1F', b: 012, c: 1_000 } } ] }", &[]);
    }

    #[test]
    fn everything_is_found_at_once_and_missing_keys_too() {
        let found = problems("rollout: []\ntargets: { exclude: x }\nverify: { mode: dirct }\n");
        let told: Vec<&str> = found.iter().map(|(told, _)| told.as_str()).collect();
        assert_eq!(
            told,
            [
                "rollout: expected text, found a list",
                "targets.exclude: expected a list, found text",
                "targets: the key `include` is missing",
                "verify.mode: `dirct` is not known here; expected `direct`, `probe` or `offline` (did you mean `direct`?)",
                ": the key `home_region` is missing",
            ]
        );
        assert_eq!(problems(""), [(": expected a map, found nothing".to_owned(), None)]);
    }

    #[test]
    fn nothing_under_a_secret_is_quoted() {
        for secret in [
            "s3cret",
            "[s3cret]",
            "{ s3cret }",
            "{ s3cret: x }",
            "{ literal: [s3cret] }",
            "{ env: { s3cret: s3cret } }",
        ] {
            for line in [
                format!("role: {{ name: R, trust: [ {{ account: x, external_id: {secret} }} ] }}"),
                format!("template: {{ file: x, parameters: {{ A: {secret} }} }}"),
            ] {
                let found = problems(&with(&line)).into_iter().map(|(told, _)| told).collect::<Vec<_>>();
                assert!(!found.is_empty() && !found.concat().contains("s3cret"), "{line}: {found:?}");
            }
        }
    }
}
