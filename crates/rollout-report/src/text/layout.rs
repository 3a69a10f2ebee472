//! Tables and wrapped paragraphs. How wide a character is and where a line may be broken is left to the table
//! library, for paragraphs too.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::fd::AsFd;

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width};

use super::style::{Style, seen, styled, styled_words};

/// A line below the header and nothing else: rows stay easy to copy and to search.
const UNDERLINED_HEADER: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Below this many columns a table of six is a heap of broken words, and its rows are shown as entries.
const NARROWEST_TABLE: u16 = 76;

/// Between two columns.
const PADDING: u16 = 2;

/// Behind account, name and unit come statuses, and in the last column whatever else there is to say. No word of a
/// status is ever broken.
const FIRST_STATUS_COLUMN: usize = 3;

/// Room for each of our own words. Names of waves, which stand beside them, may be longer.
const LONGEST_STATUS_WORD: usize = 12;

/// No paragraph is squeezed below this, however deep it is indented.
const NARROWEST_PARAGRAPH: usize = 12;

/// How wide the terminal on standard output is; `None` when it is none: what is piped is neither cut nor wrapped.
pub fn terminal_width() -> Option<u16> {
    width_of(std::io::stdout())
}

/// The same of standard error.
pub fn story_width() -> Option<u16> {
    width_of(std::io::stderr())
}

/// A terminal that does not know its width may have it in COLUMNS.
fn width_of(output: impl IsTerminal + AsFd) -> Option<u16> {
    if !output.is_terminal() {
        return None;
    }
    let known = terminal_size::terminal_size_of(output).map(|(width, _)| width.0);
    known.or_else(|| columns(std::env::var_os("COLUMNS")))
}

fn columns(variable: Option<OsString>) -> Option<u16> {
    variable?.to_str()?.trim().parse().ok().filter(|columns| *columns > 0)
}

/// Rows whose first column, an account id, is never broken. The second column is a name.
pub(crate) fn table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
    width: Option<u16>,
) -> String {
    if let Some(width) = width.filter(|width| *width < NARROWEST_TABLE) {
        return entries(header, rows, width);
    }
    let mut table = bare_table(width);
    // Without a terminal a line would be as long as the longest reason.
    table.load_style(if width.is_some() { UNDERLINED_HEADER } else { NOTHING });
    table.set_header(header.map(|name| styled_words(Style::Heading, name)));
    let mut longest = header.map(longest_word);
    // The last column has the reason, which may be broken.
    let status = FIRST_STATUS_COLUMN..COLUMNS.saturating_sub(1);
    table.add_rows(rows.into_iter().inspect(|cells| {
        for column in status.clone() {
            longest[column] = longest[column].max(longest_word(&cells[column]).min(LONGEST_STATUS_WORD));
        }
    }));
    for (column, longest) in table.column_iter_mut().zip(longest) {
        column.set_padding((0, PADDING));
        let least = Width::Fixed(u16::try_from(longest).unwrap_or(u16::MAX).saturating_add(PADDING));
        column.set_constraint(ColumnConstraint::LowerBoundary(least));
    }
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    text_of(&table)
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(seen).max().unwrap_or_default()
}

/// Each row as a few lines: id and name, then every other cell that says something, after its header.
fn entries<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
    width: u16,
) -> String {
    let mut output = String::new();
    for cells in rows {
        let (title, others) = cells.split_at(2.min(COLUMNS));
        paragraph(&mut output, "", "  ", &title.join(" "), Some(width));
        let named = header[title.len()..].iter().zip(others);
        for (name, cell) in named.filter(|(_, cell)| says_something(cell)) {
            let name = styled(Style::Quiet, &format!("{name}:"));
            paragraph(&mut output, "  ", "    ", &format!("{name} {cell}"), Some(width));
        }
    }
    output
}

/// A cell that is there to show that nothing is, says nothing among entries.
fn says_something(cell: &str) -> bool {
    !matches!(cell, "" | "-") && cell != styled(Style::Quiet, "-")
}

/// Appends `text` as one paragraph: the first line after `first`, the others after `rest`.
pub(crate) fn paragraph(output: &mut String, first: &str, rest: &str, text: &str, width: Option<u16>) {
    let indent = seen(first).max(seen(rest));
    let room = width.map(|width| usize::from(width).saturating_sub(indent).max(NARROWEST_PARAGRAPH));
    for (number, line) in wrapped(text, room).iter().enumerate() {
        let lead = if number == 0 { first } else { rest };
        output.push_str(format!("{lead}{line}").trim_end());
        output.push('\n');
    }
}

fn wrapped(text: &str, room: Option<usize>) -> Vec<String> {
    // No character takes more columns than bytes, so a text with few enough bytes fits.
    let Some(room) = room.filter(|room| text.len() > *room) else { return vec![text.to_owned()] };
    let mut table = bare_table(Some(u16::try_from(room).unwrap_or(u16::MAX)));
    table.load_style(NOTHING);
    table.add_row([text]);
    for column in table.column_iter_mut() {
        column.set_padding((0, 0));
    }
    text_of(&table).lines().map(str::to_owned).collect()
}

fn bare_table(width: Option<u16>) -> Table {
    let mut table = Table::new();
    match width {
        Some(width) => table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table
}

fn text_of(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_in_the_environment_is_a_number_above_zero() {
        let check = |value: Option<&str>, expected| assert_eq!(columns(value.map(OsString::from)), expected);
        check(Some("132"), Some(132));
        check(Some(" 80\n"), Some(80));
        check(Some("0"), None);
        check(Some("wide"), None);
        check(None, None);
    }
}
