//! In what two documents differ, as lines for people.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

use crate::describe::{describe, describe_members, describe_values, flat, name};
use crate::document::is_secret;
use crate::{AnyCase, Condition, Members, PolicyDocument, Statement};

/// One difference between the expected and the actual document. `Display` says what is not as expected,
/// [`Difference::as_change`] what happens to a document that becomes another; external IDs stand in neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind of difference.
    pub kind: DifferenceKind,
    /// The statement, and inside it the condition. `None` if a whole statement or the document is meant.
    pub place: Option<String>,
    /// What differs there, such as `principal account 111122223333`.
    pub subject: String,
}

/// What became of the expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Expected, not there.
    Missing,
    /// There, not expected.
    Extra,
    /// There, but not as expected.
    Changed {
        /// In words.
        expected: String,
        /// In words.
        actual: String,
    },
    /// There, but not as expected, and nobody is to see the values.
    ChangedUnseen,
}

impl Difference {
    /// The difference as a change from the expected document, which is the earlier one, to the actual.
    pub fn as_change(&self) -> String {
        let subject = &self.subject;
        self.placed(match &self.kind {
            DifferenceKind::Missing => format!("{subject} is removed"),
            DifferenceKind::Extra => format!("{subject} is added"),
            DifferenceKind::Changed { expected, actual } => format!("{subject}: {expected} becomes {actual}"),
            DifferenceKind::ChangedUnseen => format!("{subject} gets another value (not shown)"),
        })
    }

    fn placed(&self, line: String) -> String {
        match &self.place {
            Some(place) => format!("{place}: {line}"),
            None => line,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = &self.subject;
        formatter.write_str(&self.placed(match &self.kind {
            DifferenceKind::Missing => format!("{subject} is missing"),
            DifferenceKind::Extra => format!("extra {subject}"),
            DifferenceKind::Changed { expected, actual } => {
                format!("{subject} is {actual} instead of {expected}")
            }
            DifferenceKind::ChangedUnseen => format!("{subject} has another value (not shown)"),
        }))
    }
}

/// What to change in `actual` to make it mean what `expected` means. Empty exactly if they are equal.
///
/// Statements that say the same cancel out. The others are paired with the most similar one, so that one
/// changed value is one line.
pub fn differences(expected: &PolicyDocument, actual: &PolicyDocument) -> Vec<Difference> {
    if expected == actual {
        return Vec::new();
    }
    let mut found = Found::default();
    if expected.effective_version() != actual.effective_version() && expected.version != actual.version {
        let kind = changed(expected.version.to_string(), actual.version.to_string());
        found.add(kind, None, "the version");
    }
    let missing = without(&expected.statements, &actual.statements);
    let extra = without(&actual.statements, &expected.statements);
    let pairs = pairs(&missing, &extra);
    for (one, another) in &pairs {
        found.compare(missing[*one], extra[*another]);
    }
    let (ours, theirs): (BTreeSet<usize>, BTreeSet<usize>) = pairs.into_iter().unzip();
    for (_, statement) in missing.iter().enumerate().filter(|(at, _)| !ours.contains(at)) {
        found.add(DifferenceKind::Missing, None, describe(statement));
    }
    for (_, statement) in extra.iter().enumerate().filter(|(at, _)| !theirs.contains(at)) {
        found.add(DifferenceKind::Extra, None, describe(statement));
    }
    found.0
}

/// The statements that no other says as well, each once.
fn without<'a>(statements: &'a [Statement], others: &[Statement]) -> Vec<&'a Statement> {
    let mut remaining: Vec<&Statement> = Vec::new();
    for statement in statements {
        if !others.contains(statement) && !remaining.contains(&statement) {
            remaining.push(statement);
        }
    }
    remaining
}

/// Which of the missing became which of the extra, the most similar first. Each two are weighed once: a policy has
/// room for hundreds of statements.
fn pairs(missing: &[&Statement], extra: &[&Statement]) -> Vec<(usize, usize)> {
    let all = (0..missing.len()).flat_map(|one| (0..extra.len()).map(move |another| (one, another)));
    let weighed = all.map(|(one, another)| (similarity(missing[one], extra[another]), one, another));
    let mut weighed: Vec<_> = weighed.filter(|(similarity, ..)| *similarity > 0).collect();
    // A stable sort, so that equally similar statements pair in the order in which they stand.
    weighed.sort_by_key(|(similarity, ..)| Reverse(*similarity));
    let (mut ours, mut theirs) = (BTreeSet::new(), BTreeSet::new());
    let mut pairs = Vec::new();
    for (_, one, another) in weighed {
        if !ours.contains(&one) && !theirs.contains(&another) {
            ours.insert(one);
            theirs.insert(another);
            pairs.push((one, another));
        }
    }
    pairs
}

/// How much two statements share. Zero, and they are not versions of one statement.
fn similarity(one: &Statement, another: &Statement) -> usize {
    if one.effect != another.effect || one.action.listed().is_disjoint(another.action.listed()) {
        return 0;
    }
    let same_sid = one.sid.is_some() && one.sid == another.sid;
    let shared = common(Some(&one.action), Some(&another.action))
        + common(one.principal.as_ref(), another.principal.as_ref())
        + common(one.resource.as_ref(), another.resource.as_ref());
    let conditions =
        one.condition.iter().filter(|(operator, keys)| another.condition.get(operator) == Some(keys));
    1 + shared + conditions.count() + if same_sid { 4 } else { 0 }
}

fn common<T: Ord>(one: Option<&Members<T>>, another: Option<&Members<T>>) -> usize {
    match (one, another) {
        (Some(Members::AnyOf(one)), Some(Members::AnyOf(another)))
        | (Some(Members::NoneOf(one)), Some(Members::NoneOf(another))) => one.intersection(another).count(),
        _ => 0,
    }
}

#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn add(&mut self, kind: DifferenceKind, place: Option<&str>, subject: impl Into<String>) {
        self.0.push(Difference { kind, place: place.map(str::to_owned), subject: subject.into() });
    }

    fn compare(&mut self, expected: &Statement, actual: &Statement) {
        let place = name(expected);
        self.members(&place, "action", Some(&expected.action), Some(&actual.action));
        self.members(&place, "principal", expected.principal.as_ref(), actual.principal.as_ref());
        self.members(&place, "resource", expected.resource.as_ref(), actual.resource.as_ref());
        self.conditions(&place, &expected.condition, &actual.condition);
    }

    fn members<T: Ord + fmt::Display>(
        &mut self,
        place: &str,
        noun: &str,
        expected: Option<&Members<T>>,
        actual: Option<&Members<T>>,
    ) {
        let (ours, theirs) = match (expected, actual) {
            (Some(Members::AnyOf(ours)), Some(Members::AnyOf(theirs)))
            | (Some(Members::NoneOf(ours)), Some(Members::NoneOf(theirs))) => (ours, theirs),
            _ if expected == actual => return,
            _ => {
                let kind = changed(describe_members(expected), describe_members(actual));
                return self.add(kind, Some(place), noun);
            }
        };
        let noun = if matches!(expected, Some(Members::NoneOf(_))) {
            format!("excepted {noun}")
        } else {
            noun.into()
        };
        for value in ours.difference(theirs) {
            self.add(DifferenceKind::Missing, Some(place), format!("{noun} {value}"));
        }
        for value in theirs.difference(ours) {
            self.add(DifferenceKind::Extra, Some(place), format!("{noun} {value}"));
        }
    }

    fn conditions(&mut self, place: &str, expected: &Condition, actual: &Condition) {
        for (operator, key, values) in flat(expected) {
            match actual.get(operator).and_then(|keys| keys.get(key)) {
                None => {
                    self.add(DifferenceKind::Missing, Some(place), format!("condition {operator} {key}"));
                }
                Some(others) => self.values(place, (operator, key), values, others),
            }
        }
        for (operator, key, values) in flat(actual) {
            if !expected.get(operator).is_some_and(|keys| keys.contains_key(key)) {
                let values = describe_values(operator, key, values);
                let condition = format!("condition {operator} {key} {values}");
                self.add(DifferenceKind::Extra, Some(place), condition);
            }
        }
    }

    fn values(
        &mut self,
        place: &str,
        (operator, key): (&AnyCase, &AnyCase),
        ours: &BTreeSet<String>,
        theirs: &BTreeSet<String>,
    ) {
        let condition = format!("condition {operator} {key}");
        if ours == theirs {
            return;
        }
        if ours.union(theirs).any(|value| is_secret(operator, key, value)) {
            return self.add(DifferenceKind::ChangedUnseen, Some(place), condition);
        }
        if let ([our], [their]) = (as_list(ours).as_slice(), as_list(theirs).as_slice()) {
            let kind = changed(format!("\"{our}\""), format!("\"{their}\""));
            return self.add(kind, Some(place), condition);
        }
        let place = format!("{place}: {condition}");
        for value in ours.difference(theirs) {
            self.add(DifferenceKind::Missing, Some(&place), format!("value \"{value}\""));
        }
        for value in theirs.difference(ours) {
            self.add(DifferenceKind::Extra, Some(&place), format!("value \"{value}\""));
        }
    }
}

fn changed(expected: String, actual: String) -> DifferenceKind {
    DifferenceKind::Changed { expected, actual }
}

fn as_list(values: &BTreeSet<String>) -> Vec<&str> {
    values.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERED: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":"111122223333"},"Condition":{"StringEquals":{"sts:ExternalId":"secret-id"}}}}"#;

    fn check(expected: &str, actual: &str, lines: &[&str]) {
        let (expected, actual) =
            (PolicyDocument::parse(expected).unwrap(), PolicyDocument::parse(actual).unwrap());
        let found: Vec<String> = differences(&expected, &actual).iter().map(Difference::to_string).collect();
        assert_eq!(found, lines);
    }

    #[test]
    fn a_dropped_condition_is_one_line() {
        let actual = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{"AWS":"111122223333"}}}"#;
        check(
            ORDERED,
            actual,
            &["statement Allow sts:AssumeRole: condition StringEquals sts:ExternalId is missing"],
        );
    }

    #[test]
    fn an_added_principal_is_one_line() {
        let actual =
            ORDERED.replace(r#""111122223333""#, r#"["111122223333", "arn:aws:iam::999999999999:role/Spy"]"#);
        let line = "statement Allow sts:AssumeRole: extra principal AWS arn:aws:iam::999999999999:role/Spy";
        check(ORDERED, &actual, &[line]);
    }

    #[test]
    fn a_changed_external_id_is_told_but_not_shown() {
        let line = "statement Allow sts:AssumeRole: condition StringEquals sts:ExternalId has another value (not shown)";
        check(ORDERED, &ORDERED.replace("secret-id", "other-id"), &[line]);
    }

    #[test]
    fn a_statement_of_another_effect_is_a_statement_too_many() {
        let actual = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"},
            "Condition":{"StringEquals":{"sts:ExternalId":"secret-id"}}},
            {"Effect":"Deny","Action":"sts:*","Principal":"*","Condition":{"Bool":{"aws:PrincipalIsAWSService":false}}}]}"#;
        let line = "extra statement Deny sts:* for * (anyone) if Bool aws:PrincipalIsAWSService \"false\"";
        check(ORDERED, actual, &[line]);
    }

    #[test]
    fn values_that_are_no_secret_are_shown_on_both_sides() {
        let one = r#"{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":["a","b"],
            "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}}"#;
        let another = one.replace("o-1", "o-2").replace(r#""b""#, r#""c""#);
        check(
            one,
            &another,
            &[
                "statement Allow s3:Get*: resource b is missing",
                "statement Allow s3:Get*: extra resource c",
                "statement Allow s3:Get*: condition StringEquals aws:PrincipalOrgID is \"o-2\" instead of \"o-1\"",
            ],
        );
    }

    #[test]
    fn statements_pair_with_the_most_similar_and_then_in_their_order() {
        let document = |resources: [&str; 4]| {
            let statement = |listed: &str| {
                let listed: Vec<String> = listed.split(' ').map(str::to_owned).collect();
                serde_json::json!({ "Effect": "Allow", "Action": "s3:*", "Resource": listed })
            };
            serde_json::json!({ "Statement": resources.map(statement) }).to_string()
        };
        check(
            &document(["a", "b", "c d e", "f"]),
            &document(["c d x", "g", "h", "f"]),
            &[
                "statement Allow s3:*: resource e is missing",
                "statement Allow s3:*: extra resource x",
                "statement Allow s3:*: resource a is missing",
                "statement Allow s3:*: extra resource g",
                "statement Allow s3:*: resource b is missing",
                "statement Allow s3:*: extra resource h",
            ],
        );
    }

    #[test]
    fn action_against_notaction_is_told_as_a_whole() {
        let one = r#"{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}"#;
        let another = r#"{"Statement":{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}}"#;
        check(one, another, &["statement Deny iam:*: action is all but iam:* instead of iam:*"]);
    }

    fn check_change(from: &str, to: &str, lines: &[&str]) {
        let [from, to] = [from, to].map(|text| PolicyDocument::parse(text).unwrap());
        let found: Vec<String> = differences(&from, &to).iter().map(Difference::as_change).collect();
        assert_eq!(found, lines);
    }

    #[test]
    fn a_change_says_what_is_removed_what_is_added_and_what_becomes_what() {
        let from = r#"{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":["a","b"],
            "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"},"StringLike":{"aws:X":["a","b"]}}}}"#;
        let to = from.replace("o-1", "o-2").replace(r#""b""#, r#""c""#);
        check_change(
            from,
            &to,
            &[
                "statement Allow s3:Get*: resource b is removed",
                "statement Allow s3:Get*: resource c is added",
                "statement Allow s3:Get*: condition StringEquals aws:PrincipalOrgID: \"o-1\" becomes \"o-2\"",
                "statement Allow s3:Get*: condition StringLike aws:X: value \"b\" is removed",
                "statement Allow s3:Get*: condition StringLike aws:X: value \"c\" is added",
            ],
        );
        check_change(
            from,
            r#"{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}"#,
            &[
                "statement Allow s3:Get* on a, b if StringEquals aws:PrincipalOrgID \"o-1\" and StringLike aws:X \
                 \"a\" or \"b\" is removed",
                "statement Deny iam:* on * is added",
            ],
        );
    }

    #[test]
    fn a_change_of_an_external_id_is_told_but_not_shown() {
        let condition = "statement Allow sts:AssumeRole: condition StringEquals sts:ExternalId";
        let another = ORDERED.replace("secret-id", "other-id");
        check_change(ORDERED, &another, &[&format!("{condition} gets another value (not shown)")]);
        let none = ORDERED.replace(r#","Condition":{"StringEquals":{"sts:ExternalId":"secret-id"}}"#, "");
        check_change(ORDERED, &none, &[&format!("{condition} is removed")]);
        check_change(&none, ORDERED, &[&format!("{condition} (not shown) is added")]);
    }
}
