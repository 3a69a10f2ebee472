//! What is done with the records of runs.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use rollout_model::RolloutName;

use super::{ReportArguments, ReportFile, examples};
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
    /// List the runs that left a ledger here, the newest first.
    #[command(after_help = examples::REPORT_LIST)]
    List {
        /// Only runs of this rollout.
        #[arg(long, value_name = "NAME")]
        rollout: Option<RolloutName>,
        /// At most so many: each ledger is read from its beginning to its end.
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
    },
    /// Say what changed between two runs: who is newly failing and why, who is fixed, who joined, left or moved.
    ///
    /// Without runs: the last one, and the newest before it that looked at the same accounts. An account that one of
    /// the runs was not about, or did not come to, is not compared. Exits with 3 when some account has a problem that
    /// it did not have, otherwise with 1 when the later run did not come to some account, otherwise with 0.
    #[command(after_help = examples::REPORT_DIFF)]
    Diff(DiffArguments),
    /// Join the runs of the shards (`verify --shard I/N`) to one report with a row for every account.
    ///
    /// Give the ledger of each shard, wherever it was written. Of several runs of one shard, as of a job that was tried
    /// again, the newest counts. The accounts of a missing shard were not reached; the exit code is that of the whole.
    #[command(after_help = examples::REPORT_MERGE)]
    Merge {
        /// The ledgers (`.rolecall/*.jsonl`) of the shards.
        #[arg(value_name = "LEDGER", required = true)]
        ledgers: Vec<PathBuf>,
        #[command(flatten)]
        report: ReportArguments,
    },
}

/// The runs that are to be compared, as far as the operator names them.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiffArguments {
    /// The earlier run, named as for `report`.
    pub(crate) before: Option<RunWord>,
    /// The later run. Default: the last one.
    pub(crate) after: Option<RunWord>,
    /// Only runs of this rollout.
    #[arg(long, value_name = "NAME")]
    pub(crate) rollout: Option<RolloutName>,
    /// Compare although the rollouts, the organizations or the home Regions are not the same.
    #[arg(long)]
    pub(crate) across_rollouts: bool,
}

impl RecordArguments {
    /// The files into which the run is to be written.
    pub(super) fn reports(&self) -> Option<&[ReportFile]> {
        match &self.command {
            None => Some(&self.report.files),
            Some(RecordCommand::Merge { report, .. }) => Some(&report.files),
            Some(RecordCommand::Diff(_) | RecordCommand::List { .. }) => None,
        }
    }
}
