//! `schema`: the JSON Schema of the configuration, for editors.

use crate::config::schema;
use crate::exit::Exit;
use crate::print;

pub(crate) fn run() -> anyhow::Result<Exit> {
    let mut text = serde_json::to_string_pretty(&schema())?;
    text.push('\n');
    print::result(&text)?;
    Ok(Exit::AsSpecified)
}
