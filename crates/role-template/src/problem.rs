//! What is wrong with a role or a template, and how wrong it is.

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place in the configuration, such as `role.description`, or in the template.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
    /// Whether it can work at all.
    pub severity: Severity,
}

/// How certain a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// AWS refuses it in every account.
    Refused,
    /// AWS takes it only in accounts that have a raised quota.
    NeedsRaisedQuota,
    /// AWS takes it everywhere, and an operator should think twice.
    Unwise,
}

impl Problem {
    pub(crate) fn refused(key: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { key: key.into(), message: message.into(), severity: Severity::Refused }
    }

    pub(crate) fn unwise(key: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { key: key.into(), message: message.into(), severity: Severity::Unwise }
    }
}
