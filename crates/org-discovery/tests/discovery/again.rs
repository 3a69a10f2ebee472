//! Looking once more: which accounts there are now, for the calls that the list of accounts takes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_organizations::config::retry::RetryConfig;
use org_discovery::{Units, discover_again};
use org_simulator::{Simulator, in_process};
use rollout_model::{AccountId, Organization, ParentId};

use crate::altered::{altered, without_paths};
use crate::client::{as_account, heard};
use crate::simulated::{LATENCY, check_calls, discover_as, of_shape};

async fn once_more(
    simulator: &Arc<Mutex<Simulator>>,
    management_account: &str,
    before: &Organization,
) -> Organization {
    simulator.lock().expect("nothing panics while it holds this lock").reset_calls();
    let http = in_process(Arc::clone(simulator), LATENCY);
    let client = as_account(management_account, http, RetryConfig::disabled());
    heard(async |events| discover_again(&client, before, &events).await).await.0.expect("it can be read")
}

#[tokio::test(start_paused = true)]
async fn whoever_joined_moved_or_left_is_found_by_the_list_of_accounts_alone() {
    let (simulator, management_account) = of_shape(1000, 50);
    let http = in_process(Arc::clone(&simulator), LATENCY);
    let now = discover_as(&management_account, http, Units::Inhabited).await.unwrap();
    // What was read before differs from what there is by as much as has happened since.
    let mut before = now.clone();
    let ids: Vec<AccountId> =
        now.accounts.keys().filter(|id| **id != now.management_account).take(3).cloned().collect();
    before.accounts.remove(&ids[0]);
    before.accounts.get_mut(&ids[1]).unwrap().parent = ParentId::Root(now.root.id.clone());
    let tags: BTreeMap<String, String> = [("env".to_owned(), "prod".to_owned())].into();
    before.accounts.get_mut(&ids[2]).unwrap().tags = Some(tags.clone());
    let mut gone = now.accounts[&ids[0]].clone();
    gone.id = "999999999998".parse().unwrap();
    before.accounts.insert(gone.id.clone(), gone);

    let mut expected = now.clone();
    expected.accounts.get_mut(&ids[2]).unwrap().tags = Some(tags);
    assert_eq!(once_more(&simulator, &management_account, &before).await, expected);
    check_calls(&simulator, &[("ListAccounts", 50)]);
}

#[tokio::test(start_paused = true)]
async fn an_account_in_a_unit_that_is_new_makes_everything_read_once_more() {
    let (simulator, management_account) = of_shape(1000, 50);
    let http = in_process(Arc::clone(&simulator), LATENCY);
    let now = discover_as(&management_account, http, Units::Inhabited).await.unwrap();
    let mut before = now.clone();
    let inhabited = now.accounts.values().find_map(|account| match &account.parent {
        ParentId::Ou(id) => Some(id.clone()),
        ParentId::Root(_) => None,
    });
    before.units.remove(&inhabited.unwrap());
    assert_eq!(once_more(&simulator, &management_account, &before).await, now);
    assert_eq!(simulator.lock().unwrap().calls()["organizations:ListAccounts"], 100);
}

#[tokio::test(start_paused = true)]
async fn accounts_that_do_not_say_where_they_sit_are_looked_for() {
    let (simulator, management_account) = of_shape(100, 5);
    let http = altered(in_process(Arc::clone(&simulator), LATENCY), without_paths);
    let now = discover_as(&management_account, http.clone(), Units::Inhabited).await.unwrap();
    let client = as_account(&management_account, http, RetryConfig::disabled());
    let found = heard(async |events| discover_again(&client, &now, &events).await).await.0.unwrap();
    assert_eq!(found, now);
}
