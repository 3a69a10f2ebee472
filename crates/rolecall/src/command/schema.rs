//! `schema`: the configuration described, for editors and for readers.

use crate::config::{reference, schema_text};
use crate::exit::Exit;
use crate::print;

pub(crate) fn run(as_markdown: bool) -> anyhow::Result<Exit> {
    let text = match as_markdown {
        true => reference(),
        false => schema_text(),
    };
    print::result(&text)?;
    Ok(Exit::AsSpecified)
}
