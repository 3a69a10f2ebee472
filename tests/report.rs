//! `report`: any earlier run again, from its ledger.

use std::path::PathBuf;

use crate::program::{Run, Workplace};

const APPLY: [&str; 6] = ["apply", "config/rollout.yaml", "--simulate", "--yes", "--output", "json"];

/// The ledgers of a workplace, the oldest first.
pub(crate) fn ledgers(workplace: &Workplace) -> Vec<PathBuf> {
    let files = std::fs::read_dir(workplace.path(".rolecall")).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths
}

fn id(run: &Run) -> String {
    run.json()["run"].as_str().unwrap().to_owned()
}

fn report(workplace: &Workplace, arguments: &[&str]) -> Run {
    workplace.run(&[&["report", "--output", "json"], arguments].concat())
}

#[test]
fn every_run_is_shown_again_however_it_is_named_and_ends_as_it_ended() {
    let workplace = Workplace::new();
    let first = workplace.run(&APPLY).ends_with(0);
    // A role that is nowhere: nothing can be proven of it.
    let second =
        workplace.run(&["verify", "config/rollout.yaml", "--simulate", "--output", "json"]).ends_with(3);
    let ledger = ledgers(&workplace)[0].clone();
    let file = ledger.display().to_string();
    for (name, run) in [
        (&["latest"][..], &second),
        (&[], &second),
        (&["latest~0"], &second),
        (&["latest~1"], &first),
        (&["latest~1", "--rollout", "cado-response"], &first),
        (&[id(&first).as_str()], &first),
        (&[&id(&second)[..20]], &second),
        (&[file.as_str()], &first),
    ] {
        let again = report(&workplace, name).ends_with(run.exit);
        assert_eq!(again.result, run.result, "{name:?}");
    }
    report(&workplace, &["latest~1", "--report", "again.json"]).ends_with(0);
    assert_eq!(std::fs::read_to_string(workplace.path("again.json")).unwrap(), first.result);
    workplace
        .run(&["report", "latest~1"])
        .ends_with(0)
        .says("58 verified")
        .says(ledger.file_name().unwrap().to_str().unwrap());
}

#[test]
fn a_run_that_is_not_there_or_not_the_only_one_is_refused_with_what_may_be_meant() {
    let workplace = Workplace::new();
    report(&workplace, &[]).ends_with(2).says("there is no run below `.rolecall`");
    let run = workplace.run(&APPLY).ends_with(0);
    let run = id(&run);
    let misspelt = format!("{}x", &run[..run.len() - 1]);
    report(&workplace, &[&misspelt]).ends_with(2).says(&format!("did you mean `{run}`?"));
    report(&workplace, &["latst"]).ends_with(2).says("did you mean `latest`?");
    report(&workplace, &["latest~1"]).ends_with(2).says("there is no run `latest~1`: there are only 1 here");
    report(&workplace, &["latest~x"]).ends_with(2).says("is followed by a number");
    report(&workplace, &["--rollout", "cado-respone"]).ends_with(2).says("did you mean `cado-response`?");
    report(&workplace, &["nowhere/x.y.jsonl"])
        .ends_with(2)
        .says("could not read the ledger nowhere/x.y.jsonl");
    workplace.run(&APPLY).ends_with(0);
    report(&workplace, &["2"]).ends_with(2).says("the ids of 2 runs begin with `2`");
    workplace.run(&["report", "latest", "merge", "x"]).ends_with(2).says("behind the name of a command");
}

#[test]
fn the_runs_are_listed_newest_first_and_one_that_cannot_be_read_says_why() {
    let workplace = Workplace::new();
    let list = |arguments: &[&str]| workplace.run(&[&["report", "list"], arguments].concat());
    list(&[]).ends_with(2).says("there is no run below `.rolecall`");
    let first = workplace.run(&APPLY).ends_with(0);
    let second =
        workplace.run(&["verify", "config/rollout.yaml", "--simulate", "--output", "json"]).ends_with(3);
    let third = workplace.run(&APPLY).ends_with(0);
    std::fs::write(ledgers(&workplace).pop().unwrap(), "damaged\n").unwrap();
    let listed = list(&["--output", "json"]).ends_with(0).json();
    let told = |run: &serde_json::Value| (run["run"].clone(), run["outcome"].clone());
    let runs: Vec<_> = listed["runs"].as_array().unwrap().iter().map(told).collect();
    let run = |run: &Run, outcome: Option<&str>| (run.json()["run"].clone(), outcome.into());
    let expected = [run(&third, None), run(&second, Some("findings")), run(&first, Some("as_specified"))];
    assert_eq!(runs, expected);
    assert!(listed["runs"][0]["problem"].as_str().unwrap().contains("is damaged in line 1"), "{listed}");
    assert_eq!(listed["runs"][2]["accounts"]["as_specified"], 58);
    let two = list(&["--limit", "2"]).ends_with(0);
    assert!(two.result.contains("UNREADABLE") && two.result.contains("FINDINGS"), "{}", two.result);
    assert!(!two.result.contains(&id(&first)), "{}", two.result);
    two.says("1 older left out");
}

#[test]
fn a_damaged_ledger_is_refused_with_its_line_and_the_others_are_not() {
    let workplace = Workplace::new();
    let first = workplace.run(&APPLY).ends_with(0);
    workplace.run(&APPLY).ends_with(0);
    let newest = ledgers(&workplace).pop().unwrap();
    let text = std::fs::read_to_string(&newest).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    std::fs::write(&newest, format!("{head}\nno event\n{rest}")).unwrap();
    report(&workplace, &[]).ends_with(2).says("is damaged in line 2");
    assert_eq!(report(&workplace, &["latest~1"]).ends_with(0).result, first.result);
}
