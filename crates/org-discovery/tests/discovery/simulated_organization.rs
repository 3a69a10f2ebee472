//! Discovery through the SDK against a simulated organization.

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_organizations::config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use org_discovery::{DiscoveryError, Units, discover};
use org_simulator::{Options, Shape, Simulator, in_process};
use rollout_model::{AccountState, Organization};
use serde_json::Value;

use crate::client::{as_account, heard};

const LATENCY: Duration = Duration::from_millis(40);

/// A service that answers as the one behind it and leaves `Paths` and `State` out: both are new, and not
/// everything that speaks the protocol gives them (aws-facts D3).
#[derive(Debug, Clone)]
struct WithoutPathsAndState<Behind>(Behind);

impl HttpClient for WithoutPathsAndState<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(WithoutPathsAndState(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for WithoutPathsAndState<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let mut answer = answer.await?;
            let mut body: Value =
                serde_json::from_slice(answer.body().bytes().expect("a body")).expect("JSON");
            for account in body["Accounts"].as_array_mut().into_iter().flatten() {
                account
                    .as_object_mut()
                    .expect("an account")
                    .retain(|name, _| name != "Paths" && name != "State");
            }
            answer.headers_mut().remove("content-length");
            *answer.body_mut() = SdkBody::from(body.to_string());
            Ok(answer)
        })
    }
}

async fn discover_as(account: &str, http: SharedHttpClient) -> Result<Organization, DiscoveryError> {
    let client = as_account(account, http, RetryConfig::disabled());
    heard(async |events| discover(&client, Units::All, &events).await).await.0
}

fn shared(simulator: Simulator) -> Arc<Mutex<Simulator>> {
    Arc::new(Mutex::new(simulator))
}

fn thousand_accounts() -> (Arc<Mutex<Simulator>>, String) {
    let simulator = Simulator::from_shape(Shape::new(1000, 50));
    let management_account = simulator.management_account().expect("a shape is an organization").to_owned();
    (shared(simulator), management_account)
}

#[track_caller]
fn check_calls(simulator: &Mutex<Simulator>, expected: &[(&str, u64)]) {
    let simulator = simulator.lock().expect("nothing panics while it holds this lock");
    let calls: Vec<(&str, u64)> =
        simulator.calls().iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(calls, expected);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_accounts_are_found_once_each_with_a_call_per_page_and_unit() {
    let (simulator, management_account) = thousand_accounts();
    let organization =
        discover_as(&management_account, in_process(Arc::clone(&simulator), LATENCY)).await.unwrap();
    let expected: Vec<String> = {
        let simulator = simulator.lock().unwrap();
        let inside = simulator.accounts().into_iter().filter(|account| account.state.is_some());
        inside.map(|account| account.id).collect()
    };
    let found: Vec<String> = organization.accounts.keys().map(ToString::to_string).collect();
    assert_eq!(found, expected);
    assert_eq!((found.len(), organization.units.len()), (1000, 50));
    assert_eq!(organization.problems, Vec::<String>::new());
    check_calls(
        &simulator,
        &[
            ("organizations:DescribeOrganization", 1),
            ("organizations:ListAccounts", 50),
            ("organizations:ListOrganizationalUnitsForParent", 51),
            ("organizations:ListRoots", 1),
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn without_paths_and_state_the_same_organization_is_found_still_without_a_call_per_account() {
    let (simulator, management_account) = thousand_accounts();
    let http = in_process(Arc::clone(&simulator), LATENCY);
    let with_paths = discover_as(&management_account, http.clone()).await.unwrap();
    simulator.lock().unwrap().reset_calls();
    let without = SharedHttpClient::new(WithoutPathsAndState(http));
    let without_paths = discover_as(&management_account, without).await.unwrap();
    assert_eq!(without_paths, with_paths);
    check_calls(
        &simulator,
        &[
            ("organizations:DescribeOrganization", 1),
            ("organizations:ListAccounts", 50),
            ("organizations:ListAccountsForParent", 51),
            ("organizations:ListOrganizationalUnitsForParent", 51),
            ("organizations:ListRoots", 1),
        ],
    );
}

/// Five levels, two units of the same name, a name with a slash, an empty unit, and more units and accounts
/// under one parent than fit a page.
fn seed() -> String {
    let mut seed = String::from(
        r#"
organization: { management_account: "999999999999" }
accounts:
  - { id: "999999999999", name: Management }
  - { id: "000000000001", name: Loose, state: SUSPENDED }
organizational_units:
  - name: Labs/Research
    organizational_units:
      - name: Prod
        accounts: [ { id: "000000000002", name: Closing, state: PENDING_CLOSURE } ]
        organizational_units:
          - name: "3"
            organizational_units:
              - name: "4"
                organizational_units:
                  - name: "5"
                    accounts: [ { id: "000000000003", name: Deep, state: PENDING_ACTIVATION } ]
  - name: Empty
  - name: Workloads
    organizational_units:
      - { name: Prod, accounts: [ { id: "000000000004", name: Gone, state: CLOSED } ] }
"#,
    );
    for number in 10..35 {
        writeln!(
            seed,
            "      - {{ name: Team {number}, accounts: [ {{ id: '0000000000{number}', name: T }} ] }}"
        )
        .expect("writing to a string never fails");
    }
    seed.push_str("    accounts:\n");
    for number in 50..75 {
        writeln!(seed, "      - {{ id: '0000000000{number}', name: W }}")
            .expect("writing to a string never fails");
    }
    seed
}

#[tokio::test(start_paused = true)]
async fn the_tree_is_the_one_that_was_seeded() {
    let simulator = shared(Simulator::from_yaml(&seed()).unwrap());
    let organization = discover_as("999999999999", in_process(simulator, LATENCY)).await.unwrap();

    let mut expected: Vec<(String, String, AccountState)> = vec![
        ("000000000001".into(), "Root".into(), AccountState::Suspended),
        ("000000000002".into(), r"Labs\/Research/Prod".into(), AccountState::PendingClosure),
        ("000000000003".into(), r"Labs\/Research/Prod/3/4/5".into(), AccountState::PendingActivation),
        ("000000000004".into(), "Workloads/Prod".into(), AccountState::Closed),
    ];
    let teams = (10..35).map(|number| (number, format!("Workloads/Team {number}")));
    let workloads = (50..75).map(|number| (number, "Workloads".to_owned()));
    expected.extend(
        teams.chain(workloads).map(|(number, path)| (format!("{number:012}"), path, AccountState::Active)),
    );
    expected.push(("999999999999".into(), "Root".into(), AccountState::Active));
    let found: Vec<(String, String, AccountState)> = organization
        .accounts
        .values()
        .map(|account| {
            (account.id.to_string(), organization.path(&account.parent).to_string(), account.state.clone())
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(organization.units.len(), 33);
    assert!(organization.units.values().any(|unit| unit.name == "Empty"));
    assert_eq!(organization.management_account.as_str(), "999999999999");
    assert_eq!(organization.problems, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_member_account_is_refused_and_told_whose_credentials_to_use() {
    let simulator = shared(Simulator::from_yaml(&seed()).unwrap());
    let error =
        discover_as("000000000050", in_process(simulator, LATENCY)).await.expect_err("it is a member");
    assert!(matches!(error, DiscoveryError::AccessDenied { .. }), "{error:?}");
    assert!(error.to_string().contains("management account or of a delegated administrator"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_sees_what_the_management_account_sees() {
    // Of whatever service (aws-facts D1).
    let delegation = "delegated_administrators: { '000000000050': [ config.amazonaws.com ] }\n";
    let trusted = "organization: { service_access: [ config.amazonaws.com ], ";
    let seed = seed().replace("organization: { ", trusted) + delegation;
    let simulator = shared(Simulator::from_yaml(&seed).unwrap());
    let http = in_process(simulator, LATENCY);
    let by_administrator = discover_as("000000000050", http.clone()).await.unwrap();
    assert_eq!(by_administrator, discover_as("999999999999", http).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_account_outside_any_organization_is_told_so() {
    let simulator = Simulator::new(&Options::default());
    let account = simulator.accounts()[0].id.clone();
    let error =
        discover_as(&account, in_process(shared(simulator), LATENCY)).await.expect_err("no organization");
    assert!(matches!(error, DiscoveryError::NoOrganization { .. }), "{error:?}");
    assert!(error.to_string().contains("is in no organization"), "{error}");
}
