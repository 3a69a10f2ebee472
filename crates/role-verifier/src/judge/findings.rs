//! The answers to several questions that one check asks, brought together.

use rollout_model::VerdictCause;

use super::Judged;

/// What is not as it should be.
#[derive(Default)]
pub(super) struct Findings {
    failed: Option<VerdictCause>,
    evidence: Vec<String>,
}

impl Findings {
    /// Seen to be wrong.
    pub(super) fn fail(&mut self, cause: VerdictCause, line: String) {
        self.failed = self.failed.or(Some(cause));
        self.evidence.push(line);
    }

    /// Not seen.
    pub(super) fn unknown(&mut self, line: String) {
        self.evidence.push(line);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.evidence.is_empty()
    }

    /// One failure fails the check, and what was not seen keeps it from being green.
    pub(super) fn conclude(self, passed: Vec<String>) -> Judged {
        match self.failed {
            Some(cause) => Judged::fail(cause, self.evidence),
            None if !self.evidence.is_empty() => Judged::unknown(VerdictCause::Unknown, self.evidence),
            None => Judged::pass(passed),
        }
    }
}
