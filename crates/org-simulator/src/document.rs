//! IAM policy documents as they are stored: the text, and the statements that the evaluator reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::authorization::condition::Condition;

/// A parsed policy document. Shared: ten thousand accounts with the same role hold one.
#[derive(PartialEq)]
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) statements: Vec<Statement>,
    /// Policy variables such as `${aws:username}` need version 2012-10-17 (aws-facts F3).
    pub(crate) has_variables: bool,
}

/// Trust policies hold external ids: what the statements say is not shown.
impl std::fmt::Debug for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Document").field("statements", &self.statements.len()).finish_non_exhaustive()
    }
}

/// One statement of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) allows: bool,
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Matcher,
    pub(crate) resources: Option<Matcher>,
    pub(crate) conditions: Vec<Condition>,
}

/// `Action`/`NotAction` or `Resource`/`NotResource`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matcher {
    pub(crate) negated: bool,
    pub(crate) patterns: Vec<String>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principals {
    pub(crate) negated: bool,
    /// Kind (`AWS`, `Service`, `Federated`, `CanonicalUser`) and value; `("AWS", "*")` for anyone.
    pub(crate) members: Vec<(String, String)>,
}

/// Why a document was not taken. The texts are IAM's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    #[error("This policy contains invalid Json")]
    InvalidJson,
    #[error("Syntax errors in policy.")]
    Syntax,
    #[error("The policy must contain a valid version string")]
    Version,
    #[error("Policy statement must contain actions.")]
    NoActions,
    #[error("Policy statement must contain resources.")]
    NoResources,
    #[error("Invalid effect: {0}")]
    Effect(String),
    #[error("Invalid Condition type : {0}.")]
    Condition(String),
}

impl Document {
    /// Reads the text of a policy document.
    pub(crate) fn parse(text: &str) -> Result<Self, DocumentError> {
        let value: Value = serde_json::from_str(text).map_err(|_| DocumentError::InvalidJson)?;
        Self::from_value(&value, text.to_owned())
    }

    /// Reads a document that was parsed as JSON already.
    pub(crate) fn from_value(value: &Value, text: String) -> Result<Self, DocumentError> {
        let document = value.as_object().ok_or(DocumentError::Syntax)?;
        if document.keys().any(|key| !matches!(key.as_str(), "Version" | "Id" | "Statement")) {
            return Err(DocumentError::Syntax);
        }
        let has_variables = match document.get("Version") {
            None => false,
            Some(Value::String(version)) if version == "2008-10-17" => false,
            Some(Value::String(version)) if version == "2012-10-17" => true,
            Some(_) => return Err(DocumentError::Version),
        };
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => {
                statements.iter().map(statement).collect::<Result<_, _>>()?
            }
            Some(single @ Value::Object(_)) => vec![statement(single)?],
            _ => return Err(DocumentError::Syntax),
        };
        Ok(Document { text, statements, has_variables })
    }
}

fn statement(value: &Value) -> Result<Statement, DocumentError> {
    const KNOWN: [&str; 9] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    let statement = value.as_object().ok_or(DocumentError::Syntax)?;
    if statement.keys().any(|key| !KNOWN.contains(&key.as_str())) {
        return Err(DocumentError::Syntax);
    }
    let allows = match statement.get("Effect").and_then(Value::as_str) {
        Some("Allow") => true,
        Some("Deny") => false,
        Some(other) => return Err(DocumentError::Effect(other.to_owned())),
        None => return Err(DocumentError::Syntax),
    };
    let mut actions = matcher(statement, "Action", "NotAction")?.ok_or(DocumentError::NoActions)?;
    for pattern in &mut actions.patterns {
        if pattern != "*" && !pattern.contains(':') {
            return Err(DocumentError::Syntax);
        }
        // Action names ignore case (aws-facts F3).
        pattern.make_ascii_lowercase();
    }
    Ok(Statement {
        allows,
        principals: principals(statement)?,
        actions,
        resources: matcher(statement, "Resource", "NotResource")?,
        conditions: conditions(statement.get("Condition"))?,
    })
}

fn matcher(
    statement: &Map<String, Value>,
    name: &str,
    negated_name: &str,
) -> Result<Option<Matcher>, DocumentError> {
    let (negated, value) = match (statement.get(name), statement.get(negated_name)) {
        (Some(_), Some(_)) => return Err(DocumentError::Syntax),
        (Some(value), None) => (false, value),
        (None, Some(value)) => (true, value),
        (None, None) => return Ok(None),
    };
    let patterns = scalars(value)?;
    if patterns.is_empty() {
        return Err(DocumentError::Syntax);
    }
    Ok(Some(Matcher { negated, patterns }))
}

fn principals(statement: &Map<String, Value>) -> Result<Option<Principals>, DocumentError> {
    let (negated, value) = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(_), Some(_)) => return Err(DocumentError::Syntax),
        (Some(value), None) => (false, value),
        (None, Some(value)) => (true, value),
        (None, None) => return Ok(None),
    };
    let members = match value {
        Value::String(anyone) if anyone == "*" => vec![("AWS".to_owned(), "*".to_owned())],
        Value::Object(kinds) if !kinds.is_empty() => {
            let mut members = Vec::new();
            for (kind, values) in kinds {
                if !matches!(kind.as_str(), "AWS" | "Service" | "Federated" | "CanonicalUser") {
                    return Err(DocumentError::Syntax);
                }
                members.extend(scalars(values)?.into_iter().map(|value| (kind.clone(), value)));
            }
            members
        }
        _ => return Err(DocumentError::Syntax),
    };
    Ok(Some(Principals { negated, members }))
}

fn conditions(value: Option<&Value>) -> Result<Vec<Condition>, DocumentError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let mut conditions = Vec::new();
    for (operator, keys) in value.as_object().ok_or(DocumentError::Syntax)? {
        for (key, values) in keys.as_object().ok_or(DocumentError::Syntax)? {
            let condition = Condition::parse(operator, key, scalars(values)?)
                .ok_or_else(|| DocumentError::Condition(operator.clone()))?;
            conditions.push(condition);
        }
    }
    Ok(conditions)
}

/// One value or a list of them; numbers and booleans count as their text.
fn scalars(value: &Value) -> Result<Vec<String>, DocumentError> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(DocumentError::Syntax),
    };
    match value {
        Value::Array(values) => values.iter().map(scalar).collect(),
        single => Ok(vec![scalar(single)?]),
    }
}

/// All documents of the world, each held once.
#[derive(Default)]
pub(crate) struct Documents {
    by_text: BTreeMap<String, Arc<Document>>,
}

impl std::fmt::Debug for Documents {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Documents").field("count", &self.by_text.len()).finish_non_exhaustive()
    }
}

impl Documents {
    /// The document of this text, parsed at most once.
    pub(crate) fn read(&mut self, text: &str) -> Result<Arc<Document>, DocumentError> {
        if let Some(known) = self.by_text.get(text) {
            return Ok(Arc::clone(known));
        }
        let document = Arc::new(Document::parse(text)?);
        self.by_text.insert(text.to_owned(), Arc::clone(&document));
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<usize, DocumentError>) {
        assert_eq!(Document::parse(text).map(|document| document.statements.len()), expected, "{text}");
    }

    #[test]
    fn documents_are_read_or_refused_as_iam_does() {
        let allow = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
        check(&format!(r#"{{"Version":"2012-10-17","Statement":{allow}}}"#), Ok(1));
        check(&format!(r#"{{"Version":"2012-10-17","Statement":[{allow},{allow}]}}"#), Ok(2));
        check("{", Err(DocumentError::InvalidJson));
        check("[]", Err(DocumentError::Syntax));
        check(r#"{"Version":"2012-10-17","Statement":[]}"#, Err(DocumentError::Syntax));
        check(&format!(r#"{{"Version":"2012","Statement":{allow}}}"#), Err(DocumentError::Version));
        check(&format!(r#"{{"Versoin":"2012-10-17","Statement":{allow}}}"#), Err(DocumentError::Syntax));
        check(
            r#"{"Statement":{"Effect":"Permit","Action":"*"}}"#,
            Err(DocumentError::Effect("Permit".into())),
        );
        check(r#"{"Statement":{"Effect":"Allow"}}"#, Err(DocumentError::NoActions));
        check(r#"{"Statement":{"Effect":"Allow","Action":"CreateRole"}}"#, Err(DocumentError::Syntax));
        check(
            r#"{"Statement":{"Effect":"Allow","Action":"*","Condition":{"StringEqual":{"a":"b"}}}}"#,
            Err(DocumentError::Condition("StringEqual".into())),
        );
    }

    #[test]
    fn the_same_text_is_held_once() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        let mut documents = Documents::default();
        let (first, second) = (documents.read(text).unwrap(), documents.read(text).unwrap());
        assert!(Arc::ptr_eq(&first, &second));
    }
}
