//! One observation of an organization.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use crate::{AccountId, OrganizationId, OuId, OuPath, ParentId, RootId};

/// An organization as it was seen: its units, its accounts, and what could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The organization's id.
    pub id: OrganizationId,
    /// The account that owns the organization; service-managed StackSets never reach it (aws-facts A3).
    pub management_account: AccountId,
    /// The one root.
    pub root: Root,
    /// Organizational units at any depth: all, or at least those with accounts in or below them.
    pub units: BTreeMap<OuId, OrganizationalUnit>,
    /// Every account, the management account included.
    pub accounts: BTreeMap<AccountId, Account>,
    /// What could not be read. A snapshot with problems is partial and says so wherever it is shown.
    pub problems: Vec<String>,
}

/// The top of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The root's id.
    pub id: RootId,
    /// The root's name, nearly always `Root`.
    pub name: String,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationalUnit {
    /// The unit's id.
    pub id: OuId,
    /// Unique among its siblings only.
    pub name: String,
    /// What it sits in.
    pub parent: ParentId,
}

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
    /// The account's name; not unique.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// Where the account is in its life.
    pub state: AccountState,
    /// What it sits in.
    pub parent: ParentId,
    /// When it joined; `None` when the service did not say.
    pub joined: Option<SystemTime>,
    /// Its tags; `None` when they were not read, which takes a call for each account.
    pub tags: Option<BTreeMap<String, String>>,
}

/// Where an account is in its life (aws-facts D3). Only `Active` accounts can be deployed to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountState {
    /// Being set up.
    PendingActivation,
    /// Open.
    Active,
    /// Closed by its owner or by AWS; about 90 days before it is gone.
    Suspended,
    /// About to be suspended.
    PendingClosure,
    /// Gone.
    Closed,
    /// A value that this version does not know, or none at all; treated as active, with a warning, because
    /// an account that is left out silently is the worse mistake.
    Unrecognized(String),
}

impl AccountState {
    /// Whether a stack can be deployed to such an account.
    pub fn is_deployable(&self) -> bool {
        matches!(self, AccountState::Active | AccountState::Unrecognized(_))
    }
}

impl fmt::Display for AccountState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            AccountState::PendingActivation => "pending activation",
            AccountState::Active => "active",
            AccountState::Suspended => "suspended",
            AccountState::PendingClosure => "pending closure",
            AccountState::Closed => "closed",
            AccountState::Unrecognized(state) => state,
        })
    }
}

impl Organization {
    /// The root as something that accounts and units sit in.
    pub fn root_parent(&self) -> ParentId {
        ParentId::Root(self.root.id.clone())
    }

    /// The names on the way down to `parent`. A unit that was not read ends the way, so that a partial
    /// snapshot still prints.
    pub fn path(&self, parent: &ParentId) -> OuPath {
        let mut names: Vec<String> = self.ancestry(parent).map(|unit| unit.name.clone()).collect();
        names.reverse();
        OuPath(names)
    }

    /// The units from `parent` itself upwards, without the root.
    pub fn ancestry<'a>(&'a self, parent: &'a ParentId) -> impl Iterator<Item = &'a OrganizationalUnit> {
        let unit_of = |parent: &ParentId| match parent {
            ParentId::Ou(id) => self.units.get(id),
            ParentId::Root(_) => None,
        };
        std::iter::successors(unit_of(parent), move |unit| unit_of(&unit.parent))
    }

    /// Whether `account` sits in `parent` or anywhere below it.
    pub fn is_below(&self, account: &Account, parent: &ParentId) -> bool {
        match parent {
            ParentId::Root(id) => *id == self.root.id,
            ParentId::Ou(id) => self.ancestry(&account.parent).any(|unit| unit.id == *id),
        }
    }
}
