//! What holds for every document.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::{
    Caller, Decision, Level, MemberRequest, Permission, PolicyDocument, ServiceControlPolicy, TrustRequest,
    admits, differences, intended, permits, refusals,
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

fn condition() -> impl Strategy<Value = Value> {
    let operator =
        select(&["StringEquals", "StringNotLike", "ForAllValues:StringLike", "Null", "BoolIfExists"][..]);
    let key = select(&["sts:ExternalId", "aws:PrincipalOrgID", "aws:PrincipalAccount", "aws:TagKeys"][..]);
    let condition = (operator, key, one_or_many(&["true", "abc-1", "o-*", "111122223333"]));
    condition.prop_map(|(operator, key, values)| json!({ operator: { key: values } }))
}

prop_compose! {
    fn statement()(
        effect in select(&["Allow", "Deny"][..]),
        not in any::<(bool, bool)>(),
        principal in principal(),
        action in one_or_many(&["sts:AssumeRole", "STS:assumerole", "sts:*", "sts:TagSession", "*"]),
        condition in proptest::option::of(condition()),
    ) -> Value {
        let mut statement = json!({ "Effect": effect });
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
        let is_in = |document| matches!(admits(document, &request), Decision::Allow { .. });
        prop_assert_eq!(is_in(&one), is_in(&another));
    }

    #[test]
    fn documents_differ_exactly_if_there_is_a_difference(
        one in vec(statement(), 1..4), another in vec(statement(), 1..4),
    ) {
        let (one, another) = (document(&one), document(&another));
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
        let is_in = |document| matches!(admits(document, &request), Decision::Allow { .. });
        prop_assert_eq!(is_in(&one), is_in(&another));
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
        let before = admits(&document(&statements), &request);
        deny["Effect"] = json!("Deny");
        let mut more = statements;
        more.push(deny);
        let after = admits(&document(&more), &request);
        if !matches!(before, Decision::Allow { .. }) {
            prop_assert!(!matches!(after, Decision::Allow { .. }), "{before:?} became {after:?}");
        }
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
