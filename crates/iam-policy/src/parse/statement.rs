//! A statement, read element by element.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::principals::Principals;
use super::shape::{Named, OneOrMany, OneOrMore, Scalar};
use crate::{AnyCase, Condition, Effect, Members, Principal, Statement};

pub(super) struct RawStatement(pub(super) Statement);

/// The names of a statement's elements.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Element {
    Sid,
    Effect,
    Principal,
    NotPrincipal,
    Action,
    NotAction,
    Resource,
    NotResource,
    Condition,
}

/// The elements so far. They are read one by one, so that an error stands where the element does.
#[derive(Default)]
struct Elements {
    sid: Option<String>,
    effect: Option<Effect>,
    principal: Option<Members<Principal>>,
    action: Option<Members<AnyCase>>,
    resource: Option<Members<String>>,
    condition: Option<Condition>,
}

impl Elements {
    fn read<'de, A: MapAccess<'de>>(&mut self, element: Element, map: &mut A) -> Result<(), A::Error> {
        let principals = |read: Principals| read.0;
        match element {
            Element::Sid => fill(&mut self.sid, "Sid", map, |sid: String| sid),
            Element::Effect => fill(&mut self.effect, "Effect", map, |effect: Effect| effect),
            Element::Principal => any_of(&mut self.principal, "Principal", map, principals),
            Element::NotPrincipal => none_of(&mut self.principal, "Principal", map, principals),
            Element::Action => any_of(&mut self.action, "Action", map, names),
            Element::NotAction => none_of(&mut self.action, "Action", map, names),
            Element::Resource => any_of(&mut self.resource, "Resource", map, strings),
            Element::NotResource => none_of(&mut self.resource, "Resource", map, strings),
            Element::Condition => fill(&mut self.condition, "Condition", map, condition),
        }
    }

    fn finish(self) -> Result<Statement, &'static str> {
        Ok(Statement {
            sid: self.sid,
            effect: self.effect.ok_or("the statement has no `Effect`")?,
            principal: self.principal,
            action: self.action.ok_or("the statement has neither `Action` nor `NotAction`")?,
            resource: self.resource,
            condition: self.condition.unwrap_or_default(),
        })
    }
}

/// Reads an element that stands once.
fn fill<'de, A: MapAccess<'de>, R: Deserialize<'de>, T>(
    slot: &mut Option<T>,
    name: &str,
    map: &mut A,
    into: impl FnOnce(R) -> T,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(A::Error::custom(format_args!("`{name}` stands twice")));
    }
    *slot = Some(into(map.next_value()?));
    Ok(())
}

fn any_of<'de, A: MapAccess<'de>, R: Deserialize<'de>, T: Ord>(
    slot: &mut Option<Members<T>>,
    name: &str,
    map: &mut A,
    into: impl FnOnce(R) -> BTreeSet<T>,
) -> Result<(), A::Error> {
    one_form(slot.as_ref(), name)?;
    fill(slot, name, map, |read| Members::AnyOf(into(read)))
}

fn none_of<'de, A: MapAccess<'de>, R: Deserialize<'de>, T: Ord>(
    slot: &mut Option<Members<T>>,
    name: &str,
    map: &mut A,
    into: impl FnOnce(R) -> BTreeSet<T>,
) -> Result<(), A::Error> {
    one_form(slot.as_ref(), name)?;
    fill(slot, name, map, |read| Members::NoneOf(into(read)))
}

fn one_form<T: Ord, E: serde::de::Error>(slot: Option<&Members<T>>, name: &str) -> Result<(), E> {
    match slot {
        None => Ok(()),
        Some(_) => {
            Err(E::custom(format_args!("the statement has more than one of `{name}` and `Not{name}`")))
        }
    }
}

impl<'de> Deserialize<'de> for RawStatement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StatementVisitor;
        impl<'de> Visitor<'de> for StatementVisitor {
            type Value = RawStatement;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawStatement, A::Error> {
                let mut elements = Elements::default();
                while let Some(element) = map.next_key()? {
                    elements.read(element, &mut map)?;
                }
                elements.finish().map(RawStatement).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_map(StatementVisitor)
    }
}

fn names(raw: OneOrMore<String>) -> BTreeSet<AnyCase> {
    raw.0.into_iter().map(AnyCase::from).collect()
}

fn strings(raw: OneOrMore<String>) -> BTreeSet<String> {
    raw.0.into_iter().collect()
}

/// `Bool` and `Null` compare without regard to case; an operator without keys asks nothing.
fn condition(raw: Named<Named<OneOrMany<Scalar>>>) -> Condition {
    let filled = raw.0.into_iter().filter(|(_, keys)| !keys.0.is_empty());
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
