//! Why an account is a target or none: every entry of every list, held against it.

use rollout_model::{Account, AccountId, EntryExplanation, Explanation, Organization, RolloutSpec};

use super::entry::Entry;
use super::truth::Truth;
use super::{Lists, Membership};
use crate::error::PlanError;

/// Explains an account of the organization; `None` for one that it does not have.
///
/// # Errors
/// When the targets do not fit the organization.
pub fn explain(
    spec: &RolloutSpec,
    organization: &Organization,
    account: &AccountId,
) -> Result<Option<Explanation>, PlanError> {
    let lists = Lists::resolve(&spec.targets, &spec.waves, organization)?;
    let Some(account) = organization.accounts.get(account) else { return Ok(None) };
    let (selected, reason) = match lists.membership(organization, account) {
        Some(Membership { selected, reason }) => (Some(selected), reason),
        None => (None, "its tags decide, and were not read".to_owned()),
    };
    let waves = lists.waves.iter().flat_map(|(_, entries)| entries);
    let entries = lists.include.iter().chain(&lists.exclude).chain(waves);
    Ok(Some(Explanation {
        selected,
        reason,
        wave: lists.wave(organization, account).ok().flatten().cloned(),
        entries: entries.map(|entry| explain_entry(entry, organization, account)).collect(),
    }))
}

fn explain_entry(entry: &Entry<'_>, organization: &Organization, account: &Account) -> EntryExplanation {
    let unmatched =
        entry.selectors.iter().filter(|selector| selector.matches(organization, account) == Truth::No);
    EntryExplanation {
        key: entry.key.clone(),
        entry: entry.written.to_string(),
        matches: match entry.matches(organization, account) {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Unknown => None,
        },
        unmatched: unmatched.map(|selector| selector.written.to_string()).collect(),
    }
}
