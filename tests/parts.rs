//! `verify` of a part of the targets: every account keeps its row, and the exit code speaks of the part alone.

use std::collections::BTreeSet;

use crate::program::{MANAGEMENT, Run, Simulation, Workplace};

const SPOILT: [&str; 2] = ["222200003103", "222200002003"];
const WIDENED: &str =
    "Version=2010-05-08&RoleName=CadoResponse&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess";

struct Story {
    workplace: Workplace,
    simulation: Simulation,
}

impl Story {
    fn rolled_out() -> Story {
        let workplace = Workplace::new();
        let simulation = Simulation::of_the_reference_organization(&workplace);
        workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
        Story { workplace, simulation }
    }

    /// Gives the role of an account more than it should have.
    fn spoil(&self, account: &str) {
        self.simulation.call(account, "iam", &format!("Action=AttachRolePolicy&{WIDENED}"));
    }

    fn mend(&self, account: &str) {
        self.simulation.call(account, "iam", &format!("Action=DetachRolePolicy&{WIDENED}"));
    }

    fn verify(&self, arguments: &[&str]) -> Run {
        let all = [&["verify", "config/rollout.yaml", "--output", "json"], arguments].concat();
        self.workplace.run_as(MANAGEMENT, &self.simulation, &all)
    }
}

/// The accounts that were looked at; every account has a row all the same.
#[track_caller]
fn looked_at(run: &Run) -> BTreeSet<String> {
    let accounts = run.accounts();
    assert_eq!(accounts.len(), 64);
    let is_asked =
        |account: &serde_json::Value| account["verification"]["conclusion"] != serde_json::json!("not_asked");
    accounts.into_iter().filter(|(_, account)| is_asked(account)).map(|(id, _)| id).collect()
}

#[test]
fn every_target_is_in_one_shard_and_has_a_row_in_all() {
    let story = Story::rolled_out();
    let mut seen = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let run = story.verify(&["--shard", shard]).ends_with(0);
        assert_eq!(run.json()["part"]["shard"], shard);
        let own = looked_at(&run);
        let others = run.accounts().into_iter().filter(|(_, account)| account["action"] == "other_shard");
        let others: Vec<_> = others.collect();
        assert_eq!(own.len() + others.len(), 58, "{shard}");
        for (id, account) in others {
            let reason = account["reason"].as_str().unwrap();
            assert!(reason.starts_with("in another shard"), "{id}: {account}");
        }
        seen.extend(own);
    }
    seen.sort();
    assert_eq!(seen.len(), 58);
    seen.dedup();
    assert_eq!(seen.len(), 58, "no account is in two shards");
}

#[test]
fn the_exit_code_speaks_of_the_selected_accounts_alone() {
    let story = Story::rolled_out();
    let [spoilt, _] = SPOILT;
    story.spoil(spoilt);
    let run = story.verify(&["--only", "Infrastructure/**", "--only", "shop-*"]).ends_with(0);
    let seen = looked_at(&run);
    assert!(!seen.contains(spoilt) && seen.contains("222200002003"), "{seen:?}");
    let row = &run.accounts()[spoilt];
    assert_eq!((&row["action"], &row["reason"]), (&"leave_out".into(), &"no `--only` selects it".into()));
    let status = story.workplace.run(&["report", "--output", "json"]).ends_with(0);
    assert_eq!(status.result, run.result, "the ledger tells the same");
    let run = story.verify(&["--only", spoilt]).ends_with(3);
    assert_eq!(looked_at(&run), BTreeSet::from([spoilt.to_owned()]));
    assert_eq!(run.json()["summary"]["targeted"], 1);
}

#[test]
fn a_selector_in_vain_is_told_before_anybody_is_asked() {
    let story = Story::rolled_out();
    story.simulation.forget_calls();
    story
        .verify(&["--only", "Infrastrukture/**", "--only", "222299999999", "--only", "as400-bridge"])
        .ends_with(2)
        .says("did you mean `Infrastructure`?")
        .says("account 222299999999 is not in the organization")
        .says("--only name as400-bridge: means no target: excluded by ou Workloads/Legacy");
    let calls = story.simulation.calls();
    assert!(!calls.contains_key("iam:GetRole"), "{calls:?}");
}

#[test]
fn a_sample_says_how_to_take_it_again() {
    let story = Story::rolled_out();
    let first = story.verify(&["--sample", "10%"]).ends_with(0);
    let seen = looked_at(&first);
    assert_eq!(seen.len(), 6);
    let part = first.json()["part"].clone();
    let seed = part["sample"]["seed"].as_str().unwrap().to_owned();
    assert_eq!(first.json()["run"], seed.as_str());
    let again = story.verify(&["--sample", "10%", "--seed", &seed]).ends_with(0);
    assert_eq!(looked_at(&again), seen);
    let other = story.verify(&["--sample", "10%", "--seed", "another"]).ends_with(0);
    assert_ne!(looked_at(&other), seen);
    story
        .workplace
        .run(&["report"])
        .ends_with(0)
        .says("a sample of 6 of 58 accounts, to be repeated with --sample 10% --seed another");
    assert!(other.accounts().values().any(|account| account["reason"] == "not in the sample"));
}

#[test]
fn only_failed_goes_by_what_the_runs_before_left_unproven() {
    let story = Story::rolled_out();
    SPOILT.iter().for_each(|account| story.spoil(account));
    let whole = story.verify(&[]).ends_with(3);
    let whole = whole.json()["run"].as_str().unwrap().to_owned();
    story.mend(SPOILT[0]);
    let run = story.verify(&["--only-failed"]).ends_with(3);
    assert_eq!(looked_at(&run), SPOILT.map(str::to_owned).into());
    assert_eq!(run.json()["part"]["unproven_in"], whole.as_str());
    assert_eq!(run.accounts()["222200003101"]["reason"], format!("was verified in run {whole}"));
    // A run about a part tells of that part; of the others the run before it does.
    story.mend(SPOILT[1]);
    let run = story.verify(&["--only-failed"]).ends_with(0);
    assert_eq!(looked_at(&run), [SPOILT[1].to_owned()].into());
    let run = story.verify(&["--only-failed"]).ends_with(0).says("nobody is left to look at");
    assert!(looked_at(&run).is_empty());
}

#[test]
fn without_an_earlier_run_only_failed_says_what_to_do() {
    let (workplace, simulate) = (Workplace::new(), "--simulate");
    let arguments = ["verify", "config/rollout.yaml", simulate, "--only-failed"];
    workplace
        .run(&arguments)
        .ends_with(2)
        .says("there is no earlier run of `cado-response`")
        .says("run `rolecall verify`");
    // What a run of another organization proved means nothing here.
    workplace.edit("config/organization.yaml", "o-rolecall42", "o-rolecall43");
    workplace
        .run(&["apply", "config/rollout.yaml", "--simulate=config/organization.yaml", "--yes"])
        .ends_with(0);
    workplace.run(&arguments).ends_with(2).says("there is no earlier run of `cado-response`");
}

#[test]
fn that_the_role_is_gone_can_be_proven_by_several_machines_too() {
    let story = Story::rolled_out();
    let seen = |shard| looked_at(&story.verify(&["--absent", "--shard", shard]).ends_with(3));
    let (one, other) = (seen("1/2"), seen("2/2"));
    assert!(one.is_disjoint(&other));
    assert_eq!(one.len() + other.len(), 58);
}

/// The ledgers of the shards as three machines have them, each in a directory of its own.
fn on_three_machines(story: &Story) -> Vec<String> {
    let ledger_of = |number: usize| {
        let machine = Workplace::new();
        let shard = format!("{number}/3");
        machine.run_as(MANAGEMENT, &story.simulation, &["verify", "config/rollout.yaml", "--shard", &shard]);
        let ledger = std::fs::read_dir(machine.path(".rolecall")).unwrap().next().unwrap().unwrap().path();
        let copy = story.workplace.path(&format!("from-machine-{number}"));
        std::fs::copy(ledger, &copy).unwrap();
        copy.display().to_string()
    };
    (1..=3).map(ledger_of).collect()
}

#[test]
fn the_ledgers_of_three_machines_make_the_report_of_one() {
    let story = Story::rolled_out();
    let [spoilt, _] = SPOILT;
    story.spoil(spoilt);
    let ledgers = on_three_machines(&story);
    let given: Vec<&str> = ledgers.iter().map(String::as_str).collect();
    let merge =
        |ledgers: &[&str]| story.workplace.run(&[&["report", "merge", "--output", "json"], ledgers].concat());
    let merged = merge(&given).ends_with(3);
    let whole = story.verify(&[]).ends_with(3);
    let told = |run: &Run| -> Vec<_> {
        let told = |(id, account): (String, serde_json::Value)| {
            let conclusion = account["verification"]["conclusion"].clone();
            (id, account["action"].clone(), account["reason"].clone(), conclusion)
        };
        run.accounts().into_iter().map(told).collect()
    };
    assert_eq!(told(&merged), told(&whole), "row by row what one machine finds");
    for number in ["targeted", "verified", "findings", "not_targeted", "other_shard", "accounts"] {
        assert_eq!(merged.json()["summary"][number], whole.json()["summary"][number], "{number}");
    }
    assert_eq!(merge(&[given[0], given[1], given[2], given[1]]).ends_with(3).result, merged.result);
    let without = merge(&[given[0], given[2]]).ends_with(1);
    assert_eq!(without.accounts().len(), 64);
    assert_eq!(without.json()["shards"][1]["run"], serde_json::Value::Null);
    story
        .workplace
        .run(&["report", "merge", given[0], given[2]])
        .ends_with(1)
        .says("INCOMPLETE: shard 2/3 is missing")
        .says("not reached: shard 2/3 is missing");
}

#[test]
fn what_cannot_be_joined_is_refused_with_its_file() {
    let story = Story::rolled_out();
    story.verify(&["--shard", "1/2"]).ends_with(0);
    let whole = Workplace::new();
    whole.run(&["verify", "config/rollout.yaml", "--simulate"]);
    let ledger = |workplace: &Workplace| {
        let mut ledgers: Vec<_> = std::fs::read_dir(workplace.path(".rolecall"))
            .unwrap()
            .map(|entry| entry.unwrap().path().display().to_string())
            .collect();
        ledgers.sort();
        ledgers.pop().unwrap()
    };
    let (shard, whole) = (ledger(&story.workplace), ledger(&whole));
    let merge = |ledgers: &[&str]| story.workplace.run(&[&["report", "merge"], ledgers].concat());
    merge(&[&shard, &whole]).ends_with(2).says(&format!("the run of {whole} is not of a shard"));
    merge(&[&shard, "nowhere.jsonl"]).ends_with(2).says("could not read the ledger nowhere.jsonl");
    merge(&[&shard, "config/rollout.yaml"]).ends_with(2).says("config/rollout.yaml");
    merge(&[]).ends_with(2).says("Usage:");
    story.verify(&["--shard", "2/3"]).ends_with(0);
    merge(&[&shard, &ledger(&story.workplace)]).ends_with(2).says("the number of shards is 2");
}

#[test]
fn parts_that_make_no_sense_together_are_refused() {
    let workplace = Workplace::new();
    for arguments in [
        &["--shard", "1/3", "--sample", "5"][..],
        &["--shard", "1/3", "--only-failed"],
        &["--sample", "5", "--only-failed"],
        &["--absent", "--only-failed"],
        &["--remove-probe", "--shard", "1/3"],
        &["--remove-probe", "--only", "shop-*"],
        &["--seed", "monday"],
        &["--shard", "0/3"],
        &["--shard", "4/3"],
        &["--sample", "0"],
        &["--only", "account=12"],
    ] {
        let all = [&["verify", "config/rollout.yaml", "--simulate"], arguments].concat();
        let run = workplace.run(&all).ends_with(2);
        assert!(run.story.contains("Usage:") || run.story.contains("--help"), "{arguments:?}: {}", run.story);
        assert!(run.result.is_empty() && !workplace.path(".rolecall").exists(), "{arguments:?}");
    }
}
