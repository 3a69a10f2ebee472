//! Document to JSON: exactly, with external IDs masked, or with something else in their place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::document::is_secret;
use crate::{Condition, Effect, Members, PolicyDocument, Principal, Statement, Version};

/// What stands in place of an external ID wherever a document is shown.
pub const MASK: &str = "****";

/// How the parts of a document that depend on where it is going are written.
pub trait Rendering {
    /// A principal that is a whole account. The id alone is valid in every partition.
    fn account(&mut self, id: &str) -> Value {
        Value::from(id)
    }

    /// A value of an `sts:ExternalId` condition.
    fn external_id(&mut self, value: &str) -> Value;
}

struct Exact;

impl Rendering for Exact {
    fn external_id(&mut self, value: &str) -> Value {
        Value::from(value)
    }
}

struct Masked;

impl Rendering for Masked {
    fn external_id(&mut self, _: &str) -> Value {
        Value::from(MASK)
    }
}

impl PolicyDocument {
    /// The document as JSON, external IDs included: for templates and digests, not for showing.
    pub fn to_value(&self) -> Value {
        self.render(&mut Exact)
    }

    /// The document as JSON, with the parts that depend on its destination written by `rendering`.
    pub fn render(&self, rendering: &mut dyn Rendering) -> Value {
        let mut object = Map::new();
        if let Some(id) = &self.id {
            object.insert("Id".into(), Value::from(id.as_str()));
        }
        let statements = self.statements.iter().map(|statement| statement.render(rendering)).collect();
        object.insert("Statement".into(), Value::Array(statements));
        object.insert("Version".into(), Value::from(self.version.to_string()));
        Value::Object(object)
    }
}

impl Statement {
    fn render(&self, rendering: &mut dyn Rendering) -> Value {
        let mut object = Map::new();
        let mut insert = |name: &str, value: Value| object.insert(name.to_owned(), value);
        if let Some(sid) = &self.sid {
            insert("Sid", Value::from(sid.as_str()));
        }
        insert("Effect", Value::from(self.effect.to_string()));
        if let Some(principal) = &self.principal {
            insert(
                element("Principal", "NotPrincipal", principal),
                principals(principal.listed(), rendering),
            );
        }
        let action = self.action.listed().iter().map(|name| Value::from(name.as_str()));
        insert(element("Action", "NotAction", &self.action), one_or_many(action.collect()));
        if let Some(resource) = &self.resource {
            let listed = resource.listed().iter().map(|name| Value::from(name.as_str()));
            insert(element("Resource", "NotResource", resource), one_or_many(listed.collect()));
        }
        if !self.condition.is_empty() {
            insert("Condition", condition(&self.condition, rendering));
        }
        Value::Object(object)
    }
}

fn element<T: Ord>(positive: &'static str, negative: &'static str, members: &Members<T>) -> &'static str {
    match members {
        Members::AnyOf(_) => positive,
        Members::NoneOf(_) => negative,
    }
}

fn principals(listed: &BTreeSet<Principal>, rendering: &mut dyn Rendering) -> Value {
    let mut kinds: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for principal in listed {
        let value = match principal {
            Principal::Account(id) => rendering.account(id),
            _ => Value::from(principal.value()),
        };
        kinds.entry(principal.kind()).or_default().push(value);
    }
    let kinds = kinds.into_iter().map(|(kind, values)| (kind.to_owned(), one_or_many(values)));
    Value::Object(kinds.collect())
}

fn condition(condition: &Condition, rendering: &mut dyn Rendering) -> Value {
    let mut operators = Map::new();
    for (operator, keys) in condition {
        let mut object = Map::new();
        for (key, values) in keys {
            let mut value = |text: &String| match is_secret(operator, key, text) {
                true => rendering.external_id(text),
                false => Value::from(text.as_str()),
            };
            object.insert(key.as_str().to_owned(), one_or_many(values.iter().map(&mut value).collect()));
        }
        operators.insert(operator.as_str().to_owned(), Value::Object(object));
    }
    Value::Object(operators)
}

fn one_or_many(mut values: Vec<Value>) -> Value {
    match values.len() {
        1 => values.remove(0),
        _ => Value::Array(values),
    }
}

/// One line of JSON, external IDs masked.
impl fmt::Display for PolicyDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.render(&mut Masked))
    }
}

/// As `Display`: a derived one would show external IDs.
impl fmt::Debug for PolicyDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// One line of JSON, external IDs masked.
impl fmt::Debug for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.render(&mut Masked))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Version::V2008 => "2008-10-17",
            Version::V2012 => "2012-10-17",
        })
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        })
    }
}
