//! What happens where a stack is to be deployed: accounts that fail, and accounts that are slow.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::written::Share;
use crate::ids::Ids;

/// Whom an entry is about.
#[derive(Debug)]
pub(super) enum Whom {
    Account(String),
    /// So many accounts of the organization; which ones follows from the seed.
    Share(Share),
}

/// One entry of `accounts`.
#[derive(Debug)]
pub(super) struct AccountFault {
    pub(super) written: Value,
    pub(super) whom: Whom,
    /// The reason with which a deployment fails.
    pub(super) fail: Option<String>,
    /// How long a deployment takes.
    pub(super) takes: Option<SignedDuration>,
    /// How often it strikes in each account at most.
    pub(super) times: Option<NonZeroU64>,
}

/// Every entry, found by account.
#[derive(Debug, Default)]
pub(super) struct AccountFaults {
    entries: Vec<AccountFault>,
    /// The entries about an account, the first one first, each with how often it struck there.
    by_account: BTreeMap<String, Vec<(usize, u64)>>,
}

impl AccountFaults {
    /// Adds an entry. `members` are the accounts of which shares are taken.
    pub(super) fn add(&mut self, fault: AccountFault, seed: u64, members: &[String]) {
        let accounts = match &fault.whom {
            Whom::Account(account) => vec![account.clone()],
            Whom::Share(share) => drawn(*share, seed, members),
        };
        for account in accounts {
            self.by_account.entry(account).or_default().push((self.entries.len(), 0));
        }
        self.entries.push(fault);
    }

    /// The reason why a deployment in this account fails, if it does. It counts as a strike.
    pub(super) fn failure(&mut self, account: &str) -> Option<String> {
        let (entry, struck) =
            applying(&self.entries, self.by_account.get_mut(account)?, |entry| entry.fail.is_some())?;
        *struck += 1;
        entry.fail.clone()
    }

    /// How long a deployment in this account takes, if a fault says so. It counts as a strike of an entry that
    /// does nothing else.
    pub(super) fn slowness(&mut self, account: &str) -> Option<SignedDuration> {
        let (entry, struck) =
            applying(&self.entries, self.by_account.get_mut(account)?, |entry| entry.takes.is_some())?;
        if entry.fail.is_none() {
            *struck += 1;
        }
        entry.takes
    }

    /// Every entry as it was written, with the accounts that a share meant and how often it struck in all.
    pub(super) fn shown(&self) -> Value {
        let mut struck = vec![0; self.entries.len()];
        let mut accounts: Vec<Vec<&str>> = vec![Vec::new(); self.entries.len()];
        for (account, entries) in &self.by_account {
            for (index, times) in entries {
                struck[*index] += times;
                accounts[*index].push(account);
            }
        }
        let shown = |(index, entry): (usize, &AccountFault)| {
            let mut shown = entry.written.clone();
            if matches!(entry.whom, Whom::Share(_)) {
                shown["accounts"] = json!(accounts[index]);
            }
            shown["struck"] = json!(struck[index]);
            shown
        };
        self.entries.iter().enumerate().map(shown).collect()
    }
}

/// The first entry of this kind that has not struck often enough.
fn applying<'a, 'b>(
    entries: &'a [AccountFault],
    of_account: &'b mut [(usize, u64)],
    is_meant: impl Fn(&AccountFault) -> bool,
) -> Option<(&'a AccountFault, &'b mut u64)> {
    let applies = |entry: &AccountFault, struck: u64| {
        is_meant(entry) && entry.times.is_none_or(|times| struck < times.get())
    };
    let (index, struck) = of_account.iter_mut().find(|(index, struck)| applies(&entries[*index], *struck))?;
    Some((&entries[*index], struck))
}

/// Draws a share of the accounts by lots that belong to seed and account: however the accounts are ordered, and
/// whoever else joined, the same ones come first.
fn drawn(share: Share, seed: u64, members: &[String]) -> Vec<String> {
    let mut lots: Vec<(String, &String)> =
        members.iter().map(|account| (Ids::of(&format!("{seed} {account}")).hex(16), account)).collect();
    lots.sort_unstable();
    lots.into_iter().take(share.of(members.len())).map(|(_, account)| account.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "100000000001";

    fn fault(whom: Whom) -> AccountFault {
        AccountFault { written: json!({}), whom, fail: None, takes: None, times: None }
    }

    fn about(account: &str) -> AccountFault {
        fault(Whom::Account(account.to_owned()))
    }

    fn with(faults: Vec<AccountFault>) -> AccountFaults {
        let mut all = AccountFaults::default();
        faults.into_iter().for_each(|fault| all.add(fault, 0, &[]));
        all
    }

    #[test]
    fn an_account_fails_as_often_as_was_asked_for_and_others_do_not() {
        let twice = AccountFault { fail: Some("no".to_owned()), times: NonZeroU64::new(2), ..about(ACCOUNT) };
        let mut faults = with(vec![twice]);
        let outcomes: Vec<bool> = (0..4).map(|_| faults.failure(ACCOUNT).is_some()).collect();
        assert_eq!(outcomes, [true, true, false, false]);
        assert_eq!(faults.failure("100000000002"), None);
        assert_eq!(faults.shown()[0]["struck"], 2);
    }

    #[test]
    fn the_first_entry_that_has_not_struck_often_enough_decides() {
        let once =
            AccountFault { fail: Some("first".to_owned()), times: NonZeroU64::new(1), ..about(ACCOUNT) };
        let always = AccountFault { fail: Some("second".to_owned()), ..about(ACCOUNT) };
        let mut faults = with(vec![once, always]);
        let reasons: Vec<_> = (0..3).map(|_| faults.failure(ACCOUNT).unwrap()).collect();
        assert_eq!(reasons, ["first", "second", "second"]);
    }

    #[test]
    fn an_account_may_be_slow_and_fail_which_is_one_strike() {
        let takes = Some(SignedDuration::from_mins(10));
        let both = AccountFault { fail: Some("no".to_owned()), takes, ..about(ACCOUNT) };
        let slow = AccountFault { takes, ..about("100000000002") };
        let mut faults = with(vec![both, slow]);
        assert_eq!((faults.slowness(ACCOUNT), faults.failure(ACCOUNT).is_some()), (takes, true));
        assert_eq!((faults.slowness("100000000002"), faults.failure("100000000002")), (takes, None));
        assert_eq!((&faults.shown()[0]["struck"], &faults.shown()[1]["struck"]), (&json!(1), &json!(1)));
    }

    #[test]
    fn the_seed_draws_the_accounts_of_a_share_and_nothing_else_does() {
        let mut members: Vec<String> =
            (0..1000).map(|number| format!("{:012}", 100_000_000_000_u64 + number)).collect();
        let share = Share::try_from("2%".to_owned()).unwrap();
        let first = drawn(share, 7, &members);
        assert_eq!(first.len(), 20);
        members.reverse();
        assert_eq!(drawn(share, 7, &members), first);
        assert_ne!(drawn(share, 8, &members), first);

        let mut faults = AccountFaults::default();
        let fail = Some("no".to_owned());
        faults.add(AccountFault { fail, ..fault(Whom::Share(share)) }, 7, &members);
        let failing: Vec<String> =
            members.iter().filter(|account| faults.failure(account).is_some()).cloned().collect();
        let shown = faults.shown();
        assert_eq!((shown[0]["accounts"].as_array().unwrap().len(), &shown[0]["struck"]), (20, &json!(20)));
        assert!(first.iter().all(|account| failing.contains(account)));
    }
}
