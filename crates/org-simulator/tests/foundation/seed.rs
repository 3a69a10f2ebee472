//! Organizations that are there from the start.

use std::collections::BTreeSet;

use org_simulator::{SeedError, Simulator};
use serde_json::{Value, json};

use crate::client::{Client, MANAGEMENT, admin};

const ORGANIZATION: &str = include_str!("../../../../config/organization.yaml");

/// Everything of a paged list.
fn all(client: &mut Client, operation: &str, member: &str, mut input: Value) -> Vec<Value> {
    let mut seen = Vec::new();
    loop {
        let page = client.manage(operation, input.clone());
        seen.extend(page[member].as_array().unwrap().iter().cloned());
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => return seen,
        }
    }
}

#[test]
fn the_organization_that_is_shipped_is_as_believable_as_it_claims() {
    let mut client = Client::new(Simulator::from_yaml(ORGANIZATION).unwrap());
    let accounts = all(&mut client, "ListAccounts", "Accounts", json!({}));
    assert_eq!(accounts.len(), 64);
    let in_state = |state: &str| accounts.iter().filter(|account| account["State"] == state).count();
    assert_eq!(in_state("SUSPENDED"), 1);
    assert_eq!(in_state("PENDING_CLOSURE"), 1);
    assert_eq!(in_state("PENDING_ACTIVATION"), 1);
    let names: String = accounts.iter().map(|account| account["Name"].as_str().unwrap()).collect();
    assert!(['"', '/', ' ', 'ü', '\''].iter().all(|&letter| names.contains(letter)));
    // Organization, root, five units, account and the end.
    let depth = |account: &Value| account["Paths"][0].as_str().unwrap().split('/').count();
    assert_eq!(accounts.iter().map(depth).max(), Some(9));

    let root = client.root();
    let mut open = vec![root];
    let mut units = Vec::new();
    let mut largest = 0;
    let mut empty = 0;
    while let Some(parent) = open.pop() {
        let below = all(
            &mut client,
            "ListOrganizationalUnitsForParent",
            "OrganizationalUnits",
            json!({"ParentId": parent}),
        );
        let held = all(&mut client, "ListAccountsForParent", "Accounts", json!({"ParentId": parent}));
        largest = largest.max(held.len());
        empty += usize::from(held.is_empty() && below.is_empty());
        open.extend(below.iter().map(|unit| unit["Id"].as_str().unwrap().to_owned()));
        units.extend(below);
    }
    assert!(largest > 20);
    assert_eq!(empty, 1);
    let unit_names: BTreeSet<_> = units.iter().map(|unit| unit["Name"].as_str().unwrap()).collect();
    assert!(unit_names.len() < units.len(), "two units share a name");
    for name in
        ["Security", "Infrastructure", "Workloads", "Sandbox", "Suspended", "Prod", "NonProd", "Legacy"]
    {
        assert!(unit_names.contains(name), "{name}");
    }
}

#[test]
fn the_management_account_enters_every_account_that_works() {
    let mut client = Client::new(Simulator::from_yaml(ORGANIZATION).unwrap());
    for account in all(&mut client, "ListAccounts", "Accounts", json!({})) {
        let id = account["Id"].as_str().unwrap();
        let role = format!("arn:aws:iam::{id}:role/OrganizationAccountAccessRole");
        let enters = client.assume(&admin(MANAGEMENT), &role, &[]).is_ok();
        assert_eq!(enters, id != MANAGEMENT && account["State"] != "SUSPENDED", "{account}");
    }
    let engine = "arn:aws:iam::222200001111:role/CadoResponseEngine";
    assert!(client.assume(&admin(MANAGEMENT), engine, &[]).is_ok());
}

#[test]
fn ids_that_are_left_out_do_not_depend_on_the_order_of_the_file() {
    let file = |units: [&str; 2]| {
        let units =
            units.map(|name| format!("  - {{ name: {name}, accounts: [{{ name: app }}] }}\n")).concat();
        format!("organization: {{ management_account: \"111111111111\" }}\norganizational_units:\n{units}")
    };
    let accounts = |text: &str| Simulator::from_yaml(text).unwrap().accounts();
    assert_eq!(accounts(&file(["A", "B"])), accounts(&file(["B", "A"])));
    assert_eq!(accounts(&file(["A", "B"])).iter().filter(|account| account.name.is_some()).count(), 3);
}

fn check(tail: &str, expected: &str) {
    let text = format!("organization: {{ management_account: \"111111111111\" }}\n{tail}");
    let error = Simulator::from_yaml(&text).expect_err(tail);
    let message = match &error {
        SeedError::Yaml(cause) => cause.to_string(),
        invalid @ SeedError::Invalid { .. } => invalid.to_string(),
    };
    assert!(message.contains(expected), "{message}\ninstead of\n{expected}");
}

#[test]
fn a_file_with_a_mistake_is_refused_and_the_mistake_named() {
    check("acounts: []", "unknown field `acounts`");
    check("request_rates: high", "unknown variant `high`");
    check("accounts: [{ name: a, stat: ACTIVE }]", "unknown field `stat`");
    check("accounts: [{ name: a, state: OPEN }]", "unknown variant `OPEN`");
    check("accounts: [{ name: a, id: \"12\" }]", "account `a` (12): the id has not twelve digits");
    check(
        "accounts: [{ name: a, id: \"222222222222\" }, { name: b, id: \"222222222222\" }]",
        "another account has this id",
    );
    check(
        "accounts: [{ name: a, email: x@y.z }, { name: b, email: X@y.z }]",
        "another account has the e-mail address X@y.z",
    );
    check("accounts: [{ name: a, joined: yesterday }]", "joined:");
    check("organizational_units: [{ name: A }, { name: A }]", "organizational unit `A`");
    check("organizational_units: [{ name: A, id: ou-1 }]", "`ou-1` is no id of an organizational unit");
    let nested = (1..=6).rev().fold("[]".to_owned(), |below, level| {
        format!("[{{ name: L{level}, organizational_units: {below} }}]")
    });
    check(
        &format!("organizational_units: {nested}"),
        "`L1/L2/L3/L4/L5/L6`: organizational units nest at most 5 deep",
    );
    check(
        "service_control_policies: [{ name: p, document: {}, targets: [] }]",
        "service control policy `p`: Syntax errors in policy.",
    );
    check(
        "delegated_administrators: { \"222222222222\": [ram.amazonaws.com] }",
        "delegated administrator 222222222222",
    );
    let role = "{ name: R, trust: { Version: \"2012-10-17\", Statement: [] } }";
    check(
        &format!("accounts: [{{ name: a, id: \"222222222222\", roles: [{role}] }}]"),
        "account 222222222222, role `R`",
    );
}

#[test]
fn a_file_may_hold_resource_control_policies() {
    let statement = "{ Effect: Deny, Principal: '*', Action: 'sts:AssumeRole', Resource: '*' }";
    let text = format!(
        "organization: {{ management_account: \"111111111111\" }}\naccounts: [ {{ name: a, id: \"222222222222\" }} ]\n\
         resource_control_policies: [ {{ name: shut, document: {{ Version: \"2012-10-17\", Statement: [ {statement} ] }}, targets: [ root ] }} ]",
    );
    let mut client = Client::new(Simulator::from_yaml(&text).unwrap());
    let role = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole";
    let refused = client.assume(&admin(MANAGEMENT), role, &[]).unwrap_err();
    assert!(refused.text("Message").ends_with("in a resource control policy"), "{refused:?}");
}

#[test]
fn roles_may_trust_roles_that_come_later_in_the_file() {
    let role = |name: &str, trusted: &str| {
        format!(
            "{{ name: {name}, trust: {{ Version: \"2012-10-17\", Statement: [ {{ Effect: Allow, Action: \"sts:AssumeRole\", \
             Principal: {{ AWS: \"arn:aws:iam::{trusted}\" }} }} ] }} }}"
        )
    };
    let text = format!(
        "organization: {{ management_account: \"111111111111\" }}\naccounts:\n  - {{ name: a, id: \"222222222222\", roles: [ {}, {} ] }}",
        role("First", "222222222222:role/Second"),
        role("Second", "111111111111:root"),
    );
    assert!(Simulator::from_yaml(&text).is_ok());
}
