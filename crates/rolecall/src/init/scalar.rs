//! Text as YAML.

use std::fmt::Write;

/// Plain where no reader of YAML takes it for anything else, and in double quotes elsewhere.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            character if needs_no_escape(character) => quoted.push(character),
            // Eight digits are enough for every character, and writing to a text does not fail.
            character => drop(write!(quoted, "\\U{:08X}", u32::from(character))),
        }
    }
    quoted.push('"');
    quoted
}

/// Words that begin with a letter, as long as no version of YAML reads them as something else than text.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:@+=*-".contains(&byte))
        // It would be a key.
        && !text.ends_with(':')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// What YAML 1.2 calls printable (5.1), without the line breaks of YAML 1.1, the byte order mark, and characters
/// that change how the text around them looks.
fn needs_no_escape(character: char) -> bool {
    match character {
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => false,
        ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' => true,
        character => u32::from(character) > 0xffff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_surely_text_stays_plain() {
        let check = |text: &str, expected: &str| assert_eq!(scalar(text), expected);
        check("arn:aws:iam::aws:policy/SecurityAudit", "arn:aws:iam::aws:policy/SecurityAudit");
        check("Workloads/**", "Workloads/**");
        check("**", "\"**\"");
        check("111122223333", "\"111122223333\"");
        check("Yes", "\"Yes\"");
        check("key:", "\"key:\"");
        check("", "\"\"");
        check("Büro", "\"Büro\"");
        check("a\n# b\"\\", "\"a\\U0000000A# b\\\"\\\\\"");
        check("\u{202e}\u{85}\u{7f}", "\"\\U0000202E\\U00000085\\U0000007F\"");
    }

    #[track_caller]
    fn both_readers_read(text: &str) {
        for yaml in [format!("- {}\n", scalar(text)), format!("[ {} ]\n", scalar(text))] {
            let expected = vec![serde_json::Value::from(text)];
            assert_eq!(serde_saphyr::from_str::<Vec<serde_json::Value>>(&yaml).unwrap(), expected, "{yaml}");
            assert_eq!(crate::config::value_of(&yaml), serde_json::Value::from(expected), "{yaml}");
        }
    }

    #[test]
    fn words_of_yaml_are_read_back_as_text() {
        for text in
            ["~", "null", "NO", "on", "1e3", "0x1F", ".inf", "12:30", "<<", "=", "e5", "2026-03-01", "- a"]
        {
            both_readers_read(text);
        }
    }

    proptest! {
        #[test]
        fn every_text_is_read_back_as_it_was(text in any::<String>()) {
            both_readers_read(&text);
        }

        #[test]
        fn text_of_what_yaml_is_made_of_is_read_back_as_it_was(text in "[-?:,\\[\\]{}#&*!|>'\"%@` \\\\a1\t\n\r\u{85}\u{2028}]{0,12}") {
            both_readers_read(&text);
        }
    }
}
