//! Sets of accounts, and how they are written for people.

use std::collections::BTreeSet;
use std::fmt;

use crate::AccountId;

/// A set of accounts in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountIds(pub BTreeSet<AccountId>);

impl AccountIds {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<AccountId> for AccountIds {
    fn from_iter<I: IntoIterator<Item = AccountId>>(accounts: I) -> Self {
        AccountIds(accounts.into_iter().collect())
    }
}

/// The first few ids and how many follow.
impl fmt::Display for AccountIds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        let shown: Vec<&str> = self.0.iter().take(SHOWN).map(AccountId::as_str).collect();
        formatter.write_str(&shown.join(", "))?;
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}
