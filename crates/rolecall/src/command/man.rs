//! `man`: the manual pages.

use std::path::Path;

use anyhow::Context;
use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::manual::pages;
use crate::print;

pub(crate) fn run(directory: Option<&Path>) -> anyhow::Result<Exit> {
    let pages = pages(Arguments::command()).context("could not make the manual pages")?;
    match directory {
        None => print::result(&pages.first().context("there is no page")?.text)?,
        Some(directory) => {
            let write = || -> std::io::Result<()> {
                std::fs::create_dir_all(directory)?;
                pages.iter().try_for_each(|page| std::fs::write(directory.join(&page.file), &page.text))
            };
            write().with_context(|| format!("could not write to `{}`", directory.display()))?;
            print::message(&format!("wrote {} pages to {}", pages.len(), directory.display()));
        }
    }
    Ok(Exit::AsSpecified)
}
