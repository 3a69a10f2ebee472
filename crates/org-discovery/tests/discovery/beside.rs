//! What is read beside the tree: tags and service control policies.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::retry::RetryConfig;
use org_discovery::{DiscoveryError, Units, discover, read_tags, service_control_policies};
use org_simulator::{Shape, Simulator, in_process};
use rollout_model::{AccountId, DiscoveryEvent, Organization, PolicyTargets};
use serde_json::json;

use crate::client::{as_account, heard};
use crate::scripted::Service;

const SEED: &str = r#"
organization: { management_account: "999999999999" }
accounts:
  - { id: "999999999999", name: Management }
  - { id: "000000000001", name: One, tags: { env: prod, owner: me } }
  - { id: "000000000002", name: Two }
organizational_units:
  - { name: Quarantine, accounts: [ { id: "000000000003", name: Three, tags: { env: dev } } ] }
service_control_policies:
  - name: deny-all
    document: { Version: "2012-10-17", Statement: [ { Effect: Deny, Action: "*", Resource: "*" } ] }
    targets: [ Quarantine, "000000000002" ]
"#;

fn simulated(seed: &str) -> (Arc<Mutex<Simulator>>, Client) {
    let simulator = Arc::new(Mutex::new(Simulator::from_yaml(seed).expect("a seed")));
    let http = in_process(Arc::clone(&simulator), Duration::ZERO);
    (simulator, as_account("999999999999", http, RetryConfig::disabled()))
}

async fn discovered(client: &Client) -> Organization {
    heard(async |events| discover(client, Units::All, &events).await).await.0.expect("an organization")
}

fn ids(numbers: &[u64]) -> BTreeSet<AccountId> {
    numbers.iter().map(|number| format!("{number:012}").parse().expect("twelve digits")).collect()
}

fn calls(simulator: &Mutex<Simulator>, operation: &str) -> u64 {
    let simulator = simulator.lock().expect("nothing panics while it holds this lock");
    simulator.calls().get(&format!("organizations:{operation}")).copied().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn tags_are_read_of_the_accounts_that_are_asked_for_and_of_nobody_else() {
    let (simulator, client) = simulated(SEED);
    let mut organization = discovered(&client).await;
    let wanted = ids(&[1, 2]);
    let (read, events) =
        heard(async |events| read_tags(&client, &wanted, &mut organization, &events).await).await;
    read.unwrap();
    let tags = |number: u64| {
        let id = format!("{number:012}").parse().unwrap();
        organization.accounts[&id].tags.as_ref().map(|tags| format!("{tags:?}"))
    };
    assert_eq!(tags(1).as_deref(), Some(r#"{"env": "prod", "owner": "me"}"#));
    assert_eq!(tags(2).as_deref(), Some("{}"), "read, and it has none");
    assert_eq!(tags(3), None, "not read");
    assert_eq!(calls(&simulator, "ListTagsForResource"), 2);
    assert_eq!(events.last(), Some(&DiscoveryEvent::Tags { read: 2, of: 2 }));
    assert_eq!(organization.problems, Vec::<String>::new());
}

/// What comes of reading the tags of two accounts, of which the service refuses those of the first.
async fn refused(code: &'static str) -> (Result<(), DiscoveryError>, Organization) {
    let service = Service::new(move |operation, input| match (operation, input["ResourceId"].as_str()) {
        ("ListTagsForResource", Some("000000000001")) => {
            Some(json!({"__type": code, "Message": "said the service"}))
        }
        ("ListTagsForResource", _) => Some(json!({"Tags": [{"Key": "env", "Value": "prod"}]})),
        _ => None,
    });
    let client = as_account("999999999999", service, RetryConfig::disabled());
    let mut organization = discovered(&client).await;
    let wanted = ids(&[1, 2]);
    let read = heard(async |events| read_tags(&client, &wanted, &mut organization, &events).await).await.0;
    (read, organization)
}

#[tokio::test(start_paused = true)]
async fn an_account_that_left_meanwhile_makes_the_snapshot_partial_and_stops_nobody_elses_tags() {
    let (read, organization) = refused("TargetNotFoundException").await;
    read.unwrap();
    assert_eq!(organization.problems.len(), 1);
    assert!(organization.problems[0].starts_with("could not list the tags of account 000000000001: "));
    let two = &organization.accounts[&"000000000002".parse().unwrap()];
    assert!(two.tags.as_ref().is_some_and(|tags| tags.contains_key("env")));
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_read_tags_is_told_the_permission() {
    let error = refused("AccessDeniedException").await.0.unwrap_err().to_string();
    assert!(error.contains("organizations:ListTagsForResource"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn policies_are_read_with_their_documents_and_places() {
    let (simulator, client) = simulated(SEED);
    let policies = service_control_policies(&client).await.unwrap();
    let read: Vec<(&str, usize)> = policies
        .iter()
        .map(|policy| {
            let places = match &policy.targets {
                PolicyTargets::Everywhere => usize::MAX,
                PolicyTargets::At(targets) => targets.len(),
            };
            (policy.name.as_str(), places)
        })
        .collect();
    assert_eq!(read, [("deny-all", 2), ("FullAWSAccess", usize::MAX)]);
    assert!(policies[0].document.contains("Deny"), "{}", policies[0].document);
    assert_eq!(
        calls(&simulator, "ListTargetsForPolicy"),
        1,
        "where everything else denies, full access is everywhere"
    );
}

#[tokio::test(start_paused = true)]
async fn where_a_policy_allows_the_places_of_full_access_are_read_too() {
    let allow = SEED.replace("Effect: Deny, Action: \"*\"", "Effect: Allow, Action: \"s3:*\"");
    let (_, client) = simulated(&allow);
    let policies = service_control_policies(&client).await.unwrap();
    let full = policies.iter().find(|policy| policy.name == "FullAWSAccess").unwrap();
    let PolicyTargets::At(targets) = &full.targets else { panic!("{full:?}") };
    // The root, the unit and the accounts; how the simulation treats the management account does not matter.
    assert!((5..=6).contains(&targets.len()), "{targets:?}");
}

#[tokio::test(start_paused = true)]
async fn an_organization_without_policies_has_none() {
    let refuse = |operation: &str, _: &serde_json::Value| match operation {
        "ListPolicies" => Some(json!({"__type": "PolicyTypeNotEnabledException", "Message": "no"})),
        _ => None,
    };
    let client = as_account("999999999999", Service::new(refuse), RetryConfig::disabled());
    assert_eq!(service_control_policies(&client).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn in_a_large_organization_policies_cost_a_handful_of_calls() {
    let simulator = Arc::new(Mutex::new(Simulator::from_shape(Shape::new(2000, 100))));
    let http = in_process(Arc::clone(&simulator), Duration::ZERO);
    let client = as_account("111111111111", http, RetryConfig::disabled());
    service_control_policies(&client).await.unwrap();
    let all: u64 = simulator.lock().unwrap().calls().values().sum();
    assert!(all <= 3, "{all} calls");
}
