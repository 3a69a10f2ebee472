//! Names that AWS compares without regard to case.

use std::cmp::Ordering;
use std::fmt;

/// An action, condition operator or condition key: shown as it was written, compared without regard to case
/// (aws-facts F3, F4).
#[derive(Clone)]
pub struct AnyCase(String);

impl AnyCase {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl From<&str> for AnyCase {
    fn from(name: &str) -> Self {
        AnyCase(name.to_owned())
    }
}

impl From<String> for AnyCase {
    fn from(name: String) -> Self {
        AnyCase(name)
    }
}

impl Ord for AnyCase {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl PartialOrd for AnyCase {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for AnyCase {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for AnyCase {}

impl fmt::Display for AnyCase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for AnyCase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
