//! `schema`: the configuration and the JSON of a run described, for editors and for readers.

use rollout_report::{JsonForm, json_schema};

use crate::arguments::Described;
use crate::config::{reference, schema_text};
use crate::exit::Exit;
use crate::print;

pub(crate) fn run(of: Described, as_markdown: bool) -> anyhow::Result<Exit> {
    let text = match of {
        Described::Configuration if as_markdown => reference(),
        Described::Configuration => schema_text(),
        Described::Report => json_schema(JsonForm::Report),
        Described::ReportLines => json_schema(JsonForm::ReportLine),
    };
    print::result(&text)?;
    Ok(Exit::AsSpecified)
}
