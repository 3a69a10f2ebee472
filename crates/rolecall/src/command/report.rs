//! `report`: earlier runs, from their ledgers.

use std::path::PathBuf;

use anyhow::bail;
use rollout_report::{Ledger, RunFiles};

use super::report_diff;
use crate::arguments::{Arguments, RecordArguments, RecordCommand};
use crate::exit::Exit;
use crate::recorded::{Recorded, RunWord};

pub(crate) fn run(arguments: &Arguments, record: &RecordArguments) -> anyhow::Result<Exit> {
    let Some(command) = &record.command else {
        let word = record.run.clone().unwrap_or(RunWord::Latest(0));
        let Recorded { path, state } = Recorded::find(&word, record.rollout.as_ref())?;
        return super::conclude(arguments, &state, &RunFiles { ledger: Some(&path), ..RunFiles::default() });
    };
    require_no_run(record)?;
    match command {
        RecordCommand::Diff(wanted) => report_diff::run(arguments, wanted),
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

/// `report merge`: the runs of the shards as one, in the forms of `report`.
fn merge(arguments: &Arguments, ledgers: &[PathBuf]) -> anyhow::Result<Exit> {
    let read = |path: &PathBuf| Ok((path.clone(), Ledger::read(path)?));
    let runs = ledgers.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let state = rollout_report::merge(runs)?;
    super::conclude(arguments, &state, &RunFiles::default())
}
