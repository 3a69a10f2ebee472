//! Roles and their policies through the IAM API.

use serde_json::json;

use crate::client::{Client, MANAGEMENT, admin, trusting};

#[test]
fn a_role_shows_what_it_was_created_with() {
    let (mut client, member) = Client::with_member();
    let trust = trusting(MANAGEMENT).to_string();
    let created = [
        ("RoleName", "Cado"),
        ("Path", "/security/"),
        ("Description", "Für die Forensik"),
        ("MaxSessionDuration", "7200"),
        ("AssumeRolePolicyDocument", trust.as_str()),
        ("Tags.member.1.Key", "owner"),
        ("Tags.member.1.Value", "security"),
    ];
    client.do_iam(&admin(&member), "CreateRole", &created);
    let role = client.do_iam(&admin(&member), "GetRole", &[("RoleName", "Cado")]);
    assert_eq!(role.text("Arn"), format!("arn:aws:iam::{member}:role/security/Cado"));
    assert_eq!(role.text("Description"), "Für die Forensik");
    assert_eq!(role.text("MaxSessionDuration"), "7200");
    assert_eq!((role.text("Key"), role.text("Value")), ("owner", "security"));
    assert!(role.text("RoleId").starts_with("AROA"));
    let document =
        percent_encoding::percent_decode_str(role.text("AssumeRolePolicyDocument")).decode_utf8().unwrap();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document, trusting(&format!("arn:aws:iam::{MANAGEMENT}:root")));
    let listed = client.do_iam(&admin(&member), "ListRoles", &[("PathPrefix", "/security/")]);
    assert!(!listed.body.contains("<Tags>") && listed.body.contains("Cado"));
}

#[test]
fn a_role_is_deleted_only_when_its_policies_are_gone() {
    let (mut client, member) = Client::with_member();
    let key = admin(&member);
    client.role(&key, "Cado", &trusting(MANAGEMENT));
    let audit = "arn:aws:iam::aws:policy/SecurityAudit";
    let inline = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
    client.do_iam(&key, "AttachRolePolicy", &[("RoleName", "Cado"), ("PolicyArn", audit)]);
    client.do_iam(
        &key,
        "PutRolePolicy",
        &[("RoleName", "Cado"), ("PolicyName", "i"), ("PolicyDocument", inline)],
    );
    let delete = |client: &mut Client| client.iam(&key, "DeleteRole", &[("RoleName", "Cado")]);
    let conflict = delete(&mut client);
    assert_eq!((conflict.status, conflict.code()), (409, "DeleteConflict"));
    assert_eq!(conflict.text("Message"), "Cannot delete entity, must detach all policies first.");
    client.do_iam(&key, "DetachRolePolicy", &[("RoleName", "Cado"), ("PolicyArn", audit)]);
    assert_eq!(delete(&mut client).text("Message"), "Cannot delete entity, must delete policies first.");
    client.do_iam(&key, "DeleteRolePolicy", &[("RoleName", "Cado"), ("PolicyName", "i")]);
    assert_eq!(delete(&mut client).status, 200);
    let missing = client.iam(&key, "GetRole", &[("RoleName", "Cado")]);
    assert_eq!((missing.status, missing.code()), (404, "NoSuchEntity"));
    assert_eq!(missing.text("Message"), "The role with name Cado cannot be found.");
}

#[test]
fn what_iam_does_not_take_is_refused_with_its_codes() {
    let (mut client, member) = Client::with_member();
    let key = admin(&member);
    client.role(&key, "Cado", &trusting(MANAGEMENT));
    let trust = trusting(MANAGEMENT).to_string();
    let nowhere = trusting("arn:aws:iam::999999999999:root").to_string();
    let mut create = |name: &str, document: &str, more: (&str, &str)| {
        let parameters = [("RoleName", name), ("AssumeRolePolicyDocument", document), more];
        let answer = client.iam(&key, "CreateRole", &parameters);
        (answer.status, answer.code().to_owned())
    };
    let none = ("Path", "/");
    let code = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(create("CADO", &trust, none), code(409, "EntityAlreadyExists"));
    assert_eq!(create("a b", &trust, none), code(400, "ValidationError"));
    assert_eq!(create("New", "{", none), code(400, "MalformedPolicyDocument"));
    assert_eq!(create("New", &nowhere, none), code(400, "MalformedPolicyDocument"));
    assert_eq!(create("New", &trust, ("Description", "read–only")), code(400, "ValidationError"));
    assert_eq!(create("New", &trust, ("MaxSessionDuration", "43201")), code(400, "ValidationError"));
    let huge = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": MANAGEMENT}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "x".repeat(2048)}},
    }]});
    assert_eq!(create("New", &huge.to_string(), none), code(409, "LimitExceeded"));
    assert_eq!(create("New", &trust, none), code(200, "OK"));
}

#[test]
fn a_managed_policy_must_exist_and_ten_are_enough() {
    let (mut client, member) = Client::with_member();
    let key = admin(&member);
    client.role(&key, "Cado", &trusting(MANAGEMENT));
    let mut attach = |arn: &str| {
        let answer = client.iam(&key, "AttachRolePolicy", &[("RoleName", "Cado"), ("PolicyArn", arn)]);
        if answer.status == 200 { "OK".to_owned() } else { answer.text("Message").to_owned() }
    };
    let missing = "arn:aws:iam::aws:policy/ViewOnlyAccess";
    assert_eq!(attach(missing), format!("Policy {missing} does not exist or is not attachable."));
    assert_eq!(attach("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"), "OK");
    for number in 1..=10 {
        let name = format!("P{number}");
        let document =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
        client.do_iam(&key, "CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", document)]);
        let arn = format!("arn:aws:iam::{member}:policy/{name}");
        let answer = client.iam(&key, "AttachRolePolicy", &[("RoleName", "Cado"), ("PolicyArn", &arn)]);
        assert_eq!(answer.status, if number < 10 { 200 } else { 409 }, "{answer:?}");
    }
}

/// A policy document that allows one action.
fn allowing(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})
        .to_string()
}

#[test]
fn a_managed_policy_has_five_versions_at_most_and_one_in_force() {
    let (mut client, member) = Client::with_member();
    let key = admin(&member);
    let arn = format!("arn:aws:iam::{member}:policy/P");
    let first = allowing("ec2:*");
    client.do_iam(&key, "CreatePolicy", &[("PolicyName", "P"), ("PolicyDocument", &first)]);
    let add = |client: &mut Client, action: &str, more: &[(&str, &str)]| {
        let document = allowing(action);
        let mut parameters = vec![("PolicyArn", arn.as_str()), ("PolicyDocument", document.as_str())];
        parameters.extend(more);
        client.iam(&key, "CreatePolicyVersion", &parameters)
    };
    let with_version = |client: &mut Client, operation: &str, version: &str| {
        let answer = client.iam(&key, operation, &[("PolicyArn", &arn), ("VersionId", version)]);
        (answer.status, answer.code().to_owned())
    };
    let in_force = |client: &mut Client| {
        client.do_iam(&key, "GetPolicy", &[("PolicyArn", &arn)]).text("DefaultVersionId").to_owned()
    };
    let code = |status: u16, code: &str| (status, code.to_owned());

    assert_eq!(add(&mut client, "s3:*", &[]).text("IsDefaultVersion"), "false");
    assert_eq!(in_force(&mut client), "v1");
    assert_eq!(add(&mut client, "sqs:*", &[("SetAsDefault", "true")]).text("VersionId"), "v3");
    assert_eq!(in_force(&mut client), "v3");
    assert_eq!(add(&mut client, "sns:*", &[]).status, 200);
    assert_eq!(add(&mut client, "kms:*", &[]).status, 200);
    let sixth = add(&mut client, "ssm:*", &[]);
    assert_eq!((sixth.status, sixth.code()), (409, "LimitExceeded"));
    let listed = client.do_iam(&key, "ListPolicyVersions", &[("PolicyArn", &arn)]);
    assert_eq!(listed.body.matches("<VersionId>").count(), 5);

    assert_eq!(with_version(&mut client, "DeletePolicyVersion", "v3"), code(409, "DeleteConflict"));
    assert_eq!(with_version(&mut client, "SetDefaultPolicyVersion", "v9"), code(404, "NoSuchEntity"));
    assert_eq!(with_version(&mut client, "SetDefaultPolicyVersion", "newest"), code(400, "ValidationError"));
    assert_eq!(with_version(&mut client, "SetDefaultPolicyVersion", "v1"), code(200, "OK"));
    assert_eq!(in_force(&mut client), "v1");
    let several = client.iam(&key, "DeletePolicy", &[("PolicyArn", &arn)]);
    assert_eq!((several.status, several.code()), (409, "DeleteConflict"));
    for version in ["v2", "v3", "v4", "v5"] {
        assert_eq!(with_version(&mut client, "DeletePolicyVersion", version), code(200, "OK"));
    }
    assert_eq!(with_version(&mut client, "GetPolicyVersion", "v5"), code(404, "NoSuchEntity"));
    assert_eq!(add(&mut client, "ssm:*", &[]).text("VersionId"), "v6", "numbers are not given twice");
}

#[test]
fn only_the_version_in_force_permits() {
    let (mut client, member) = Client::with_member();
    let key = admin(&member);
    let arn = format!("arn:aws:iam::{member}:policy/P");
    let listing = allowing("iam:ListRoles");
    client.do_iam(&key, "CreatePolicy", &[("PolicyName", "P"), ("PolicyDocument", &listing)]);
    client.role(&key, "Cado", &trusting(&member));
    client.do_iam(&key, "AttachRolePolicy", &[("RoleName", "Cado"), ("PolicyArn", &arn)]);
    let session = client.assume(&key, &format!("arn:aws:iam::{member}:role/Cado"), &[]).unwrap();
    assert_eq!(client.iam(&session, "ListRoles", &[]).status, 200);
    let other = allowing("iam:ListUsers");
    let version = [("PolicyArn", arn.as_str()), ("PolicyDocument", other.as_str()), ("SetAsDefault", "true")];
    client.do_iam(&key, "CreatePolicyVersion", &version);
    assert_eq!(client.iam(&session, "ListRoles", &[]).status, 403);
    assert_eq!(client.iam(&session, "ListUsers", &[]).status, 200);
}

#[test]
fn the_pages_of_iam_have_markers() {
    let (mut client, member) = Client::with_member();
    let key = admin(&member);
    for name in ["A", "B", "C"] {
        client.role(&key, name, &trusting(MANAGEMENT));
    }
    let first = client.do_iam(&key, "ListRoles", &[("MaxItems", "3")]);
    assert_eq!(first.text("IsTruncated"), "true");
    let marker = first.text("Marker").to_owned();
    let second = client.do_iam(&key, "ListRoles", &[("Marker", &marker)]);
    assert_eq!(second.text("IsTruncated"), "false");
    assert_eq!(second.body.matches("<RoleName>").count(), 1);
    assert_eq!(client.iam(&key, "ListRoles", &[("Marker", "made-up")]).code(), "ValidationError");
}

#[test]
fn a_service_linked_role_is_not_changed_by_people() {
    let (mut client, member) = Client::with_member();
    let key = admin(&member);
    let service = "stacksets.cloudformation.amazonaws.com";
    let created = client.do_iam(&key, "CreateServiceLinkedRole", &[("AWSServiceName", service)]);
    let name = created.text("RoleName").to_owned();
    let refused = client.iam(&key, "DeleteRole", &[("RoleName", &name)]);
    assert_eq!((refused.status, refused.code()), (400, "UnmodifiableEntity"));
}

#[test]
fn a_session_ends_with_its_role_even_when_the_role_comes_back() {
    let (mut client, member) = Client::with_member();
    let key = admin(&member);
    client.role(&key, "Cado", &trusting(&member));
    let session = client.assume(&key, &format!("arn:aws:iam::{member}:role/Cado"), &[]).unwrap();
    let identity = |client: &mut Client| {
        let answer = client.query(&session, "sts", "GetCallerIdentity", &[]);
        (answer.status, answer.code().to_owned())
    };
    assert_eq!(identity(&mut client), (200, "OK".to_owned()));
    client.do_iam(&key, "DeleteRole", &[("RoleName", "Cado")]);
    let invalid = (403, "InvalidClientTokenId".to_owned());
    assert_eq!(identity(&mut client), invalid);
    client.role(&key, "Cado", &trusting(&member));
    assert_eq!(identity(&mut client), invalid);
}
