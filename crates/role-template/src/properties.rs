//! What holds for every specification.

use std::collections::BTreeMap;

use iam_policy::PolicyDocument;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::{Pseudo, RoleSpecification, RoleTemplate, TrustEntry, TrustSpecification, TrustedPrincipal};

fn principal() -> impl Strategy<Value = TrustedPrincipal> {
    prop_oneof![
        "[0-9]{12}".prop_map(TrustedPrincipal::Account),
        "[A-Z][a-z]{0,5}"
            .prop_map(|name| TrustedPrincipal::Role(format!("arn:aws:iam::111122223333:role/{name}"))),
        Just(TrustedPrincipal::User("arn:aws:iam::111122223333:user/Ann".into())),
        Just(TrustedPrincipal::Service("ec2.amazonaws.com".into())),
        "o-[a-z0-9]{10}".prop_map(TrustedPrincipal::Organization),
        "[A-Za-z]{1,8}"
            .prop_map(|name| TrustedPrincipal::Probe(format!("arn:aws:iam::111122223333:role/{name}"))),
    ]
}

fn trust() -> impl Strategy<Value = PolicyDocument> {
    let external_id = option::of(select(&["first-id", "id/second", "third:id"][..]).prop_map(str::to_owned));
    let entry = (principal(), external_id);
    let entry = entry.prop_map(|(principal, external_id)| TrustEntry { principal, external_id });
    vec(entry, 1..6).prop_map(|entries| TrustSpecification { entries }.to_policy())
}

fn inline_policy() -> impl Strategy<Value = PolicyDocument> {
    // Texts that a template could mistake for something of its own.
    let resource =
        select(&["*", "arn:aws:s3:::a/${aws:username}", "${!x}", "Ref", "Fn::Sub", "{{a}}", "ü\"\\\n"][..]);
    let condition = select(&["aws:Condition", "sts:ExternalId", "aws:PrincipalTag/Fn::Sub"][..]);
    (resource, condition, "[ -~]{1,8}").prop_map(|(resource, key, value)| {
        let condition = json!({ "StringLike": { key: value } });
        let statement =
            json!({ "Effect": "Allow", "Action": "s3:*", "Resource": resource, "Condition": condition });
        PolicyDocument::from_value(&json!({ "Version": "2012-10-17", "Statement": [statement] })).unwrap()
    })
}

prop_compose! {
    fn specification()(
        name in "[A-Za-z0-9+=,.@_-]{1,64}",
        path in select(&["/", "/service/", "/a/b/"][..]),
        description in option::of("\\PC{0,30}"),
        trust in trust(),
        managed_policies in btree_set("arn:aws:iam::aws:policy/[A-Z][a-z]{1,8}", 0..4),
        inline_policies in btree_map("[a-z0-9]{1,8}", inline_policy(), 0..4),
        permissions_boundary in option::of(Just("arn:aws:iam::111122223333:policy/Boundary".to_owned())),
        max_session in 3600_u32..43_201,
        tags in btree_map("[a-zA-Z:/]{1,8}", "\\PC{0,8}", 0..4),
    ) -> RoleSpecification {
        RoleSpecification {
            path: path.to_owned(), description, managed_policies, inline_policies, permissions_boundary, max_session,
            tags, ..RoleSpecification::new(&name, trust)
        }
    }
}

fn pseudo() -> Pseudo {
    Pseudo {
        account: "444455556666".into(),
        region: "eu-central-1".into(),
        partition: "aws".into(),
        stack_name: "StackSet-x".into(),
    }
}

proptest! {
    #[test]
    fn reading_a_rendered_template_gives_the_specification_back(specification in specification()) {
        let template = RoleTemplate::from_specification(&specification);
        let read = RoleTemplate::read(&template.body, &template.parameters, &pseudo(), Some(&template.role_logical_id));
        prop_assert_eq!(read.unwrap(), specification.clone());
        // The YAML reader takes the JSON too, and sees the same.
        let yaml = format!("# a comment\n{}", template.body);
        let read = RoleTemplate::read(&yaml, &template.parameters, &pseudo(), None);
        prop_assert_eq!(read.unwrap(), specification);
    }

    #[test]
    fn external_ids_stay_out_of_the_body(specification in specification()) {
        let template = RoleTemplate::from_specification(&specification);
        for id in specification.trust.external_ids() {
            prop_assert!(!template.body.contains(id));
            let shown = format!("{specification:?} {template:?}");
            prop_assert!(!shown.contains(id));
            prop_assert!(template.parameters.values().any(|value| value == id));
        }
    }

    #[test]
    fn the_same_specification_gives_the_same_template(specification in specification()) {
        let one = RoleTemplate::from_specification(&specification);
        let read = RoleTemplate::read(&one.body, &one.parameters, &pseudo(), None).unwrap();
        prop_assert_eq!(RoleTemplate::from_specification(&read), one);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = RoleTemplate::read(&text, &BTreeMap::new(), &pseudo(), None);
        let role = format!("Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties: {text}\n");
        let _ = RoleTemplate::read(&role, &BTreeMap::new(), &pseudo(), None);
        let _ = RoleTemplate::role_names(&text, &BTreeMap::new(), &pseudo());
        let _ = RoleTemplate::role_names(&role, &BTreeMap::new(), &pseudo());
        let _ = RoleTemplate::problems(&role, &BTreeMap::new());
    }
}
