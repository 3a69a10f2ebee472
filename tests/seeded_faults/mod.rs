//! Faults planted one by one in accounts of a fleet: the right check has to fail there, for the right cause, and no
//! check anywhere else. The same accounts are shown to CloudFormation's drift detection.

mod drift;
mod faults;
mod fleet;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::program::{MANAGEMENT, Simulation, Workplace, repository};
use faults::{FAULTS, Fault};
use fleet::{Hand, member, rolled_out};

/// So many accounts are left as they were rolled out.
const UNTOUCHED: usize = 6;

#[test]
fn every_planted_fault_is_found_where_it_is_with_its_cause_and_nowhere_else() {
    assert!(FAULTS.len() >= 25);
    let (workplace, simulation) = rolled_out(FAULTS.len() + UNTOUCHED);
    // Some faults close an account: the fleet is verified as it was when they were open.
    workplace.run_as(MANAGEMENT, &simulation, &["discover", "--save", "before.json"]).ends_with(0);
    for (fault, account) in planted() {
        (fault.plant)(&Hand { simulation: &simulation, account: &account });
    }
    // An account that is closed is open for a while.
    simulation.advance(3600);

    let accounts = verify(&workplace, &simulation);
    let missed: Vec<String> = planted()
        .filter(|(fault, account)| !fault.is_found(&accounts[account]["verification"]))
        .map(|(fault, account)| format!("{}: {:#}", fault.name, accounts[&account]["verification"]))
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    untouched_accounts_are_verified(&accounts);

    let table = table(&accounts, &drift::detect(&simulation));
    println!("{table}");
    the_documentation_shows(&table);
}

fn verify(workplace: &Workplace, simulation: &Simulation) -> BTreeMap<String, Value> {
    let verify = ["verify", "audit.yaml", "--organization", "before.json", "--output", "json"];
    workplace.run_as(MANAGEMENT, simulation, &verify).ends_with(1).accounts()
}

fn planted() -> impl Iterator<Item = (&'static Fault, String)> {
    FAULTS.iter().enumerate().map(|(index, fault)| (fault, member(index + 1)))
}

impl Fault {
    fn is_found(&self, verification: &Value) -> bool {
        let checks = verification["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["check"] == self.check).unwrap();
        check["cause"] == self.cause && verification["cause"] == self.verdict
    }
}

fn untouched_accounts_are_verified(accounts: &BTreeMap<String, Value>) {
    let touched: Vec<String> = planted().map(|(_, account)| account).collect();
    let is_target = |account: &Value| account["action"] == "keep";
    let untouched = accounts.iter().filter(|(id, account)| is_target(account) && !touched.contains(id));
    let untouched: Vec<&Value> = untouched.map(|(_, account)| account).collect();
    assert_eq!(untouched.len(), UNTOUCHED + 1, "the management account has the role, too");
    for account in untouched {
        assert_eq!(account["verification"]["conclusion"], "verified", "{account:#}");
    }
}

/// Fault, verdict and cause, beside what drift detection says: Markdown.
fn table(accounts: &BTreeMap<String, Value>, drift: &BTreeMap<String, String>) -> String {
    let mut table =
        "| what was done by hand | CloudFormation's drift detection | `rolecall verify` | because |\n\
                     |---|---|---|---|\n"
            .to_owned();
    for (fault, account) in planted() {
        let verification = &accounts[&account]["verification"];
        let word = |value: &Value| value.as_str().unwrap().replace('_', " ");
        let (conclusion, cause) =
            (word(&verification["conclusion"]), verification["cause"].as_str().unwrap());
        let drift = &drift[&account];
        table.push_str(&format!("| {} | {drift} | {conclusion} | `{cause}` |\n", fault.name));
    }
    table
}

fn the_documentation_shows(table: &str) {
    let page = std::fs::read_to_string(repository().join("config/verification.md")).unwrap();
    assert!(page.contains(table), "config/verification.md has another table than this one:\n{table}");
}
