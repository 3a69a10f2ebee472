//! How often the service is asked. AWS's rates turn calls into minutes (aws-facts D4).

use std::sync::Arc;
use std::time::Duration;

use org_discovery::Units;
use org_simulator::in_process;
use tokio::time::Instant;

use crate::altered::{altered, without_paths};
use crate::simulated::{LATENCY, check_calls, discover_as, of_shape};

#[tokio::test(start_paused = true)]
async fn ten_thousand_accounts_take_a_call_for_each_page_and_each_parent_and_none_for_an_account() {
    let (simulator, management_account) = of_shape(10_000, 500);
    let http = in_process(Arc::clone(&simulator), Duration::ZERO);
    // In a shape the root and each of the first 99 units are parents of units, five each.
    for (units, lists) in [(Units::All, 501), (Units::Inhabited, 100)] {
        let organization = discover_as(&management_account, http.clone(), units).await.unwrap();
        assert_eq!((organization.accounts.len(), organization.units.len()), (10_000, 500));
        assert_eq!(organization.problems, Vec::<String>::new());
        check_calls(
            &simulator,
            &[
                ("DescribeOrganization", 1),
                ("ListAccounts", 500),
                ("ListOrganizationalUnitsForParent", lists),
                ("ListRoots", 1),
            ],
        );
        simulator.lock().unwrap().reset_calls();
    }
}

#[tokio::test(start_paused = true)]
async fn accounts_without_paths_are_found_with_a_second_call_for_each_parent_and_none_for_an_account() {
    let (simulator, management_account) = of_shape(1000, 50);
    let http = altered(in_process(Arc::clone(&simulator), LATENCY), without_paths);
    for units in [Units::All, Units::Inhabited] {
        discover_as(&management_account, http.clone(), units).await.unwrap();
        check_calls(
            &simulator,
            &[
                ("DescribeOrganization", 1),
                ("ListAccounts", 50),
                ("ListAccountsForParent", 51),
                ("ListOrganizationalUnitsForParent", 51),
                ("ListRoots", 1),
            ],
        );
        simulator.lock().unwrap().reset_calls();
    }
}

#[tokio::test(start_paused = true)]
async fn units_are_listed_while_the_accounts_are_read() {
    let (simulator, management_account) = of_shape(1000, 50);
    let http = in_process(simulator, LATENCY);
    for units in [Units::All, Units::Inhabited] {
        let before = Instant::now();
        discover_as(&management_account, http.clone(), units).await.unwrap();
        // The organization, its root, and fifty pages of accounts: nothing else takes time of its own. The timer
        // counts whole milliseconds.
        let calls = before.elapsed().as_millis() / LATENCY.as_millis();
        assert!((52..=54).contains(&calls), "{units:?} took the time of {calls} calls");
    }
}
