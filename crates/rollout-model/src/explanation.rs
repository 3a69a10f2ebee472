//! Why an account is a target or none.

use crate::WaveName;

/// What the configuration says of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the account is a target, as far as its state allows; `None` when tags decide that were not
    /// read.
    pub selected: Option<bool>,
    /// The entry that decided, in words.
    pub reason: String,
    /// The first configured wave that selects it.
    pub wave: Option<WaveName>,
    /// Every entry of `include`, `exclude` and the waves, in this order.
    pub entries: Vec<EntryExplanation>,
}

/// Whether one entry matches an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryExplanation {
    /// Where it stands, for example `targets.include[2]`.
    pub key: String,
    /// As it is configured.
    pub entry: String,
    /// Whether it matches; `None` when tags decide that were not read.
    pub matches: Option<bool>,
    /// The selectors of the entry that do not match.
    pub unmatched: Vec<String>,
}
