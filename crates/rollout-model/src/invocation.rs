//! By whom and how a run was carried out.

/// A process that carried out a run, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The ARN of the identity that AWS was asked as.
    pub caller: String,
    /// What was typed, without secrets.
    pub command_line: String,
    /// The version of rolecall.
    pub version: String,
}
