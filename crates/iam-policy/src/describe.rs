//! Statements and their elements in words, for people. External IDs do not stand in them.

use std::collections::BTreeSet;
use std::fmt;

use crate::document::is_secret;
use crate::{AnyCase, Condition, Members, Statement};

/// A short name by which a person finds the statement.
pub(crate) fn name(statement: &Statement) -> String {
    match &statement.sid {
        Some(sid) => format!("statement \"{sid}\""),
        None => format!("statement {} {}", statement.effect, describe_members(Some(&statement.action))),
    }
}

/// The statement's `Sid`, or its number counted from one.
pub(crate) fn numbered(index: usize, statement: &Statement) -> String {
    match &statement.sid {
        Some(sid) => format!("statement \"{sid}\""),
        None => format!("statement {}", index + 1),
    }
}

/// The whole statement.
pub(crate) fn describe(statement: &Statement) -> String {
    let actions = describe_members(Some(&statement.action));
    let mut text = format!("statement {} {actions}", statement.effect);
    if let Some(principal) = &statement.principal {
        text += &format!(" for {}", describe_members(Some(principal)));
    }
    if let Some(resource) = &statement.resource {
        text += &format!(" on {}", describe_members(Some(resource)));
    }
    let conditions: Vec<String> = flat(&statement.condition)
        .map(|(operator, key, values)| format!("{operator} {key} {}", describe_values(operator, key, values)))
        .collect();
    if !conditions.is_empty() {
        text += &format!(" if {}", conditions.join(" and "));
    }
    text
}

/// How many values a line shows before it only counts them.
const SHOWN: usize = 4;

pub(crate) fn describe_members<T: Ord + fmt::Display>(members: Option<&Members<T>>) -> String {
    let Some(members) = members else { return "nothing".to_owned() };
    let mut listed: Vec<String> = members.listed().iter().take(SHOWN).map(T::to_string).collect();
    let rest = members.listed().len().saturating_sub(SHOWN);
    if rest > 0 {
        listed.push(format!("{rest} more"));
    }
    match members {
        Members::AnyOf(_) => listed.join(", "),
        Members::NoneOf(_) => format!("all but {}", listed.join(", ")),
    }
}

pub(crate) fn describe_values(operator: &AnyCase, key: &AnyCase, values: &BTreeSet<String>) -> String {
    if values.iter().any(|value| is_secret(operator, key, value)) {
        return "(not shown)".to_owned();
    }
    values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(" or ")
}

/// Every key of a condition, with its operator and values.
pub(crate) fn flat(condition: &Condition) -> impl Iterator<Item = (&AnyCase, &AnyCase, &BTreeSet<String>)> {
    let keys = condition
        .iter()
        .map(|(operator, keys)| keys.iter().map(move |(key, values)| (operator, key, values)));
    keys.flatten()
}
