//! Discovery through the SDK against a service whose answers are written down one by one: what AWS may answer
//! and seldom does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_organizations::config::retry::RetryConfig;
use futures::FutureExt;
use org_discovery::{DiscoveryError, Units, discover};
use rollout_model::{AccountState, DiscoveryEvent, Organization};
use serde_json::{Value, json};

use crate::client::{as_account, heard};
use crate::scripted::{INNER, OUTER, Service, account, refused, usual};

/// Discovers the organization of a service that answers as `unusual` says.
async fn discover_with(
    unusual: impl Fn(&str, &Value) -> Option<Value> + Send + Sync + 'static,
) -> (Result<Organization, DiscoveryError>, Vec<DiscoveryEvent>) {
    read_with(Units::All, unusual).await
}

/// As [`discover_with`], for as few units as will do.
async fn inhabited_with(
    unusual: impl Fn(&str, &Value) -> Option<Value> + Send + Sync + 'static,
) -> (Result<Organization, DiscoveryError>, Vec<DiscoveryEvent>) {
    read_with(Units::Inhabited, unusual).await
}

async fn read_with(
    units: Units,
    unusual: impl Fn(&str, &Value) -> Option<Value> + Send + Sync + 'static,
) -> (Result<Organization, DiscoveryError>, Vec<DiscoveryEvent>) {
    let client = as_account("999999999999", Service::new(unusual), RetryConfig::disabled());
    // `boxed` takes only futures that can move between threads, which a caller may want to do.
    heard(async |events| discover(&client, units, &events).boxed().await).await
}

#[track_caller]
fn check_accounts(organization: &Organization, expected: &[(&str, &str)]) {
    let placed: Vec<(&str, String)> = organization
        .accounts
        .values()
        .map(|account| (account.id.as_str(), organization.path(&account.parent).to_string()))
        .collect();
    let expected: Vec<(&str, String)> = expected.iter().map(|(id, path)| (*id, path.to_string())).collect();
    assert_eq!(placed, expected);
}

const EVERYTHING: [(&str, &str); 3] =
    [("000000000001", "Outer"), ("000000000002", "Outer/Inner"), ("999999999999", "Root")];

/// The message of the error and of all its causes.
fn causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[tokio::test]
async fn an_organization_is_read_and_its_reading_reported() {
    let (organization, events) = discover_with(|_, _| None).await;
    let organization = organization.unwrap();
    check_accounts(&organization, &EVERYTHING);
    assert_eq!(organization.problems, Vec::<String>::new());
    assert!(events.contains(&DiscoveryEvent::Accounts { read: 3 }));
    let units = events.iter().filter(|event| matches!(event, DiscoveryEvent::Units { .. }));
    let expected = [DiscoveryEvent::Units { read: 1 }, DiscoveryEvent::Units { read: 2 }];
    assert!(units.eq(&expected), "{events:?}");
    let finished = DiscoveryEvent::Finished { units: 2, accounts: 3, problems: 0 };
    assert_eq!(events.last(), Some(&finished));
}

#[tokio::test]
async fn empty_pages_are_turned_as_long_as_they_name_a_next_one() {
    for units in [Units::All, Units::Inhabited] {
        let (organization, _) = read_with(units, |operation, input| {
            let items = match operation {
                "ListRoots" => "Roots",
                "ListAccounts" => "Accounts",
                "ListOrganizationalUnitsForParent" => "OrganizationalUnits",
                _ => return None,
            };
            match input["NextToken"].as_str() {
                None => Some(json!({items: [], "NextToken": "second"})),
                Some("second") => Some(json!({"NextToken": "third"})),
                Some(_) => None,
            }
        })
        .await;
        let organization = organization.unwrap();
        check_accounts(&organization, &EVERYTHING);
        assert_eq!(organization.problems, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_list_of_accounts_that_repeats_its_token_is_an_error_and_no_short_list() {
    let (organization, _) = discover_with(|operation, _| {
        (operation == "ListAccounts").then(|| json!({"Accounts": [], "NextToken": "again"}))
    })
    .await;
    let error = organization.expect_err("the list has no end");
    assert!(matches!(error, DiscoveryError::RepeatedToken { .. }), "{error}");
}

#[tokio::test]
async fn units_that_cannot_be_listed_leave_a_partial_snapshot_that_says_so() {
    let (organization, events) = discover_with(|operation, input| {
        let inside = operation == "ListOrganizationalUnitsForParent" && input["ParentId"] == OUTER;
        inside.then(|| refused("ServiceException")).flatten()
    })
    .await;
    let organization = organization.unwrap();
    let expected =
        [("000000000001", "Outer"), ("000000000002", "Outer/ou-ab12-22222222"), ("999999999999", "Root")];
    check_accounts(&organization, &expected);
    let [unlisted, gap] = organization.problems.as_slice() else { panic!("{:?}", organization.problems) };
    assert!(unlisted.contains("ou-ab12-22222222 was not listed"), "{unlisted}");
    assert!(
        gap.starts_with("Outer: could not list the organizational units below ou-ab12-11111111: ")
            && gap.contains("ServiceException")
            && gap.contains("said the service"),
        "{gap}"
    );
    let finished = DiscoveryEvent::Finished { units: 2, accounts: 3, problems: 2 };
    assert_eq!(events.last(), Some(&finished));
}

#[tokio::test]
async fn accounts_without_paths_are_looked_for_below_the_root_and_every_unit() {
    let (organization, _) = discover_with(|operation, input| match (operation, input["ParentId"].as_str()) {
        ("ListAccounts", _) => Some(json!({"Accounts": [
            {"Id": "999999999999", "Name": "Management", "Status": "ACTIVE"},
            {"Id": "000000000001", "Name": "Shop", "Status": "SUSPENDED"},
            {"Id": "000000000002", "Name": "Bank", "Status": "ACTIVE", "State": "PENDING_ACTIVATION"},
        ]})),
        ("ListAccountsForParent", Some("r-ab12")) => Some(json!({"Accounts": [{"Id": "999999999999"}]})),
        ("ListAccountsForParent", Some(OUTER)) => Some(json!({"Accounts": [{"Id": "000000000001"}]})),
        ("ListAccountsForParent", Some(INNER)) => Some(json!({"Accounts": [{"Id": "000000000002"}]})),
        _ => None,
    })
    .await;
    let organization = organization.unwrap();
    check_accounts(&organization, &EVERYTHING);
    let states: Vec<&AccountState> = organization.accounts.values().map(|account| &account.state).collect();
    assert_eq!(states, [&AccountState::Suspended, &AccountState::PendingActivation, &AccountState::Active]);
    assert_eq!(organization.problems, Vec::<String>::new());
}

#[tokio::test]
async fn accounts_of_a_unit_that_cannot_be_listed_are_kept_below_the_root() {
    let (organization, _) = discover_with(|operation, input| match (operation, input["ParentId"].as_str()) {
        ("ListAccounts", _) => Some(json!({"Accounts": [{"Id": "999999999999"}, {"Id": "000000000001"}]})),
        ("ListAccountsForParent", Some("r-ab12")) => Some(json!({"Accounts": [{"Id": "999999999999"}]})),
        ("ListAccountsForParent", Some(OUTER)) => Some(json!("cut")),
        ("ListAccountsForParent", Some(_)) => Some(json!({})),
        _ => None,
    })
    .await;
    let organization = organization.unwrap();
    check_accounts(&organization, &[("000000000001", "Root"), ("999999999999", "Root")]);
    let [misplaced, gap] = organization.problems.as_slice() else { panic!("{:?}", organization.problems) };
    assert!(misplaced.ends_with("kept below the root: 000000000001"), "{misplaced}");
    assert!(gap.starts_with("Outer: could not list the accounts below ou-ab12-11111111: "), "{gap}");
    assert!(gap.contains("the connection was cut"), "{gap}");
}

#[tokio::test]
async fn a_failure_before_the_accounts_are_known_is_an_error_with_its_cause() {
    let (organization, _) = discover_with(|_, _| refused("AWSOrganizationsNotInUseException")).await;
    let error = organization.expect_err("there is no organization");
    assert!(matches!(error, DiscoveryError::NoOrganization { .. }), "{error}");
    assert!(causes(&error).contains("said the service"), "{}", causes(&error));

    let (organization, _) =
        discover_with(
            |operation, _| {
                if operation == "ListAccounts" { refused("AccessDeniedException") } else { None }
            },
        )
        .await;
    let error = organization.expect_err("access is denied");
    assert!(matches!(error, DiscoveryError::AccessDenied { .. }), "{error}");
    assert!(error.to_string().contains("organizations:ListAccounts"), "{error}");

    let (organization, _) = discover_with(|_, _| Some(json!("cut"))).await;
    let error = organization.expect_err("there is no answer");
    assert!(matches!(error, DiscoveryError::Call { .. }), "{error}");
    assert_eq!(error.to_string(), "could not describe the organization");
    assert!(causes(&error).contains("the connection was cut"), "{}", causes(&error));
}

#[tokio::test]
async fn an_organization_without_a_root_is_an_error() {
    let (organization, _) =
        discover_with(|operation, _| (operation == "ListRoots").then(|| json!({"Roots": []}))).await;
    assert!(matches!(organization, Err(DiscoveryError::NoRoot)));
}

#[tokio::test]
async fn units_that_are_listed_in_a_circle_are_each_read_once() {
    let discovered = discover_with(|operation, input| {
        let inside = operation == "ListOrganizationalUnitsForParent" && input["ParentId"] == INNER;
        inside.then(|| json!({"OrganizationalUnits": [{"Id": OUTER, "Name": "Outer"}]}))
    });
    let discovered = tokio::time::timeout(std::time::Duration::from_secs(5), discovered).await;
    let organization = discovered.expect("reading has an end").0.unwrap();
    check_accounts(&organization, &EVERYTHING);
    let [problem] = organization.problems.as_slice() else { panic!("{:?}", organization.problems) };
    assert!(problem.ends_with("kept below r-ab12"), "{problem}");
}

#[tokio::test]
async fn only_the_parents_of_units_with_accounts_are_asked_for() {
    let (organization, events) = inhabited_with(|operation, input| {
        assert_ne!(input["ParentId"], INNER, "{operation}: no account is below a unit of {INNER}");
        None
    })
    .await;
    let organization = organization.unwrap();
    check_accounts(&organization, &EVERYTHING);
    assert_eq!(organization.problems, Vec::<String>::new());
    let units = events.iter().filter(|event| matches!(event, DiscoveryEvent::Units { .. }));
    let expected = [DiscoveryEvent::Units { read: 1 }, DiscoveryEvent::Units { read: 2 }];
    assert!(units.eq(&expected), "{events:?}");
    assert_eq!(events.last(), Some(&DiscoveryEvent::Finished { units: 2, accounts: 3, problems: 0 }));
}

#[tokio::test]
async fn units_whose_names_cannot_be_read_keep_their_accounts_and_their_place() {
    let (organization, _) = inhabited_with(|operation, input| {
        let at_the_top = operation == "ListOrganizationalUnitsForParent" && input["ParentId"] == "r-ab12";
        at_the_top.then(|| json!("cut"))
    })
    .await;
    let organization = organization.unwrap();
    let expected =
        [("000000000001", OUTER), ("000000000002", "ou-ab12-11111111/Inner"), ("999999999999", "Root")];
    check_accounts(&organization, &expected);
    let [unlisted, gap] = organization.problems.as_slice() else { panic!("{:?}", organization.problems) };
    assert!(unlisted.contains("ou-ab12-11111111 was not listed"), "{unlisted}");
    assert!(gap.starts_with("Root: could not list the organizational units below r-ab12: "), "{gap}");
}

#[tokio::test]
async fn an_account_that_moves_while_all_are_listed_is_there_once_and_its_move_is_told() {
    let (organization, _) = inhabited_with(|operation, input| {
        let moved = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/000000000001/";
        match (operation, input["NextToken"].as_str()) {
            ("ListAccounts", None) => {
                let mut page = usual("ListAccounts", &json!({}));
                page["NextToken"] = "second".into();
                Some(page)
            }
            ("ListAccounts", _) => Some(json!({"Accounts": [account("000000000001", moved)]})),
            _ => None,
        }
    })
    .await;
    let organization = organization.unwrap();
    let expected =
        [("000000000001", "Outer/Inner"), ("000000000002", "Outer/Inner"), ("999999999999", "Root")];
    check_accounts(&organization, &expected);
    let [problem] = organization.problems.as_slice() else { panic!("{:?}", organization.problems) };
    assert!(problem.contains("000000000001 was listed below ou-ab12-11111111 and then below"), "{problem}");
}

#[tokio::test]
async fn a_unit_that_says_it_is_elsewhere_makes_the_snapshot_partial() {
    for units in [Units::All, Units::Inhabited] {
        let (organization, _) = read_with(units, |operation, input| {
            let inside = operation == "ListOrganizationalUnitsForParent" && input["ParentId"] == OUTER;
            let path = "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/";
            inside.then(|| json!({"OrganizationalUnits": [{"Id": INNER, "Name": "Inner", "Path": path}]}))
        })
        .await;
        let organization = organization.unwrap();
        check_accounts(&organization, &EVERYTHING);
        let [problem] = organization.problems.as_slice() else { panic!("{:?}", organization.problems) };
        assert!(problem.ends_with("kept below ou-ab12-11111111"), "{problem}");
    }
}

#[tokio::test]
async fn nobody_waits_for_units_once_the_accounts_are_refused() {
    let lists = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&lists);
    let (organization, _) = discover_with(move |operation, _| match operation {
        "ListAccounts" => refused("AccessDeniedException"),
        "ListOrganizationalUnitsForParent" => {
            let number = counted.fetch_add(1, Ordering::Relaxed);
            let unit = json!({"Id": format!("ou-ab12-{number:08}"), "Name": "One more"});
            (number < 100).then(|| json!({"OrganizationalUnits": [unit]}))
        }
        _ => None,
    })
    .await;
    organization.expect_err("access is denied");
    assert!(lists.load(Ordering::Relaxed) < 10, "{lists:?} lists of units were read for nothing");
}
