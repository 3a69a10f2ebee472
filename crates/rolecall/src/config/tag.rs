//! What a tag has to be like, as it is written: `prod`, `[prod, staging]`, `{ exists: true }` or
//! `{ not: [dev, test] }`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What a tag has to be like: all that is said.
#[derive(Debug)]
pub(crate) struct TagConfig {
    /// One of these.
    pub(crate) values: Option<TagValues>,
    pub(crate) rule: TagRule,
}

/// What a tag has to be like; with both keys, both have to be true.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagRule {
    /// Whether the account has the tag at all, whatever its value.
    pub(crate) exists: Option<bool>,
    /// The tag has none of these values, or is not there.
    pub(crate) not: Option<TagValues>,
}

/// A value or a list of them.
#[derive(Debug)]
pub(crate) struct TagValues(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for TagConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TagVisitor)
    }
}

impl<'de> Deserialize<'de> for TagValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

struct TagVisitor;

impl<'de> Visitor<'de> for TagVisitor {
    type Value = TagConfig;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value, a list of values, or a map with `exists` or `not`")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<TagConfig, E> {
        ValuesVisitor.visit_bool(value).map(TagConfig::from)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<TagConfig, E> {
        ValuesVisitor.visit_i64(value).map(TagConfig::from)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<TagConfig, E> {
        ValuesVisitor.visit_u64(value).map(TagConfig::from)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<TagConfig, E> {
        ValuesVisitor.visit_str(value).map(TagConfig::from)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<TagConfig, A::Error> {
        ValuesVisitor.visit_seq(list).map(TagConfig::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TagConfig, A::Error> {
        let rule = TagRule::deserialize(MapAccessDeserializer::new(map))?;
        Ok(TagConfig { values: None, rule })
    }
}

impl From<TagValues> for TagConfig {
    fn from(values: TagValues) -> Self {
        TagConfig { values: Some(values), rule: TagRule::default() }
    }
}

struct ValuesVisitor;

/// Numbers and truth values come as their text. Those that YAML writes in several ways are refused before,
/// because their text is not known here (`shape`).
impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = TagValues;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value or a list of values")
    }

    fn visit_bool<E>(self, value: bool) -> Result<TagValues, E> {
        Ok(TagValues(vec![value.to_string()]))
    }

    fn visit_i64<E>(self, value: i64) -> Result<TagValues, E> {
        Ok(TagValues(vec![value.to_string()]))
    }

    fn visit_u64<E>(self, value: u64) -> Result<TagValues, E> {
        Ok(TagValues(vec![value.to_string()]))
    }

    fn visit_str<E>(self, value: &str) -> Result<TagValues, E> {
        Ok(TagValues(vec![value.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<TagValues, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(TagValues)
    }
}

impl JsonSchema for TagValues {
    fn schema_name() -> Cow<'static, str> {
        "TagValues".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A value or a list of them.",
            "anyOf": [value(), { "type": "array", "items": value() }],
        })
    }
}

impl JsonSchema for TagConfig {
    fn schema_name() -> Cow<'static, str> {
        "TagConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A value that the tag has to have, a list of which one is enough, or a rule.",
            "anyOf": [
                value(),
                { "type": "array", "items": value() },
                generator.subschema_for::<TagRule>(),
            ],
        })
    }
}

fn value() -> Schema {
    json_schema!({ "type": ["string", "integer", "boolean"] })
}
