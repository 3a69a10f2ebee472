//! A run that is not about all targets.

use crate::{RunId, Shard, Share};

/// Which of the targets a run is about, as the operator asked for it. Each narrows what the one before leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The selectors of which one has to mean the account, as they are shown; empty when there is no such limit.
    pub only: Vec<String>,
    /// The newest run whose proofs count: whoever it, or one before it, has proven is left out.
    pub unproven_in: Option<RunId>,
    /// Some of those that are left.
    pub sample: Option<Sample>,
    /// Those of one machine of several.
    pub shard: Option<Shard>,
}

/// Some of the accounts, instead of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// How many. A share is rounded up.
    pub size: Share,
    /// What decides which: the same accounts and the same seed make the same sample.
    pub seed: String,
}

/// A part with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    /// What was asked for.
    pub part: Part,
    /// How many accounts the rollout means.
    pub targets: usize,
    /// How many of them are left before a sample, or a shard, is taken.
    pub eligible: usize,
    /// How many of these the run is about.
    pub chosen: usize,
}
