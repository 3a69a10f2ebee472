//! Discovery of simulated organizations.

use std::sync::Arc;

use org_discovery::{DiscoveryError, Units};
use org_simulator::{Options, Simulator, in_process};
use rollout_model::AccountState;

use crate::simulated::{LATENCY, discover_as, of_shape, seed, shared};

#[tokio::test(start_paused = true)]
async fn a_thousand_accounts_are_found_once_each() {
    let (simulator, management_account) = of_shape(1000, 50);
    let http = in_process(Arc::clone(&simulator), LATENCY);
    let organization = discover_as(&management_account, http, Units::All).await.unwrap();
    let expected: Vec<String> = {
        let simulator = simulator.lock().unwrap();
        let inside = simulator.accounts().into_iter().filter(|account| account.state.is_some());
        inside.map(|account| account.id).collect()
    };
    let found: Vec<String> = organization.accounts.keys().map(ToString::to_string).collect();
    assert_eq!(found, expected);
    assert_eq!((found.len(), organization.units.len()), (1000, 50));
    assert_eq!(organization.problems, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_tree_is_the_one_that_was_seeded() {
    let simulator = shared(Simulator::from_yaml(&seed()).unwrap());
    let organization = discover_as("999999999999", in_process(simulator, LATENCY), Units::All).await.unwrap();

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
    let error = discover_as("000000000050", in_process(simulator, LATENCY), Units::All)
        .await
        .expect_err("it is a member");
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
    let by_administrator = discover_as("000000000050", http.clone(), Units::All).await.unwrap();
    assert_eq!(by_administrator, discover_as("999999999999", http, Units::All).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_account_outside_any_organization_is_told_so() {
    let simulator = Simulator::new(&Options::default());
    let account = simulator.accounts()[0].id.clone();
    let error = discover_as(&account, in_process(shared(simulator), LATENCY), Units::All)
        .await
        .expect_err("no organization");
    assert!(matches!(error, DiscoveryError::NoOrganization { .. }), "{error:?}");
    assert!(error.to_string().contains("is in no organization"), "{error}");
}
