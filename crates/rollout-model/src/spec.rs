//! What the operator asks for, after the configuration file, the arguments and the environment were joined.

use crate::{
    AccountIds, Gate, ManagementAccount, OperationPreferences, Region, RolloutName, RunId, StackArn,
    StackDefinition, StackSetDefinition, TargetEntry, WaveName,
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
    /// In which order. Whoever no wave selects comes last.
    pub waves: Vec<WaveSpec>,
    /// The StackSet for the member accounts.
    pub stack_set: StackSetDefinition,
    /// Stacks that exist in target accounts and are to become instances of the set, in the order of the
    /// configuration; at most one for an account.
    pub import_stacks: Vec<StackArn>,
    /// The plain stack for the management account.
    pub management_stack: StackDefinition,
    /// How fast, and how many failures may happen on the way.
    pub preferences: OperationPreferences,
    /// What a plan may not exceed.
    pub limits: Limits,
    /// What the operator agreed to on the command line.
    pub consent: Consent,
    /// How much of it this run is about.
    pub scope: Scope,
}

/// Which accounts are meant: those that an `include` selects and no `exclude` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// Alternatives: one match is enough.
    pub include: Vec<TargetEntry>,
    /// Wins over `include`.
    pub exclude: Vec<TargetEntry>,
    /// Whether the management account gets the role too, by a plain stack.
    pub management_account: ManagementAccount,
}

/// Accounts that are deployed to together, after the waves before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveSpec {
    /// Unique in the roll-out.
    pub name: WaveName,
    /// Alternatives, as in [`Targets::include`]. An account belongs to the first wave that selects it.
    pub include: Vec<TargetEntry>,
    /// What has to hold before the next wave begins.
    pub gate: Gate,
}

/// Guards against a plan that is larger than it was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most accounts that a plan may target.
    pub max_targets: usize,
    /// The most accounts that a plan may take the role away from.
    pub max_removals: usize,
}

/// How much of a roll-out one run is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only accounts whose last attempt failed or was cut short; nobody else is touched.
    pub only_failed: bool,
    /// The run that is gone on with: what failed in it is not tried again.
    pub resumed: Option<RunId>,
    /// The accounts that failed in it, as far as its ledger tells. AWS tells it of stack instances, and of the
    /// management account's stack it does not.
    pub tried: AccountIds,
}

/// What is done only when the operator says so each time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Consent {
    /// The role is taken away from accounts that are no targets any more.
    pub removal: bool,
    /// What exists already is taken over: a StackSet or stack without our mark, and stacks that are imported.
    pub adoption: bool,
    /// A role may be deleted and made anew under another name or path.
    pub replacement: bool,
    /// Where the role is gone although its instance is current, the instance is made anew.
    pub convergence: bool,
}
