//! Reports as files: written whole, and refused before a run is begun for nothing.

use crate::program::Workplace;

const APPLY: [&str; 4] = ["apply", "config/rollout.yaml", "--simulate", "--yes"];

#[test]
fn a_run_is_written_into_every_file_that_was_asked_for() {
    let workplace = Workplace::new();
    workplace.write("old.json", "the report of another day");
    let reports = ["--output", "json", "--report", "old.json", "--report", "new.json"];
    let run = workplace.run(&[&APPLY[..], &reports[..]].concat()).ends_with(0);
    for name in ["old.json", "new.json"] {
        assert_eq!(read(&workplace, name), run.result, "{name}");
        assert!(run.story.contains(&format!("report written: {name}")), "{}", run.story);
    }
    let again = workplace.run(&["report", "--output", "json", "--report", "again.json"]).ends_with(0);
    assert_eq!(read(&workplace, "again.json"), run.result);
    assert_eq!(again.result, run.result);
}

#[test]
fn standard_output_takes_lines_and_tables_of_a_run_and_of_nothing_else() {
    let workplace = Workplace::new();
    workplace.run(&APPLY).ends_with(0);
    for (form, file) in [("jsonl", "run.jsonl"), ("csv", "run.csv")] {
        let run = workplace.run(&["report", "--output", form, "--report", file]).ends_with(0);
        assert_eq!(run.result, read(&workplace, file));
        // A header and 64 accounts; the lines end with one for the numbers.
        assert!(run.result.lines().count() >= 65, "{}", run.result);
        for other in [&["report", "list"][..], &["status"], &["plan", "config/rollout.yaml", "--simulate"]] {
            let run = workplace.run(&[other, &["--output", form]].concat()).ends_with(2);
            assert!(run.result.is_empty() && run.story.contains("--output json"), "{}", run.story);
        }
    }
}

#[test]
fn a_report_that_cannot_be_written_ends_the_command_before_it_begins() {
    let workplace = Workplace::new();
    std::fs::create_dir(workplace.path("folder.json")).unwrap();
    for (files, problem) in [
        (&["missing/run.json"][..], "`missing/run.json` cannot be written"),
        (&["folder.json"], "`folder.json` cannot be written"),
        (&["run.json", "run.json"], "`run.json` is asked for twice"),
        (&["run.docx"], "it has to end in"),
    ] {
        let reports: Vec<&str> = files.iter().flat_map(|file| ["--report", *file]).collect();
        let run = workplace.run(&[&APPLY[..], &reports[..]].concat()).ends_with(2);
        assert!(run.story.contains(problem), "{}", run.story);
        assert!(!workplace.path(".rolecall").exists(), "nothing was begun");
    }
}

fn read(workplace: &Workplace, name: &str) -> String {
    std::fs::read_to_string(workplace.path(name)).unwrap()
}
