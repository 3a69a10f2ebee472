//! Makes text from outside safe to show.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` on one line, with control characters written as escapes: an account name must not be able to move
/// the cursor, break a row in two, or turn the direction of the text around it.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            other if is_dangerous(other) => {
                write!(escaped, "\\u{{{:x}}}", u32::from(other)).expect("writing to a string cannot fail");
            }
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, line and paragraph separators, and the invisible characters that set the direction of
/// text or hide in it.
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(escaped(text), expected);
    }

    #[test]
    fn what_could_paint_a_terminal_is_written_out() {
        check("a\nb", "a\\nb");
        check("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m");
        check("a\u{9b}2Jb", "a\\u{9b}2Jb");
        check("\r\t\u{7f}", "\\r\\t\\u{7f}");
        check("abc\u{202e}def", "abc\\u{202e}def");
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        check("Größe & \"Recht\" / 東京 — c:\\x", "Größe & \"Recht\" / 東京 — c:\\x");
    }
}
