//! Simulated organizations, and what was asked of them.

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_organizations::config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use org_discovery::{DiscoveryError, Units, discover};
use org_simulator::{Shape, Simulator};
use rollout_model::Organization;

use crate::client::{as_account, heard};

/// What each answer takes, on a clock that is paused.
pub(crate) const LATENCY: Duration = Duration::from_millis(40);

pub(crate) async fn discover_as(
    account: &str,
    http: SharedHttpClient,
    units: Units,
) -> Result<Organization, DiscoveryError> {
    let client = as_account(account, http, RetryConfig::disabled());
    heard(async |events| discover(&client, units, &events).await).await.0
}

pub(crate) fn shared(simulator: Simulator) -> Arc<Mutex<Simulator>> {
    Arc::new(Mutex::new(simulator))
}

/// A simulated organization and its management account.
pub(crate) fn of_shape(accounts: u32, ous: u32) -> (Arc<Mutex<Simulator>>, String) {
    let simulator = Simulator::from_shape(Shape::new(accounts, ous));
    let management_account = simulator.management_account().expect("a shape is an organization").to_owned();
    (shared(simulator), management_account)
}

/// What Organizations was asked, in the order of the names, and how often.
#[track_caller]
pub(crate) fn check_calls(simulator: &Mutex<Simulator>, expected: &[(&str, u64)]) {
    let simulator = simulator.lock().expect("nothing panics while it holds this lock");
    let calls = simulator.calls().iter();
    let calls: Vec<(&str, u64)> = calls.map(|(name, count)| (name.as_str(), *count)).collect();
    let expected = expected.iter().map(|(name, count)| (format!("organizations:{name}"), *count));
    let expected: Vec<(String, u64)> = expected.collect();
    assert_eq!(calls, expected.iter().map(|(name, count)| (name.as_str(), *count)).collect::<Vec<_>>());
}

/// Five levels, two units of the same name, a name with a slash, an empty unit, and more units and accounts
/// under one parent than fit a page.
pub(crate) fn seed() -> String {
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
