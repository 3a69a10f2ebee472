//! `status`: the last run again, from its ledger.

use std::path::Path;

use anyhow::bail;
use rollout_model::RolloutName;
use rollout_report::{Ledger, Summary, render_run, report_json, terminal_width};

use crate::arguments::{Arguments, Output};
use crate::exit::Exit;
use crate::print;
use crate::run::LEDGER_DIRECTORY;

pub(crate) fn run(arguments: &Arguments, rollout: Option<&RolloutName>) -> anyhow::Result<Exit> {
    let Some(path) = Ledger::latest(Path::new(LEDGER_DIRECTORY), rollout)? else {
        let of = rollout.map(|rollout| format!(" of `{rollout}`")).unwrap_or_default();
        bail!(
            "there is no run{of} below `{LEDGER_DIRECTORY}`: ledgers are kept where `apply` and `verify` ran"
        );
    };
    let state = Ledger::read(&path)?;
    print::result(&match arguments.output {
        Output::Text => render_run(&state, Some(&path), terminal_width()),
        Output::Json => report_json(&state),
    })?;
    Ok(Summary::of(&state).outcome.into())
}
