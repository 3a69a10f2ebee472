//! What was looked at, before anybody judges it. What could not be seen says why.

use std::collections::BTreeSet;

use aws_failure::Tried;
use org_discovery::OrganizationIdentity;
use rollout_model::{AccountId, CallAs, ManagementAccount, Region, RoleArn, RolloutName, StackSetSnapshot};
use rollout_model::{StackName, StackSetName};
use stackset_deployer::TrustedAccess;

use crate::aws::Caller;

/// Everything.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(super) region: Region,
    pub(super) caller: Result<Caller, String>,
    /// What the first call showed of the Region.
    pub(super) region_trouble: Option<String>,
    pub(super) membership: Membership,
    pub(super) position: Position,
    pub(super) administrators: Result<BTreeSet<AccountId>, String>,
    pub(super) access: Result<TrustedAccess, String>,
    /// Whether it is there; `None` where only the management account could look.
    pub(super) linked_role: Option<Result<bool, String>>,
    pub(super) stack_sets: Result<usize, String>,
    /// Of the management account; `None` where only that account could look.
    pub(super) roles: Option<Result<Quota, String>>,
    pub(super) rollout: Option<RolloutSeen>,
    pub(super) entered: Vec<Entered>,
    pub(super) reads: Vec<Tried>,
    /// What IAM says of the actions that change something.
    pub(super) writes: Result<Vec<Tried>, String>,
}

impl Seen {
    /// Where the caller's account stands in the organization.
    pub(crate) fn position(&self) -> Position {
        self.position
    }
}

/// Which organization the caller's account is in.
#[derive(Debug)]
pub(super) enum Membership {
    Of(OrganizationIdentity),
    None,
    Unknown(String),
}

/// Where the caller's account stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    ManagementAccount,
    /// Of StackSets.
    DelegatedAdministrator,
    Member,
    Unknown,
}

impl Position {
    /// In whose name StackSets is asked (aws-facts A2).
    pub(super) fn call_as(self) -> CallAs {
        match self {
            Position::ManagementAccount | Position::Unknown => CallAs::Myself,
            Position::DelegatedAdministrator | Position::Member => CallAs::DelegatedAdmin,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    pub(super) used: usize,
    pub(super) allowed: usize,
}

/// What AWS holds of the rollout, and what its configuration says.
#[derive(Debug)]
pub(super) struct RolloutSeen {
    pub(super) rollout: RolloutName,
    pub(super) stack_set: StackSetName,
    pub(super) stack: StackName,
    pub(super) call_as: CallAs,
    pub(super) management_account: ManagementAccount,
    pub(super) snapshot: Result<StackSetSnapshot, String>,
}

/// A role that `verify` enters.
#[derive(Debug)]
pub(super) struct Entered {
    /// The key of the configuration that names it.
    pub(super) key: &'static str,
    pub(super) role: RoleArn,
    pub(super) refusal: Option<String>,
}
