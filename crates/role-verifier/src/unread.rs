//! Why something could not be read.

use aws_failure::AwsFailure;

/// What was tried and why it did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread {
    /// For people.
    pub(crate) said: String,
    /// Whether AWS was asked too often, which says nothing of the account.
    pub(crate) is_throttled: bool,
}

impl Unread {
    /// `doing` begins with "could not".
    pub(crate) fn new(doing: &str, failure: &AwsFailure) -> Self {
        Unread { said: format!("{doing}: {failure}"), is_throttled: failure.is_throttled() }
    }

    /// An answer that is not what AWS documents.
    pub(crate) fn odd(said: impl Into<String>) -> Self {
        Unread { said: said.into(), is_throttled: false }
    }
}
