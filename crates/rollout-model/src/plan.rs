//! What a roll-out will do: every choice, made before the first write, with its reason.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::{
    AccountId, Gate, OperationPreferences, OuPath, Region, StackDefinition, StackSetDefinition, Step,
    WaveName,
};

/// The whole plan. Executing it leaves no choice open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutPlan {
    /// The Region of the StackSet and of its instances.
    pub home_region: Region,
    /// Every account of the organization, exactly once.
    pub accounts: BTreeMap<AccountId, AccountPlan>,
    /// What is to be called, wave after wave. A wave in which nothing is to be done is left out, unless its gate
    /// is to be looked at before a later one; so there is none when AWS already holds what was specified.
    pub waves: Vec<Wave>,
    /// The definition that the steps bring about.
    pub stack_set: StackSetDefinition,
    /// The plain stack that the steps bring about, when the management account is a target.
    pub management_stack: StackDefinition,
    /// How operations are run.
    pub preferences: OperationPreferences,
    /// Whether a role may be deleted and made anew under another name or path.
    pub may_replace: bool,
    /// In what the specified definitions differ from those that AWS holds.
    pub changes: Vec<DefinitionChange>,
    /// How long the steps will take; `None` when none of them visits an account.
    pub pace: Option<Pace>,
    /// What the operator should know before saying yes.
    pub warnings: Vec<String>,
}

impl RolloutPlan {
    /// The steps of all waves, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.waves.iter().flat_map(|wave| &wave.steps)
    }
}

/// The steps for the accounts that go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// As configured, or one of the names that every plan has.
    pub name: WaveName,
    /// In this order. None in a wave that is only looked at again before the next one begins: see
    /// [`Gate::proceed_when`].
    pub steps: Vec<Step>,
    /// What has to hold before the next wave begins.
    pub gate: Gate,
}

/// How the definition of a StackSet or stack changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionChange {
    /// What changes, with its name.
    pub of: String,
    /// One readable line for each change, without secrets.
    pub lines: Vec<String>,
}

/// How fast the operations of a plan go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// How many accounts the largest operation works on at a time.
    pub at_once: usize,
    /// How long all operations take together, by an assumed time for each account.
    pub expected: Duration,
    /// The setting that would make it faster, and how fast.
    pub faster: Option<String>,
}

/// What happens in one account, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPlan {
    /// The account's name.
    pub name: String,
    /// Where it sits.
    pub unit: OuPath,
    /// What is done.
    pub action: Action,
    /// How it is done.
    pub vehicle: Vehicle,
    /// The wave that it belongs to; `None` for an account that is no target.
    pub wave: Option<WaveName>,
    /// Why: the selector that decided, the account's state, or what AWS holds.
    pub reason: String,
}

/// What is done in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The stack does not exist yet.
    Create,
    /// The stack exists and holds an earlier definition.
    Update,
    /// The stack belongs to a StackSet without our mark and is taken over with it, or to none and is imported.
    Adopt,
    /// The definition stays, and an earlier attempt to bring it here failed or was cut short.
    Repair,
    /// The instance says that the stack holds what is specified, and the role is gone: the instance is made anew.
    Recreate,
    /// The stack holds what is specified.
    Keep,
    /// The stack is deleted, and the role with it: the account is no target any more, or the roll-out is
    /// taken away.
    Remove,
    /// The instance leaves the StackSet, and stack and role stay behind in the account, unmanaged.
    Retain,
    /// The account is no target, yet has an instance. It is left in place: nothing is deleted unasked.
    LeaveInPlace,
    /// A target that cannot be deployed to as things stand.
    Blocked,
    /// A target that this run is not asked to look at.
    LeaveOut,
    /// A target that another machine looks at.
    OtherShard,
    /// No target, or one that is not open.
    Skip,
}

impl Action {
    /// All actions in the order in which they are shown.
    pub const ALL: [Action; 13] = [
        Action::Create,
        Action::Update,
        Action::Adopt,
        Action::Repair,
        Action::Recreate,
        Action::Keep,
        Action::Remove,
        Action::Retain,
        Action::LeaveInPlace,
        Action::Blocked,
        Action::LeaveOut,
        Action::OtherShard,
        Action::Skip,
    ];

    /// Whether the account is to have the role when the roll-out is done, and is verified for it.
    pub fn is_target(self) -> bool {
        self == Action::Keep || self.is_deployment()
    }

    /// Whether the roll-out brings the role to the account.
    pub fn is_deployment(self) -> bool {
        matches!(self, Action::Create | Action::Update | Action::Adopt | Action::Repair | Action::Recreate)
    }

    /// Whether the roll-out changes anything in the account.
    pub fn is_change(self) -> bool {
        matches!(self, Action::Remove | Action::Retain) || self.is_deployment()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Adopt => "adopt",
            Action::Repair => "repair",
            Action::Recreate => "recreate",
            Action::Keep => "keep",
            Action::Remove => "remove",
            Action::Retain => "retain",
            Action::LeaveInPlace => "leave in place",
            Action::Blocked => "blocked",
            Action::LeaveOut => "leave out",
            Action::OtherShard => "other shard",
            Action::Skip => "skip",
        })
    }
}

/// By what an account gets its stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vehicle {
    /// The StackSet.
    StackSet,
    /// A plain stack, in the management account.
    Stack,
}
