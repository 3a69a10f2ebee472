//! A policy document in normalized form.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::{AnyCase, Principal, parse};

/// A policy document: what it says, without how it was written.
///
/// Lists have become sets, a scalar is a list of one, and the forms of a principal that mean the same are one
/// value. Statements keep their order and their `Sid`, so that a person finds again what [`crate::Decision`]
/// points at; neither counts when documents are compared. A `Sid` is a label for people: no evaluation looks at
/// it, and tools rewrite it freely.
#[derive(Clone)]
pub struct PolicyDocument {
    /// The policy language. Without one, IAM reads the document as of 2008.
    pub version: Version,
    /// A label for people, which no evaluation looks at.
    pub id: Option<String>,
    /// IAM asks for at least one.
    pub statements: Vec<Statement>,
}

/// The version of the policy language. The later one has policy variables such as `${aws:username}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Version {
    /// `2008-10-17`, the default: `${…}` is plain text.
    #[default]
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// Whether a statement opens or closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Opens, unless a `Deny` matches too.
    Allow,
    /// Closes, whatever else matches.
    Deny,
}

/// One statement.
#[derive(Clone)]
pub struct Statement {
    /// A label for people.
    pub sid: Option<String>,
    /// What the statement does to a request that it matches.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`. Trust policies have one, identity policies none.
    pub principal: Option<Members<Principal>>,
    /// `Action` or `NotAction`.
    pub action: Members<AnyCase>,
    /// `Resource` or `NotResource`. Identity policies have one, trust policies none.
    pub resource: Option<Members<String>>,
    /// All of it has to hold. Empty holds always.
    pub condition: Condition,
}

/// An element that comes in two forms, such as `Action` and `NotAction`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Members<T: Ord> {
    /// Matches each of these.
    AnyOf(BTreeSet<T>),
    /// Matches everything but these.
    NoneOf(BTreeSet<T>),
}

impl<T: Ord> Members<T> {
    /// The listed values, whichever form lists them.
    pub fn listed(&self) -> &BTreeSet<T> {
        match self {
            Members::AnyOf(listed) | Members::NoneOf(listed) => listed,
        }
    }
}

/// Operator, then key, then values. Numbers and booleans have become strings, as IAM compares them.
pub type Condition = BTreeMap<AnyCase, BTreeMap<AnyCase, BTreeSet<String>>>;

/// Why a text is no policy document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// Wrong at a place in the text.
    #[error("line {line}, column {column}: {message}")]
    At {
        /// Counted from one.
        line: usize,
        /// Counted from one.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// Wrong in a document that did not come as text.
    #[error("{message}")]
    Invalid {
        /// What is wrong.
        message: String,
    },
    /// The percent-encoding does not hide UTF-8.
    #[error("the encoded document is not UTF-8")]
    Encoding,
}

impl PolicyDocument {
    /// Reads JSON text. Unknown and repeated elements are errors: IAM refuses the former, and of the latter
    /// a reader would silently drop one.
    pub fn parse(text: &str) -> Result<PolicyDocument, PolicyError> {
        parse::from_text(text)
    }

    /// Reads a document as the IAM API returns it, percent-encoded (aws-facts F2). JSON that is not encoded
    /// is taken too: encoded text cannot begin with `{`, so there is no mistaking one for the other.
    pub fn parse_encoded(text: &str) -> Result<PolicyDocument, PolicyError> {
        if text.trim_start().starts_with('{') {
            return PolicyDocument::parse(text);
        }
        let decoded = percent_encoding::percent_decode_str(text);
        PolicyDocument::parse(&decoded.decode_utf8().map_err(|_| PolicyError::Encoding)?)
    }

    /// Reads a document that is part of a larger JSON value, such as a template.
    pub fn from_value(value: &serde_json::Value) -> Result<PolicyDocument, PolicyError> {
        parse::from_value(value)
    }

    /// The external IDs that conditions of this document name. To be compared, never to be shown.
    pub fn external_ids(&self) -> BTreeSet<&str> {
        let operators = self.statements.iter().flat_map(|statement| &statement.condition);
        let keys = operators
            .flat_map(|(operator, keys)| keys.iter().map(move |(key, values)| (operator, key, values)));
        keys.flat_map(|(operator, key, values)| values.iter().filter(|value| is_secret(operator, key, value)))
            .map(String::as_str)
            .collect()
    }
}

/// Whether a value of this condition is an external ID. Under `Null` it is `true` or `false`.
pub(crate) fn is_secret(operator: &AnyCase, key: &AnyCase, value: &str) -> bool {
    let truth = operator.as_str().eq_ignore_ascii_case("Null") && matches!(value, "true" | "false");
    is_external_id(key) && !truth
}

/// Whether a condition on this key asks for an external ID.
pub(crate) fn is_external_id(key: &AnyCase) -> bool {
    key.as_str().eq_ignore_ascii_case("sts:ExternalId")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, message: &str) {
        assert_eq!(PolicyDocument::parse(text).unwrap_err().to_string(), message, "{text}");
    }

    #[test]
    fn errors_say_where_and_what() {
        check("{\n  \"Statement\": }", "line 2, column 16: expected value");
        check(
            "{\"Statement\": [\n{\"Effect\": \"Allow\", \"Action\": []}]}",
            "line 2, column 32: the list is empty",
        );
        check(
            "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resouce\": \"*\"}}",
            "line 1, column 58: unknown field `Resouce`, expected one of `Sid`, `Effect`, `Principal`, \
             `NotPrincipal`, `Action`, `NotAction`, `Resource`, `NotResource`, `Condition`",
        );
        check(
            "{\"Statement\": {\"Effect\": \"Allow\", \"Effect\": \"Deny\", \"Action\": \"*\"}}",
            "line 1, column 42: `Effect` stands twice",
        );
        check("{\"Statement\": {\"Action\": \"*\"}}", "line 1, column 29: the statement has no `Effect`");
    }

    #[test]
    fn what_iam_would_refuse_is_refused() {
        for statement in [
            r#"{"Effect":"allow","Action":"*"}"#,
            r#"{"Effect":"Allow"}"#,
            r#"{"Effect":"Allow","Action":[]}"#,
            r#"{"Effect":"Allow","Action":7}"#,
            r#"{"Effect":"Allow","Action":"*","NotAction":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Principal":"111122223333"}"#,
            r#"{"Effect":"Allow","Action":"*","Principal":{}}"#,
            r#"{"Effect":"Allow","Action":"*","Principal":{"aws":"*"}}"#,
            r#"{"Effect":"Allow","Action":"*","Condition":{"Bool":{"a":"x"},"bool":{"b":"y"}}}"#,
            r#"{"Effect":"Allow","Action":"*","Condition":{"Bool":{"a":null}}}"#,
            r#"["Allow","*"]"#,
            r#"[["Allow","*"]]"#,
        ] {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
            assert!(PolicyDocument::parse(&text).is_err(), "{statement}");
        }
        assert!(
            PolicyDocument::parse(r#"{"Version":"2012-10-18","Statement":{"Effect":"Allow","Action":"*"}}"#)
                .is_err()
        );
        assert!(PolicyDocument::parse(r#"["2012-10-17"]"#).is_err());
    }

    #[test]
    fn encoded_documents_are_decoded_and_plain_ones_are_taken_as_they_are() {
        let plain = r#"{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"a%20b+ü"}}"#;
        let encoded = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGet%2A%22%2C%22\
                       Resource%22%3A%22a%2520b%2B%C3%BC%22%7D%7D";
        let expected = PolicyDocument::parse(plain).unwrap();
        assert_eq!(PolicyDocument::parse_encoded(encoded).unwrap(), expected);
        assert_eq!(PolicyDocument::parse_encoded(plain).unwrap(), expected);
        assert_eq!(PolicyDocument::parse_encoded("%7B%FF").unwrap_err(), PolicyError::Encoding);
    }

    #[test]
    fn an_external_id_is_shown_by_the_exact_value_only() {
        let document = PolicyDocument::parse(
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{
                "ForAnyValue:StringLike":{"STS:externalid":["tell-nobody","tell-nobody-either"]},
                "Null":{"sts:ExternalId":"false"}}}}"#,
        )
        .unwrap();
        assert!(!format!("{document} {document:?} {:?}", document.statements).contains("nobody"));
        assert!(document.to_string().contains(r#""Null":{"sts:ExternalId":"false"}"#), "{document}");
        assert!(document.to_value().to_string().contains("nobody-either"));
        assert_eq!(document.external_ids(), BTreeSet::from(["tell-nobody", "tell-nobody-either"]));
    }
}
