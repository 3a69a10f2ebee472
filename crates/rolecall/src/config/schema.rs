//! The JSON Schema of the configuration, for editors, and for the check that finds every problem of form at
//! once.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::file::FileConfig;

/// The schema, from the types that a configuration is read into. Draft 7 is the newest that the YAML language
/// server, and so most editors, understand.
pub(crate) fn schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<FileConfig>().to_value()
}

/// The form of a share or a number of accounts.
pub(super) fn text_or_number(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "integer", "null"] })
}
