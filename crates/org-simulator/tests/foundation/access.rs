//! Who gets in, and what they may do there.

use serde_json::{Value, json};

use crate::client::{Client, Key, MANAGEMENT, admin, trusting};

/// An account that belongs to somebody else.
const VENDOR: &str = "111122223333";

fn access_role(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole")
}

/// A user of the management account with one inline policy, and its key.
fn user(client: &mut Client, name: &str, policy: &Value) -> Key {
    let key = admin(MANAGEMENT);
    client.do_iam(&key, "CreateUser", &[("UserName", name)]);
    let document = policy.to_string();
    let put = [("UserName", name), ("PolicyName", "p"), ("PolicyDocument", document.as_str())];
    client.do_iam(&key, "PutUserPolicy", &put);
    let created = client.do_iam(&key, "CreateAccessKey", &[("UserName", name)]);
    Key { id: created.text("AccessKeyId").to_owned(), token: None }
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}})
}

#[test]
fn an_external_id_is_asked_for_exactly() {
    let (mut client, member) = Client::with_member();
    let mut trust = trusting(VENDOR);
    trust["Statement"][0]["Condition"] = json!({"StringEquals": {"sts:ExternalId": "0b1c"}});
    assert_eq!(client.role(&admin(&member), "Cado", &trust).status, 200);
    let role = format!("arn:aws:iam::{member}:role/Cado");
    let mut enter = |key: &Key, more: &[(&str, &str)]| match client.assume(key, &role, more) {
        Ok(_) => "OK".to_owned(),
        Err(error) => format!("{} {}", error.status, error.code()),
    };
    assert_eq!(enter(&admin(VENDOR), &[("ExternalId", "0b1c")]), "OK");
    assert_eq!(enter(&admin(VENDOR), &[("ExternalId", "0B1C")]), "403 AccessDenied");
    assert_eq!(enter(&admin(VENDOR), &[]), "403 AccessDenied");
    assert_eq!(enter(&admin(MANAGEMENT), &[("ExternalId", "0b1c")]), "403 AccessDenied");
    assert_eq!(enter(&admin(VENDOR), &[("ExternalId", "0 1")]), "400 ValidationError");
    assert_eq!(enter(&admin(VENDOR), &[("ExternalId", "x")]), "400 ValidationError");
}

#[test]
fn a_role_that_is_missing_or_misspelt_is_refused_like_one_that_does_not_trust() {
    let (mut client, member) = Client::with_member();
    let right = access_role(&member);
    for role in [
        right.replace("Access", "access"),
        right.replace(":role/", ":role/path/"),
        format!("arn:aws:iam::{member}:role/Nobody"),
        "arn:aws:iam::999999999999:role/Nobody".to_owned(),
    ] {
        let error = client.assume(&admin(MANAGEMENT), &role, &[]).unwrap_err();
        assert_eq!((error.status, error.code()), (403, "AccessDenied"), "{role}");
        let message = format!(
            "User: arn:aws:iam::{MANAGEMENT}:user/admin is not authorized to perform: sts:AssumeRole on resource: {role}"
        );
        assert_eq!(error.text("Message"), message);
    }
    assert!(client.assume(&admin(MANAGEMENT), &right, &[]).is_ok());
}

#[test]
fn across_accounts_both_sides_must_agree() {
    let (mut client, member) = Client::with_member();
    let role = access_role(&member);
    let may_not = user(&mut client, "ann", &allow("iam:Get*", "*"));
    let may = user(&mut client, "bob", &allow("sts:AssumeRole", "arn:aws:iam::*:role/Organization*"));
    let error = client.assume(&may_not, &role, &[]).unwrap_err();
    assert!(
        error.text("Message").ends_with("because no identity-based policy allows the sts:AssumeRole action")
    );
    assert!(client.assume(&may, &role, &[]).is_ok());
}

#[test]
fn within_an_account_a_trust_that_names_the_caller_is_enough_and_one_that_names_the_account_is_not() {
    let (mut client, _) = Client::with_member();
    let ann = user(&mut client, "ann", &allow("iam:Get*", "*"));
    let denied = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"},
    ]});
    let eve = user(&mut client, "eve", &denied);
    let of = |name: &str| format!("arn:aws:iam::{MANAGEMENT}:{name}");
    for (name, principal) in [("ByAccount", of("root")), ("ByAnn", of("user/ann")), ("ByEve", of("user/eve"))]
    {
        assert_eq!(client.role(&admin(MANAGEMENT), name, &trusting(&principal)).status, 200);
    }
    let mut enters = |key: &Key, role: &str| client.assume(key, &of(&format!("role/{role}")), &[]).is_ok();
    assert!(!enters(&ann, "ByAccount"));
    assert!(enters(&ann, "ByAnn"));
    assert!(!enters(&ann, "ByEve"));
    assert!(!enters(&eve, "ByEve"), "an explicit deny wins over the trust policy");
    assert!(enters(&admin(MANAGEMENT), "ByAccount"));
}

#[test]
fn a_trust_in_a_deleted_role_is_broken_even_when_the_role_comes_back() {
    let (mut client, member) = Client::with_member();
    let hub = format!("arn:aws:iam::{MANAGEMENT}:role/Hub");
    let everyone_here = trusting(MANAGEMENT);
    let permit = allow("sts:AssumeRole", "*").to_string();
    let make_hub = |client: &mut Client| {
        assert_eq!(client.role(&admin(MANAGEMENT), "Hub", &everyone_here).status, 200);
        let put = [("RoleName", "Hub"), ("PolicyName", "p"), ("PolicyDocument", permit.as_str())];
        client.do_iam(&admin(MANAGEMENT), "PutRolePolicy", &put);
        client.assume(&admin(MANAGEMENT), &hub, &[]).unwrap()
    };
    let session = make_hub(&mut client);
    client.role(&admin(&member), "Spoke", &trusting(&hub));
    let spoke = format!("arn:aws:iam::{member}:role/Spoke");
    let shown = |client: &mut Client| {
        let role = client.do_iam(&admin(&member), "GetRole", &[("RoleName", "Spoke")]);
        role.text("AssumeRolePolicyDocument").to_owned()
    };
    assert!(shown(&mut client).contains("role%2FHub"));
    assert!(client.assume(&session, &spoke, &[]).is_ok());

    client.do_iam(&admin(MANAGEMENT), "DeleteRolePolicy", &[("RoleName", "Hub"), ("PolicyName", "p")]);
    client.do_iam(&admin(MANAGEMENT), "DeleteRole", &[("RoleName", "Hub")]);
    assert!(shown(&mut client).contains("%22AROA"));
    let session = make_hub(&mut client);
    assert!(shown(&mut client).contains("%22AROA"), "the new role is another principal");
    assert_eq!(client.assume(&session, &spoke, &[]).unwrap_err().code(), "AccessDenied");
}

#[test]
fn a_trust_in_a_deleted_user_shows_its_id_and_cannot_be_saved_again() {
    let (mut client, member) = Client::with_member();
    let ann = user(&mut client, "ann", &allow("sts:AssumeRole", "*"));
    let arn = format!("arn:aws:iam::{MANAGEMENT}:user/ann");
    assert_eq!(client.role(&admin(&member), "Spoke", &trusting(&arn)).status, 200);
    let spoke = format!("arn:aws:iam::{member}:role/Spoke");
    assert!(client.assume(&ann, &spoke, &[]).is_ok());
    let key = admin(MANAGEMENT);
    client.do_iam(&key, "DeleteUserPolicy", &[("UserName", "ann"), ("PolicyName", "p")]);
    client.do_iam(&key, "DeleteAccessKey", &[("UserName", "ann"), ("AccessKeyId", &ann.id)]);
    client.do_iam(&key, "DeleteUser", &[("UserName", "ann")]);
    let again = user(&mut client, "ann", &allow("sts:AssumeRole", "*"));
    assert_eq!(client.assume(&again, &spoke, &[]).unwrap_err().code(), "AccessDenied");

    let role = client.do_iam(&admin(&member), "GetRole", &[("RoleName", "Spoke")]);
    let shown = role.text("AssumeRolePolicyDocument").to_owned();
    let shown = percent_encoding::percent_decode_str(&shown).decode_utf8().unwrap().into_owned();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let id = shown["Statement"][0]["Principal"]["AWS"].as_str().unwrap();
    assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");
    let document = shown.to_string();
    let save = [("RoleName", "Spoke"), ("PolicyDocument", document.as_str())];
    let error = client.iam(&admin(&member), "UpdateAssumeRolePolicy", &save);
    assert_eq!((error.status, error.code()), (400, "MalformedPolicyDocument"));
    assert_eq!(
        error.text("Message"),
        format!("Invalid principal in policy: &quot;AWS&quot;:&quot;{id}&quot;")
    );
    // Naming the new user mends it.
    let document = trusting(&arn).to_string();
    let save = [("RoleName", "Spoke"), ("PolicyDocument", document.as_str())];
    client.do_iam(&admin(&member), "UpdateAssumeRolePolicy", &save);
    assert!(client.assume(&again, &spoke, &[]).is_ok());
}

#[test]
fn whatever_binds_the_caller_binds_its_entering_of_roles() {
    let (mut client, member) = Client::with_member();
    let target = client.member("target");
    let own = format!("arn:aws:iam::{member}:role/Own");
    client.role(&admin(&member), "Own", &trusting(&member));
    client.role(&admin(&target), "Spoke", &trusting("*"));
    let spoke = format!("arn:aws:iam::{target}:role/Spoke");
    let everything = allow("*", "*").to_string();
    let put = [("RoleName", "Own"), ("PolicyName", "p"), ("PolicyDocument", everything.as_str())];
    client.do_iam(&admin(&member), "PutRolePolicy", &put);
    let told = |client: &mut Client, key: &Key| match client.assume(key, &spoke, &[]) {
        Ok(_) => "OK".to_owned(),
        Err(error) => error.text("Message").rsplit_once("Spoke").unwrap().1.trim().to_owned(),
    };
    let free = client.assume(&admin(&member), &own, &[]).unwrap();
    assert_eq!(told(&mut client, &free), "OK");

    let reading = allow("iam:*", "*").to_string();
    let narrowed = client.assume(&admin(&member), &own, &[("Policy", &reading)]).unwrap();
    let silent = |kind: &str| format!("because no {kind} allows the sts:AssumeRole action");
    assert_eq!(told(&mut client, &narrowed), silent("session policy"));

    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let bound = [("RoleName", "Own"), ("PermissionsBoundary", boundary)];
    client.do_iam(&admin(&member), "PutRolePermissionsBoundary", &bound);
    assert_eq!(told(&mut client, &free), silent("permissions boundary"));
    client.do_iam(&admin(&member), "DeleteRolePermissionsBoundary", &[("RoleName", "Own")]);

    let content = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": spoke},
    ]});
    let create = json!({"Name": "stay", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content.to_string()});
    let policy = client.manage("CreatePolicy", create)["Policy"]["PolicySummary"]["Id"].clone();
    let root = client.root();
    client.manage("AttachPolicy", json!({"PolicyId": policy, "TargetId": root}));
    let denied = "with an explicit deny in a service control policy";
    assert_eq!(told(&mut client, &free), denied);
    assert_eq!(told(&mut client, &admin(&member)), denied);
    assert_eq!(told(&mut client, &admin(MANAGEMENT)), "OK", "they never bind the management account");
    assert_eq!(told(&mut client, &admin(VENDOR)), "OK", "nor whoever calls from elsewhere");
}

#[test]
fn the_length_of_a_session_is_limited_by_the_role_and_by_chaining() {
    let (mut client, member) = Client::with_member();
    let trust = trusting(MANAGEMENT).to_string();
    let long =
        [("RoleName", "Long"), ("AssumeRolePolicyDocument", trust.as_str()), ("MaxSessionDuration", "7200")];
    client.do_iam(&admin(&member), "CreateRole", &long);
    let role = format!("arn:aws:iam::{member}:role/Long");
    let enter = |client: &mut Client, key: &Key, seconds: &str| match client.assume(
        key,
        &role,
        &[("DurationSeconds", seconds)],
    ) {
        Ok(_) => "OK".to_owned(),
        Err(error) => error.text("Message").to_owned(),
    };
    assert_eq!(enter(&mut client, &admin(MANAGEMENT), "7200"), "OK");
    assert!(enter(&mut client, &admin(MANAGEMENT), "7201").contains("MaxSessionDuration"));
    assert!(enter(&mut client, &admin(MANAGEMENT), "899").contains("durationSeconds"));
    client.role(&admin(MANAGEMENT), "Hub", &trusting(MANAGEMENT));
    let permit = allow("sts:AssumeRole", "*").to_string();
    let put = [("RoleName", "Hub"), ("PolicyName", "p"), ("PolicyDocument", permit.as_str())];
    client.do_iam(&admin(MANAGEMENT), "PutRolePolicy", &put);
    let session =
        client.assume(&admin(MANAGEMENT), &format!("arn:aws:iam::{MANAGEMENT}:role/Hub"), &[]).unwrap();
    assert_eq!(enter(&mut client, &session, "3600"), "OK");
    assert!(enter(&mut client, &session, "3601").contains("role chaining"));
}

#[test]
fn session_policies_and_boundaries_only_subtract() {
    let (mut client, member) = Client::with_member();
    let read_only = allow("iam:Get*", "*").to_string();
    let session =
        client.assume(&admin(MANAGEMENT), &access_role(&member), &[("Policy", &read_only)]).unwrap();
    assert_eq!(client.iam(&session, "GetUser", &[("UserName", "admin")]).status, 200);
    let error = client.iam(&session, "CreateUser", &[("UserName", "eve")]);
    assert_eq!(error.code(), "AccessDenied");
    assert!(error.text("Message").ends_with("because no session policy allows the iam:CreateUser action"));

    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let bounded = [("RoleName", "OrganizationAccountAccessRole"), ("PermissionsBoundary", boundary)];
    client.do_iam(&admin(&member), "PutRolePermissionsBoundary", &bounded);
    let session = client.assume(&admin(MANAGEMENT), &access_role(&member), &[]).unwrap();
    let error = client.iam(&session, "CreateUser", &[("UserName", "eve")]);
    assert!(
        error.text("Message").ends_with("because no permissions boundary allows the iam:CreateUser action")
    );
}

#[test]
fn a_service_control_policy_binds_members_and_never_the_management_account() {
    let (mut client, member) = Client::with_member();
    let content = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*"},
    ]});
    let create = json!({"Name": "no-roles", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content.to_string()});
    let policy = client.manage("CreatePolicy", create)["Policy"]["PolicySummary"]["Id"].clone();
    let root = client.root();
    let attach = json!({"PolicyId": policy, "TargetId": root});
    client.manage("AttachPolicy", attach.clone());
    assert_eq!(client.refused("AttachPolicy", attach), "DuplicatePolicyAttachmentException");
    let error = client.role(&admin(&member), "New", &trusting(MANAGEMENT));
    assert_eq!((error.status, error.code()), (403, "AccessDenied"));
    let message = format!(
        "User: arn:aws:iam::{member}:user/admin is not authorized to perform: iam:CreateRole on resource: \
         arn:aws:iam::{member}:role/New with an explicit deny in a service control policy"
    );
    assert_eq!(error.text("Message"), message);
    assert_eq!(client.role(&admin(MANAGEMENT), "New", &trusting(MANAGEMENT)).status, 200);
}

#[test]
fn a_resource_control_policy_closes_roles_of_members_to_whomever_it_denies() {
    let (mut client, member) = Client::with_member();
    let root = client.root();
    let kind = "RESOURCE_CONTROL_POLICY";
    client.manage("EnablePolicyType", json!({"RootId": root, "PolicyType": kind}));
    let organization = client.manage("DescribeOrganization", json!({}))["Organization"]["Id"].clone();
    let content = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization}},
    }]});
    let create =
        json!({"Name": "ours-alone", "Description": "", "Type": kind, "Content": content.to_string()});
    let policy = client.manage("CreatePolicy", create)["Policy"]["PolicySummary"]["Id"].clone();
    for account in [&member, MANAGEMENT] {
        assert_eq!(client.role(&admin(account), "Open", &trusting("*")).status, 200);
    }
    let enter = |client: &mut Client, from: &str, to: &str| match client.assume(
        &admin(from),
        &format!("arn:aws:iam::{to}:role/Open"),
        &[],
    ) {
        Ok(_) => "OK".to_owned(),
        Err(error) => error.text("Message").rsplit_once("Open").unwrap().1.to_owned(),
    };
    assert_eq!(enter(&mut client, VENDOR, &member), "OK");
    client.manage("AttachPolicy", json!({"PolicyId": policy, "TargetId": root}));
    assert_eq!(enter(&mut client, VENDOR, &member), " with an explicit deny in a resource control policy");
    assert_eq!(enter(&mut client, MANAGEMENT, &member), "OK", "it is of the organization");
    assert_eq!(enter(&mut client, VENDOR, MANAGEMENT), "OK", "the management account is spared");
    client.manage("DetachPolicy", json!({"PolicyId": policy, "TargetId": root}));
    assert_eq!(enter(&mut client, VENDOR, &member), "OK");
}

#[test]
fn resource_control_policies_are_listed_apart_and_deny_everybody_named_actions() {
    let (mut client, member) = Client::with_member();
    let (root, kind) = (client.root(), "RESOURCE_CONTROL_POLICY");
    client.manage("EnablePolicyType", json!({"RootId": root, "PolicyType": kind}));
    let types = client.manage("ListRoots", json!({}))["Roots"][0]["PolicyTypes"].clone();
    let names: Vec<&str> =
        types.as_array().unwrap().iter().map(|one| one["Type"].as_str().unwrap()).collect();
    assert_eq!(names, ["SERVICE_CONTROL_POLICY", kind]);
    let create = |statement: &Value| {
        let content = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        json!({"Name": "p", "Description": "", "Type": kind, "Content": content})
    };
    let denying = json!({"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*"});
    for (member, other) in [
        ("Effect", json!("Allow")),
        ("Principal", json!({"AWS": MANAGEMENT})),
        ("Action", json!("*")),
        ("Resource", Value::Null),
    ] {
        let mut statement = denying.clone();
        statement[member] = other;
        statement.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let refused = client.refused("CreatePolicy", create(&statement));
        assert_eq!(refused, "MalformedPolicyDocumentException", "{member}");
    }
    let policy = client.manage("CreatePolicy", create(&denying))["Policy"]["PolicySummary"].clone();
    assert!(policy["Arn"].as_str().unwrap().contains("/resource_control_policy/p-"), "{policy}");
    client.manage("AttachPolicy", json!({"PolicyId": policy["Id"], "TargetId": member}));
    let ids = |client: &mut Client, filter: &str| {
        let listed = client.manage("ListPoliciesForTarget", json!({"TargetId": member, "Filter": filter}));
        let ids = listed["Policies"].as_array().unwrap().iter().map(|policy| policy["Id"].clone());
        ids.collect::<Vec<Value>>()
    };
    assert_eq!(ids(&mut client, "SERVICE_CONTROL_POLICY"), [json!("p-FullAWSAccess")]);
    assert_eq!(ids(&mut client, kind).len(), 2);
    let everything = json!({"PolicyId": "p-RCPFullAWSAccess", "TargetId": member});
    assert!(client.refused("DetachPolicy", everything).starts_with("ConstraintViolationException"));
}

#[test]
fn without_full_access_on_every_level_nothing_is_allowed() {
    let (mut client, member) = Client::with_member();
    let content = allow("sts:*", "*").to_string();
    let create =
        json!({"Name": "sts-only", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content});
    let policy = client.manage("CreatePolicy", create)["Policy"]["PolicySummary"]["Id"].clone();
    client.manage("AttachPolicy", json!({"PolicyId": policy, "TargetId": member}));
    client.manage("DetachPolicy", json!({"PolicyId": "p-FullAWSAccess", "TargetId": member}));
    let error = client.iam(&admin(&member), "ListRoles", &[]);
    assert!(
        error.text("Message").ends_with("because no service control policy allows the iam:ListRoles action")
    );
    assert_eq!(client.query(&admin(&member), "sts", "GetCallerIdentity", &[]).status, 200);
    let last = json!({"PolicyId": policy, "TargetId": member});
    assert_eq!(
        client.refused("DetachPolicy", last),
        "ConstraintViolationException/MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    );
}

#[test]
fn a_read_only_user_reads_and_does_not_write() {
    let (mut client, _) = Client::with_member();
    let key = admin(MANAGEMENT);
    client.do_iam(&key, "CreateUser", &[("UserName", "ro")]);
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    client.do_iam(&key, "AttachUserPolicy", &[("UserName", "ro"), ("PolicyArn", policy)]);
    let created = client.do_iam(&key, "CreateAccessKey", &[("UserName", "ro")]);
    let reader = Key { id: created.text("AccessKeyId").to_owned(), token: None };
    assert_eq!(client.organizations(&reader, "ListAccounts", json!({})).0, 200);
    let unit = json!({"ParentId": client.root(), "Name": "New"});
    let (status, error) = client.organizations(&reader, "CreateOrganizationalUnit", unit);
    assert_eq!((status, error["__type"].as_str().unwrap()), (400, "AccessDeniedException"));
    assert!(error["Message"].as_str().unwrap().contains("organizations:CreateOrganizationalUnit"));
    assert_eq!(client.role(&reader, "New", &trusting(MANAGEMENT)).code(), "AccessDenied");
}

#[test]
fn credentials_that_are_not_valid_are_refused_in_the_protocol_of_the_service() {
    let (mut client, member) = Client::with_member();
    let session = client.assume(&admin(MANAGEMENT), &access_role(&member), &[]).unwrap();
    let who = |client: &mut Client, key: &Key| {
        let query = client.query(key, "sts", "GetCallerIdentity", &[]);
        let (status, json) = client.organizations(key, "DescribeOrganization", json!({}));
        let kind = json["__type"].as_str().unwrap_or("OK");
        format!("{} {} / {status} {kind}", query.status, query.code())
    };
    assert_eq!(who(&mut client, &session), "200 OK / 200 OK");
    let invalid = "403 InvalidClientTokenId / 400 UnrecognizedClientException";
    assert_eq!(who(&mut client, &admin("999999999999")), invalid);
    assert_eq!(who(&mut client, &Key { token: Some("another".to_owned()), ..session.clone() }), invalid);
    assert_eq!(who(&mut client, &Key { token: None, ..session.clone() }), invalid);
    client.pass(3601);
    assert_eq!(who(&mut client, &session), "403 ExpiredToken / 400 ExpiredTokenException");
}

#[test]
fn an_unsigned_request_is_refused() {
    let (mut client, _) = Client::with_member();
    let request = org_simulator::WireRequest::new(b"Action=GetCallerIdentity&Version=2011-06-15".to_vec());
    let reply = client.simulator.handle(&request, "2026-01-01T00:00:00Z".parse().unwrap());
    let response = reply.into_answer().unwrap();
    assert_eq!(response.status(), 403);
    let body = String::from_utf8(response.into_body()).unwrap();
    assert!(body.contains("<Code>MissingAuthenticationToken</Code>"), "{body}");
}
