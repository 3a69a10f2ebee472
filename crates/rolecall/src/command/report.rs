//! `report`: earlier runs, from their ledgers.

use std::path::PathBuf;

use anyhow::bail;
use rollout_model::RolloutName;
use rollout_report::{Ledger, ListedRun, RunFiles, render_runs, runs_json, terminal_width};

use super::report_diff;
use crate::arguments::{Arguments, RecordArguments, RecordCommand};
use crate::exit::Exit;
use crate::print;
use crate::recorded::{Recorded, RunWord, ledgers};

pub(crate) fn run(arguments: &Arguments, record: &RecordArguments) -> anyhow::Result<Exit> {
    let Some(command) = &record.command else {
        let word = record.run.clone().unwrap_or(RunWord::Latest(0));
        let Recorded { path, state } = Recorded::find(&word, record.rollout.as_ref())?;
        return super::conclude(arguments, &state, &RunFiles { ledger: Some(&path), ..RunFiles::default() });
    };
    require_no_run(record)?;
    match command {
        RecordCommand::Diff(wanted) => report_diff::run(arguments, wanted),
        RecordCommand::List { rollout, limit } => list(arguments, rollout.as_ref(), *limit),
        RecordCommand::Merge { ledgers, .. } => merge(arguments, ledgers),
    }
}

/// What stands before the name of a command is about showing a run. (Options that all commands have may stand there,
/// so that clap cannot say this.)
fn require_no_run(record: &RecordArguments) -> anyhow::Result<()> {
    if record.run.is_some() || record.rollout.is_some() || !record.report.files.is_empty() {
        bail!(
            "a run, `--rollout` and `--report` stand behind the name of a command of `report`, not before it"
        );
    }
    Ok(())
}

/// `report list`: the newest runs, one line each. A ledger that cannot be read has its line, too.
fn list(arguments: &Arguments, rollout: Option<&RolloutName>, limit: usize) -> anyhow::Result<Exit> {
    let mut ledgers = ledgers(rollout)?;
    let older = ledgers.len().saturating_sub(limit);
    ledgers.truncate(limit);
    let runs: Vec<ListedRun> = ledgers.into_iter().map(ListedRun::of).collect();
    print::result(&match arguments.output.is_text() {
        true => render_runs(&runs, terminal_width()),
        false => runs_json(&runs),
    })?;
    if older > 0 {
        print::message(&format!("{older} older left out: see `--limit`"));
    }
    Ok(Exit::AsSpecified)
}

/// `report merge`: the runs of the shards as one, in the forms of `report`.
fn merge(arguments: &Arguments, ledgers: &[PathBuf]) -> anyhow::Result<Exit> {
    let read = |path: &PathBuf| Ok((path.clone(), Ledger::read(path)?));
    let runs = ledgers.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let state = rollout_report::merge(runs)?;
    super::conclude(arguments, &state, &RunFiles::default())
}
