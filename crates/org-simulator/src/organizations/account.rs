//! One account of the organization.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// `State` of an account (aws-facts D3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AccountState {
    PendingActivation,
    #[default]
    Active,
    Suspended,
    PendingClosure,
    Closed,
}

impl AccountState {
    /// The wire name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            AccountState::PendingActivation => "PENDING_ACTIVATION",
            AccountState::Active => "ACTIVE",
            AccountState::Suspended => "SUSPENDED",
            AccountState::PendingClosure => "PENDING_CLOSURE",
            AccountState::Closed => "CLOSED",
        }
    }

    /// The retired `Status`, which knew three values: a closed account showed as suspended, and so did one
    /// that was never activated.
    pub(super) fn status(self) -> &'static str {
        match self {
            AccountState::Active => "ACTIVE",
            AccountState::PendingClosure => "PENDING_CLOSURE",
            AccountState::PendingActivation | AccountState::Suspended | AccountState::Closed => "SUSPENDED",
        }
    }

    /// Whether AWS still lets anyone work in the account.
    pub(crate) fn is_usable(self) -> bool {
        !matches!(self, AccountState::Suspended | AccountState::Closed)
    }
}

/// How an account came into the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum JoinedMethod {
    Invited,
    #[default]
    Created,
}

impl JoinedMethod {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            JoinedMethod::Invited => "INVITED",
            JoinedMethod::Created => "CREATED",
        }
    }
}

/// What Organizations knows of one account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) state: AccountState,
    /// The root or organizational unit that holds it.
    pub(crate) parent: String,
    pub(crate) joined_method: JoinedMethod,
    pub(crate) joined: Timestamp,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Account {
    /// An active account that the organization created.
    pub(crate) fn created(
        id: String,
        name: String,
        email: String,
        parent: String,
        joined: Timestamp,
    ) -> Self {
        Account {
            id,
            name,
            email,
            state: AccountState::Active,
            parent,
            joined_method: JoinedMethod::Created,
            joined,
            tags: BTreeMap::new(),
        }
    }
}
