//! Whether a condition holds for a request: yes, no, or it depends on something not told.

use std::collections::BTreeSet;

use crate::context::{Context, Known};
use crate::{AnyCase, Condition, Version, arn, compare, pattern::Pattern, variable};

/// The answer to one question about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    /// It depends on this condition key.
    Unknown(String),
}

impl Truth {
    /// A certain no settles it, whatever is unknown.
    pub(crate) fn and(self, other: impl FnOnce() -> Truth) -> Truth {
        match self {
            Truth::No => Truth::No,
            Truth::Yes => other(),
            Truth::Unknown(key) => match other() {
                Truth::No => Truth::No,
                _ => Truth::Unknown(key),
            },
        }
    }

    /// A certain yes settles it, whatever is unknown.
    pub(crate) fn or(self, other: impl FnOnce() -> Truth) -> Truth {
        self.not().and(|| other().not()).not()
    }

    pub(crate) fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown(key) => Truth::Unknown(key),
        }
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Truth::Yes } else { Truth::No }
    }
}

/// A condition operator, such as `ForAnyValue:StringLikeIfExists`, in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    quantifier: Option<Quantifier>,
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    EqualsIgnoreCase,
    Bool,
    Binary,
    Like,
    Arn,
    Address,
    Number(Relation),
    Date(Relation),
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// `None` for an operator that IAM does not have.
    pub(crate) fn parse(name: &AnyCase) -> Option<Operator> {
        let name = name.as_str().to_ascii_lowercase();
        let (quantifier, name) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Some(Quantifier::ForAllValues), rest),
            Some(("foranyvalue", rest)) => (Some(Quantifier::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, name.as_str()),
        };
        let (name, if_exists) = name.strip_suffix("ifexists").map_or((name, false), |name| (name, true));
        let (comparison, negated) = match name {
            "stringequals" => (Comparison::Equals, false),
            "binaryequals" => (Comparison::Binary, false),
            "stringnotequals" => (Comparison::Equals, true),
            "stringequalsignorecase" => (Comparison::EqualsIgnoreCase, false),
            "bool" => (Comparison::Bool, false),
            "stringnotequalsignorecase" => (Comparison::EqualsIgnoreCase, true),
            "stringlike" => (Comparison::Like, false),
            "stringnotlike" => (Comparison::Like, true),
            "arnequals" | "arnlike" => (Comparison::Arn, false),
            "arnnotequals" | "arnnotlike" => (Comparison::Arn, true),
            "ipaddress" => (Comparison::Address, false),
            "notipaddress" => (Comparison::Address, true),
            "null" if quantifier.is_none() && !if_exists => (Comparison::Null, false),
            _ => ordered(name)?,
        };
        Some(Operator { quantifier, comparison, negated, if_exists })
    }

    /// Whether a request that has one of the listed values fits it.
    pub(crate) fn lists_what_holds(self) -> bool {
        self.comparison != Comparison::Null && !self.negated
    }

    /// The value nearest to a listed one that fits: less or more than it, or the beginning of an address block.
    pub(crate) fn near(self, listed: &str) -> String {
        let (read, relation): (fn(&str) -> Option<f64>, Relation) = match self.comparison {
            Comparison::Address => {
                return listed.split_once('/').map_or(listed, |(network, _)| network).to_owned();
            }
            Comparison::Number(relation) => (compare::number, relation),
            Comparison::Date(relation) => (compare::date, relation),
            _ => return listed.to_owned(),
        };
        let step = match relation {
            Relation::Less => -1.0,
            Relation::Greater => 1.0,
            Relation::Equal | Relation::LessOrEqual | Relation::GreaterOrEqual => return listed.to_owned(),
        };
        read(listed).map_or_else(|| listed.to_owned(), |number| (number + step).to_string())
    }

    /// AWS documents policy variables for operators on strings and ARNs, and that numbers, dates, addresses, binary
    /// values and `Null` take none. Of `Bool` its pages say both.
    fn takes_variables(self) -> bool {
        let (strings, patterns) = (Comparison::Equals, Comparison::Like);
        [strings, Comparison::EqualsIgnoreCase, patterns, Comparison::Arn].contains(&self.comparison)
    }

    /// Whether AWS documents what it makes of these values.
    fn knows(self, listed: &BTreeSet<String>, version: Version) -> bool {
        let is_known = |value: &String| match self.comparison {
            Comparison::Null => matches!(value.as_str(), "true" | "false"),
            _ => self.takes_variables() || version == Version::V2008 || !value.contains("${"),
        };
        !listed.is_empty() && listed.iter().all(is_known)
    }

    /// Whether it holds only for a request that has one of the listed values.
    pub(crate) fn asks_for_a_value(self) -> bool {
        self.comparison != Comparison::Null && !self.negated && !missing_holds(self)
    }
}

fn ordered(name: &str) -> Option<(Comparison, bool)> {
    let (family, relation): (fn(Relation) -> Comparison, &str) = match name.strip_prefix("numeric") {
        Some(relation) => (Comparison::Number, relation),
        None => (Comparison::Date, name.strip_prefix("date")?),
    };
    Some(match relation {
        "equals" => (family(Relation::Equal), false),
        "notequals" => (family(Relation::Equal), true),
        "lessthan" => (family(Relation::Less), false),
        "lessthanequals" => (family(Relation::LessOrEqual), false),
        "greaterthan" => (family(Relation::Greater), false),
        "greaterthanequals" => (family(Relation::GreaterOrEqual), false),
        _ => return None,
    })
}

/// Whether the operator's values are `true` and `false`.
pub(crate) fn compares_truths(operator: &AnyCase) -> bool {
    let truths = [Comparison::Bool, Comparison::Null];
    Operator::parse(operator).is_some_and(|operator| truths.contains(&operator.comparison))
}

/// Whether all of the condition holds (aws-facts F4).
pub(crate) fn holds(condition: &Condition, version: Version, context: &Context) -> Truth {
    let mut truth = Truth::Yes;
    for (name, keys) in condition {
        for (key, listed) in keys {
            truth = truth.and(|| match Operator::parse(name) {
                Some(operator) => Question { operator, key, listed, version, context }.answer(),
                None => Truth::Unknown(key.to_string()),
            });
        }
    }
    truth
}

/// What one operator asks about one key.
struct Question<'a> {
    operator: Operator,
    key: &'a AnyCase,
    listed: &'a BTreeSet<String>,
    version: Version,
    context: &'a Context,
}

impl Question<'_> {
    fn answer(&self) -> Truth {
        let operator = self.operator;
        let unknown = || Truth::Unknown(self.key.to_string());
        let present: &[String] = match self.context.look_up(self.key) {
            Known::Present(present) => present,
            Known::Absent => &[],
            Known::NotTold => return unknown(),
        };
        if !operator.knows(self.listed, self.version) {
            return unknown();
        }
        if operator.comparison == Comparison::Null {
            return self.listed.contains(if present.is_empty() { "true" } else { "false" }).into();
        }
        // To `ForAllValues` and `ForAnyValue` an empty string is no value.
        let is_empty = present.iter().all(String::is_empty) && operator.quantifier.is_some();
        if present.is_empty() || is_empty {
            return missing_holds(operator).into();
        }
        // AWS documents several values of a key only under `ForAllValues` and `ForAnyValue`.
        if operator.quantifier.is_none() && present.len() > 1 {
            return unknown();
        }
        self.compare(present)
    }

    fn compare(&self, present: &[String]) -> Truth {
        let all = self.operator.quantifier == Some(Quantifier::ForAllValues);
        let mut unknown = None;
        for value in present {
            match self.satisfied_by(value) {
                Ok(true) if !all => return Truth::Yes,
                Ok(false) if all => return Truth::No,
                Ok(_) => {}
                Err(key) => unknown = Some(key),
            }
        }
        unknown.map_or_else(|| all.into(), Truth::Unknown)
    }

    /// Whether one value of the request is among the listed, or for a negated operator is not. The error is the key
    /// on which it depends: that of a policy variable, or our own.
    fn satisfied_by(&self, value: &str) -> Result<bool, String> {
        let mut unknown = None;
        for listed in self.listed {
            match self.matches(listed, value) {
                Ok(true) => return Ok(!self.operator.negated),
                Ok(false) => {}
                Err(key) => unknown = Some(key),
            }
        }
        unknown.map_or(Ok(self.operator.negated), Err)
    }

    fn matches(&self, listed: &str, value: &str) -> Result<bool, String> {
        let filled = || variable::fill(listed, self.version, self.context);
        let text = || variable::fill_text(listed, self.version, self.context);
        Ok(match self.operator.comparison {
            Comparison::Equals => text()? == value,
            Comparison::EqualsIgnoreCase => text()?.to_lowercase() == value.to_lowercase(),
            Comparison::Bool => listed.eq_ignore_ascii_case(value),
            Comparison::Binary => listed == value,
            Comparison::Like => Pattern::from_tokens(filled()?).matches(value),
            Comparison::Arn => arn::matches_if_documented(&filled()?, value).ok_or(self.key.to_string())?,
            Comparison::Address => compare::address_in(listed, value),
            Comparison::Number(relation) => {
                relates(relation, compare::number(value), compare::number(listed))
            }
            Comparison::Date(relation) => relates(relation, compare::date(value), compare::date(listed)),
            // Decided by the presence of the key alone.
            Comparison::Null => false,
        })
    }
}

/// The table of aws-facts F4 for a key that the request does not have.
fn missing_holds(operator: Operator) -> bool {
    match operator.quantifier {
        Some(Quantifier::ForAllValues) => true,
        Some(Quantifier::ForAnyValue) => operator.if_exists,
        None => operator.if_exists || operator.negated,
    }
}

/// What cannot be read as a number or date relates to nothing.
fn relates(relation: Relation, value: Option<f64>, listed: Option<f64>) -> bool {
    let (Some(value), Some(listed)) = (value, listed) else { return false };
    match relation {
        Relation::Equal => value == listed,
        Relation::Less => value < listed,
        Relation::LessOrEqual => value <= listed,
        Relation::Greater => value > listed,
        Relation::GreaterOrEqual => value >= listed,
    }
}
