//! A run about a part of the targets, as ledger and report have it.

use rollout_model::{InvalidId, Narrowing, Part, Sample, Share};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What does not narrow is left out.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PartEntry {
    /// `2/3`: the second of three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sample: Option<SampleEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    only: Vec<String>,
    /// The newest run whose proofs count: whoever is proven was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unproven_in: Option<String>,
    /// How many accounts the rollout means.
    targets: usize,
    /// Those left before a sample or shard was taken.
    eligible: usize,
    /// Those that the run was about.
    chosen: usize,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct SampleEntry {
    /// A number of accounts, or a share such as `5%`.
    size: String,
    /// Which sample: the same one gives the same accounts.
    seed: String,
}

impl From<&Narrowing> for PartEntry {
    fn from(Narrowing { part, targets, eligible, chosen }: &Narrowing) -> Self {
        let sample =
            |sample: &Sample| SampleEntry { size: sample.size.to_string(), seed: sample.seed.clone() };
        PartEntry {
            shard: part.shard.map(|shard| shard.to_string()),
            sample: part.sample.as_ref().map(sample),
            only: part.only.clone(),
            unproven_in: part.unproven_in.as_ref().map(ToString::to_string),
            targets: *targets,
            eligible: *eligible,
            chosen: *chosen,
        }
    }
}

impl TryFrom<PartEntry> for Narrowing {
    type Error = InvalidId;

    fn try_from(entry: PartEntry) -> Result<Self, InvalidId> {
        let shard = entry.shard.map(|shard| {
            shard.parse().map_err(|_| InvalidId { input: shard, expected: "a shard (such as `2/3`)" })
        });
        let part = Part {
            shard: shard.transpose()?,
            sample: entry.sample.map(Sample::try_from).transpose()?,
            only: entry.only,
            unproven_in: entry.unproven_in.map(|run| run.parse()).transpose()?,
        };
        let (targets, eligible, chosen) = (entry.targets, entry.eligible, entry.chosen);
        Ok(Narrowing { part, targets, eligible, chosen })
    }
}

impl TryFrom<SampleEntry> for Sample {
    type Error = InvalidId;

    fn try_from(entry: SampleEntry) -> Result<Self, InvalidId> {
        let size = match entry.size.strip_suffix('%') {
            Some(percent) => percent.parse().map(Share::Percent),
            None => entry.size.parse().map(Share::Count),
        };
        match size {
            Ok(size) => Ok(Sample { size, seed: entry.seed }),
            Err(_) => Err(InvalidId { input: entry.size, expected: "a number of accounts or a share" }),
        }
    }
}
