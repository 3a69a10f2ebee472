//! What the service said, before anything is made of it. Ids are as they came; a member that was missing is
//! empty.

use std::time::SystemTime;

use crate::error::DiscoveryError;

/// Everything that was read of one organization.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readings {
    pub(crate) organization: String,
    pub(crate) management_account: String,
    pub(crate) root: RootReading,
    /// As ListAccounts gave them.
    pub(crate) accounts: Vec<AccountReading>,
    /// Each after what it sits in, unless that is on the way to an account.
    pub(crate) units: Vec<UnitReading>,
    /// As ListAccountsForParent gave them, in the order of reading; empty when it was not needed.
    pub(crate) children: Vec<ChildReading>,
    /// The lists that could not be read to their end.
    pub(crate) gaps: Vec<Gap>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct RootReading {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Those switched on, or on their way to or from it: a policy may bind all that while.
    pub(crate) policy_types: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct AccountReading {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) state: Option<String>,
    /// The predecessor of `state`, announced to be retired (aws-facts D3).
    pub(crate) status: Option<String>,
    pub(crate) paths: Vec<String>,
    pub(crate) joined: Option<SystemTime>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct UnitReading {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) parent: String,
    /// Where the unit says that it is; new, and not everything that speaks the protocol gives it (aws-facts D3).
    pub(crate) path: Option<String>,
}

/// An account and the parent that it was listed for.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChildReading {
    pub(crate) parent: String,
    pub(crate) account: AccountReading,
}

/// A list below `parent` that could not be read to its end, and why.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gap {
    pub(crate) parent: String,
    pub(crate) problem: String,
}

impl Gap {
    /// The gap that a list left which did not come to its end.
    pub(crate) fn of(parent: String, outcome: Result<(), DiscoveryError>) -> Option<Self> {
        outcome.err().map(|error| Gap { parent, problem: error.on_one_line() })
    }
}
