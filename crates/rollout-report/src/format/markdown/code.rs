//! Text from outside in Markdown.

use crate::text::{clipped, escaped};

/// More than this of one text helps nobody in a table.
const LONGEST: usize = 400;

/// `text` as a code span, in which nothing is a link, a mention, HTML or emphasis, for no reader of Markdown.
///
/// A bar would end the cell of a table even there, and readers differ in how it is escaped, so that it is written as
/// other dangerous characters are. Nothing stays nothing.
pub(super) fn code(text: &str) -> String {
    let text = clipped(&escaped(text).replace('|', "\\u{7c}"), LONGEST);
    if text.is_empty() {
        return text;
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // One space on each side belongs to the fence, where the text would be taken for a part of it.
    let is_ambiguous = |edge: Option<char>| matches!(edge, Some('`' | ' '));
    match is_ambiguous(text.chars().next()) || is_ambiguous(text.chars().next_back()) {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    /// What a reader of GitHub's Markdown makes of a table with one cell: everything but the frame.
    fn read(cell: &str) -> Vec<Event<'static>> {
        let document = format!("| a | b |\n|---|---|\n| {cell} | x |\n");
        let parser = Parser::new_ext(&document, Options::all());
        let is_frame = |event: &Event<'_>| {
            use pulldown_cmark::TagEnd;
            matches!(
                event,
                Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell)
                    | Event::End(TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell)
            )
        };
        let events = parser.filter(|event| !is_frame(event));
        events.map(Event::into_static).collect()
    }

    fn text(text: &str) -> Event<'static> {
        Event::Text(text.to_owned().into())
    }

    #[track_caller]
    fn check(outside: &str) {
        let shown = clipped(&escaped(outside).replace('|', "\\u{7c}"), LONGEST);
        // The standard takes one space from each side unless the text is nothing but spaces.
        let shown = if shown.trim().is_empty() && !shown.is_empty() { format!(" {shown} ") } else { shown };
        let mut expected = vec![text("a"), text("b")];
        expected.extend((!shown.is_empty()).then(|| Event::Code(shown.into())));
        expected.push(text("x"));
        assert_eq!(read(&code(outside)), expected, "{outside:?}");
    }

    #[test]
    fn hostile_names_are_shown_and_do_nothing() {
        for name in [
            "a|b",
            "a\\|b\\",
            "<script>alert(1)</script>",
            "[x](https://example.com)",
            "@everyone #1 https://example.com",
            "`",
            "``a`",
            "` | `",
            " a ",
            " ",
            "",
            "a\n\n# b",
            "abc\u{202e}def",
            "</details>",
            "$x$ ~~y~~ **z** ![i](u)",
            "&lt;b&gt;",
        ] {
            check(name);
        }
        assert_eq!(code("a\nb|c\u{202e}"), "`a\\nb\\u{7c}c\\u{202e}`");
    }

    proptest! {
        #[test]
        fn every_text_is_one_code_span(name in "(\\PC|[|`<>\\[\\]()\\\\@#*_~$&\n \t\u{202e}]){0,40}") {
            check(&name);
        }
    }
}
