//! Tables and wrapped paragraphs. How wide a character is and where a line may be broken is left to the table
//! library, for paragraphs too.

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

/// A line below the header and nothing else: rows stay easy to copy and to search.
const UNDERLINED_HEADER: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Below this many columns a table of six is a heap of broken words, and its rows are shown as entries.
const NARROWEST_TABLE: u16 = 76;

/// No paragraph is squeezed below this, however deep it is indented.
const NARROWEST_PARAGRAPH: usize = 12;

/// How wide the terminal on standard output is; `None` when it is none.
pub fn terminal_width() -> Option<u16> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0)
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
    table.set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    text_of(&table)
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
        for (name, cell) in named.filter(|(_, cell)| !matches!(cell.as_str(), "" | "-")) {
            paragraph(&mut output, "  ", "    ", &format!("{name}: {cell}"), Some(width));
        }
    }
    output
}

/// Appends `text` as one paragraph: the first line after `first`, the others after `rest`.
pub(crate) fn paragraph(output: &mut String, first: &str, rest: &str, text: &str, width: Option<u16>) {
    let indent = first.chars().count().max(rest.chars().count());
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
