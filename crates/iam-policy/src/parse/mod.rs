//! JSON to document. The shape is checked while reading, so that an error knows its line and column.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::{
    AnyCase, Condition, Effect, Members, PolicyDocument, PolicyError, Principal, Statement, Version,
};

pub(crate) fn from_text(text: &str) -> Result<PolicyDocument, PolicyError> {
    serde_json::from_str::<Object<RawDocument>>(text).map(|document| document.0.into()).map_err(|error| {
        let (line, column) = (error.line(), error.column());
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
    id: Option<String>,
    statement: OneOrMany<Object<RawStatement>>,
}

impl From<RawDocument> for PolicyDocument {
    fn from(raw: RawDocument) -> Self {
        let statements = raw.statement.0.into_iter().map(|statement| statement.0.0).collect();
        PolicyDocument { version: raw.version, id: raw.id, statements }
    }
}

/// A statement whose elements have been checked against each other.
#[derive(Deserialize)]
#[serde(try_from = "StatementElements")]
struct RawStatement(Statement);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, rename = "Statement")]
struct StatementElements {
    sid: Option<String>,
    effect: Effect,
    principal: Option<Principals>,
    not_principal: Option<Principals>,
    action: Option<OneOrMany<String>>,
    not_action: Option<OneOrMany<String>>,
    resource: Option<OneOrMany<String>>,
    not_resource: Option<OneOrMany<String>>,
    condition: Option<Named<Named<OneOrMany<Scalar>>>>,
}

impl TryFrom<StatementElements> for RawStatement {
    type Error = String;

    fn try_from(raw: StatementElements) -> Result<Self, String> {
        let action = members("Action", raw.action.map(names), raw.not_action.map(names))?;
        Ok(RawStatement(Statement {
            sid: raw.sid,
            effect: raw.effect,
            principal: members("Principal", raw.principal.map(|it| it.0), raw.not_principal.map(|it| it.0))?,
            action: action.ok_or("the statement has neither `Action` nor `NotAction`")?,
            resource: members("Resource", raw.resource.map(strings), raw.not_resource.map(strings))?,
            condition: condition(raw.condition),
        }))
    }
}

fn members<T: Ord>(
    element: &str,
    any_of: Option<BTreeSet<T>>,
    none_of: Option<BTreeSet<T>>,
) -> Result<Option<Members<T>>, String> {
    match (any_of, none_of) {
        (Some(listed), None) | (None, Some(listed)) if listed.is_empty() => {
            Err(format!("the statement's `{element}` or `Not{element}` is empty"))
        }
        (Some(_), Some(_)) => Err(format!("the statement has both `{element}` and `Not{element}`")),
        (Some(listed), None) => Ok(Some(Members::AnyOf(listed))),
        (None, Some(listed)) => Ok(Some(Members::NoneOf(listed))),
        (None, None) => Ok(None),
    }
}

fn names(raw: OneOrMany<String>) -> BTreeSet<AnyCase> {
    raw.0.into_iter().map(AnyCase::from).collect()
}

fn strings(raw: OneOrMany<String>) -> BTreeSet<String> {
    raw.0.into_iter().collect()
}

/// `Bool` and `Null` compare without regard to case; an operator without keys asks nothing.
fn condition(raw: Option<Named<Named<OneOrMany<Scalar>>>>) -> Condition {
    let operators = raw.map(|operators| operators.0).unwrap_or_default();
    let filled = operators.into_iter().filter(|(_, keys)| !keys.0.is_empty());
    filled
        .map(|(operator, keys)| {
            let truths = crate::condition::compares_truths(&operator);
            let value = |scalar: Scalar| if truths { scalar.0.to_ascii_lowercase() } else { scalar.0 };
            let keys = keys.0.into_iter();
            let keys = keys.map(|(key, values)| (key, values.0.into_iter().map(value).collect())).collect();
            (operator, keys)
        })
        .collect()
}

/// `"*"`, or kinds of principals with their values.
struct Principals(BTreeSet<Principal>);

impl<'de> Deserialize<'de> for Principals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PrincipalVisitor;
        impl<'de> Visitor<'de> for PrincipalVisitor {
            type Value = Principals;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("\"*\" or an object of principals")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Principals, E> {
                match text {
                    "*" => Ok(Principals(BTreeSet::from([Principal::Anyone]))),
                    _ => Err(E::custom("a principal that is a plain string can only be \"*\"")),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Principals, A::Error> {
                let kinds = PrincipalKinds::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Principals(kinds.principals()))
            }
        }
        deserializer.deserialize_any(PrincipalVisitor)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Principal")]
struct PrincipalKinds {
    #[serde(rename = "AWS")]
    aws: Option<OneOrMany<String>>,
    #[serde(rename = "Service")]
    service: Option<OneOrMany<String>>,
    #[serde(rename = "Federated")]
    federated: Option<OneOrMany<String>>,
    #[serde(rename = "CanonicalUser")]
    canonical_user: Option<OneOrMany<String>>,
}

impl PrincipalKinds {
    fn principals(self) -> BTreeSet<Principal> {
        let listed = |raw: Option<OneOrMany<String>>| raw.map(|raw| raw.0).unwrap_or_default().into_iter();
        listed(self.aws)
            .map(|text| Principal::aws(&text))
            .chain(listed(self.service).map(Principal::Service))
            .chain(listed(self.federated).map(Principal::Federated))
            .chain(listed(self.canonical_user).map(Principal::CanonicalUser))
            .collect()
    }
}

/// A JSON object, and nothing that a derived reader would also take for one.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

/// One value or a list.
struct OneOrMany<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<T> OneOrManyVisitor<T> {
    fn one<'de, V: IntoDeserializer<'de, E>, E: serde::de::Error>(value: V) -> Result<OneOrMany<T>, E>
    where
        T: Deserialize<'de>,
    {
        Ok(OneOrMany(vec![T::deserialize(value.into_deserializer())?]))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value or a list of values")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Self::one(value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Self::one(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Self::one(value)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Self::one(value)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Self::one(value)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(OneOrMany(vec![T::deserialize(MapAccessDeserializer::new(map))?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(OneOrMany(values))
    }
}

/// A string, number or boolean, as the string that IAM compares. Errors do not quote the value: it may be an
/// external ID.
struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Scalar(text)),
            serde_json::Value::Bool(value) => Ok(Scalar(value.to_string())),
            serde_json::Value::Number(number) => Ok(Scalar(number.to_string())),
            _ => Err(D::Error::custom("a condition compares with strings, numbers and booleans only")),
        }
    }
}

/// An object with free names, none of which stands twice.
struct Named<V>(BTreeMap<AnyCase, V>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Named<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamedVisitor<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for NamedVisitor<V> {
            type Value = Named<V>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<V>, A::Error> {
                let mut named = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    let name = AnyCase::from(name);
                    if named.contains_key(&name) {
                        return Err(A::Error::custom(format_args!("`{name}` stands twice")));
                    }
                    named.insert(name, map.next_value()?);
                }
                Ok(Named(named))
            }
        }
        deserializer.deserialize_map(NamedVisitor(PhantomData))
    }
}
