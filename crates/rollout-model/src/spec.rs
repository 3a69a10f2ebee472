//! What the operator asks for, after the configuration file, the arguments and the environment were joined.

use std::fmt;

use crate::{
    AccountId, ManagementAccount, OperationPreferences, OuId, OuPattern, Region, RolloutName, RootId,
    StackDefinition, StackSetDefinition,
};

/// One roll-out. Beyond this type nobody asks where a value came from.
#[derive(Debug, Clone)]
pub struct RolloutSpec {
    /// Names the StackSet, the management account's stack and the ledger.
    pub rollout: RolloutName,
    /// Where the StackSet lives, and the one Region that its instances are in: a role is global, so a second
    /// Region would only collide with the first (aws-facts K8).
    pub home_region: Region,
    /// Which accounts are meant.
    pub targets: Targets,
    /// The StackSet for the member accounts.
    pub stack_set: StackSetDefinition,
    /// The plain stack for the management account.
    pub management_stack: StackDefinition,
    /// How fast, and how many failures may happen on the way.
    pub preferences: OperationPreferences,
    /// What a plan may not exceed.
    pub limits: Limits,
}

/// Which accounts are meant: those that an `include` selects and no `exclude` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// Alternatives: one match is enough.
    pub include: Vec<Selector>,
    /// Wins over `include`.
    pub exclude: Vec<Selector>,
    /// Whether the management account gets the role too, by a plain stack.
    pub management_account: ManagementAccount,
}

/// One way of saying which accounts are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Every account in or below the units at a path.
    Units(OuPattern),
    /// Every account in or below one unit.
    Unit(OuId),
    /// Every account of the organization.
    Root(RootId),
    /// One account.
    Account(AccountId),
}

/// As it stands in the configuration, for reasons and errors.
impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Units(pattern) => write!(formatter, "ou {pattern}"),
            Selector::Unit(id) => write!(formatter, "ou {id}"),
            Selector::Root(id) => write!(formatter, "ou {id}"),
            Selector::Account(id) => write!(formatter, "account {id}"),
        }
    }
}

/// Guards against a plan that is larger than it was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most accounts that a plan may target.
    pub max_targets: usize,
}
