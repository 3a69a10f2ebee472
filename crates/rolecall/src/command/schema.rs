//! `schema`: the configuration described, for editors and for readers.

use crate::config::{reference, schema};
use crate::exit::Exit;
use crate::print;

pub(crate) fn run(as_markdown: bool) -> anyhow::Result<Exit> {
    let text = match as_markdown {
        true => reference(),
        false => format!("{}\n", serde_json::to_string_pretty(&schema())?),
    };
    print::result(&text)?;
    Ok(Exit::AsSpecified)
}
