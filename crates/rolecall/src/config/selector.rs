//! How accounts are selected, as it is written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::tag::TagConfig;

/// The word that stands for the management account.
const MANAGEMENT_ACCOUNT: &str = "management_account";

/// Accounts of which all of this is true: at least one selector.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SelectorConfig {
    /// In or below organizational units: a path such as `Workloads/**`, in which `*` stands for any part of a
    /// name and `**` for any number of units; the id of a unit; or the id of the root.
    pub(crate) ou: Option<String>,
    /// One account: its id of twelve digits, in quotes.
    pub(crate) account: Option<String>,
    /// The accounts that a file lists, beside this one: ids separated by lines or commas; `#` begins a comment.
    pub(crate) accounts_file: Option<PathBuf>,
    /// Accounts with such a name: `*` stands for any characters, `?` for one.
    pub(crate) name: Option<String>,
    /// Accounts with such an e-mail address, whatever its case: `*` stands for any characters, `?` for one.
    pub(crate) email: Option<String>,
    /// Accounts with such tags, by key: `{ env: prod }`, `{ env: [prod, staging] }`, `{ owner: { exists: false } }`. All
    /// of them have to match.
    #[serde(default)]
    pub(crate) tag: BTreeMap<String, TagConfig>,
    /// Accounts in this state.
    pub(crate) state: Option<StateConfig>,
    /// Accounts that joined the organization then or later: a date such as `2026-03-01`, which begins at
    /// midnight UTC, or a time such as `2026-03-01T09:30:00Z`.
    pub(crate) joined_after: Option<String>,
    /// Accounts that joined the organization before that: a date or a time, as in `joined_after`.
    pub(crate) joined_before: Option<String>,
    /// Whether it is in order that nobody matches. Default: false, and that is taken for a mistake.
    #[serde(default)]
    pub(crate) optional: bool,
}

/// Where an account is in its life. Only active accounts are deployed to.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StateConfig {
    /// Open.
    Active,
    /// Being set up.
    PendingActivation,
    /// Closed by its owner or by AWS; about 90 days before it is gone.
    Suspended,
    /// About to be suspended.
    PendingClosure,
    /// Gone.
    Closed,
}

/// The management account, or selectors.
#[derive(Debug)]
pub(crate) enum EntryConfig {
    ManagementAccount,
    Selectors(Box<SelectorConfig>),
}

impl<'de> Deserialize<'de> for EntryConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = EntryConfig;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("selectors such as `{ ou: Workloads }`, or the word `management_account`")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<EntryConfig, E> {
        match word {
            MANAGEMENT_ACCOUNT => Ok(EntryConfig::ManagementAccount),
            other => Err(E::unknown_variant(other, &[MANAGEMENT_ACCOUNT])),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EntryConfig, A::Error> {
        let selectors = SelectorConfig::deserialize(MapAccessDeserializer::new(map))?;
        Ok(EntryConfig::Selectors(Box::new(selectors)))
    }
}

impl JsonSchema for EntryConfig {
    fn schema_name() -> Cow<'static, str> {
        "EntryConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The word `management_account`, or accounts of which all of this is true.",
            "anyOf": [
                { "type": "string", "const": MANAGEMENT_ACCOUNT },
                generator.subschema_for::<SelectorConfig>(),
            ],
        })
    }
}
