//! `status`: the last run again, from its ledger.

use std::path::Path;

use anyhow::bail;
use rollout_model::RolloutName;
use rollout_report::{Ledger, RunFiles};

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::run::LEDGER_DIRECTORY;

pub(crate) fn run(arguments: &Arguments, rollout: Option<&RolloutName>) -> anyhow::Result<Exit> {
    let Some(path) = Ledger::latest(Path::new(LEDGER_DIRECTORY), rollout)? else {
        let of = rollout.map(|rollout| format!(" of `{rollout}`")).unwrap_or_default();
        bail!(
            "there is no run{of} below `{LEDGER_DIRECTORY}`: ledgers are kept where `apply` and `verify` ran"
        );
    };
    let state = Ledger::read(&path)?;
    super::conclude(arguments, &state, &RunFiles { ledger: Some(&path), ..RunFiles::default() })
}
