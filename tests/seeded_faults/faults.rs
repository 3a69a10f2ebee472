//! The faults, each planted by hand in one account, as its owner could. None touches a stack.

use serde_json::json;

use super::fleet::{Hand, VENDOR, allow, asks};

/// One fault, and what verification has to say of it.
pub(crate) struct Fault {
    /// What was done, in a few words.
    pub(crate) name: &'static str,
    pub(crate) plant: fn(&Hand<'_>),
    /// The check that has to fail, as the report has it.
    pub(crate) check: &'static str,
    /// The cause that this check has to name.
    pub(crate) cause: &'static str,
    /// The most telling cause of all, that of the verdict; mostly the same.
    pub(crate) verdict: &'static str,
}

const fn fault(name: &'static str, plant: fn(&Hand<'_>), check: &'static str, cause: &'static str) -> Fault {
    Fault { name, plant, check, cause, verdict: cause }
}

const ENTERED: &str = "entered";
const REFUSED_WITHOUT: &str = "refused_without_external_id";
const REFUSED_WRONG: &str = "refused_with_wrong_external_id";
const EQUALS: &str = "role_equals_specification";
const PERMISSIONS: &str = "permissions";
const NOBODY_ELSE: &str = "nobody_else";
const DIFFERS: &str = "role-differs";

const EXTERNAL_ID: &str = "planted-external-id-7c1e";

pub(crate) const FAULTS: &[Fault] = &[
    // Whom the trust policy lets in.
    fault(
        "the condition on the external ID is gone",
        |hand| hand.trust_if(&json!({})),
        REFUSED_WITHOUT,
        "external-id-not-required",
    ),
    fault(
        "the external ID is asked for under another key",
        |hand| hand.trust_if(&json!({ "StringEquals": { "aws:RequestTag/ExternalId": EXTERNAL_ID } })),
        ENTERED,
        "trust-excludes-caller",
    ),
    fault(
        "any external ID will do: StringLike `*`",
        |hand| hand.trust_if(&asks("StringLike", "*")),
        REFUSED_WRONG,
        "external-id-not-required",
    ),
    fault(
        "the external ID is asked for only if there is one: StringEqualsIfExists",
        |hand| hand.trust_if(&asks("StringEqualsIfExists", EXTERNAL_ID)),
        REFUSED_WITHOUT,
        "external-id-not-required",
    ),
    fault(
        "the trust policy asks for another external ID",
        |hand| hand.trust_if(&asks("StringEquals", "another-external-id")),
        ENTERED,
        "external-id-mismatch",
    ),
    fault(
        "another account is trusted in place of ours",
        |hand| {
            hand.trust(&super::fleet::statement(
                &json!({ "AWS": VENDOR }),
                &asks("StringEquals", EXTERNAL_ID),
            ))
        },
        ENTERED,
        "trust-excludes-caller",
    ),
    fault(
        "another account is trusted as well",
        |hand| hand.trust_also(allow(&json!({ "AWS": VENDOR }), &asks("StringEquals", EXTERNAL_ID))),
        NOBODY_ELSE,
        "stranger-admitted",
    ),
    fault(
        "anyone is trusted, with the external ID",
        |hand| hand.trust_also(allow(&json!("*"), &asks("StringEquals", EXTERNAL_ID))),
        NOBODY_ELSE,
        "stranger-admitted",
    ),
    fault(
        "a service is trusted as well",
        |hand| hand.trust_also(allow(&json!({ "Service": "ec2.amazonaws.com" }), &json!({}))),
        NOBODY_ELSE,
        "stranger-admitted",
    ),
    fault(
        "a role is trusted as well, and was deleted since",
        |hand| {
            let service = super::fleet::statement(&json!({ "Service": "ec2.amazonaws.com" }), &json!({}));
            hand.iam(
                "CreateRole",
                &[("RoleName", "Former"), ("AssumeRolePolicyDocument", &service.to_string())],
            );
            let former = format!("arn:aws:iam::{}:role/Former", hand.account);
            hand.trust_also(allow(&json!({ "AWS": former }), &asks("StringEquals", EXTERNAL_ID)));
            hand.iam("DeleteRole", &[("RoleName", "Former")]);
        },
        NOBODY_ELSE,
        "stranger-admitted",
    ),
    fault(
        "a statement denies our account",
        |hand| {
            hand.trust_also(json!({
                "Effect": "Deny", "Action": "sts:AssumeRole", "Principal": { "AWS": "222200009001" },
            }));
        },
        ENTERED,
        "trust-excludes-caller",
    ),
    // What the role may do.
    Fault {
        name: "AdministratorAccess is attached as well",
        plant: |hand| {
            hand.role("AttachRolePolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess")]);
        },
        check: EQUALS,
        cause: DIFFERS,
        verdict: "permission-excess",
    },
    fault(
        "a harmless managed policy is attached as well",
        |hand| {
            hand.role(
                "AttachRolePolicy",
                &[("PolicyArn", "arn:aws:iam::aws:policy/AWSOrganizationsReadOnlyAccess")],
            )
        },
        EQUALS,
        DIFFERS,
    ),
    Fault {
        name: "a managed policy is detached",
        plant: |hand| {
            hand.role(
                "DetachRolePolicy",
                &[("PolicyArn", "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")],
            );
            hand.role("DetachRolePolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/SecurityAudit")]);
        },
        check: PERMISSIONS,
        cause: "permission-missing",
        verdict: "permission-missing",
    },
    fault(
        "an inline policy is added",
        |hand| {
            let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}"#;
            hand.role("PutRolePolicy", &[("PolicyName", "more"), ("PolicyDocument", document)]);
        },
        EQUALS,
        DIFFERS,
    ),
    fault(
        "an inline policy that allows ending instances is added",
        |hand| {
            let document =
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
            hand.role("PutRolePolicy", &[("PolicyName", "more"), ("PolicyDocument", document)]);
        },
        PERMISSIONS,
        "permission-excess",
    ),
    fault(
        "the inline policy is changed",
        |hand| {
            let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:GetObject","s3:ListAllMyBuckets"],"Resource":"*"}}"#;
            hand.role("PutRolePolicy", &[("PolicyName", "collect"), ("PolicyDocument", document)]);
        },
        EQUALS,
        DIFFERS,
    ),
    fault(
        "the inline policy is deleted",
        |hand| hand.role("DeleteRolePolicy", &[("PolicyName", "collect")]),
        PERMISSIONS,
        "permission-missing",
    ),
    fault(
        "the permissions boundary is removed",
        |hand| hand.role("DeleteRolePermissionsBoundary", &[]),
        EQUALS,
        DIFFERS,
    ),
    fault(
        "another permissions boundary is set, which allows less",
        |hand| {
            let boundary = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess";
            hand.role("PutRolePermissionsBoundary", &[("PermissionsBoundary", boundary)]);
        },
        PERMISSIONS,
        "permission-missing",
    ),
    // What else the role is.
    fault(
        "sessions may last twelve hours",
        |hand| {
            hand.role(
                "UpdateRole",
                &[("MaxSessionDuration", "43200"), ("Description", "Reads for the auditors")],
            )
        },
        EQUALS,
        DIFFERS,
    ),
    fault(
        "the description is changed",
        |hand| hand.role("UpdateRole", &[("MaxSessionDuration", "3600"), ("Description", "do not touch")]),
        EQUALS,
        DIFFERS,
    ),
    fault(
        "a tag has another value",
        |hand| hand.role("TagRole", &[("Tags.member.1.Key", "owner"), ("Tags.member.1.Value", "me")]),
        EQUALS,
        DIFFERS,
    ),
    fault(
        "a tag is added",
        |hand| hand.role("TagRole", &[("Tags.member.1.Key", "temporary"), ("Tags.member.1.Value", "yes")]),
        EQUALS,
        DIFFERS,
    ),
    fault(
        "a tag is removed",
        |hand| hand.role("UntagRole", &[("TagKeys.member.1", "review")]),
        EQUALS,
        DIFFERS,
    ),
    // Whether there is a role at all, and whose.
    fault("the role is deleted", |hand| hand.delete_role(), ENTERED, "role-absent"),
    fault(
        "the role is in the wrong account",
        |hand| {
            hand.delete_role();
            Hand { account: "222200009001", ..*hand }.create_role("/security/");
        },
        ENTERED,
        "role-absent",
    ),
    fault(
        "the role is made anew by hand, as specified",
        |hand| {
            hand.delete_role();
            hand.recreate_role("/security/");
        },
        EQUALS,
        DIFFERS,
    ),
    fault(
        "the role is made anew by hand, without its policies",
        |hand| {
            hand.delete_role();
            hand.create_role("/security/");
        },
        PERMISSIONS,
        "permission-missing",
    ),
    fault(
        "the role is made anew by hand, at another path",
        |hand| {
            hand.delete_role();
            hand.recreate_role("/");
        },
        ENTERED,
        DIFFERS,
    ),
    // What is beyond the role.
    fault(
        "a service control policy denies what the role is for",
        |hand| {
            let document = json!({
                "Version": "2012-10-17",
                "Statement": { "Effect": "Deny", "Action": "ec2:Describe*", "Resource": "*" },
            });
            hand.simulation.attach_policy("no-ec2", &document, hand.account);
        },
        PERMISSIONS,
        "scp-denies",
    ),
    fault("the access role is gone", |hand| hand.delete_access_role(), EQUALS, "role-unreadable"),
    fault(
        "the account is suspended",
        |hand| _ = hand.simulation.organizations("CloseAccount", &json!({ "AccountId": hand.account })),
        ENTERED,
        "account-suspended",
    ),
    fault(
        "the account has left the organization, and has thrown our roles out",
        |hand| {
            hand.delete_role();
            hand.delete_access_role();
            let account = json!({ "AccountId": hand.account });
            hand.simulation.organizations("RemoveAccountFromOrganization", &account);
        },
        ENTERED,
        "account-left",
    ),
];
