//! `report diff`: what changed from one run to another, and what cannot be told.

use serde_json::{Value, json};

use crate::program::{MANAGEMENT, Run, Simulation, Workplace};
use crate::report::ledgers;

const CONFIG: &str = "config/rollout.yaml";
const WIDENED: &str =
    "Version=2010-05-08&RoleName=CadoResponse&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess";
const PAYMENTS: &str = "222200003103";
const VPN: &str = "222200002003";
/// No target: excluded by its id.
const VAULT: &str = "222200002201";
const SHOP: &str = "222200004001";

/// The rolled-out reference organization.
pub(crate) struct Fleet {
    pub(crate) workplace: Workplace,
    pub(crate) simulation: Simulation,
}

impl Fleet {
    pub(crate) fn rolled_out() -> Fleet {
        let workplace = Workplace::new();
        let simulation = Simulation::of_the_reference_organization(&workplace);
        workplace.run_as(MANAGEMENT, &simulation, &["apply", CONFIG, "--yes"]).ends_with(0);
        Fleet { workplace, simulation }
    }

    pub(crate) fn spoil(&self, account: &str) {
        self.simulation.call(account, "iam", &format!("Action=AttachRolePolicy&{WIDENED}"));
    }

    pub(crate) fn mend(&self, account: &str) {
        self.simulation.call(account, "iam", &format!("Action=DetachRolePolicy&{WIDENED}"));
    }

    pub(crate) fn verify(&self, arguments: &[&str]) -> Run {
        self.workplace.run_as(MANAGEMENT, &self.simulation, &[&["verify", CONFIG], arguments].concat())
    }

    fn diff(&self, arguments: &[&str]) -> Run {
        self.workplace.run(&[&["report", "diff", "--output", "json"], arguments].concat())
    }

    /// One account joins, one leaves and one moves.
    fn reorganize(&self) {
        let create = json!({ "AccountName": "newcomer", "Email": "newcomer@acme.example" });
        self.simulation.organizations("CreateAccount", &create);
        self.simulation.advance(600);
        self.simulation.organizations("RemoveAccountFromOrganization", &json!({ "AccountId": SHOP }));
        let parent = self.simulation.organizations("ListParents", &json!({ "ChildId": VAULT }));
        let root = self.simulation.organizations("ListRoots", &json!({}))["Roots"][0]["Id"].clone();
        let from = &parent["Parents"][0]["Id"];
        self.simulation.organizations(
            "MoveAccount",
            &json!({ "AccountId": VAULT, "SourceParentId": from, "DestinationParentId": root }),
        );
    }
}

/// The accounts of a class.
fn of_class(difference: &Value, class: &str) -> Vec<String> {
    let accounts = difference["accounts"].as_array().unwrap().iter();
    let of_class = accounts.filter(|account| account["class"] == class);
    of_class.map(|account| account["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn whatever_happened_between_two_runs_is_told_account_by_account() {
    let fleet = Fleet::rolled_out();
    fleet.spoil(VPN);
    fleet.verify(&[]).ends_with(3);
    fleet.mend(VPN);
    fleet.spoil(PAYMENTS);
    fleet.reorganize();
    fleet.verify(&[]).ends_with(3);

    let difference = fleet.diff(&[]).ends_with(3).json();
    assert_eq!(difference["schema"], "rolecall.run-difference/1");
    assert_eq!(of_class(&difference, "newly_failing"), [PAYMENTS]);
    assert_eq!(of_class(&difference, "newly_fixed"), [VPN]);
    assert_eq!(of_class(&difference, "left"), [SHOP]);
    let joined = of_class(&difference, "joined");
    assert_eq!(joined.len(), 1, "{difference}");
    let numbers = &difference["summary"];
    // Of 65 accounts these four; the one that moved is as well as it was.
    assert_eq!((&numbers["unchanged"], &numbers["moved"]), (&json!(61), &json!(1)), "{difference}");
    let moved = difference["accounts"].as_array().unwrap().iter().find(|account| account["id"] == VAULT);
    assert_eq!(moved.unwrap()["moved_from"], "Infrastructure/Backup & Recovery");

    fleet
        .workplace
        .run(&["report", "diff"])
        .ends_with(3)
        .says("WORSE: 1 newly failing, 1 fixed, 1 joined, 1 left, 1 moved")
        .says("extra managed policy arn:aws:iam::aws:policy/AdministratorAccess")
        .says("222200003103 payments-prod, in Workloads/Prod/Retail")
        .says("newcomer, in Root");
    // The other way round.
    let back = fleet.diff(&["latest", "latest~1"]).ends_with(3).json();
    assert_eq!(of_class(&back, "newly_failing"), [VPN]);
    assert_eq!(of_class(&back, "left"), joined);
    // And nothing from a run to itself, though it has a finding.
    let same = fleet.diff(&["latest", "latest"]).ends_with(0).json();
    assert_eq!(of_class(&same, "still_failing"), [PAYMENTS]);
}

#[test]
fn a_run_ends_with_what_is_new_since_the_run_before() {
    let fleet = Fleet::rolled_out();
    let last_line = |run: &Run| run.result.lines().last().unwrap().to_owned();
    let first = fleet.workplace.run(&["report"]).ends_with(0);
    assert!(last_line(&first).starts_with("Ledger: "), "a first run has none before it: {}", first.result);
    fleet.spoil(VPN);
    let second = fleet.verify(&[]).ends_with(3);
    let since = last_line(&second);
    assert!(since.starts_with("since the run before (20"), "{since}");
    assert!(since.ends_with("): 1 newly failing"), "{since}");
    fleet.mend(VPN);
    fleet.spoil(PAYMENTS);
    let third = fleet.verify(&["--output", "json"]).ends_with(3);
    assert!(third.story.contains("): 1 newly failing, 1 fixed\n"), "{}", third.story);
    third.json();
    let apply = ["apply", CONFIG, "--yes"];
    let fourth = fleet.workplace.run_as(MANAGEMENT, &fleet.simulation, &apply).ends_with(3);
    assert!(last_line(&fourth).ends_with("): nothing has changed (1 still failing)"), "{}", fourth.result);
    // Shown again it is the same.
    assert_eq!(fleet.workplace.run(&["report"]).ends_with(3).result, fourth.result);
}

#[test]
fn whom_a_run_did_not_look_at_is_not_called_fixed() {
    let fleet = Fleet::rolled_out();
    fleet.spoil(PAYMENTS);
    fleet.verify(&[]).ends_with(3);
    fleet.mend(PAYMENTS);
    fleet.verify(&["--only", "Infrastructure/**"]).ends_with(0);
    let difference = fleet.diff(&[]).ends_with(0).json();
    assert!(of_class(&difference, "not_compared").contains(&PAYMENTS.to_owned()), "{difference}");
    assert_eq!(of_class(&difference, "newly_fixed"), [""; 0]);
    assert_eq!(difference["after"]["part"]["only"], json!(["ou Infrastructure/**"]));
    fleet
        .workplace
        .run(&["report", "diff"])
        .ends_with(0)
        .says("NOTHING HAS CHANGED")
        .says("NOT COMPARED")
        .says("only ou Infrastructure/**");

    // A run about all is told from the last one that was about all.
    fleet.verify(&[]).ends_with(0);
    let difference = fleet.diff(&[]).ends_with(0).json();
    assert_eq!(of_class(&difference, "newly_fixed"), [PAYMENTS]);
    assert_eq!(difference["summary"]["not_compared"], 0);
    let from_the_part = fleet.diff(&["latest~1"]).ends_with(0).json();
    assert_eq!(of_class(&from_the_part, "newly_fixed"), [""; 0]);
}

#[test]
fn a_run_that_broke_off_is_marked_and_whom_it_did_not_reach_is_not_compared() {
    let fleet = Fleet::rolled_out();
    fleet.verify(&[]).ends_with(0);
    fleet.verify(&[]).ends_with(0);
    // As the ledger is when the process is killed after a few verdicts.
    let newest = ledgers(&fleet.workplace).pop().unwrap();
    let text = std::fs::read_to_string(&newest).unwrap();
    let verdict = r#"{"verify":{"account":"#;
    let whole: Vec<&str> = text.lines().collect();
    let first = whole.iter().position(|line| line.contains(verdict)).unwrap();
    std::fs::write(&newest, format!("{}\n{{\"at\":\"2026", whole[..first + 8].join("\n"))).unwrap();

    let difference = fleet.diff(&[]).ends_with(1).json();
    assert_eq!(difference["after"]["finished"], false);
    assert_eq!(difference["summary"]["not_compared"], 50);
    assert_eq!(difference["summary"]["unchanged"], 8 + 6, "eight targets, and those that are none");
    fleet
        .workplace
        .run(&["report", "diff"])
        .ends_with(1)
        .says("NOT FINISHED: the record breaks off")
        .says("NOT ALL ACCOUNTS WERE REACHED");

    // Killed before it looked at anybody, it is left out, and said to be.
    std::fs::write(&newest, format!("{}\n", whole[..first].join("\n"))).unwrap();
    let difference = fleet.diff(&[]).ends_with(0);
    assert!(
        difference.story.contains("is left out: it did not come to look at an account"),
        "{}",
        difference.story
    );
    assert_eq!(difference.json()["after"]["finished"], true);

    std::fs::write(&newest, "damaged\n").unwrap();
    fleet.diff(&[]).ends_with(0).says("is left out: the ledger").says("is damaged in line 1");
    fleet.diff(&["latest~1", "latest"]).ends_with(2).says("is damaged in line 1");
}

#[test]
fn runs_of_different_things_are_compared_when_that_is_asked_for() {
    let workplace = Workplace::new();
    let diff = |arguments: &[&str]| workplace.run(&[&["report", "diff"], arguments].concat());
    diff(&[]).ends_with(2).says("there is no run below `.rolecall`");
    let verify = ["verify", CONFIG, "--simulate"];
    workplace.run(&verify).ends_with(3);
    diff(&[]).ends_with(2).says("there are no two runs here to compare");
    workplace.edit(CONFIG, "rollout: cado-response", "rollout: cado-response-2");
    workplace.run(&verify).ends_with(3);
    diff(&[]).ends_with(2).says("there are no two runs here to compare");
    diff(&["latest~1", "latest", "--rollout", "cado-response"]).ends_with(2).says("there are only 1 here");
    diff(&["latest~1"]).ends_with(2).says("is the last run: there is no later one");
    diff(&["latest~1", "latest"])
        .ends_with(2)
        .says("`--across-rollouts`")
        .says("the rollout is cado-response in the earlier run and cado-response-2 in the later one");
    diff(&["latest~1", "latest", "--across-rollouts"]).ends_with(0).says("still failing");
}
