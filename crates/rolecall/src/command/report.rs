//! `report`: what is done with the records of runs.

use std::path::PathBuf;

use rollout_report::Ledger;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// `report merge`: the runs of the shards as one, in the forms of `status`.
pub(crate) fn merge(arguments: &Arguments, ledgers: &[PathBuf]) -> anyhow::Result<Exit> {
    let read = |path: &PathBuf| Ok((path.clone(), Ledger::read(path)?));
    let runs = ledgers.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let state = rollout_report::merge(runs)?;
    super::conclude(arguments, &state, None)
}
