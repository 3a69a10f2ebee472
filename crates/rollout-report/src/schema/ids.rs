//! Lists of account ids.

use rollout_model::{AccountIds, InvalidId};

pub(super) fn written(accounts: &AccountIds) -> Vec<String> {
    accounts.0.iter().map(ToString::to_string).collect()
}

pub(super) fn read(accounts: &[String]) -> Result<AccountIds, InvalidId> {
    accounts.iter().map(|account| account.parse()).collect()
}
