//! Whatever the accounts and units say of where they are, the same organization is found.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use org_discovery::Units;
use org_simulator::{Simulator, in_process};
use rollout_model::Organization;
use serde_json::Value;

use crate::altered::{altered, drop_from, without_paths};
use crate::simulated::{LATENCY, discover_as, of_shape, seed, shared};

/// A way to answer that loses nothing.
type Alteration = fn(&mut Value);

const ALTERATIONS: [(&str, Alteration); 6] = [
    ("everything tells where it is", |_| {}),
    ("accounts do not tell where they are", without_paths),
    ("units do not tell where they are", without_unit_paths),
    ("nothing tells where it is", |answer| {
        without_paths(answer);
        without_unit_paths(answer);
    }),
    ("a few accounts do not tell", |answer| {
        drop_from(answer, "Accounts", "Paths", |id| id.ends_with('7'));
    }),
    ("only late accounts do not tell", |answer| {
        drop_from(answer, "Accounts", "Paths", |id| id.ends_with("70") || id.ends_with("440"));
    }),
];

fn without_unit_paths(answer: &mut Value) {
    drop_from(answer, "OrganizationalUnits", "Path", |_| true);
}

/// The organization without the units that have no accounts in or below them, which need not be there.
fn inhabited(organization: &Organization) -> Organization {
    let parents = organization.accounts.values().map(|account| &account.parent);
    let units = parents.flat_map(|parent| organization.ancestry(parent));
    let units = units.map(|unit| (unit.id.clone(), unit.clone())).collect();
    Organization { units, ..organization.clone() }
}

async fn discovered(what: &str, account: &str, http: SharedHttpClient, units: Units) -> Organization {
    let organization = discover_as(account, http, units).await.expect(what);
    assert_eq!(organization.problems, Vec::<String>::new(), "{what}");
    organization
}

async fn check(simulator: Arc<Mutex<Simulator>>, account: &str) {
    let http = in_process(simulator, LATENCY);
    let whole = discovered("as it is", account, http.clone(), Units::All).await;
    for (what, alteration) in ALTERATIONS {
        let http = altered(http.clone(), alteration);
        assert_eq!(discovered(what, account, http.clone(), Units::All).await, whole, "{what}");
        let found = discovered(what, account, http, Units::Inhabited).await;
        assert!(found.units.iter().all(|(id, unit)| whole.units.get(id) == Some(unit)), "{what}");
        assert_eq!(inhabited(&found), inhabited(&whole), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn five_hundred_accounts_are_found_alike_whatever_tells_where_they_are() {
    let (simulator, account) = of_shape(500, 120);
    check(simulator, &account).await;
}

#[tokio::test(start_paused = true)]
async fn units_of_one_name_and_units_without_accounts_are_found_alike() {
    check(shared(Simulator::from_yaml(&seed()).unwrap()), "999999999999").await;
}
