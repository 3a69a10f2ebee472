//! What stands in the way of a roll-out, found by looking before the first write.

use std::collections::{BTreeMap, BTreeSet};

use rollout_model::AccountId;

/// What was found out beyond the StackSet itself. Without any of it a plan is still right, and learns of these
/// things only when AWS refuses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Obstacles {
    /// Accounts in which a deployment would fail, each with the reason and the remedy.
    pub accounts: BTreeMap<AccountId, String>,
    /// Accounts in which the role was looked for and is not there.
    pub absent_roles: BTreeSet<AccountId>,
    /// What concerns more than one account, or could not be looked at.
    pub warnings: Vec<String>,
}
