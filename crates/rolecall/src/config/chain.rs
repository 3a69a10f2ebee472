//! The way to a principal: one role, or several that are entered one from another.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The ARNs, in the order in which the roles are entered.
#[derive(Debug, Default)]
pub(crate) struct ChainConfig(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for ChainConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChainVisitor)
    }
}

struct ChainVisitor;

impl<'de> Visitor<'de> for ChainVisitor {
    type Value = ChainConfig;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the ARN of a role, or a list of them")
    }

    fn visit_str<E: Error>(self, arn: &str) -> Result<ChainConfig, E> {
        Ok(ChainConfig(vec![arn.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ChainConfig, A::Error> {
        let mut arns = Vec::new();
        while let Some(arn) = list.next_element()? {
            arns.push(arn);
        }
        Ok(ChainConfig(arns))
    }
}

impl JsonSchema for ChainConfig {
    fn schema_name() -> Cow<'static, str> {
        "ChainConfig".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The ARN of a role, or a list of them, each of which is entered from the one before.",
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" } },
            ],
        })
    }
}
