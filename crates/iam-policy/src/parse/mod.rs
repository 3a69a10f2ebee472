//! JSON to document. The shape is checked while reading, so that an error knows its line and column.

mod principals;
mod shape;
mod statement;
mod words;

use serde::{Deserialize, Deserializer};

use self::shape::{Object, OneOrMany};
use self::statement::RawStatement;
use crate::{PolicyDocument, PolicyError, Version};

pub(crate) fn from_text(text: &str) -> Result<PolicyDocument, PolicyError> {
    serde_json::from_str::<Object<RawDocument>>(text).map(|document| document.0.into()).map_err(|error| {
        // At the very beginning of a line the reader has not yet seen a column.
        let (line, column) = (error.line().max(1), error.column().max(1));
        PolicyError::At { line, column, message: message_of(&error) }
    })
}

pub(crate) fn from_value(value: &serde_json::Value) -> Result<PolicyDocument, PolicyError> {
    Object::<RawDocument>::deserialize(value)
        .map(|document| document.0.into())
        .map_err(|error| PolicyError::Invalid { message: message_of(&error) })
}

/// The message alone: our error has its own place for line and column.
fn message_of(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    full.strip_suffix(&place).unwrap_or(&full).to_owned()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RawDocument {
    #[serde(default)]
    version: Version,
    #[serde(default, deserialize_with = "present")]
    id: Option<String>,
    statement: OneOrMany<RawStatement>,
}

impl From<RawDocument> for PolicyDocument {
    fn from(raw: RawDocument) -> Self {
        let statements = raw.statement.0.into_iter().map(|statement| statement.0).collect();
        PolicyDocument { version: raw.version, id: raw.id, statements }
    }
}

/// An element that may be left out, but not `null`.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 15] = [
        "{",
        "  \"Version\": \"2012-10-17\",",
        "  \"Id\": \"trust\",",
        "  \"Statement\": [",
        "    {",
        "      \"Sid\": \"Vendor\",",
        "      \"Effect\": \"Allow\",",
        "      \"Principal\": { \"AWS\": \"111122223333\" },",
        "      \"Condition\": {",
        "        \"StringEquals\": {",
        "          \"sts:ExternalId\": \"secret\"",
        "        }",
        "      },",
        "      \"Action\": \"sts:AssumeRole\"",
        "    }]}",
    ];

    /// The error of the document with another line, counted from one, in its place.
    fn error(line: usize, instead: &str) -> String {
        let mut lines = LINES;
        lines[line - 1] = instead;
        from_text(&lines.join("\n")).unwrap_err().to_string()
    }

    #[test]
    fn an_error_has_the_line_of_what_is_wrong() {
        assert!(from_text(&LINES.join("\n")).is_ok());
        for (line, instead, message) in [
            (2, "\"Version\": \"2012-10-18\",", "invalid value: string \"2012-10-18\", expected"),
            (2, "\"Version\": 2012,", "invalid type: integer `2012`, expected"),
            (2, "\"Version\": {\"2012-10-17\": null},", "invalid type: map, expected"),
            (2, "\"version\": \"2012-10-17\",", "unknown field `version`"),
            (3, "\"Id\": null,", "invalid type: null, expected a string"),
            (3, "\"Id\": 7,", "invalid type: integer `7`, expected a string"),
            (3, "\"Version\": \"2012-10-17\",", "duplicate field `Version`"),
            (4, "\"Statement\": [7,", "invalid type: integer `7`, expected an object"),
            (4, "\"Statement\": [null,", "invalid type: null, expected an object"),
            (4, "\"Statement\": [[],", "invalid type: sequence, expected an object"),
            (6, "\"Sid\": null,", "invalid type: null, expected a string"),
            (6, "\"Sid\": [\"Vendor\"],", "invalid type: sequence, expected a string"),
            (6, "\"Resouce\": \"*\",", "unknown field `Resouce`, expected one of `Sid`,"),
            (6, "\"Effect\": \"Allow\",\"Effect\": \"Deny\",", "`Effect` stands twice"),
            (7, "\"Effect\": \"allow\",", "invalid value: string \"allow\", expected `Allow` or `Deny`"),
            (7, "\"Effect\": {\"Allow\": null},", "invalid type: map, expected `Allow` or `Deny`"),
            (8, "\"Principal\": \"111122223333\",", "a principal that is a plain string can only be"),
            (8, "\"Principal\": {},", "no principal is named"),
            (8, "\"Principal\": null,", "invalid type: null, expected"),
            (8, "\"Principal\": {\"AWS\": null},", "invalid type: null, expected"),
            (8, "\"Principal\": {\"AWS\": []},", "the list is empty"),
            (8, "\"Principal\": {\"AWS\": [7]},", "invalid type: integer `7`, expected a string"),
            (8, "\"Principal\": {\"aws\": \"*\"},", "unknown field `aws`, expected one of `AWS`,"),
            (8, "\"Principal\": {\"AWS\": \"*\", \"AWS\": \"*\"},", "a kind of principals stands twice"),
            (9, "\"Principal\": \"*\", \"Condition\": {", "the statement has more than one of `Principal`"),
            (
                9,
                "\"NotPrincipal\": \"*\", \"Condition\": {",
                "the statement has more than one of `Principal`",
            ),
            (10, "\"Bool\": \"secret\", \"StringEquals\": {", "invalid type: a string, expected an object"),
            (10, "\"Bool\": [], \"StringEquals\": {", "invalid type: sequence, expected an object"),
            (10, "\"stringequals\": {}, \"StringEquals\": {", "`StringEquals` stands twice"),
            (11, "\"sts:ExternalId\": null", "invalid type: null, expected"),
            (11, "\"sts:ExternalId\": [null, \"secret\"]", "invalid type: null, expected"),
            (11, "\"sts:ExternalId\": {\"Ref\": \"secret\"}", "invalid type: map, expected"),
            (11, "\"sts:ExternalId\": [[\"secret\"]]", "invalid type: sequence, expected"),
            (11, "\"aws:X\": \"1\", \"AWS:x\": \"secret\"", "`AWS:x` stands twice"),
            (14, "\"Action\": []", "the list is empty"),
            (14, "\"Action\": 7", "invalid type: integer `7`, expected a string"),
            (14, "\"Action\": null", "invalid type: null, expected"),
            (14, "\"Action\": {\"Fn::Sub\": \"x\"}", "invalid type: map, expected a string"),
            (14, "\"Action\": \"*\", \"NotAction\": \"*\"", "the statement has more than one of `Action`"),
            (14, "\"Action\": \"*\", \"Resource\": []", "the list is empty"),
            (14, "\"Action\" \"*\"", "expected `:`"),
            // What is missing is missed where the object ends.
            (15, "}]} more", "trailing characters"),
        ] {
            let told = error(line, instead);
            assert!(told.starts_with(&format!("line {line}, column ")), "{instead}: {told}");
            assert!(told.contains(message), "{instead}: {told}");
            assert!(!told.contains("secret"), "{instead}: {told}");
        }
    }

    #[test]
    fn what_is_missing_is_missed_where_its_object_ends() {
        for (line, at, message) in [
            (7, 15, "the statement has no `Effect`"),
            (14, 15, "trailing comma"),
            (4, 5, "key must be a string"),
        ] {
            let told = error(line, "");
            assert!(told.starts_with(&format!("line {at}, column ")), "{told}");
            assert!(told.contains(message), "{told}");
        }
        assert_eq!(from_text("{}").unwrap_err().to_string(), "line 1, column 2: missing field `Statement`");
        let empty = "line 1, column 1: EOF while parsing a value";
        assert_eq!(from_text("").unwrap_err().to_string(), empty);
    }

    #[test]
    fn the_column_is_that_of_what_is_wrong_or_right_behind_it() {
        let text = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":["*"]},{"Effect":"maybe"}]}"#;
        let behind = text.find(r#""maybe""#).unwrap() + r#""maybe""#.len();
        let told = from_text(text).unwrap_err().to_string();
        assert!(told.starts_with(&format!("line 1, column {behind}: ")), "{told}");
    }
}
