//! What was looked at, before anybody judges it. What could not be seen says why.

use std::collections::{BTreeMap, BTreeSet};

use aws_failure::Tried;
use org_discovery::OrganizationIdentity;
use role_verifier::Found;
use rollout_model::{
    AccountId, CallAs, ManagementAccount, Owner, PermissionModel, Region, RoleArn, RoleName, RolloutName,
    StackName, StackSetName, StackSetSnapshot,
};
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
    /// By whom the StackSet of the rollout works in the accounts; without a rollout by AWS Organizations.
    pub(super) permission_model: PermissionModel,
    /// `None` for a self-managed StackSet, to which they are nothing.
    pub(super) administrators: Option<Result<BTreeSet<AccountId>, String>>,
    /// `None` for a self-managed StackSet, which does without.
    pub(super) access: Option<Result<TrustedAccess, String>>,
    /// The roles of one's own; `None` where AWS makes them, and where nobody knows whose the StackSet is.
    pub(super) own_roles: Option<OwnRoles>,
    /// Whether it is there; `None` where only the management account could look, or nobody needs it.
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

    /// In whose name StackSets is asked.
    pub(super) fn call_as(&self) -> CallAs {
        self.position.call_as(&self.permission_model)
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
    /// In whose name StackSets is asked (aws-facts A2). A self-managed StackSet is the caller's own.
    pub(super) fn call_as(self, model: &PermissionModel) -> CallAs {
        match self {
            _ if !model.is_service_managed() => CallAs::Myself,
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

/// The roles by which a self-managed StackSet works (aws-facts A1).
#[derive(Debug)]
pub(super) struct OwnRoles {
    /// Whose the StackSet is.
    pub(super) owner: Owner,
    /// The role that it works as.
    pub(super) administration_role: RoleArn,
    /// What has its name in the account that owns the StackSet.
    pub(super) administration: Found,
    /// The role by which it works in every target account.
    pub(super) execution_role: RoleName,
    /// What has that name in each of them; why nobody knows which they are.
    pub(super) execution: Result<BTreeMap<AccountId, Found>, String>,
}

/// A role that `verify` enters.
#[derive(Debug)]
pub(super) struct Entered {
    /// The key of the configuration that names it.
    pub(super) key: &'static str,
    pub(super) role: RoleArn,
    pub(super) refusal: Option<String>,
}
