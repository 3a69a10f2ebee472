//! What `verify` is about, beside the rollout.

use clap::Args;
use rollout_model::{Shard, Share, TargetEntry};

use crate::part::{sample_size, selector};

/// Which of the targets.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which accounts")]
pub(crate) struct PartArguments {
    /// Only these targets; given more than once, whoever any of them selects.
    ///
    /// An account id, an account name with `*` and `?`, or the path of an organizational unit with a slash or `**`;
    /// with the word of the configuration before it whatever is meant: `account=`, `name=` or `ou=`.
    #[arg(long, value_name = "SELECTOR", value_parser = selector)]
    pub(crate) only: Vec<TargetEntry>,
    /// Only targets that were not verified in the last run of this rollout, as its ledger tells. Where that run was
    /// about a part itself, the runs before it tell of the others.
    #[arg(long, conflicts_with_all = ["absent", "sample", "shard"])]
    pub(crate) only_failed: bool,
    /// Only so many of the targets, or such a share of them, spread evenly over the organization.
    #[arg(long, value_name = "N|N%", value_parser = sample_size, conflicts_with = "shard")]
    pub(crate) sample: Option<Share>,
    /// Takes the same sample again. Default: the id of the run, so that every run has another.
    #[arg(long, value_name = "TEXT", requires = "sample")]
    pub(crate) seed: Option<String>,
    /// Only the targets of one machine of several: `2/3` is the second of three. `rolecall report merge` joins their
    /// ledgers.
    ///
    /// The account id alone decides, by SplitMix64: every account is in exactly one shard, on every machine, whichever
    /// other accounts there are.
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
}

impl PartArguments {
    /// Whether it is about all targets after all.
    pub(crate) fn is_whole(&self) -> bool {
        self.only.is_empty() && !self.only_failed && self.sample.is_none() && self.shard.is_none()
    }
}

/// What becomes of the probe, by which a role that trusts others is tried.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ProbeArguments {
    /// Take the statement of `verify.mode: probe` out of the trust policy in every account, and prove by evaluation
    /// what is left. Writes to AWS: it is `apply` without the probe.
    #[arg(long, conflicts_with_all = ["absent", "organization", "only", "only_failed", "sample", "shard"])]
    pub(crate) remove_probe: bool,
    /// Do not ask for confirmation.
    #[arg(long, requires = "remove_probe")]
    pub(crate) yes: bool,
}
