//! What holds for every document.

use std::collections::BTreeSet;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::{
    AnyCase, Caller, Decision, Difference, DifferenceKind, Level, MemberRequest, Members, Permission,
    PolicyDocument, Principal, ServiceControlPolicy, Statement, TrustRequest, Version, admits, differences,
    intended, permits, refusals,
};

/// One of these values, or a list of up to three of them.
fn one_or_many(values: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        select(values).prop_map(|value| json!(value)),
        vec(select(values), 1..4).prop_map(|list| json!(list))
    ]
}

fn principal() -> impl Strategy<Value = Value> {
    let aws = &[
        "*",
        "111122223333",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::444455556666:role/Hub",
        "arn:aws:sts::444455556666:assumed-role/Hub/run",
    ];
    let service = one_or_many(&["ec2.amazonaws.com", "ssm.amazonaws.com"]);
    prop_oneof![
        Just(json!("*")),
        one_or_many(aws).prop_map(|value| json!({ "AWS": value })),
        (one_or_many(aws), service).prop_map(|(aws, service)| json!({ "AWS": aws, "Service": service })),
    ]
}

/// Up to three operators, each with up to two keys.
fn condition() -> impl Strategy<Value = Value> {
    let operator =
        select(&["StringEquals", "StringNotLike", "ForAllValues:StringLike", "Null", "BoolIfExists"][..]);
    let key = select(&["sts:ExternalId", "aws:PrincipalOrgID", "aws:PrincipalAccount", "aws:TagKeys"][..]);
    let strings = one_or_many(&["true", "abc-1", "o-*", "111122223333"]);
    let values = prop_oneof![9 => strings, 1 => Just(json!(true)), 1 => Just(json!([3600, false]))];
    let keys = btree_map(key, values, 1..3);
    btree_map(operator, keys, 1..4).prop_map(|operators| json!(operators))
}

prop_compose! {
    fn statement()(
        effect in select(&["Allow", "Deny"][..]),
        not in any::<(bool, bool)>(),
        principal in principal(),
        action in one_or_many(&["sts:AssumeRole", "STS:assumerole", "sts:*", "sts:TagSession", "*"]),
        condition in proptest::option::of(condition()),
        sid in proptest::option::of(select(&["Vendor", "Tags"][..])),
    ) -> Value {
        let mut statement = json!({ "Effect": effect });
        if let Some(sid) = sid {
            statement["Sid"] = json!(sid);
        }
        statement[if not.0 { "NotPrincipal" } else { "Principal" }] = principal;
        statement[if not.1 { "NotAction" } else { "Action" }] = action;
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statement
    }
}

prop_compose! {
    fn control_statement()(
        effect in select(&["Allow", "Deny"][..]),
        not in any::<(bool, bool)>(),
        resource in one_or_many(&["*", "arn:aws:iam::*:role/V*", "arn:aws:iam::*", "arn:aws:s3:::logs"]),
        action in one_or_many(&["*", "iam:*", "IAM:createrole", "s3:*"]),
        condition in proptest::option::of(condition()),
    ) -> Value {
        let mut statement = json!({ "Effect": effect });
        statement[if not.0 { "NotResource" } else { "Resource" }] = resource;
        statement[if not.1 { "NotAction" } else { "Action" }] = action;
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statement
    }
}

fn level() -> impl Strategy<Value = Level> {
    vec(vec(control_statement(), 1..4), 0..4).prop_map(|policies| {
        let policy = |statements: Vec<Value>| ServiceControlPolicy {
            name: "policy".to_owned(),
            document: document(&statements),
        };
        Level { policies: policies.into_iter().map(policy).collect() }
    })
}

fn document(statements: &[Value]) -> PolicyDocument {
    PolicyDocument::from_value(&json!({ "Version": "2012-10-17", "Statement": statements })).unwrap()
}

fn request() -> impl Strategy<Value = TrustRequest> {
    let caller = select(
        &[
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::444455556666:assumed-role/Hub/run",
            "arn:aws:iam::444455556666:role/Hub",
            "arn:aws:iam::777788889999:user/Ann",
        ][..],
    );
    let external_id = proptest::option::of(select(&["abc-1", "other"][..]));
    (caller, external_id, any::<bool>()).prop_map(|(caller, external_id, organization)| {
        let mut request = TrustRequest::new(Caller::from_arn(caller).unwrap());
        if let Some(external_id) = external_id {
            request = request.with_external_id(external_id);
        }
        if organization { request.with("aws:PrincipalOrgID", ["o-abc"]) } else { request }
    })
}

/// What became of the request, without what depends on the order of the statements: which of them decided, and
/// which of several unknown keys is named.
fn outcome(document: &PolicyDocument, request: &TrustRequest) -> &'static str {
    match admits(document, request) {
        Decision::Allow { .. } => "allowed",
        Decision::Deny { .. } => "denied",
        Decision::ImplicitDeny => "not allowed",
        Decision::Unknown { .. } => "unknown",
    }
}

fn is_refused(document: &PolicyDocument, request: &TrustRequest) -> bool {
    matches!(admits(document, request), Decision::Deny { .. } | Decision::ImplicitDeny)
}

/// The lines without the spelling of names that have no case: of two spellings the first is kept.
fn lines(expected: &PolicyDocument, actual: &PolicyDocument) -> Vec<String> {
    differences(expected, actual).iter().map(|line| line.to_string().to_lowercase()).collect()
}

/// The value as JSON whose objects list their members from the last to the first.
fn written_backwards(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(written_backwards).collect::<Vec<_>>().join(","))
        }
        Value::Object(object) => {
            let member = |(key, value)| format!("{}:{}", json!(key), written_backwards(value));
            format!("{{{}}}", object.iter().rev().map(member).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// One change of one statement that is one change to whoever reads it.
#[derive(Debug, Clone, Copy)]
enum Change {
    OneActionMore,
    OnePrincipalMore,
    OneConditionMore,
    OneValueMore,
    AnotherValue,
    AnotherVersion,
}

fn change(document: &mut PolicyDocument, at: usize, change: Change) {
    let statement = &mut document.statements[at];
    match change {
        Change::OneActionMore => insert(&mut statement.action, AnyCase::from("sts:GetFederationToken")),
        Change::OnePrincipalMore => {
            let principal = statement.principal.as_mut().expect("every statement has one");
            insert(principal, Principal::aws("999999999999"));
        }
        Change::OneConditionMore => {
            let keys = statement.condition.entry(AnyCase::from("StringLike")).or_default();
            keys.insert(AnyCase::from("aws:SourceVpc"), ["vpc-1".to_owned(), "vpc-2".to_owned()].into());
        }
        Change::OneValueMore => _ = values(statement).insert("o-more".to_owned()),
        Change::AnotherValue => *values(statement) = ["o-other".to_owned()].into(),
        Change::AnotherVersion => document.version = Version::V2008,
    }
}

fn insert<T: Ord>(members: &mut Members<T>, value: T) {
    let (Members::AnyOf(listed) | Members::NoneOf(listed)) = members;
    listed.insert(value);
}

/// The values of the condition that every statement of a changing document has.
fn values(statement: &mut Statement) -> &mut BTreeSet<String> {
    let keys = statement.condition.entry(AnyCase::from("StringEquals")).or_default();
    keys.entry(AnyCase::from("aws:PrincipalTag/team"))
        .or_insert_with(|| ["${aws:username}".to_owned()].into())
}

/// The same document with every list turned round, scalars as lists, and the members of objects left to
/// themselves.
fn turned_round(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(turned_round).collect(),
        Value::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), turned_round(value))).collect()
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn parsing_what_was_printed_gives_the_document_back(statements in vec(statement(), 1..5)) {
        let document = document(&statements);
        let text = document.to_value().to_string();
        let again = PolicyDocument::parse(&text).unwrap();
        prop_assert_eq!(&again, &document);
        prop_assert_eq!(again.to_value().to_string(), text);
        prop_assert!(!document.to_string().contains("sts:ExternalId\":\"abc-1"));
    }

    #[test]
    fn order_and_repetition_never_matter(statements in vec(statement(), 1..5), request in request()) {
        let one = document(&statements);
        let doubled: Vec<Value> = statements.iter().chain(&statements).map(turned_round).rev().collect();
        let another = document(&doubled);
        prop_assert_eq!(&one, &another);
        prop_assert_eq!(differences(&one, &another), Vec::new());
        prop_assert_eq!(outcome(&one, &request), outcome(&another, &request));
    }

    #[test]
    fn the_order_of_values_and_of_members_never_matters(
        statements in vec(statement(), 1..4), others in vec(statement(), 1..4), request in request(),
    ) {
        let (one, others) = (document(&statements), document(&others));
        let lists: Vec<Value> = statements.iter().map(turned_round).collect();
        let text = written_backwards(&json!({ "Version": "2012-10-17", "Statement": lists }));
        let another = PolicyDocument::parse(&text).unwrap();
        prop_assert_eq!(&one, &another);
        prop_assert_eq!(admits(&one, &request), admits(&another, &request));
        prop_assert_eq!(lines(&one, &others), lines(&another, &others));
        prop_assert_eq!(lines(&others, &one), lines(&others, &another));
    }

    #[test]
    fn one_change_is_one_line(
        statements in vec(statement(), 1..4),
        at in any::<prop::sample::Index>(),
        kind in select(&[
            Change::OneActionMore,
            Change::OnePrincipalMore,
            Change::OneConditionMore,
            Change::OneValueMore,
            Change::AnotherValue,
            Change::AnotherVersion,
        ][..]),
    ) {
        let mut before = document(&statements);
        for statement in &mut before.statements {
            values(statement);
        }
        let mut after = before.clone();
        change(&mut after, at.index(statements.len()), kind);
        for (expected, actual) in [(&before, &after), (&after, &before)] {
            let lines = lines(expected, actual);
            prop_assert_eq!(lines.len(), 1, "{:?}: {:?}", kind, lines);
        }
    }

    #[test]
    fn a_member_that_was_replaced_is_missed_and_its_successor_is_extra(
        statements in vec(statement(), 1..4), at in any::<prop::sample::Index>(),
    ) {
        let [mut one, mut another] = [document(&statements), document(&statements)];
        let at = at.index(statements.len());
        for (document, account) in [(&mut one, "888888888888"), (&mut another, "999999999999")] {
            let principal = document.statements[at].principal.as_mut().unwrap();
            insert(principal, Principal::aws(account));
        }
        let kinds: Vec<DifferenceKind> =
            differences(&one, &another).into_iter().map(|Difference { kind, .. }| kind).collect();
        prop_assert_eq!(kinds, [DifferenceKind::Missing, DifferenceKind::Extra]);
    }

    #[test]
    fn documents_differ_exactly_if_there_is_a_difference(
        pool in vec(statement(), 2), picks in (vec(0..4_usize, 1..4), vec(0..4_usize, 1..4)),
    ) {
        // Of a few statements, with and without their conditions: many documents are equal and others nearly so.
        let pick = |picks: Vec<usize>| -> Vec<Value> {
            let mut picked: Vec<Value> = picks.iter().map(|at| pool[at % 2].clone()).collect();
            for (statement, _) in picked.iter_mut().zip(picks).filter(|(_, at)| *at >= 2) {
                statement.as_object_mut().unwrap().remove("Condition");
            }
            picked
        };
        let (one, another) = (document(&pick(picks.0)), document(&pick(picks.1)));
        prop_assert_eq!(one == another, differences(&one, &another).is_empty());
        prop_assert_eq!(one == another, another == one);
        for line in differences(&one, &another) {
            prop_assert!(!line.to_string().contains("ExternalId \"abc-1"), "{}", line);
            prop_assert!(!line.as_change().contains("ExternalId \"abc-1"), "{}", line.as_change());
        }
    }

    #[test]
    fn equal_documents_admit_the_same(statements in vec(statement(), 1..4), request in request()) {
        // One statement for each action: the same meaning, written otherwise.
        let apart: Vec<Value> = statements.iter().flat_map(|statement| {
            let actions = statement.get("Action").and_then(Value::as_array).cloned();
            let with = |action| { let mut one = statement.clone(); one["Action"] = action; one };
            actions.map_or_else(|| vec![statement.clone()], |actions| actions.into_iter().map(with).collect())
        }).collect();
        let (one, another) = (document(&statements), document(&apart));
        prop_assert_eq!(&one, &another);
        prop_assert_eq!(outcome(&one, &request), outcome(&another, &request));
    }

    #[test]
    fn whoever_is_not_admitted_is_told_why(statements in vec(statement(), 1..5), request in request()) {
        let trust = document(&statements);
        let admitted = matches!(admits(&trust, &request), Decision::Allow { .. });
        let lines: Vec<String> = refusals(&trust, &request).iter().map(ToString::to_string).collect();
        prop_assert_eq!(admitted, lines.is_empty(), "{:?}", lines);
        prop_assert!(!lines.iter().any(|line| line.contains("ExternalId \"abc-1")), "{:?}", lines);
    }

    #[test]
    fn whoever_is_meant_is_admitted(mut statements in vec(statement(), 1..5)) {
        for statement in &mut statements {
            statement["Effect"] = json!("Allow");
        }
        let trust = document(&statements);
        for one in intended(&trust).into_iter().flatten() {
            let decision = admits(&trust, &one.request(one.external_id()));
            prop_assert!(matches!(decision, Decision::Allow { .. }), "{:?}: {:?}", one, decision);
        }
        for statement in &mut statements {
            statement["Action"] = json!("sts:*");
            for element in ["Condition", "NotPrincipal", "NotAction"] {
                statement.as_object_mut().unwrap().remove(element);
            }
            statement["Principal"] = json!({ "AWS": ["*", "111122223333"], "Service": "ec2.amazonaws.com" });
        }
        let plain = intended(&document(&statements));
        prop_assert_eq!(plain.iter().flatten().count(), 3 * statements.len());
    }

    #[test]
    fn another_deny_never_lets_anyone_in(
        statements in vec(statement(), 1..5), mut deny in statement(), request in request(),
    ) {
        let before = document(&statements);
        deny["Effect"] = json!("Deny");
        let mut more = statements;
        more.push(deny);
        let after = document(&more);
        let (was, is) = (outcome(&before, &request), outcome(&after, &request));
        prop_assert!(was == "allowed" || is != "allowed", "{} became {}", was, is);
        prop_assert!(!is_refused(&before, &request) || is_refused(&after, &request), "{} became {}", was, is);
    }

    #[test]
    fn another_policy_that_denies_never_allows_anything(
        levels in vec(level(), 1..4), at in any::<prop::sample::Index>(), mut deny in control_statement(),
    ) {
        let caller = Caller::from_arn("arn:aws:iam::111122223333:role/Deploy").unwrap();
        let request = MemberRequest::new(&caller, "iam:CreateRole", "arn:aws:iam::111122223333:role/Vendor");
        let before = permits(&levels, &request);
        deny["Effect"] = json!("Deny");
        let mut more = levels;
        let at = at.index(more.len());
        more[at].policies.push(ServiceControlPolicy { name: "deny".to_owned(), document: document(&[deny]) });
        let after = permits(&more, &request);
        prop_assert!(before == Permission::Allowed || after != Permission::Allowed, "{before:?} became {after:?}");
        let refuses = |permission| matches!(permission, Permission::Denied { .. } | Permission::NotAllowed { .. });
        prop_assert!(!refuses(before) || refuses(after));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = PolicyDocument::parse(&text);
        let _ = PolicyDocument::parse_encoded(&text);
        let _ = Caller::from_arn(&text);
    }
}
