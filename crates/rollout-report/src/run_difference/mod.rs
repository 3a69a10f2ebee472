//! What changed between two runs, account by account.

mod comparable;
mod sighting;

use std::collections::BTreeMap;

use rollout_model::{AccountId, OuPath};

pub use comparable::{DifferentStories, require_one_story};
pub(crate) use sighting::ProblemCause;
pub use sighting::{Aim, Problem, Seen, Sighting};

use crate::account_row::AccountRow;
use crate::state::RunState;

/// What changed between two runs. Every account that either of them knows is in exactly one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDifference {
    accounts: BTreeMap<AccountId, AccountDifference>,
}

/// One account in two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDifference {
    /// Its name, as the later run has it if it knows it.
    pub name: String,
    /// Where it sits, or sat.
    pub unit: Option<OuPath>,
    /// Where it sat before, when that was elsewhere. A unit that was renamed moves its accounts, as far as a run can
    /// tell.
    pub moved_from: Option<OuPath>,
    /// What became of it.
    pub class: Class,
    /// What the earlier run says; `None` where the account was not in the organization.
    pub before: Option<Sighting>,
    /// What the later run says; `None` where it is not in the organization any more.
    pub after: Option<Sighting>,
}

/// What became of an account from one run to the next, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It was well, and is not.
    NewlyFailing,
    /// It was not well for another reason than now.
    OtherCause,
    /// It is not well, for the same reason as before.
    StillFailing,
    /// It was not well, and is.
    NewlyFixed,
    /// It was not in the organization.
    Joined,
    /// It is not in the organization any more.
    Left,
    /// Something else is wanted of it: it has become a target, or is none any more.
    OtherAim,
    /// One of the runs does not tell how it was.
    NotCompared,
    /// It is as well as it was.
    Unchanged,
}

impl Class {
    /// All classes in the order in which they are shown.
    pub const ALL: [Class; 9] = [
        Class::NewlyFailing,
        Class::OtherCause,
        Class::StillFailing,
        Class::NewlyFixed,
        Class::Joined,
        Class::Left,
        Class::OtherAim,
        Class::NotCompared,
        Class::Unchanged,
    ];

    /// An account that one of the runs was not about, or did not come to, is never called fixed or failing.
    fn of(before: Option<&Sighting>, after: Option<&Sighting>) -> Class {
        let (Some(before), Some(after)) = (before, after) else {
            return if before.is_none() { Class::Joined } else { Class::Left };
        };
        match (&before.seen, &after.seen) {
            (Seen::LeftToOthers(_) | Seen::NotReached(_), _)
            | (_, Seen::LeftToOthers(_) | Seen::NotReached(_)) => Class::NotCompared,
            _ if before.aim != after.aim => Class::OtherAim,
            (Seen::Well, Seen::Well) => Class::Unchanged,
            (Seen::Well, Seen::Failing(_)) => Class::NewlyFailing,
            (Seen::Failing(_), Seen::Well) => Class::NewlyFixed,
            (Seen::Failing(one), Seen::Failing(other)) if one.is_the_same(other) => Class::StillFailing,
            (Seen::Failing(_), Seen::Failing(_)) => Class::OtherCause,
        }
    }
}

impl RunDifference {
    /// What changed from `before` to `after`.
    pub fn between(before: &RunState, after: &RunState) -> RunDifference {
        let mut ids: Vec<&AccountId> = before.accounts().keys().chain(after.accounts().keys()).collect();
        ids.sort();
        ids.dedup();
        let of =
            |id: &AccountId| AccountDifference::of(id, before.accounts().get(id), after.accounts().get(id));
        RunDifference { accounts: ids.into_iter().filter_map(|id| Some((id.clone(), of(id)?))).collect() }
    }

    /// Every account that was in the organization when one of the runs looked, by id.
    pub fn accounts(&self) -> &BTreeMap<AccountId, AccountDifference> {
        &self.accounts
    }

    /// The accounts of a class, by id.
    pub fn of_class(&self, class: Class) -> impl Iterator<Item = (&AccountId, &AccountDifference)> {
        self.accounts.iter().filter(move |(_, account)| account.class == class)
    }

    /// The accounts that sit elsewhere than before, whatever else became of them.
    pub fn moved(&self) -> impl Iterator<Item = (&AccountId, &AccountDifference)> {
        self.accounts.iter().filter(|(_, account)| account.moved_from.is_some())
    }

    /// Whether some account has a problem that it did not have.
    pub fn is_worse(&self) -> bool {
        self.accounts.values().any(AccountDifference::is_worse)
    }

    /// Whether the later run should have looked at some account and did not.
    pub fn is_incomplete(&self) -> bool {
        let is_not_reached = |after: &Sighting| matches!(after.seen, Seen::NotReached(_));
        self.accounts.values().any(|account| account.after.as_ref().is_some_and(is_not_reached))
    }

    /// Whether the earlier run tells of every account of which the later one does, so that nothing is left out.
    pub fn covers(&self) -> bool {
        let is_left_out = |account: &AccountDifference| {
            account.before.as_ref().is_some_and(|before| !before.is_known())
                && account.after.as_ref().is_some_and(Sighting::is_known)
        };
        !self.accounts.values().any(is_left_out)
    }

    /// Whether there is nothing to tell of what could be compared.
    pub fn is_empty(&self) -> bool {
        let is_old = |account: &AccountDifference| {
            let is_old = matches!(account.class, Class::StillFailing | Class::NotCompared | Class::Unchanged);
            is_old && account.moved_from.is_none()
        };
        self.accounts.values().all(is_old)
    }
}

impl AccountDifference {
    /// `None` of an account that had left before either run looked.
    fn of(
        id: &AccountId,
        before: Option<&AccountRow>,
        after: Option<&AccountRow>,
    ) -> Option<AccountDifference> {
        let sighting = |row: Option<&AccountRow>| row.and_then(|row| Sighting::of(id, row));
        let (seen_before, seen_after) = (sighting(before), sighting(after));
        if seen_before.is_none() && seen_after.is_none() {
            return None;
        }
        let units = [before, after].map(|row| row.and_then(AccountRow::unit));
        let moved_from = match units {
            [Some(from), Some(to)] if from != to => Some(from.clone()),
            _ => None,
        };
        let name = [after, before].into_iter().flatten().map(AccountRow::name).find(|name| !name.is_empty());
        Some(AccountDifference {
            name: name.unwrap_or_default().to_owned(),
            unit: units[1].or(units[0]).cloned(),
            moved_from,
            class: Class::of(seen_before.as_ref(), seen_after.as_ref()),
            before: seen_before,
            after: seen_after,
        })
    }

    /// Whether it has a problem that it did not have: a new target that fails at once, too.
    pub fn is_worse(&self) -> bool {
        let is_failing = self.after.as_ref().is_some_and(|after| after.problem().is_some());
        let is_known = matches!(self.class, Class::StillFailing | Class::NotCompared);
        is_failing && !is_known
    }
}

#[cfg(test)]
mod tests;
