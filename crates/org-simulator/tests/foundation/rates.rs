//! Request rates, on a clock that the test steps.

use std::collections::BTreeMap;

use org_simulator::{Options, RequestRates, Shape, Simulator};
use serde_json::json;

use crate::client::{Client, MANAGEMENT, admin, trusting};

/// A small organization at the documented rates.
fn limited() -> Client {
    let shape = Shape { rates: RequestRates::Documented, ..Shape::new(3, 1) };
    Client::new(Simulator::from_shape(shape))
}

/// How many of forty calls in one instant are answered.
fn answered(client: &mut Client, account: &str, operation: &str, input: &serde_json::Value) -> usize {
    let statuses: Vec<u16> = (0..40)
        .map(|_| {
            let (status, body) = client.organizations(&admin(account), operation, input.clone());
            assert!(status == 200 || body["__type"] == "TooManyRequestsException", "{operation}: {body}");
            status
        })
        .collect();
    statuses.iter().filter(|status| **status == 200).count()
}

#[test]
fn a_burst_is_answered_and_the_next_call_waits_for_the_clock() {
    let mut client = limited();
    assert_eq!(answered(&mut client, MANAGEMENT, "ListAccounts", &json!({})), 12);
    let (status, body) = client.organizations(&admin(MANAGEMENT), "ListAccounts", json!({}));
    assert_eq!(status, 400);
    assert_eq!(body["__type"], "TooManyRequestsException");
    assert!(body["Message"].as_str().unwrap().starts_with("You have sent too many requests"), "{body}");
    assert!(body["Type"].is_string(), "{body}");
    client.pass(1);
    assert_eq!(answered(&mut client, MANAGEMENT, "ListAccounts", &json!({})), 8);
    client.pass(3600);
    assert_eq!(answered(&mut client, MANAGEMENT, "ListAccounts", &json!({})), 12);
}

#[test]
fn the_calls_about_parents_share_a_bucket_and_other_calls_have_their_own() {
    let mut client = limited();
    let child = json!({"ChildId": "200000000001"});
    let parent = json!({"ParentId": "r-shap"});
    assert_eq!(answered(&mut client, MANAGEMENT, "ListParents", &child), 8);
    assert_eq!(answered(&mut client, MANAGEMENT, "ListAccountsForParent", &parent), 0);
    assert_eq!(answered(&mut client, MANAGEMENT, "ListOrganizationalUnitsForParent", &parent), 0);
    assert_eq!(answered(&mut client, MANAGEMENT, "ListAccounts", &json!({})), 12);
}

#[test]
fn every_account_has_its_bucket_and_the_organization_one_for_all() {
    let mut client = limited();
    // Both columns of the table: a delegated administrator finds what the management account left.
    let register = json!({"AccountId": "200000000001", "ServicePrincipal": "ram.amazonaws.com"});
    client.manage("EnableAWSServiceAccess", json!({"ServicePrincipal": "ram.amazonaws.com"}));
    client.manage("RegisterDelegatedAdministrator", register);
    assert_eq!(answered(&mut client, MANAGEMENT, "ListAccounts", &json!({})), 12);
    assert_eq!(answered(&mut client, "200000000001", "ListAccounts", &json!({})), 3);
    // What the organization's bucket refused took nothing out of the account's own, which holds nine and gets
    // eight; the organization's got nine.
    client.pass(1);
    assert_eq!(answered(&mut client, "200000000001", "ListAccounts", &json!({})), 9);
    // Nothing is documented for the organization here: each account has its two.
    assert_eq!(answered(&mut client, MANAGEMENT, "DescribeOrganization", &json!({})), 2);
    assert_eq!(answered(&mut client, "200000000001", "DescribeOrganization", &json!({})), 2);
}

#[test]
fn a_refused_call_changes_nothing() {
    let mut client = limited();
    let there_and_back = |client: &mut Client, count: usize| {
        let places = ["ou-shap-00000000", "r-shap"];
        (0..count)
            .map(|turn| {
                let (from, to) = (places[turn % 2], places[(turn + 1) % 2]);
                let input =
                    json!({"AccountId": "200000000001", "SourceParentId": from, "DestinationParentId": to});
                client.organizations(&admin(MANAGEMENT), "MoveAccount", input).0
            })
            .collect::<Vec<u16>>()
    };
    assert_eq!(there_and_back(&mut client, 4), [200, 200, 200, 400]);
    let parents = client.manage("ListParents", json!({"ChildId": "200000000001"}));
    assert_eq!(parents["Parents"][0]["Id"], "r-shap");
}

#[test]
fn rates_are_asked_after_the_credentials_and_before_permissions() {
    let mut client = limited();
    // A member may not list accounts; its refusals use up its bucket all the same.
    let refusals: Vec<String> = (0..13)
        .map(|_| {
            let (_, body) = client.organizations(&admin("200000000002"), "ListAccounts", json!({}));
            body["__type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(refusals[..12].iter().all(|kind| kind == "AccessDeniedException"), "{refusals:?}");
    assert_eq!(refusals[12], "TooManyRequestsException");
    let (_, body) = client.organizations(&admin("999999999999"), "ListAccounts", json!({}));
    assert_eq!(body["__type"], "UnrecognizedClientException");
}

#[test]
fn sts_answers_six_hundred_calls_of_an_account_a_second() {
    let mut client = limited();
    for call in 0..600 {
        let answer = client.query(&admin(MANAGEMENT), "sts", "GetCallerIdentity", &[]);
        assert_eq!(answer.status, 200, "{call}");
    }
    let refused = client.query(&admin(MANAGEMENT), "sts", "GetCallerIdentity", &[]);
    assert_eq!(
        (refused.status, refused.code(), refused.text("Message")),
        (400, "Throttling", "Rate exceeded")
    );
    let role = "arn:aws:iam::200000000001:role/OrganizationAccountAccessRole";
    assert_eq!(client.assume(&admin(MANAGEMENT), role, &[]).unwrap_err().code(), "Throttling");
    assert_eq!(client.query(&admin("200000000001"), "sts", "GetCallerIdentity", &[]).status, 200);
    client.pass(1);
    assert!(client.assume(&admin(MANAGEMENT), role, &[]).is_ok());
}

#[test]
fn the_rate_of_sts_may_be_another_with_and_without_all_others() {
    for (shape, organizations) in [("accounts=2,sts=7/s", 40), ("accounts=2,sts=7/s,rates=documented", 12)] {
        let mut client = Client::new(Simulator::from_shape(shape.parse().unwrap()));
        let mut passed = |account: &str| {
            let call = |_| client.query(&admin(account), "sts", "GetCallerIdentity", &[]);
            (0..40).map(call).filter(|answer| answer.status == 200).count()
        };
        assert_eq!((passed(MANAGEMENT), passed("200000000001")), (7, 7), "{shape}");
        client.pass(1);
        let calls = (0..40).map(|_| client.query(&admin(MANAGEMENT), "sts", "GetCallerIdentity", &[]));
        let refused: Vec<_> = calls.filter(|answer| answer.status != 200).collect();
        assert_eq!(refused.len(), 33, "{shape}");
        assert_eq!((refused[0].status, refused[0].code()), (400, "Throttling"), "{shape}");
        assert_eq!(answered(&mut client, MANAGEMENT, "ListAccounts", &json!({})), organizations, "{shape}");
    }
}

#[test]
fn what_has_no_documented_rate_is_never_refused() {
    let mut client = limited();
    client.role(&admin(MANAGEMENT), "often-read", &trusting("arn:aws:iam::111111111111:root"));
    for call in 0..700 {
        let read = client.iam(&admin(MANAGEMENT), "GetRole", &[("RoleName", "often-read")]);
        assert_eq!(read.status, 200, "{call}: {read:?}");
    }
}

#[test]
fn throttled_calls_are_counted_beside_all_calls_until_the_counting_begins_anew() {
    let mut client = limited();
    answered(&mut client, MANAGEMENT, "ListRoots", &json!({}));
    client.query(&admin(MANAGEMENT), "sts", "GetCallerIdentity", &[]);
    let counted = |pairs: &[(&str, u64)]| {
        pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<BTreeMap<_, _>>()
    };
    let calls = counted(&[("organizations:ListRoots", 40), ("sts:GetCallerIdentity", 1)]);
    assert_eq!(*client.simulator.calls(), calls);
    assert_eq!(*client.simulator.throttled(), counted(&[("organizations:ListRoots", 38)]));
    client.simulator.reset_calls();
    assert!(client.simulator.calls().is_empty() && client.simulator.throttled().is_empty());
}

#[test]
fn rates_are_enforced_only_where_somebody_asked_for_it() {
    let file = |more: &str| {
        let text = format!("organization: {{ management_account: \"111111111111\" }}\n{more}");
        Simulator::from_yaml(&text).unwrap()
    };
    let mut switched_on = Simulator::from_shape(Shape::new(1, 0));
    switched_on.enforce_request_rates();
    switched_on.enforce_request_rates();
    let simulators = [
        (Simulator::from_shape("accounts=2,ous=1".parse().unwrap()), 40),
        (Simulator::from_shape("accounts=2,rates=documented".parse().unwrap()), 2),
        (file(""), 40),
        (file("request_rates: unlimited"), 40),
        (file("request_rates: documented"), 2),
        (switched_on, 2),
    ];
    for (row, (simulator, expected)) in simulators.into_iter().enumerate() {
        let mut client = Client::new(simulator);
        assert_eq!(answered(&mut client, MANAGEMENT, "ListRoots", &json!({})), expected, "row {row}");
    }
    // Outside an organization there is nobody to share with, and the account is counted all the same.
    let mut outside = Simulator::new(&Options::default());
    outside.enforce_request_rates();
    let mut client = Client::new(outside);
    let kinds: Vec<String> = (0..3)
        .map(|_| {
            let (_, body) = client.organizations(&admin(MANAGEMENT), "ListRoots", json!({}));
            body["__type"].as_str().unwrap().to_owned()
        })
        .collect();
    let not_in_use = "AWSOrganizationsNotInUseException";
    assert_eq!(kinds, [not_in_use, not_in_use, "TooManyRequestsException"]);
}
