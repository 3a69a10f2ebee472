//! Which accounts the configuration means, and by which of its entries.

mod entry;
mod explain;
mod problems;
mod suggest;
mod truth;

use std::collections::{BTreeMap, BTreeSet};

use rollout_model::{
    Account, AccountId, ManagementAccount, Organization, RolloutSpec, Targets, WaveName, WaveSpec,
};

pub(crate) use entry::{Entry, resolve as resolve_entries};
pub use explain::explain;
pub(crate) use problems::of as problems_of;
pub use suggest::most_similar;
pub(crate) use truth::Truth;

use crate::error::PlanError;
use crate::guards::refuse_a_doubtful_organization;

/// Whether the configuration means an account, with the entry that decided, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) selected: bool,
    pub(crate) reason: String,
}

/// Decides for every account of the organization. Reports every entry that does not fit at once.
pub(crate) fn select(
    spec: &RolloutSpec,
    organization: &Organization,
) -> Result<BTreeMap<AccountId, Membership>, PlanError> {
    let lists = Lists::resolve(&spec.targets, &spec.waves, organization)?;
    let mut memberships = BTreeMap::new();
    let mut undecided = Vec::new();
    for account in organization.accounts.values() {
        match lists.membership(organization, account) {
            Some(membership) => _ = memberships.insert(account.id.clone(), membership),
            None => undecided.push(account.id.clone()),
        }
    }
    match undecided.is_empty() {
        true => Ok(memberships),
        false => Err(PlanError::TagsNotRead { accounts: undecided.into_iter().collect() }),
    }
}

/// The accounts whose tags decide whether, or in which wave, they are targets: reading them takes a call for
/// each (aws-facts D4), so nobody else's are read. Empty when no tag is asked for.
///
/// # Errors
/// When the organization was read in part, or the targets do not fit it.
pub fn tags_wanted(
    spec: &RolloutSpec,
    organization: &Organization,
) -> Result<BTreeSet<AccountId>, PlanError> {
    refuse_a_doubtful_organization(organization)?;
    let lists = Lists::resolve(&spec.targets, &spec.waves, organization)?;
    let wanted = organization.accounts.values().filter(|account| account.state.is_deployable());
    let wanted = wanted.filter(|account| match lists.membership(organization, account) {
        None => true,
        Some(membership) => membership.selected && lists.wave(organization, account).is_err(),
    });
    Ok(wanted.map(|account| account.id.clone()).collect())
}

/// Every list of the configuration, looked up in an organization.
pub(crate) struct Lists<'spec> {
    include: Vec<Entry<'spec>>,
    exclude: Vec<Entry<'spec>>,
    waves: Vec<(&'spec WaveName, Vec<Entry<'spec>>)>,
    management_account: ManagementAccount,
}

/// That tags which were not read decide.
pub(crate) struct NeedsTags;

impl<'spec> Lists<'spec> {
    pub(crate) fn resolve(
        targets: &'spec Targets,
        waves: &'spec [WaveSpec],
        organization: &Organization,
    ) -> Result<Self, PlanError> {
        let mut problems = Vec::new();
        let mut resolve = |key: &str, entries| {
            let resolved = entry::resolve(key, entries, organization);
            problems.extend(problems::of(&resolved, organization));
            resolved
        };
        let lists = Lists {
            include: resolve("targets.include", &targets.include),
            exclude: resolve("targets.exclude", &targets.exclude),
            waves: waves
                .iter()
                .enumerate()
                .map(|(index, wave)| (&wave.name, resolve(&format!("waves[{index}].include"), &wave.include)))
                .collect(),
            management_account: targets.management_account,
        };
        match problems.is_empty() {
            true => Ok(lists),
            false => Err(PlanError::Selection(problems)),
        }
    }

    /// `None` when tags that were not read decide, and the account's state does not decide without them.
    fn membership(&self, organization: &Organization, account: &Account) -> Option<Membership> {
        let is_management = account.id == organization.management_account;
        if is_management && self.management_account != ManagementAccount::Include {
            let reason = "management account, not included (targets.management_account)".to_owned();
            return Some(Membership { selected: false, reason });
        }
        let (excluded, by_exclude) = entry::any(&self.exclude, organization, account);
        let (included, by_include) = match is_management {
            true => (Truth::Yes, "management account".to_owned()),
            false => entry::any(&self.include, organization, account),
        };
        let (selected, reason) = match (included, excluded) {
            (_, Truth::Yes) => (false, format!("excluded by {by_exclude}")),
            (Truth::No, _) => (false, "no include entry matches".to_owned()),
            (Truth::Yes, Truth::No) if is_management => (true, by_include),
            (Truth::Yes, Truth::No) => (true, format!("included by {by_include}")),
            // Skipped for its state in any case.
            _ if !account.state.is_deployable() => (true, "its tags were not read".to_owned()),
            _ => return None,
        };
        Some(Membership { selected, reason })
    }

    /// The first configured wave that selects the account.
    pub(crate) fn wave(
        &self,
        organization: &Organization,
        account: &Account,
    ) -> Result<Option<&'spec WaveName>, NeedsTags> {
        for (name, entries) in &self.waves {
            match entry::any(entries, organization, account).0 {
                Truth::Yes => return Ok(Some(name)),
                Truth::No => {}
                Truth::Unknown => return Err(NeedsTags),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
