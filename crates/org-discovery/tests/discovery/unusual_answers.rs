//! Discovery through the SDK against a service whose answers are written down one by one: what AWS may answer
//! and seldom does.

use std::fmt;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::retry::RetryConfig;
use aws_sdk_organizations::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use futures::FutureExt;
use org_discovery::{DiscoveryError, discover};
use rollout_model::{AccountState, DiscoveryEvent, Organization, RolloutEvent};
use serde_json::{Value, json};
use tokio::sync::mpsc;

const OUTER: &str = "ou-ab12-11111111";
const INNER: &str = "ou-ab12-22222222";

/// The answer to an operation called with an input: an object, which is an error if it has a `__type`, or the
/// text `cut` for none. `None` leaves the answer to [`usual`].
type Answer = fn(&str, &Value) -> Option<Value>;

#[derive(Clone)]
struct Service(Answer);

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Service")
    }
}

impl HttpClient for Service {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").expect("an operation").to_owned();
        let operation = target.strip_prefix("AWSOrganizationsV20161128.").expect("an operation");
        let input: Value = serde_json::from_slice(request.body().bytes().expect("a body")).expect("JSON");
        if let Some(size) = input.get("MaxResults") {
            assert_eq!(size, 20, "{operation} asks for pages that are not the largest");
        }
        let answer = (self.0)(operation, &input).unwrap_or_else(|| usual(operation, &input));
        if answer == "cut" {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the connection was cut".into())));
        }
        let status: u16 = if answer.get("__type").is_some() { 400 } else { 200 };
        let status = status.try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(answer.to_string()))))
    }
}

/// Discovers the organization of a service that answers as `unusual` says.
async fn discover_with(unusual: Answer) -> (Result<Organization, DiscoveryError>, Vec<DiscoveryEvent>) {
    let config = aws_sdk_organizations::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKIAEXAMPLE", "secret", None, None, "test"))
        .http_client(Service(unusual))
        .retry_config(RetryConfig::disabled())
        .build();
    let (sender, mut receiver) = mpsc::channel(64);
    let client = Client::from_conf(config);
    // `boxed` takes only futures that can move between threads, which a caller may want to do.
    let discovered = discover(&client, &sender).boxed().await;
    drop(sender);
    let mut events = Vec::new();
    while let Some(event) = receiver.recv().await {
        match event {
            RolloutEvent::Discovery(event) => events.push(event),
            other => panic!("{other:?} is no event of discovery"),
        }
    }
    (discovered, events)
}

/// An organization with the management account in the root, and `Outer/Inner` with an account in each.
fn usual(operation: &str, input: &Value) -> Value {
    match (operation, input["ParentId"].as_str()) {
        ("DescribeOrganization", _) => {
            json!({"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": "999999999999"}})
        }
        ("ListRoots", _) => json!({"Roots": [{"Id": "r-ab12", "Name": "Root"}]}),
        ("ListAccounts", _) => json!({"Accounts": [
            account("999999999999", "o-a1b2c3d4e5/r-ab12/999999999999/"),
            account("000000000001", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/000000000001/"),
            account("000000000002", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/000000000002/"),
        ]}),
        ("ListOrganizationalUnitsForParent", Some("r-ab12")) => {
            json!({"OrganizationalUnits": [{"Id": OUTER, "Name": "Outer"}]})
        }
        ("ListOrganizationalUnitsForParent", Some(OUTER)) => {
            json!({"OrganizationalUnits": [{"Id": INNER, "Name": "Inner"}]})
        }
        ("ListOrganizationalUnitsForParent", _) => json!({"OrganizationalUnits": []}),
        ("ListAccountsForParent", _) => panic!("every account says where it sits: nothing to ask for"),
        _ => panic!("{operation} is no call of discovery"),
    }
}

fn account(id: &str, path: &str) -> Value {
    json!({"Id": id, "Name": id, "Email": "root@example.com", "State": "ACTIVE", "Paths": [path]})
}

fn refused(code: &str) -> Option<Value> {
    Some(json!({"__type": code, "Message": "said the service"}))
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
    let (organization, _) = discover_with(|operation, input| {
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
