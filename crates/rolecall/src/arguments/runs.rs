//! What is done with the records of runs.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use rollout_model::RolloutName;

use super::ReportArguments;
use crate::recorded::RunWord;

/// `report`: a run, or one of its commands.
#[derive(Debug, Clone, Args)]
pub(crate) struct RecordArguments {
    /// The run: its id, or how it begins; `latest`, or `latest~1` for the one before; or the path of a ledger.
    /// Default: `latest`.
    pub(crate) run: Option<RunWord>,
    /// Only runs of this rollout.
    #[arg(long, value_name = "NAME")]
    pub(crate) rollout: Option<RolloutName>,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(subcommand)]
    pub(crate) command: Option<RecordCommand>,
}

/// What `report` does beside showing a run.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum RecordCommand {
    /// Join the runs of the shards (`verify --shard I/N`) to one report with a row for every account.
    ///
    /// Give the ledger of each shard, wherever it was written. Of several runs of one shard, as of a job that was tried
    /// again, the newest counts. The accounts of a missing shard were not reached; the exit code is that of the whole.
    Merge {
        /// The ledgers (`.rolecall/*.jsonl`) of the shards.
        #[arg(value_name = "LEDGER", required = true)]
        ledgers: Vec<PathBuf>,
        #[command(flatten)]
        report: ReportArguments,
    },
}

impl RecordArguments {
    /// The files into which the run is to be written.
    pub(super) fn reports(&self) -> &ReportArguments {
        match &self.command {
            None => &self.report,
            Some(RecordCommand::Merge { report, .. }) => report,
        }
    }
}
