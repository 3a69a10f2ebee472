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
