//! Tags of accounts: of those that are asked for and of no others.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_organizations::config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::HttpClient;
use futures::FutureExt;
use org_discovery::{DiscoveryError, Units, discover, read_tags};
use org_simulator::{Simulator, in_process};
use rollout_model::{AccountId, DiscoveryEvent, Organization};
use serde_json::json;
use tokio::time::Instant;

use crate::client::{as_account, heard};
use crate::scripted::{Service, refused};
use crate::simulated::{LATENCY, check_calls, of_shape, shared};

const SHOP: &str = "000000000001";
const BANK: &str = "000000000002";

/// Discovers the organization of account 999999999999 and reads the tags of these accounts.
async fn read(
    http: impl HttpClient + 'static,
    accounts: &[&str],
) -> (Organization, Result<(), DiscoveryError>, Vec<DiscoveryEvent>) {
    let client = as_account("999999999999", http, RetryConfig::disabled());
    let accounts: BTreeSet<AccountId> = accounts.iter().map(|id| id.parse().expect("an id")).collect();
    let discovery = heard(async |events| discover(&client, Units::Inhabited, &events).await).await;
    let mut organization = discovery.0.expect("it can be read");
    // `boxed` takes only futures that can move between threads, which a caller may want to do.
    let reading =
        heard(async |events| read_tags(&client, &accounts, &mut organization, &events).boxed().await);
    let (outcome, events) = reading.await;
    (organization, outcome, events)
}

/// How many tags each account has; `None` if they are not known.
#[track_caller]
fn check(organization: &Organization, expected: &[(&str, Option<usize>)]) {
    let accounts = organization.accounts.values();
    let found: Vec<(&str, Option<usize>)> =
        accounts.map(|account| (account.id.as_str(), account.tags.as_ref().map(|tags| tags.len()))).collect();
    assert_eq!(found, expected);
}

#[tokio::test(start_paused = true)]
async fn all_tags_of_the_accounts_that_are_asked_for_are_read_and_no_others() {
    let mut seed = format!(
        "organization: {{ management_account: '999999999999' }}\n\
         accounts:\n\
         - {{ id: '999999999999', name: Management, tags: {{ env: prod }} }}\n\
         - {{ id: '{SHOP}', name: Shop }}\n\
         - id: '{BANK}'\n  name: Bank\n  tags:\n    env: prod\n    empty: ''\n"
    );
    for number in 0..48 {
        writeln!(seed, "    tag-{number:02}: value {number}").expect("writing to a string never fails");
    }
    let simulator = shared(Simulator::from_yaml(&seed).unwrap());
    let http = in_process(Arc::clone(&simulator), LATENCY);
    let (organization, outcome, events) = read(http, &[SHOP, BANK]).await;
    outcome.unwrap();
    check(&organization, &[(SHOP, Some(0)), (BANK, Some(50)), ("999999999999", None)]);
    let tags = organization.accounts[&BANK.parse().unwrap()].tags.as_ref().unwrap();
    assert_eq!((tags["env"].as_str(), tags["empty"].as_str()), ("prod", ""));
    assert_eq!(tags["tag-47"], "value 47");
    assert_eq!(organization.problems, Vec::<String>::new());
    assert_eq!(events, [DiscoveryEvent::Tags { read: 1, of: 2 }, DiscoveryEvent::Tags { read: 2, of: 2 }]);
    // A page has twenty of them in the simulation.
    let calls =
        [("DescribeOrganization", 1), ("ListAccounts", 1), ("ListRoots", 1), ("ListTagsForResource", 4)];
    check_calls(&simulator, &calls);
}

#[tokio::test(start_paused = true)]
async fn eight_accounts_are_asked_about_at_once() {
    let (simulator, account) = of_shape(81, 0);
    let client = as_account(&account, in_process(simulator, LATENCY), RetryConfig::disabled());
    let discovery = heard(async |events| discover(&client, Units::Inhabited, &events).await).await;
    let mut organization = discovery.0.unwrap();
    let accounts = organization.accounts.keys().skip(1).cloned().collect();
    let before = Instant::now();
    let reading = heard(async |events| read_tags(&client, &accounts, &mut organization, &events).await);
    reading.await.0.unwrap();
    assert_eq!(before.elapsed().as_millis() / LATENCY.as_millis(), 10);
    assert_eq!(organization.accounts.values().filter(|account| account.tags.is_some()).count(), 80);
}

#[tokio::test]
async fn pages_of_tags_are_turned_as_long_as_they_name_a_next_one() {
    let service = Service::new(|operation, input| {
        (operation == "ListTagsForResource").then(|| match input["NextToken"].as_str() {
            None => json!({"Tags": [{"Key": "env", "Value": "prod"}], "NextToken": "second"}),
            Some("second") => json!({"Tags": [], "NextToken": "third"}),
            Some(_) => json!({"Tags": [{"Key": "team", "Value": "shop"}]}),
        })
    });
    let (organization, outcome, _) = read(service, &[SHOP]).await;
    outcome.unwrap();
    check(&organization, &[(SHOP, Some(2)), (BANK, None), ("999999999999", None)]);
}

#[tokio::test]
async fn an_account_whose_tags_cannot_be_read_is_a_problem_and_not_one_without_tags() {
    let service = Service::new(|operation, input| {
        let account = input["ResourceId"].as_str();
        match (operation, account, input["NextToken"].as_str()) {
            ("ListTagsForResource", Some(SHOP), _) => refused("TargetNotFoundException"),
            ("ListTagsForResource", Some(BANK), Some(_)) => Some(json!("cut")),
            ("ListTagsForResource", ..) => Some(json!({"Tags": [{"Key": "a", "Value": "b"}], "NextToken":
                if account == Some(BANK) { Some("second") } else { None } })),
            _ => None,
        }
    });
    let (organization, outcome, events) = read(service, &[SHOP, BANK, "999999999999"]).await;
    outcome.unwrap();
    check(&organization, &[(SHOP, None), (BANK, None), ("999999999999", Some(1))]);
    let [shop, bank] = organization.problems.as_slice() else { panic!("{:?}", organization.problems) };
    assert!(shop.starts_with("could not list the tags of account 000000000001: TargetNotFound"), "{shop}");
    assert!(bank.starts_with("could not list the tags of account 000000000002: "), "{bank}");
    assert!(bank.contains("the connection was cut"), "{bank}");
    assert_eq!(events.last(), Some(&DiscoveryEvent::Tags { read: 3, of: 3 }));
}

#[tokio::test]
async fn tags_that_may_not_be_read_end_the_reading_with_the_action_to_allow() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let service = Service::new(move |operation, _| {
        let is_tags = operation == "ListTagsForResource";
        is_tags.then(|| refused("AccessDeniedException")).flatten().inspect(|_| {
            counted.fetch_add(1, Ordering::Relaxed);
        })
    });
    let ids: Vec<String> = (0..100).map(|number| format!("{number:012}")).collect();
    let (_, outcome, _) = read(service, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let error = outcome.expect_err("access is denied");
    assert!(matches!(error, DiscoveryError::AccessDenied { .. }), "{error}");
    assert!(error.to_string().contains("allow them organizations:ListTagsForResource"), "{error}");
    assert!(calls.load(Ordering::Relaxed) <= 8, "{calls:?} calls were made");
}
