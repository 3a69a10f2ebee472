//! What is wrong with a configuration, collected so that all of it is reported at once.

use std::fmt;

use super::node::Place;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// The key it is about, for example `targets.include[2]`; empty for the document as a whole.
    pub(super) key: String,
    pub(super) message: String,
    /// What would have been right, told at the place itself.
    pub(super) hint: Option<String>,
    /// Where it stands, when that is not simply where the key is.
    pub(super) place: Option<Place>,
}

impl Problem {
    pub(super) fn new(key: impl Into<String>, message: impl fmt::Display) -> Self {
        Problem { key: key.into(), message: message.to_string(), hint: None, place: None }
    }
}

/// Everything that is wrong.
#[derive(Debug, Default)]
pub(crate) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, key: impl Into<String>, message: impl fmt::Display) {
        self.0.push(Problem::new(key, message));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, or nothing and a problem about `key`.
    pub(crate) fn take<T, E: fmt::Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(key, error)).ok()
    }
}
