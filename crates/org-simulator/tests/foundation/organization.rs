//! Building an organization through the API.

use org_simulator::{Options, Simulator};
use serde_json::{Value, json};

use crate::client::{Client, MANAGEMENT, admin, trusting};

const STACKSETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

#[test]
fn an_empty_world_is_an_account_outside_any_organization() {
    let mut client = Client::new(Simulator::new(&Options::default()));
    let (status, error) = client.organizations(&admin(MANAGEMENT), "DescribeOrganization", json!({}));
    assert_eq!(status, 400);
    assert_eq!(error["__type"], "AWSOrganizationsNotInUseException");
    assert_eq!(error["Message"], "Your account is not a member of an organization.");
    let organization =
        client.manage("CreateOrganization", json!({"FeatureSet": "ALL"}))["Organization"].clone();
    assert_eq!(organization["MasterAccountId"], MANAGEMENT);
    assert_eq!(client.manage("DescribeOrganization", json!({}))["Organization"], organization);
    assert_eq!(client.refused("CreateOrganization", json!({})), "AlreadyInOrganizationException");
}

#[test]
fn an_account_is_created_after_a_while_with_the_role_that_leads_into_it() {
    let (mut client, _) = Client::with_member();
    let create = json!({"AccountName": "shop", "Email": "shop@example.com", "RoleName": "Entry"});
    let status = client.manage("CreateAccount", create.clone())["CreateAccountStatus"].clone();
    assert_eq!(status["State"], "IN_PROGRESS");
    assert!(status.get("AccountId").is_none());
    client.pass(120);
    let request = json!({"CreateAccountRequestId": status["Id"]});
    let done = client.manage("DescribeCreateAccountStatus", request)["CreateAccountStatus"].clone();
    assert_eq!(done["State"], "SUCCEEDED");
    let account = done["AccountId"].as_str().unwrap();
    let session =
        client.assume(&admin(MANAGEMENT), &format!("arn:aws:iam::{account}:role/Entry"), &[]).unwrap();
    assert_eq!(client.query(&session, "sts", "GetCallerIdentity", &[]).text("Account"), account);

    let again = client.manage("CreateAccount", create)["CreateAccountStatus"]["Id"].clone();
    client.pass(120);
    let failed = client.manage("DescribeCreateAccountStatus", json!({"CreateAccountRequestId": again}));
    assert_eq!(failed["CreateAccountStatus"]["FailureReason"], "EMAIL_ALREADY_EXISTS");
}

#[test]
fn units_have_unique_names_below_a_parent_and_nest_five_deep() {
    let (mut client, _) = Client::with_member();
    let mut parent = client.root();
    for level in 1..=5 {
        let create = json!({"ParentId": parent, "Name": "Same"});
        let unit = client.manage("CreateOrganizationalUnit", create.clone())["OrganizationalUnit"].clone();
        assert_eq!(
            client.refused("CreateOrganizationalUnit", create),
            "DuplicateOrganizationalUnitException"
        );
        parent = unit["Id"].as_str().unwrap().to_owned();
        assert_eq!(unit["Path"].as_str().unwrap().split('/').count(), level + 3);
    }
    let sixth = client.refused("CreateOrganizationalUnit", json!({"ParentId": parent, "Name": "Sixth"}));
    assert_eq!(sixth, "ConstraintViolationException/OU_DEPTH_LIMIT_EXCEEDED");
    let missing =
        client.refused("CreateOrganizationalUnit", json!({"ParentId": "ou-abcd-12345678", "Name": "x"}));
    assert_eq!(missing, "ParentNotFoundException");
    let malformed = client.refused("CreateOrganizationalUnit", json!({"ParentId": "nowhere", "Name": "x"}));
    assert_eq!(malformed, "InvalidInputException/INVALID_PATTERN");
    client.manage("DeleteOrganizationalUnit", json!({"OrganizationalUnitId": parent}));
    assert_eq!(
        client.refused("DescribeOrganizationalUnit", json!({"OrganizationalUnitId": parent})),
        "OrganizationalUnitNotFoundException"
    );
}

#[test]
fn an_account_moves_from_where_it_is_to_where_it_is_not() {
    let (mut client, member) = Client::with_member();
    let root = client.root();
    let unit = client.manage("CreateOrganizationalUnit", json!({"ParentId": root, "Name": "A"}));
    let unit = unit["OrganizationalUnit"]["Id"].clone();
    let mut moved = |from: &Value, to: &Value| {
        let input = json!({"AccountId": member, "SourceParentId": from, "DestinationParentId": to});
        let (_, body) = client.organizations(&admin(MANAGEMENT), "MoveAccount", input);
        body["__type"].as_str().unwrap_or("moved").to_owned()
    };
    let root = json!(root);
    assert_eq!(moved(&unit, &root), "SourceParentNotFoundException");
    assert_eq!(moved(&root, &json!("ou-abcd-12345678")), "DestinationParentNotFoundException");
    assert_eq!(moved(&root, &root), "DuplicateAccountException");
    assert_eq!(moved(&root, &unit), "moved");
    let parents = client.manage("ListParents", json!({"ChildId": member}))["Parents"].clone();
    assert_eq!(parents, json!([{"Id": unit, "Type": "ORGANIZATIONAL_UNIT"}]));
    let not_empty = client.refused("DeleteOrganizationalUnit", json!({"OrganizationalUnitId": unit}));
    assert_eq!(not_empty, "OrganizationalUnitNotEmptyException");
}

#[test]
fn lists_come_in_pages_of_at_most_twenty() {
    let mut client = Client::new(Simulator::from_shape("accounts=45,ous=30".parse().unwrap()));
    let mut sizes = Vec::new();
    let mut seen = Vec::new();
    let mut input = json!({});
    loop {
        let page = client.manage("ListAccounts", input.clone());
        let accounts = page["Accounts"].as_array().unwrap();
        sizes.push(accounts.len());
        seen.extend(accounts.iter().map(|account| account["Id"].as_str().unwrap().to_owned()));
        match page.get("NextToken") {
            Some(token) => input = json!({"NextToken": token}),
            None => break,
        }
    }
    assert_eq!(sizes, [20, 20, 5]);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 45);
    let elsewhere = client.refused("ListRoots", input);
    assert_eq!(elsewhere, "InvalidInputException/INVALID_NEXT_TOKEN");
    let too_many = client.refused("ListAccounts", json!({"MaxResults": 21}));
    assert_eq!(too_many, "InvalidInputException/MAX_VALUE_EXCEEDED");
}

#[test]
fn a_member_may_describe_the_organization_and_list_it_only_as_delegated_administrator() {
    let (mut client, member) = Client::with_member();
    let key = admin(&member);
    assert_eq!(client.organizations(&key, "DescribeOrganization", json!({})).0, 200);
    let (status, error) = client.organizations(&key, "ListAccounts", json!({}));
    assert_eq!((status, error["__type"].as_str().unwrap()), (400, "AccessDeniedException"));
    assert_eq!(error["Message"], "You don't have permissions to access this resource.");

    let register = json!({"AccountId": member, "ServicePrincipal": STACKSETS});
    let too_early = client.refused("RegisterDelegatedAdministrator", register.clone());
    assert_eq!(too_early, "ConstraintViolationException/SERVICE_ACCESS_NOT_ENABLED");
    let short = json!({"ServicePrincipal": "stacksets.cloudformation.amazonaws.com"});
    assert_eq!(
        client.refused("EnableAWSServiceAccess", short),
        "InvalidInputException/UNRECOGNIZED_SERVICE_PRINCIPAL"
    );
    client.manage("EnableAWSServiceAccess", json!({"ServicePrincipal": STACKSETS}));
    client.manage("RegisterDelegatedAdministrator", register.clone());
    assert_eq!(
        client.refused("RegisterDelegatedAdministrator", register),
        "AccountAlreadyRegisteredException"
    );
    assert_eq!(client.organizations(&key, "ListAccounts", json!({})).0, 200);
    let create = json!({"ParentId": client.root(), "Name": "Mine"});
    let (_, error) = client.organizations(&key, "CreateOrganizationalUnit", create);
    assert_eq!(error["__type"], "AccessDeniedException", "a delegated administrator reads");
}

#[test]
fn a_closed_account_is_pending_then_suspended_and_nobody_gets_in() {
    let (mut client, member) = Client::with_member();
    let role = format!("arn:aws:iam::{member}:role/OrganizationAccountAccessRole");
    client.manage("CloseAccount", json!({"AccountId": member}));
    let state = |client: &mut Client| {
        client.manage("DescribeAccount", json!({"AccountId": member}))["Account"]["State"].clone()
    };
    assert_eq!(state(&mut client), "PENDING_CLOSURE");
    client.pass(3600);
    assert_eq!(state(&mut client), "SUSPENDED");
    assert_eq!(client.assume(&admin(MANAGEMENT), &role, &[]).unwrap_err().code(), "AccessDenied");
    assert_eq!(client.query(&admin(&member), "sts", "GetCallerIdentity", &[]).code(), "InvalidClientTokenId");
    assert_eq!(client.refused("CloseAccount", json!({"AccountId": member})), "AccountAlreadyClosedException");
    let management = client.refused("CloseAccount", json!({"AccountId": MANAGEMENT}));
    assert_eq!(management, "ConstraintViolationException/CANNOT_CLOSE_MANAGEMENT_ACCOUNT");
}

#[test]
fn a_removed_account_is_outside_the_organization() {
    let (mut client, member) = Client::with_member();
    client.manage("RemoveAccountFromOrganization", json!({"AccountId": member}));
    let (_, error) = client.organizations(&admin(&member), "DescribeOrganization", json!({}));
    assert_eq!(error["__type"], "AWSOrganizationsNotInUseException");
    assert_eq!(client.refused("DescribeAccount", json!({"AccountId": member})), "AccountNotFoundException");
    assert_eq!(
        client.refused("RemoveAccountFromOrganization", json!({"AccountId": MANAGEMENT})),
        "MasterCannotLeaveOrganizationException"
    );
}

#[test]
fn an_account_that_leaves_is_outside_and_its_principals_are_of_no_organization() {
    let (mut client, member) = Client::with_member();
    let (status, error) = client.organizations(&admin(MANAGEMENT), "LeaveOrganization", json!({}));
    assert_eq!((status, &error["__type"]), (400, &json!("MasterCannotLeaveOrganizationException")));
    let mut trust = trusting("*");
    let organization = client.manage("DescribeOrganization", json!({}))["Organization"]["Id"].clone();
    trust["Statement"][0]["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": organization}});
    client.role(&admin(MANAGEMENT), "Inside", &trust);
    let inside = format!("arn:aws:iam::{MANAGEMENT}:role/Inside");
    assert!(client.assume(&admin(&member), &inside, &[]).is_ok());
    let access = format!("arn:aws:iam::{member}:role/OrganizationAccountAccessRole");
    assert_eq!(client.organizations(&admin(&member), "LeaveOrganization", json!({})).0, 200);
    assert_eq!(client.refused("DescribeAccount", json!({"AccountId": member})), "AccountNotFoundException");
    assert_eq!(client.assume(&admin(&member), &inside, &[]).unwrap_err().code(), "AccessDenied");
    assert!(client.assume(&admin(MANAGEMENT), &access, &[]).is_ok(), "its role trusts as before");
    let (_, error) = client.organizations(&admin(&member), "LeaveOrganization", json!({}));
    assert_eq!(error["__type"], "AWSOrganizationsNotInUseException");
}

#[test]
fn tags_are_added_replaced_and_removed() {
    let (mut client, member) = Client::with_member();
    let tags = |pairs: &[(&str, &str)]| -> Value {
        pairs.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
    };
    client.manage(
        "TagResource",
        json!({"ResourceId": member, "Tags": tags(&[("env", "dev"), ("owner", "ann")])}),
    );
    client.manage("TagResource", json!({"ResourceId": member, "Tags": tags(&[("env", "prod")])}));
    client.manage("UntagResource", json!({"ResourceId": member, "TagKeys": ["owner"]}));
    let listed = client.manage("ListTagsForResource", json!({"ResourceId": member}));
    assert_eq!(listed["Tags"], tags(&[("env", "prod")]));
    let missing = json!({"ResourceId": "999999999999"});
    assert_eq!(client.refused("ListTagsForResource", missing), "TargetNotFoundException");
}

#[test]
fn an_unknown_operation_is_answered_as_aws_does() {
    let (mut client, _) = Client::with_member();
    assert_eq!(client.refused("ListHandshakesForOrganization", json!({})), "UnknownOperationException");
    let answer = client.iam(&admin(MANAGEMENT), "ListGroups", &[]);
    assert_eq!((answer.status, answer.code()), (400, "InvalidAction"));
    assert_eq!(answer.text("Message"), "Could not find operation ListGroups for version 2010-05-08");
}

#[test]
fn the_accounts_of_a_made_up_organization_have_tags_and_joined_over_years() {
    let mut client = Client::new(Simulator::from_shape("accounts=15,ous=4".parse().unwrap()));
    let tags = |client: &mut Client, account: &str| {
        client.manage("ListTagsForResource", json!({"ResourceId": account}))["Tags"].clone()
    };
    let expected = |environment: &str, team: &str| json!([{"Key": "env", "Value": environment}, {"Key": "team", "Value": team}]);
    assert_eq!(tags(&mut client, MANAGEMENT), expected("prod", "team-00"));
    assert_eq!(tags(&mut client, "200000000001"), expected("staging", "team-01"));
    assert_eq!(tags(&mut client, "200000000014"), expected("dev", "team-14"));
    let accounts = client.manage("ListAccounts", json!({}));
    let joined: Vec<f64> = accounts["Accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["JoinedTimestamp"].as_f64().unwrap())
        .collect();
    let year = 365.0 * 24.0 * 3600.0;
    assert!(joined.is_sorted() && joined[14] - joined[0] > 6.0 * year, "{joined:?}");
}
