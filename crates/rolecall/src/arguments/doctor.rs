//! What `doctor` looks at.

use std::path::PathBuf;

use clap::Args;
use rollout_model::Region;

/// What is looked at, and what may be mended.
#[derive(Debug, Clone, Args)]
pub(crate) struct DoctorArguments {
    /// The configuration of a rollout, to look at its StackSet, its Region and its permissions too; of a
    /// self-managed one also at its roles, in every target account.
    #[arg(value_name = "ROLLOUT.yaml")]
    pub(crate) config: Option<PathBuf>,
    /// The home Region, where no configuration names it.
    #[arg(long, default_value = "us-east-1", conflicts_with = "config")]
    pub(crate) region: Region,
    /// Turn trusted access of StackSets on where it is off, from the management account, and look again.
    /// Nothing else is ever changed.
    #[arg(long)]
    pub(crate) fix: bool,
}
