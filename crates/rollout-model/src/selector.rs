//! Ways of saying which accounts are meant.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::time::SystemTime;

use crate::{AccountId, AccountIds, AccountState, Glob, OuId, OuPattern, RootId};

/// One entry of a list of targets: an account is meant when every selector of the entry matches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetEntry {
    /// At least one.
    pub selectors: Vec<Selector>,
    /// Whether it is in order that the entry matches nobody; otherwise that is taken for a mistake.
    pub optional: bool,
}

/// One property by which accounts are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// In or below the units at a path.
    Units(OuPattern),
    /// In or below one unit.
    Unit(OuId),
    /// Anywhere in the organization.
    Root(RootId),
    /// This account.
    Account(AccountId),
    /// The accounts that a file lists.
    Listed {
        /// The file, as the configuration names it.
        file: String,
        /// What it lists.
        accounts: AccountIds,
    },
    /// Accounts with such a name. Names are not unique.
    Name(Glob),
    /// Accounts whose root user has such an address, whatever its case.
    Email(Glob),
    /// Accounts by one of their tags.
    Tag {
        /// Compared as AWS does, with its case.
        key: String,
        /// What the tag has to be like.
        condition: TagCondition,
    },
    /// Accounts in this state.
    State(AccountState),
    /// Accounts that joined the organization at this time or later.
    JoinedAfter(WrittenTime),
    /// Accounts that joined the organization before this time.
    JoinedBefore(WrittenTime),
    /// The management account.
    ManagementAccount,
}

impl Selector {
    /// The key by which an entry of a configuration holds it, such as `ou` or `tag.env`; none for the management
    /// account, which is an entry of one word.
    pub fn key(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Selector::Units(_) | Selector::Unit(_) | Selector::Root(_) => "ou".into(),
            Selector::Account(_) => "account".into(),
            Selector::Listed { .. } => "accounts_file".into(),
            Selector::Name(_) => "name".into(),
            Selector::Email(_) => "email".into(),
            Selector::Tag { key, .. } => format!("tag.{key}").into(),
            Selector::State(_) => "state".into(),
            Selector::JoinedAfter(_) => "joined_after".into(),
            Selector::JoinedBefore(_) => "joined_before".into(),
            Selector::ManagementAccount => return None,
        })
    }
}

/// A point in time together with how it was written: this crate has no calendar to write it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenTime {
    /// The time.
    pub time: SystemTime,
    /// As the configuration has it, for example `2026-03-01`.
    pub written: String,
}

/// What a tag has to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagCondition {
    /// There, with one of these values.
    In(BTreeSet<String>),
    /// Without any of these values: another one, or not there at all.
    NotIn(BTreeSet<String>),
    /// There, whatever its value.
    Exists,
    /// Not there.
    Absent,
}

/// As they stand in the configuration, for reasons and errors.
impl fmt::Display for TargetEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, selector) in self.selectors.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}{selector}")?;
        }
        Ok(())
    }
}

/// As it stands in the configuration, for reasons and errors.
impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Units(pattern) => write!(formatter, "ou {pattern}"),
            Selector::Unit(id) => write!(formatter, "ou {id}"),
            Selector::Root(id) => write!(formatter, "ou {id}"),
            Selector::Account(id) => write!(formatter, "account {id}"),
            Selector::Listed { file, .. } => write!(formatter, "accounts_file {file}"),
            Selector::Name(glob) => write!(formatter, "name {glob}"),
            Selector::Email(glob) => write!(formatter, "email {glob}"),
            Selector::Tag { key, condition } => write!(formatter, "tag {key} {condition}"),
            Selector::State(state) => write!(formatter, "state {state}"),
            Selector::JoinedAfter(time) => write!(formatter, "joined_after {}", time.written),
            Selector::JoinedBefore(time) => write!(formatter, "joined_before {}", time.written),
            Selector::ManagementAccount => formatter.write_str("management_account"),
        }
    }
}

impl fmt::Display for TagCondition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |values: &BTreeSet<String>| values.iter().cloned().collect::<Vec<_>>().join(" or ");
        match self {
            TagCondition::In(values) => write!(formatter, "is {}", joined(values)),
            TagCondition::NotIn(values) => write!(formatter, "is not {}", joined(values)),
            TagCondition::Exists => formatter.write_str("exists"),
            TagCondition::Absent => formatter.write_str("does not exist"),
        }
    }
}
