//! Everything that is wrong with a configuration, reported at once.

use std::fmt;
use std::path::PathBuf;

/// A configuration that means nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) struct InvalidConfig {
    pub(crate) path: PathBuf,
    pub(crate) problems: Problems,
}

impl fmt::Display for InvalidConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the configuration `{}` cannot be used:", self.path.display())?;
        self.problems.0.iter().try_for_each(|(key, message)| write!(formatter, "\n  {key}: {message}"))
    }
}

/// Each problem with the key that it is about.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<(String, String)>);

impl Problems {
    pub(crate) fn add(&mut self, key: impl Into<String>, message: impl fmt::Display) {
        self.0.push((key.into(), message.to_string()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, or nothing and a problem about `key`.
    pub(crate) fn take<T, E: fmt::Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(key, error)).ok()
    }
}
