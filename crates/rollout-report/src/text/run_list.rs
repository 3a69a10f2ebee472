//! The runs that left a ledger, as a table.

use super::escape::escaped;
use super::layout::table;
use super::style::dressed;
use super::words::listed;
use crate::account_row::Standing;
use crate::past_run::PastRun;
use crate::run_list::ListedRun;
use crate::summary::Outcome;

/// A table of runs, in the order in which they are given.
pub fn render_runs(runs: &[ListedRun], width: Option<u16>) -> String {
    let header = ["run", "rollout", "command", "started", "outcome", "accounts"];
    dressed(&table(header, runs.iter().map(cells), width), None)
}

fn cells(listed: &ListedRun) -> [String; 6] {
    let [run, rollout] = [listed.ledger.run.to_string(), listed.ledger.rollout.to_string()];
    match &listed.run {
        Err(problem) => {
            let nothing = || "-".to_owned();
            [run, rollout, nothing(), nothing(), "UNREADABLE".to_owned(), escaped(problem).into_owned()]
        }
        Ok(past) => {
            let command = escaped(past.command.as_deref().unwrap_or("-")).into_owned();
            let started = past.started_at.map(|at| at.strftime("%F %T UTC").to_string()).unwrap_or_default();
            [run, rollout, command, started, outcome(listed, past).to_owned(), accounts(past)]
        }
    }
}

fn outcome(listed: &ListedRun, past: &PastRun) -> &'static str {
    match past.outcome {
        _ if listed.is_going_on => "GOING ON",
        Outcome::AsSpecified => "as specified",
        Outcome::SomeFailed => "SOME FAILED",
        Outcome::Findings => "FINDINGS",
        Outcome::Stopped => "STOPPED",
        Outcome::Interrupted if past.finished_at.is_none() => "NOT FINISHED",
        Outcome::Interrupted => "INTERRUPTED",
    }
}

fn accounts(past: &PastRun) -> String {
    listed(&[
        (past.standing(Standing::AsSpecified), "as specified"),
        (past.standing(Standing::Finding), "with findings"),
        (past.standing(Standing::Failed), "failed"),
        (past.standing(Standing::Open), "open"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Ledger, LedgerWriter};
    use crate::samples;
    use crate::text::Decoration;

    #[test]
    fn a_list_of_runs_names_each_with_its_end_and_the_unreadable_with_the_reason() {
        let dir = tempfile::tempdir().unwrap();
        let rollout = "cado-response".parse().unwrap();
        let mut writers = Vec::new();
        let interrupted = samples::interrupted();
        for (run, events) in [
            ("20261118T120000Z-a", samples::all_well()),
            ("20261119T120000Z-a", samples::findings()),
            ("20261120T120000Z-a", samples::failures_and_findings()),
            ("20261121T120000Z-a", interrupted[..interrupted.len() - 1].to_vec()),
        ] {
            let mut writer = LedgerWriter::create(dir.path(), &rollout, &run.parse().unwrap()).unwrap();
            for (at, event) in samples::of_run(events, run) {
                writer.append(at, &event).unwrap();
            }
            writers.push(writer);
        }
        // The last one is still being written, but for its name the same as that of a process that was killed.
        let going_on = writers.pop();
        drop(writers);
        std::fs::write(dir.path().join("cado-response.20261117T120000Z-a.jsonl"), "damaged\n").unwrap();
        let list = || {
            let ledgers = Ledger::list(dir.path(), None).unwrap();
            let runs: Vec<ListedRun> = ledgers.into_iter().map(ListedRun::of).collect();
            Decoration::default()
                .of(&render_runs(&runs, None))
                .replace(&dir.path().display().to_string(), "DIR")
        };
        insta::assert_snapshot!(list());
        drop(going_on);
        assert!(list().contains("NOT FINISHED"), "{}", list());
    }
}
