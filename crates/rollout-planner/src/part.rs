//! A run about a part of the targets: only those that a selector means, only what is unproven, a sample, a shard.
//! Nobody is added, and whoever is left out keeps a row that says so.

use std::collections::{BTreeMap, BTreeSet};

use rollout_model::{
    Account, AccountId, AccountPlan, Action, Narrowing, Organization, ParentId, Part, RunId, Sample, Shard,
    Share, TargetEntry, scattered,
};

use crate::error::{PlanError, SelectionProblem, SelectionProblemKind};
use crate::select::{Entry, Truth, problems_of, resolve_entries};

/// Which of the targets are wanted. Each member narrows what the one before leaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Alternatives; none when there is no such limit.
    pub only: &'a [TargetEntry],
    /// Leaves out whoever is proven already.
    pub unproven: Option<Unproven<'a>>,
    /// Some of those that are left.
    pub sample: Option<&'a Sample>,
    /// Those of one machine of several.
    pub shard: Option<Shard>,
}

/// Who is proven already.
#[derive(Debug, Clone, Copy)]
pub struct Unproven<'a> {
    /// The newest run whose proofs count.
    pub run: &'a RunId,
    /// Each account with the run that proved it.
    pub proven: &'a BTreeMap<AccountId, RunId>,
}

/// Narrows what a run is about. `accounts` are all accounts of the organization, as planned.
///
/// # Errors
/// When an entry of `only` does not fit the organization, or means no account that the run is about.
pub fn narrow(
    mut accounts: BTreeMap<AccountId, AccountPlan>,
    organization: &Organization,
    wanted: Wanted<'_>,
) -> Result<(BTreeMap<AccountId, AccountPlan>, Narrowing), PlanError> {
    let only = resolve_entries("only", wanted.only, organization);
    refuse_what_means_nobody(&only, organization, &accounts)?;
    let targets = left(&accounts).count();
    if !only.is_empty() {
        leave_out(&mut accounts, |id| {
            let account = organization.accounts.get(id)?;
            let is_selected = only.iter().any(|entry| is_meant(entry, organization, account));
            (!is_selected).then(|| "no `--only` selects it".to_owned())
        });
    }
    if let Some(Unproven { proven, .. }) = wanted.unproven {
        leave_out(&mut accounts, |id| proven.get(id).map(|run| format!("was verified in run {run}")));
    }
    let eligible = left(&accounts).count();
    if let Some(sample) = wanted.sample {
        let chosen = sampled(&accounts, sample);
        leave_out(&mut accounts, |id| (!chosen.contains(id)).then(|| "not in the sample".to_owned()));
    }
    if let Some(shard) = wanted.shard {
        leave_to_others(&mut accounts, shard);
    }
    let part = Part {
        only: only.iter().map(|entry| entry.written.to_string()).collect(),
        unproven_in: wanted.unproven.map(|unproven| unproven.run.clone()),
        sample: wanted.sample.cloned(),
        shard: wanted.shard,
    };
    let chosen = left(&accounts).count();
    Ok((accounts, Narrowing { part, targets, eligible, chosen }))
}

/// The accounts that the run is about: where the role is to be, or to be gone.
fn left(accounts: &BTreeMap<AccountId, AccountPlan>) -> impl Iterator<Item = (&AccountId, &AccountPlan)> {
    accounts.iter().filter(|(_, account)| is_left(account))
}

fn is_left(account: &AccountPlan) -> bool {
    account.action.is_target() || account.action == Action::Remove
}

/// Leaves every account out for which there is a reason.
fn leave_out(accounts: &mut BTreeMap<AccountId, AccountPlan>, reason: impl Fn(&AccountId) -> Option<String>) {
    for (id, account) in accounts.iter_mut().filter(|(_, account)| is_left(account)) {
        if let Some(reason) = reason(id) {
            (account.action, account.wave, account.reason) = (Action::LeaveOut, None, reason);
        }
    }
}

fn leave_to_others(accounts: &mut BTreeMap<AccountId, AccountPlan>, shard: Shard) {
    for (id, account) in accounts.iter_mut().filter(|(_, account)| is_left(account)) {
        let its_own = Shard::holding(id, shard.of());
        if its_own != shard {
            let reason = format!("in another shard ({its_own})");
            (account.action, account.wave, account.reason) = (Action::OtherShard, None, reason);
        }
    }
}

/// Every so many-th account of those that are left, in the order of their units, from a start that the seed decides:
/// no account is likelier than another, and each unit has its share to within one account.
fn sampled(accounts: &BTreeMap<AccountId, AccountPlan>, sample: &Sample) -> BTreeSet<AccountId> {
    let seed = sample.seed.bytes().fold(0, |seed, byte| scattered(seed ^ u64::from(byte)));
    let mut ordered: Vec<_> =
        left(accounts).map(|(id, account)| (&account.unit, scattered(seed ^ id.number()), id)).collect();
    ordered.sort();
    let all = ordered.len();
    let size = match sample.size {
        Share::Count(count) => usize::try_from(count).unwrap_or(usize::MAX).min(all),
        Share::Percent(percent) => (all * usize::from(percent)).div_ceil(100),
    };
    let start = usize::try_from(scattered(seed) % (all.max(1) as u64)).unwrap_or_default();
    (0..size).map(|nth| ordered[(nth * all + start) / size].2.clone()).collect()
}

/// All entries that are in vain, at once: whoever narrows to nobody has mistyped something.
fn refuse_what_means_nobody(
    only: &[Entry<'_>],
    organization: &Organization,
    accounts: &BTreeMap<AccountId, AccountPlan>,
) -> Result<(), PlanError> {
    let problems: Vec<SelectionProblem> =
        only.iter()
            .filter_map(|entry| {
                let key = format!("--only {}", entry.written);
                let kind = match problems_of(std::slice::from_ref(entry), organization).pop() {
                    Some(SelectionProblem { kind: SelectionProblemKind::MatchesNobody { .. }, .. })
                    | None => no_target(entry, organization, accounts)?,
                    Some(SelectionProblem { kind, .. }) => named_otherwise(kind, organization),
                };
                Some(SelectionProblem { key, kind })
            })
            .collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(PlanError::Only(problems)),
    }
}

/// `None` when the entry means an account that the run is about.
fn no_target(
    entry: &Entry<'_>,
    organization: &Organization,
    accounts: &BTreeMap<AccountId, AccountPlan>,
) -> Option<SelectionProblemKind> {
    let meant = organization.accounts.values().filter(|account| is_meant(entry, organization, account));
    let meant: Vec<&AccountPlan> = meant.filter_map(|account| accounts.get(&account.id)).collect();
    if meant.iter().any(|account| is_left(account)) {
        return None;
    }
    let reason = match meant.as_slice() {
        [] => "there is no account".to_owned(),
        [account] => account.reason.clone(),
        [account, ..] => format!("of {} accounts none is; the first: {}", meant.len(), account.reason),
    };
    Some(SelectionProblemKind::NoTarget { reason })
}

/// What was taken for a name may be a unit, and the other way round: what is there under the very same words is the
/// better suggestion.
fn named_otherwise(kind: SelectionProblemKind, organization: &Organization) -> SelectionProblemKind {
    match kind {
        SelectionProblemKind::UnknownName { name, suggestion } => {
            let mut paths =
                organization.units.keys().map(|id| organization.path(&ParentId::Ou(id.clone())).to_string());
            let unit = paths.find(|path| *path == name || path.ends_with(&format!("/{name}")));
            let suggestion = unit.map(|unit| format!("ou={unit}")).or(suggestion);
            SelectionProblemKind::UnknownName { name, suggestion }
        }
        SelectionProblemKind::UnknownUnit { selector, suggestion } => {
            let is_its_name = organization.accounts.values().any(|account| account.name == selector);
            let suggestion = if is_its_name { Some(format!("name={selector}")) } else { suggestion };
            SelectionProblemKind::UnknownUnit { selector, suggestion }
        }
        kind => kind,
    }
}

/// A tag that was not read means nobody.
fn is_meant(entry: &Entry<'_>, organization: &Organization, account: &Account) -> bool {
    entry.matches(organization, account) == Truth::Yes
}

#[cfg(test)]
mod tests;
