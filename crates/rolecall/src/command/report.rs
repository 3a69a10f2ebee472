//! `report`: what is done with the records of runs.

use std::path::PathBuf;

use rollout_report::{Ledger, Summary, render_run, report_json, terminal_width};

use crate::arguments::{Arguments, Output};
use crate::exit::Exit;
use crate::print;

/// `report merge`: the runs of the shards as one, in the forms of `status`.
pub(crate) fn merge(arguments: &Arguments, ledgers: &[PathBuf]) -> anyhow::Result<Exit> {
    let read = |path: &PathBuf| Ok((path.clone(), Ledger::read(path)?));
    let runs = ledgers.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let state = rollout_report::merge(runs)?;
    print::result(&match arguments.output {
        Output::Text => render_run(&state, None, terminal_width()),
        Output::Json => report_json(&state),
    })?;
    Ok(Summary::of(&state).outcome.into())
}
