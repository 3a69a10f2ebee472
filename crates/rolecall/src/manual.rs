//! Manual pages, made of what `--help` says.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

/// One manual page.
pub(crate) struct Page {
    /// The name of its file, such as `rolecall-plan.1`.
    pub(crate) file: String,
    pub(crate) text: String,
}

/// A page for the command and one for each below it, the command's first.
pub(crate) fn pages(command: Command) -> io::Result<Vec<Page>> {
    let mut root = command.disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    add(&root, &root, &mut pages)?;
    Ok(pages)
}

fn add(root: &Command, command: &Command, pages: &mut Vec<Page>) -> io::Result<()> {
    pages.push(page(root, command)?);
    command.get_subcommands().try_for_each(|below| add(root, below, pages))
}

fn page(root: &Command, command: &Command) -> io::Result<Page> {
    let version = root.get_version().unwrap_or_default();
    let man = Man::new(command.clone()).source(format!("{} {version}", root.get_name()));
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut roff = Roff::new();
    if let Some(after) = command.get_after_help() {
        after.to_string().split("\n\n").for_each(|paragraph| section(paragraph, &mut roff));
    }
    if !std::ptr::eq(root, command) {
        roff.control("SH", ["SEE ALSO"]);
        roff.text([roman(format!("{}(1)", root.get_name()))]);
    }
    roff.to_writer(&mut text)?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    Ok(Page { file: man.get_filename(), text })
}

/// What stands at the end of a help is paragraphs with a heading, to be shown as they are.
fn section(paragraph: &str, roff: &mut Roff) {
    let (heading, lines) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
    let heading = match heading {
        // As man pages call it.
        "Exit codes:" => "EXIT STATUS".to_owned(),
        heading => heading.trim_end_matches(':').to_uppercase(),
    };
    roff.control("SH", [heading.as_str()]);
    roff.control("nf", []);
    for line in lines.lines() {
        roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    roff.control("fi", []);
}
