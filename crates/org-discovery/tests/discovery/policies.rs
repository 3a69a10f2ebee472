//! Service control policies: what they say and what they are attached to.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::retry::RetryConfig;
use aws_sdk_organizations::types::PolicyType;
use aws_smithy_runtime_api::client::http::HttpClient;
use futures::FutureExt;
use org_discovery::{DiscoveryError, Units, discover, service_control_policies};
use org_simulator::{Simulator, in_process};
use rollout_model::{Organization, PolicyTarget, PolicyTargets, ServiceControlPolicy};
use serde_json::{Value, json};

use crate::client::{as_account, heard};
use crate::scripted::{INNER, OUTER, Service, refused};
use crate::simulated::{LATENCY, check_calls, of_shape, shared};

const FULL_ACCESS: &str = "p-FullAWSAccess";

fn client(http: impl HttpClient + 'static, account: &str) -> Client {
    as_account(account, http, RetryConfig::disabled())
}

async fn read(client: &Client) -> (Organization, Result<Vec<ServiceControlPolicy>, DiscoveryError>) {
    let discovery = heard(async |events| discover(client, Units::Inhabited, &events).await).await;
    let organization = discovery.0.expect("it can be read");
    // `boxed` takes only futures that can move between threads, which a caller may want to do.
    let policies = service_control_policies(client, &organization).boxed().await;
    (organization, policies)
}

const EVERYWHERE: &[&str] = &["everywhere"];

/// The names of the policies, and the places that each is attached to.
fn attached(policies: &[ServiceControlPolicy]) -> Vec<(String, BTreeSet<String>)> {
    let places = |policy: &ServiceControlPolicy| match &policy.targets {
        PolicyTargets::At(targets) => targets.iter().map(|target| target.as_str().to_owned()).collect(),
        PolicyTargets::Everywhere => [EVERYWHERE[0].to_owned()].into(),
    };
    policies.iter().map(|policy| (policy.name.clone(), places(policy))).collect()
}

fn policy(name: &str, places: &[&str]) -> (String, BTreeSet<String>) {
    (name.to_owned(), places.iter().map(ToString::to_string).collect())
}

fn guarded() -> Arc<Mutex<Simulator>> {
    let seed = format!(
        r#"
organization: {{ management_account: "999999999999", root_id: r-ab12 }}
accounts: [ {{ id: "999999999999", name: Management }} ]
organizational_units:
  - name: Outer
    id: {OUTER}
    accounts: [ {{ id: "000000000001", name: Shop }} ]
    organizational_units: [ {{ name: Inner, id: {INNER}, accounts: [ {{ id: "000000000002", name: Bank }} ] }} ]
service_control_policies:
  - name: guard
    document: {{ Version: "2012-10-17", Statement: [ {{ Effect: Deny, Action: "iam:*", Resource: "*" }} ] }}
    targets: [ Outer ]
  - name: unused
    document: {{ Version: "2012-10-17", Statement: [ {{ Effect: Deny, Action: "*", Resource: "*" }} ] }}
"#
    );
    shared(Simulator::from_yaml(&seed).expect("the seed is well-formed"))
}

#[tokio::test(start_paused = true)]
async fn policies_are_read_with_documents_and_places_but_for_those_attached_to_nothing() {
    let client = client(in_process(guarded(), LATENCY), "999999999999");
    let policies = read(&client).await.1.unwrap();
    let expected = [policy("guard", &[OUTER]), policy("FullAWSAccess", EVERYWHERE)];
    assert_eq!(attached(&policies), expected);
    let document = |policy: &ServiceControlPolicy| serde_json::from_str::<Value>(&policy.document).unwrap();
    assert_eq!(document(&policies[0])["Statement"][0]["Action"], "iam:*");
    assert_eq!(document(&policies[1])["Statement"][0]["Effect"], "Allow");
}

#[tokio::test(start_paused = true)]
async fn full_access_is_found_where_it_is_still_attached_and_nowhere_else() {
    let client = client(in_process(guarded(), LATENCY), "999999999999");
    let detached = client.detach_policy().policy_id(FULL_ACCESS).target_id(OUTER).send().await;
    detached.expect("the guard is still attached there");
    let policies = read(&client).await.1.unwrap();
    let still = ["r-ab12", INNER, "000000000001", "000000000002", "999999999999"];
    let expected = [policy("guard", &[OUTER]), policy("FullAWSAccess", &still)];
    assert_eq!(attached(&policies), expected);
}

#[tokio::test(start_paused = true)]
async fn a_policy_on_very_many_accounts_is_read_from_its_list_as_is_full_access() {
    let (simulator, account) = of_shape(60, 0);
    let client = client(in_process(Arc::clone(&simulator), LATENCY), &account);
    let guard = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}"#;
    let created = client.create_policy().name("guard").description("").content(guard);
    let created = created.r#type(PolicyType::ServiceControlPolicy).send().await.unwrap();
    let id = created.policy.and_then(|policy| policy.policy_summary).and_then(|summary| summary.id).unwrap();
    let organization = read(&client).await.0;
    for account in organization.accounts.keys().skip(1).take(30) {
        client.attach_policy().policy_id(&id).target_id(account.as_str()).send().await.unwrap();
    }
    let without = organization.accounts.keys().nth(1).unwrap();
    client.detach_policy().policy_id(FULL_ACCESS).target_id(without.as_str()).send().await.unwrap();
    simulator.lock().unwrap().reset_calls();
    let policies = service_control_policies(&client, &organization).await.unwrap();
    let [guard, full_access] = policies.as_slice() else { panic!("{:?}", attached(&policies)) };
    let (PolicyTargets::At(guarded), PolicyTargets::At(full)) = (&guard.targets, &full_access.targets) else {
        panic!("one account is without full access");
    };
    assert_eq!((guarded.len(), full.len()), (30, 60));
    assert!(!full.contains(&PolicyTarget::Account(without.clone())));
    // Two pages of thirty places, and three of sixty.
    let calls = [("DescribePolicy", 2), ("ListPolicies", 1), ("ListRoots", 1), ("ListTargetsForPolicy", 5)];
    check_calls(&simulator, &calls);
}

#[tokio::test(start_paused = true)]
async fn calls_grow_with_policies_and_not_with_accounts() {
    let (simulator, account) = of_shape(1000, 50);
    let client = client(in_process(Arc::clone(&simulator), LATENCY), &account);
    let organization = read(&client).await.0;
    simulator.lock().unwrap().reset_calls();
    let policies = service_control_policies(&client, &organization).await.unwrap();
    assert_eq!(attached(&policies), [policy("FullAWSAccess", EVERYWHERE)]);
    check_calls(&simulator, &[("DescribePolicy", 1), ("ListPolicies", 1), ("ListRoots", 1)]);
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_does_not_use_them_has_none() {
    let simulator = guarded();
    let client = client(in_process(Arc::clone(&simulator), LATENCY), "999999999999");
    let disabled = client.disable_policy_type().root_id("r-ab12");
    disabled.policy_type(PolicyType::ServiceControlPolicy).send().await.unwrap();
    let organization = read(&client).await.0;
    simulator.lock().unwrap().reset_calls();
    assert_eq!(service_control_policies(&client, &organization).await.unwrap(), []);
    check_calls(&simulator, &[("ListRoots", 1)]);
}

/// Answers as an organization whose policies are `guard`, attached to `Outer`, and `FullAWSAccess`.
fn usual_policies(operation: &str, input: &Value) -> Option<Value> {
    let types = json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "PENDING_DISABLE"}]);
    let (guard, full) =
        (json!({"Id": "p-guard000", "Name": "guard"}), json!({"Id": FULL_ACCESS, "Name": "Full"}));
    Some(match (operation, input["PolicyId"].as_str()) {
        ("ListRoots", _) => json!({"Roots": [{"Id": "r-ab12", "Name": "Root", "PolicyTypes": types}]}),
        ("ListPolicies", _) => json!({"Policies": [full, guard]}),
        ("ListTargetsForPolicy", Some("p-guard000")) => json!({"Targets": [{"TargetId": OUTER}]}),
        ("ListPoliciesForTarget", _) => json!({"Policies": [guard, full]}),
        ("DescribePolicy", _) => json!({"Policy": {"Content": "{}"}}),
        _ => return None,
    })
}

async fn read_with(
    unusual: fn(&str, &Value) -> Option<Value>,
) -> Result<Vec<ServiceControlPolicy>, DiscoveryError> {
    let service = Service::new(move |operation, input| {
        unusual(operation, input).or_else(|| usual_policies(operation, input))
    });
    read(&client(service, "999999999999")).await.1
}

#[tokio::test]
async fn pages_of_policies_are_turned_as_long_as_they_name_a_next_one() {
    let policies = read_with(|operation, input| {
        let items = match operation {
            "ListPolicies" | "ListPoliciesForTarget" => "Policies",
            "ListTargetsForPolicy" => "Targets",
            _ => return None,
        };
        match input["NextToken"].as_str() {
            None => Some(json!({items: [], "NextToken": "second"})),
            Some("second") => Some(json!({"NextToken": "third"})),
            Some(_) => None,
        }
    })
    .await;
    let expected = [policy("guard", &[OUTER]), policy("Full", EVERYWHERE)];
    assert_eq!(attached(&policies.unwrap()), expected);
}

#[tokio::test]
async fn what_is_deleted_while_it_is_read_binds_nobody() {
    let full_access = [policy("Full", EVERYWHERE)];
    let policies = read_with(|operation, input| {
        let is_guard = operation == "DescribePolicy" && input["PolicyId"] == "p-guard000";
        is_guard.then(|| refused("PolicyNotFoundException")).flatten()
    });
    assert_eq!(attached(&policies.await.unwrap()), full_access);
    let policies = read_with(|operation, _| {
        (operation == "ListTargetsForPolicy").then(|| refused("PolicyNotFoundException")).flatten()
    });
    assert_eq!(attached(&policies.await.unwrap()), full_access);
    let policies = read_with(|operation, _| {
        (operation == "ListPoliciesForTarget").then(|| refused("TargetNotFoundException")).flatten()
    });
    let all_but_outer = ["r-ab12", INNER, "000000000001", "000000000002", "999999999999"];
    assert_eq!(
        attached(&policies.await.unwrap()),
        [policy("guard", &[OUTER]), policy("Full", &all_but_outer)]
    );
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_is_an_error_and_a_refusal_names_the_action() {
    for operation in ["ListPolicies", "ListTargetsForPolicy", "ListPoliciesForTarget", "DescribePolicy"] {
        let service = move |code: &'static str| {
            Service::new(move |called, input| match called == operation {
                true => refused(code),
                false => usual_policies(called, input),
            })
        };
        let error = read(&client(service("AccessDeniedException"), "999999999999")).await.1.unwrap_err();
        assert!(matches!(error, DiscoveryError::AccessDenied { .. }), "{error}");
        assert!(error.to_string().contains(&format!("allow them organizations:{operation}")), "{error}");
        let error = read(&client(service("ServiceException"), "999999999999")).await.1.unwrap_err();
        assert!(matches!(error, DiscoveryError::Call { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_place_that_is_none_is_refused_with_its_id() {
    let policies = read_with(|operation, _| {
        (operation == "ListTargetsForPolicy").then(|| json!({"Targets": [{"TargetId": "x-1"}]}))
    });
    let error = policies.await.unwrap_err();
    assert!(matches!(error, DiscoveryError::UnusableId { .. }), "{error}");
}
