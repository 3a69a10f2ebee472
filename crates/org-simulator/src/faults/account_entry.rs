//! An entry of `accounts` as it is written, and what it means.

use std::num::NonZeroU64;

use serde::Deserialize;
use serde_json::Value;

use super::accounts::{AccountFault, Whom};
use super::written::{Length, Share, check_account};

/// Which accounts, and what happens where a stack is to be deployed there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountEntry {
    account: Option<String>,
    share: Option<Share>,
    fail: Option<String>,
    takes: Option<Length>,
    times: Option<NonZeroU64>,
}

impl AccountEntry {
    pub(super) fn checked(self, written: Value) -> Result<AccountFault, String> {
        let whom = match (self.account, self.share) {
            (Some(account), None) => {
                check_account(&account)?;
                Whom::Account(account)
            }
            (None, Some(share)) => Whom::Share(share),
            _ => return Err("an entry is about an `account` or a `share`".to_owned()),
        };
        if self.fail.is_none() && self.takes.is_none() {
            return Err("nothing happens: `fail` or `takes` says what does".to_owned());
        }
        let takes = self.takes.map(|length| length.0);
        Ok(AccountFault { written, whom, fail: self.fail, takes, times: self.times })
    }
}
