//! The JSON Schema of the configuration, for editors, and for the check that finds every problem of form at
//! once.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::file::FileConfig;

/// The schema, from the types that a configuration is read into. Draft 7 is the newest that the YAML language
/// server, and so most editors, understand.
pub(crate) fn schema() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<FileConfig>().to_value();
    refuse_nothing(&mut schema);
    schema
}

/// The same as the text of a file.
pub(crate) fn schema_text() -> String {
    format!("{:#}\n", schema())
}

/// A key may be left out but not left empty: `external_id:` with nothing behind it would roll out a role that
/// asks for none.
fn refuse_nothing(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(refuse_nothing),
        Value::Object(keys) => {
            if let Some(Value::Array(types)) = keys.get_mut("type") {
                types.retain(|name| name != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    keys.insert("type".to_owned(), one);
                }
            }
            if let Some(Value::Array(alternatives)) = keys.get_mut("anyOf") {
                alternatives.retain(|schema| schema["type"] != "null");
            }
            keys.values_mut().for_each(refuse_nothing);
        }
        _ => {}
    }
}

/// The form of a share or a number of accounts.
pub(super) fn text_or_number(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "integer"] })
}
