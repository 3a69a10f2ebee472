//! Organizations whose answers lack what not everybody gives.

use org_simulator::{SeedError, Simulator};
use serde_json::{Value, json};

use crate::client::Client;

const ACCOUNT: &str = "222222222222";

fn file(answers_without: &str) -> String {
    format!(
        "organization: {{ management_account: \"111111111111\", service_access: [ram.amazonaws.com], \
         answers_without: {answers_without} }}\n\
         organizational_units: [{{ name: A, id: ou-rc42-aaaaaaaa, accounts: [{{ name: a, id: \"{ACCOUNT}\" }}] }}]\n\
         delegated_administrators: {{ \"{ACCOUNT}\": [ram.amazonaws.com] }}\n"
    )
}

/// Which of the members an answer has.
fn members(answer: &Value) -> Vec<&str> {
    ["Path", "Paths", "State", "Status"].into_iter().filter(|name| answer.get(name).is_some()).collect()
}

/// Every answer about an account, a delegated administrator and an organizational unit agrees.
fn check(mut client: Client, account: &[&str], administrator: &[&str], unit: &[&str]) {
    let parent = json!({"ParentId": "ou-rc42-aaaaaaaa"});
    let described = client.manage("DescribeAccount", json!({"AccountId": ACCOUNT}));
    assert_eq!(members(&described["Account"]), account);
    assert_eq!(members(&client.manage("ListAccounts", json!({}))["Accounts"][0]), account);
    assert_eq!(members(&client.manage("ListAccountsForParent", parent)["Accounts"][0]), account);
    let administrators = client.manage("ListDelegatedAdministrators", json!({}));
    assert_eq!(members(&administrators["DelegatedAdministrators"][0]), administrator);
    let id = json!({"OrganizationalUnitId": "ou-rc42-aaaaaaaa"});
    let described = client.manage("DescribeOrganizationalUnit", id);
    assert_eq!(members(&described["OrganizationalUnit"]), unit);
    let root = client.root();
    let listed = client.manage("ListOrganizationalUnitsForParent", json!({"ParentId": root}));
    assert_eq!(members(&listed["OrganizationalUnits"][0]), unit);
}

#[test]
fn answers_lack_what_the_file_leaves_out_and_nothing_else() {
    let client = |left_out: &str| Client::new(Simulator::from_yaml(&file(left_out)).unwrap());
    let state_and_status = ["State", "Status"];
    check(client("[]"), &["Paths", "State", "Status"], &state_and_status, &["Path"]);
    check(client("[paths]"), &state_and_status, &state_and_status, &[]);
    check(client("[state]"), &["Paths", "Status"], &["Status"], &["Path"]);
    check(client("[status]"), &["Paths", "State"], &["State"], &["Path"]);
    check(client("[paths, state, status]"), &[], &[], &[]);
}

#[test]
fn what_cannot_be_left_out_is_refused_and_named() {
    let error = Simulator::from_yaml(&file("[names]")).unwrap_err();
    let SeedError::Yaml(cause) = error else { panic!("{error}") };
    assert!(cause.to_string().contains("unknown variant `names`"), "{cause}");
}

#[test]
fn a_made_up_organization_without_paths_has_the_states_of_its_accounts_all_the_same() {
    let shape = "accounts=3,ous=1,without=paths".parse().unwrap();
    let mut client = Client::new(Simulator::from_shape(shape));
    let accounts = client.manage("ListAccounts", json!({}));
    assert_eq!(members(&accounts["Accounts"][1]), ["State", "Status"]);
    let units = client.manage("ListOrganizationalUnitsForParent", json!({"ParentId": "r-shap"}));
    assert!(members(&units["OrganizationalUnits"][0]).is_empty());
}
