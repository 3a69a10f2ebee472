//! Where the organization is read from, and what is read and kept of it.

use std::path::PathBuf;

use clap::Args;
use rollout_model::Region;

/// What is read of the organization.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiscoverArguments {
    /// The Region for calls that need one.
    #[arg(long, default_value = "us-east-1")]
    pub(crate) region: Region,
    #[command(flatten)]
    pub(crate) organization: OrganizationArgument,
    /// Read the tags of every account too: a call for each, ten a second.
    #[arg(long, conflicts_with = "organization")]
    pub(crate) tags: bool,
    /// Save what was read, for `--organization` and `--compare`.
    #[arg(long, value_name = "FILE", conflicts_with = "organization")]
    pub(crate) save: Option<PathBuf>,
    /// Show what happened since this snapshot was saved, instead of the tree; exit 3 when anything did.
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,
}

/// Where the organization comes from.
#[derive(Debug, Clone, Args)]
pub(crate) struct OrganizationArgument {
    /// Take the organization from this snapshot (`rolecall discover --save FILE`) instead of asking AWS.
    #[arg(id = "organization", long = "organization", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}
