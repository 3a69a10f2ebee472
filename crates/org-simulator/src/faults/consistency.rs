//! Eventual consistency: lists that are behind, and roles that nobody can enter yet (aws-facts A16, E3).

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::written::Length;

/// The longest that a list may be behind: how long the past is remembered.
pub(crate) const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(10);

/// How far behind the answers are. Descriptions are never behind (aws-facts A16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Consistency {
    /// `ListStackInstances` and `ListStackSetOperations`.
    lists: Option<Length>,
    /// `ListStackSetOperationResults`.
    results: Option<Length>,
    /// Entering a new role.
    roles: Option<Length>,
}

impl Consistency {
    pub(super) fn lists(&self) -> SignedDuration {
        self.lists.unwrap_or_default().0
    }

    pub(super) fn results(&self) -> SignedDuration {
        self.results.unwrap_or_default().0
    }

    pub(super) fn roles(&self) -> SignedDuration {
        self.roles.unwrap_or_default().0
    }

    /// What a later list says replaces what an earlier one said, key by key.
    pub(super) fn overlaid(self, later: Consistency) -> Consistency {
        Consistency {
            lists: later.lists.or(self.lists),
            results: later.results.or(self.results),
            roles: later.roles.or(self.roles),
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let longest = [self.lists(), self.results(), self.roles()].into_iter().max().unwrap_or_default();
        match longest > LONGEST_DELAY {
            true => Err(format!("nothing is behind for longer than {LONGEST_DELAY:#}")),
            false => Ok(()),
        }
    }

    pub(super) fn shown(&self) -> Value {
        let text = |length: SignedDuration| format!("{length:#}");
        json!({"lists": text(self.lists()), "results": text(self.results()), "roles": text(self.roles())})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Consistency {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn what_a_later_list_leaves_out_stays() {
        let both = read("{ lists: 10s, roles: 20s }").overlaid(read("{ roles: 0s, results: 1m }"));
        assert_eq!(both, read("{ lists: 10s, results: 1m, roles: 0s }"));
        assert_eq!(both.shown()["lists"], "10s");
    }

    #[test]
    fn the_past_is_not_remembered_for_ever() {
        assert_eq!(read("{ lists: 10m }").check(), Ok(()));
        assert_eq!(read("{ lists: 11m }").check(), Err("nothing is behind for longer than 10m".to_owned()));
    }
}
