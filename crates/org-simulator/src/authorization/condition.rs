//! The `Condition` element: operators over the keys of a request.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use super::pattern;

/// The condition keys of one request, by their names in small letters: key names ignore case.
#[derive(Clone, Default)]
pub(crate) struct Context {
    keys: BTreeMap<String, Vec<String>>,
}

/// One of the keys may be an external id: only their names are shown.
impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.keys.keys()).finish()
    }
}

impl Context {
    /// Sets a key that has one value.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<String>) {
        self.keys.insert(key.to_ascii_lowercase(), vec![value.into()]);
    }

    /// Sets a key that may have several values.
    pub(crate) fn set_all(&mut self, key: &str, values: Vec<String>) {
        self.keys.insert(key.to_ascii_lowercase(), values);
    }

    /// The values of a key; `None` when the request does not carry it.
    pub(crate) fn values(&self, key: &str) -> Option<&[String]> {
        self.keys.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// Replaces policy variables, for example `${aws:username}`; `None` when one has no value, and then the
    /// text matches nothing.
    pub(crate) fn substitute(&self, text: &str) -> Option<String> {
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (variable, after) = after.split_once('}')?;
            let (key, default) = match variable.split_once(',') {
                Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
                None => (variable, None),
            };
            result.push_str(before);
            match key {
                "*" | "?" | "$" => result.push_str(key),
                _ => match (self.values(key), default) {
                    (Some([value]), _) => result.push_str(value),
                    (_, Some(default)) => result.push_str(default),
                    _ => return None,
                },
            }
            rest = after;
        }
        result.push_str(rest);
        Some(result)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Bool,
    Ip,
    Numeric(Order),
    Date(Order),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    None,
    AnyValue,
    AllValues,
}

/// One operator on one key. Conditions of a statement are joined by AND, the values of a key by OR, and those
/// of a negated operator by NOR (aws-facts F4).
#[derive(Clone, PartialEq)]
pub(crate) struct Condition {
    key: String,
    values: Vec<String>,
    test: Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    IsNull,
    Compare { comparison: Comparison, negated: bool, if_exists: bool, quantifier: Quantifier },
}

/// The values may be external ids.
impl fmt::Debug for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Condition")
            .field("key", &self.key)
            .field("test", &self.test)
            .finish_non_exhaustive()
    }
}

impl Condition {
    /// Reads an operator name such as `ForAnyValue:StringNotLikeIfExists`; `None` when there is no such operator.
    pub(crate) fn parse(operator: &str, key: &str, values: Vec<String>) -> Option<Self> {
        let (quantifier, name) = match operator.split_once(':') {
            None => (Quantifier::None, operator),
            Some(("ForAnyValue", name)) => (Quantifier::AnyValue, name),
            Some(("ForAllValues", name)) => (Quantifier::AllValues, name),
            Some(_) => return None,
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let test = match name {
            "Null" if !if_exists => Test::IsNull,
            _ => {
                let (comparison, negated) = comparison(name)?;
                Test::Compare { comparison, negated, if_exists, quantifier }
            }
        };
        Some(Condition { key: key.to_owned(), values, test })
    }

    /// The key that is asked for.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// What the key is held against.
    pub(crate) fn values(&self) -> &[String] {
        &self.values
    }

    /// Whether a request with these keys meets the condition.
    pub(crate) fn holds(&self, context: &Context, has_variables: bool) -> bool {
        let present = context.values(&self.key);
        match self.test {
            Test::IsNull => {
                let is_missing = present.is_none_or(<[String]>::is_empty);
                self.values
                    .iter()
                    .any(|value| value.eq_ignore_ascii_case(if is_missing { "true" } else { "false" }))
            }
            Test::Compare { comparison, negated, if_exists, quantifier } => {
                let accepts = |actual: &String| {
                    self.any_value_matches(comparison, actual, context, has_variables) != negated
                };
                match (present, quantifier) {
                    (Some(values), Quantifier::AllValues) => values.iter().all(accepts),
                    (None, Quantifier::AllValues) => true,
                    (None | Some([]), Quantifier::AnyValue) => if_exists,
                    (None | Some([]), Quantifier::None) => if_exists || negated,
                    (Some(values), Quantifier::None) if negated => values.iter().all(accepts),
                    (Some(values), _) => values.iter().any(accepts),
                }
            }
        }
    }

    fn any_value_matches(
        &self,
        comparison: Comparison,
        actual: &str,
        context: &Context,
        has_variables: bool,
    ) -> bool {
        self.values.iter().any(|expected| {
            let substituted;
            let expected = if has_variables && expected.contains("${") {
                let Some(value) = context.substitute(expected) else { return false };
                substituted = value;
                &substituted
            } else {
                expected
            };
            compare(comparison, expected, actual)
        })
    }
}

fn comparison(name: &str) -> Option<(Comparison, bool)> {
    Some(match name {
        "StringEquals" | "BinaryEquals" => (Comparison::Equals, false),
        "StringNotEquals" => (Comparison::Equals, true),
        "StringEqualsIgnoreCase" => (Comparison::EqualsIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (Comparison::EqualsIgnoreCase, true),
        "StringLike" => (Comparison::Like, false),
        "StringNotLike" => (Comparison::Like, true),
        "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
        "Bool" => (Comparison::Bool, false),
        "IpAddress" => (Comparison::Ip, false),
        "NotIpAddress" => (Comparison::Ip, true),
        _ => {
            let (kind, order): (fn(Order) -> Comparison, _) = match name.strip_prefix("Numeric") {
                Some(order) => (Comparison::Numeric, order),
                None => (Comparison::Date, name.strip_prefix("Date")?),
            };
            let (order, negated) = match order {
                "Equals" => (Order::Equal, false),
                "NotEquals" => (Order::Equal, true),
                "LessThan" => (Order::Less, false),
                "LessThanEquals" => (Order::LessOrEqual, false),
                "GreaterThan" => (Order::Greater, false),
                "GreaterThanEquals" => (Order::GreaterOrEqual, false),
                _ => return None,
            };
            (kind(order), negated)
        }
    })
}

fn compare(comparison: Comparison, expected: &str, actual: &str) -> bool {
    match comparison {
        Comparison::Equals => expected == actual,
        Comparison::EqualsIgnoreCase => expected.to_lowercase() == actual.to_lowercase(),
        Comparison::Bool => expected.eq_ignore_ascii_case(actual),
        Comparison::Like => pattern::matches(expected, actual),
        Comparison::Arn => pattern::arn_matches(expected, actual),
        Comparison::Ip => in_network(expected, actual),
        Comparison::Numeric(order) => match (expected.parse::<f64>(), actual.parse::<f64>()) {
            (Ok(expected), Ok(actual)) => in_order(order, actual.partial_cmp(&expected)),
            _ => false,
        },
        Comparison::Date(order) => match (date(expected), date(actual)) {
            (Some(expected), Some(actual)) => in_order(order, Some(actual.cmp(&expected))),
            _ => false,
        },
    }
}

fn in_order(order: Order, actual: Option<std::cmp::Ordering>) -> bool {
    actual.is_some_and(|actual| match order {
        Order::Equal => actual.is_eq(),
        Order::Less => actual.is_lt(),
        Order::LessOrEqual => actual.is_le(),
        Order::Greater => actual.is_gt(),
        Order::GreaterOrEqual => actual.is_ge(),
    })
}

/// A date is written in ISO 8601 or as seconds since the epoch.
fn date(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok().or_else(|| jiff::Timestamp::from_second(text.parse().ok()?).ok())
}

fn in_network(network: &str, address: &str) -> bool {
    let (base, length) =
        network.split_once('/').map_or((network, None), |(base, length)| (base, Some(length)));
    let same_bits = |base: u128, address: u128, width: u32| {
        let length =
            length.map_or(Some(width), |length| length.parse().ok().filter(|&length| length <= width));
        length.is_some_and(|length| length == 0 || (base ^ address) >> (width - length) == 0)
    };
    match (base.parse::<IpAddr>(), address.parse::<IpAddr>()) {
        (Ok(IpAddr::V4(base)), Ok(IpAddr::V4(address))) => {
            same_bits(base.to_bits().into(), address.to_bits().into(), 32)
        }
        (Ok(IpAddr::V6(base)), Ok(IpAddr::V6(address))) => same_bits(base.to_bits(), address.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        let mut context = Context::default();
        context.set("sts:ExternalId", "s3cret");
        context.set("aws:PrincipalArn", "arn:aws:iam::111111111111:role/team/Reader");
        context.set("aws:username", "ann");
        context.set("aws:SourceIp", "203.0.113.7");
        context.set("aws:CurrentTime", "2026-06-01T00:00:00Z");
        context.set_all("aws:PrincipalOrgPaths", vec!["o-1/r-1/ou-a/".into(), "o-1/r-1/ou-b/".into()]);
        context.set_all("aws:TagKeys", vec![]);
        context
    }

    fn check(operator: &str, key: &str, values: &[&str], expected: bool) {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        let condition = Condition::parse(operator, key, values).expect("a known operator");
        assert_eq!(condition.holds(&context(), true), expected, "{operator} {key}");
    }

    #[test]
    fn operators_compare_as_documented() {
        check("StringEquals", "sts:ExternalId", &["s3cret"], true);
        check("StringEquals", "STS:externalID", &["other", "s3cret"], true);
        check("StringEquals", "sts:ExternalId", &["S3CRET"], false);
        check("StringEqualsIgnoreCase", "sts:ExternalId", &["S3CRET"], true);
        check("StringNotEquals", "sts:ExternalId", &["other", "s3cret"], false);
        check("StringNotEquals", "sts:ExternalId", &["other", "another"], true);
        check("StringLike", "sts:ExternalId", &["s?cr*"], true);
        check("ArnLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/team/*"], true);
        check("ArnEquals", "aws:PrincipalArn", &["arn:aws:iam::222222222222:role/*"], false);
        check("ArnNotLike", "aws:PrincipalArn", &["arn:aws:iam::222222222222:role/*"], true);
        check("IpAddress", "aws:SourceIp", &["203.0.113.0/24"], true);
        check("NotIpAddress", "aws:SourceIp", &["203.0.113.0/29"], false);
        check("IpAddress", "aws:SourceIp", &["0.0.0.0/0"], true);
        check("DateLessThan", "aws:CurrentTime", &["2026-06-02T00:00:00Z"], true);
        check("DateGreaterThan", "aws:CurrentTime", &["1780358400"], false);
        check("StringEquals", "aws:username", &["${aws:username}"], true);
    }

    #[test]
    fn a_missing_key_fails_a_positive_test_and_passes_a_negated_one() {
        check("StringEquals", "aws:SourceAccount", &["111111111111"], false);
        check("StringNotEquals", "aws:SourceAccount", &["111111111111"], true);
        check("StringEqualsIfExists", "aws:SourceAccount", &["111111111111"], true);
        check("Bool", "aws:MultiFactorAuthPresent", &["false"], false);
        check("Null", "aws:MultiFactorAuthPresent", &["true"], true);
        check("Null", "sts:ExternalId", &["true"], false);
        check("Null", "sts:ExternalId", &["false"], true);
    }

    #[test]
    fn quantifiers_decide_keys_with_several_values() {
        check("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &["o-1/r-1/ou-b/*"], true);
        check("ForAllValues:StringLike", "aws:PrincipalOrgPaths", &["o-1/r-1/ou-b/*"], false);
        check("ForAllValues:StringLike", "aws:PrincipalOrgPaths", &["o-1/*"], true);
        check("ForAllValues:StringEquals", "aws:TagKeys", &["owner"], true);
        check("ForAnyValue:StringEquals", "aws:TagKeys", &["owner"], false);
        check("ForAllValues:StringEquals", "aws:SourceAccount", &["1"], true);
        check("ForAnyValue:StringEquals", "aws:SourceAccount", &["1"], false);
    }

    #[test]
    fn an_unknown_operator_is_not_read() {
        for operator in ["StringEqual", "ForSomeValues:StringEquals", "NullIfExists", "NumericAbout"] {
            assert_eq!(Condition::parse(operator, "aws:username", vec![]), None, "{operator}");
        }
    }
}
