//! Entries that do not fit the organization: they name what is not there, or mean nobody.

use rollout_model::{Account, Organization, OuId, ParentId, Selector};

use super::entry::{Entry, all_units};
use super::suggest::most_similar;
use super::truth::Truth;
use crate::error::{SelectionProblem, SelectionProblemKind};

/// What is wrong with each of the entries; at most one thing each.
pub(crate) fn of(entries: &[Entry<'_>], organization: &Organization) -> Vec<SelectionProblem> {
    let problem = |entry: &Entry<'_>| {
        let kind = kind(entry, organization)?;
        Some(SelectionProblem { key: entry.key.clone(), kind })
    };
    entries.iter().filter_map(problem).collect()
}

fn kind(entry: &Entry<'_>, organization: &Organization) -> Option<SelectionProblemKind> {
    let may_match = |account: &&Account| entry.matches(organization, account) != Truth::No;
    let mut matching = organization.accounts.values().filter(may_match).peekable();
    let is_include = entry.key.starts_with("targets.include");
    let is_management = |account: &Account| account.id == organization.management_account;
    if matching.peek().is_some() {
        // Only its switch includes the management account, so an entry for it alone would be in vain.
        return (is_include && matching.all(is_management))
            .then(|| SelectionProblemKind::ManagementAccount(organization.management_account.clone()));
    }
    if entry.written.optional {
        return None;
    }
    let named = entry.selectors.iter().find_map(|selector| names_nothing(selector.written, organization));
    Some(named.unwrap_or_else(|| SelectionProblemKind::MatchesNobody { entry: entry.written.to_string() }))
}

/// A selector that cannot match in this organization, whatever else its entry says.
fn names_nothing(selector: &Selector, organization: &Organization) -> Option<SelectionProblemKind> {
    let unknown = |unit: &str, suggestion| {
        Some(SelectionProblemKind::UnknownUnit { selector: unit.to_owned(), suggestion })
    };
    match selector {
        Selector::Account(id) if !organization.accounts.contains_key(id) => {
            Some(SelectionProblemKind::UnknownAccount(id.clone()))
        }
        Selector::Root(id) if *id != organization.root.id => {
            unknown(id.as_str(), Some(organization.root.id.to_string()))
        }
        Selector::Unit(id) if !organization.units.contains_key(id) => {
            let ids = organization.units.keys().map(OuId::to_string);
            unknown(id.as_str(), most_similar(id.as_str(), ids))
        }
        Selector::Units(pattern) => {
            let paths: Vec<_> = all_units(organization).map(|unit| path(organization, &unit)).collect();
            let is_known = all_units(organization).any(|unit| pattern.matches(&organization.path(&unit)));
            match is_known {
                true => None,
                false => unknown(pattern.as_str(), most_similar(pattern.as_str(), paths.into_iter())),
            }
        }
        Selector::Name(glob)
            if !organization.accounts.values().any(|account| glob.matches(&account.name)) =>
        {
            let names = organization.accounts.values().map(|account| account.name.clone());
            let suggestion = most_similar(&glob.to_string(), names);
            Some(SelectionProblemKind::UnknownName { name: glob.to_string(), suggestion })
        }
        _ => None,
    }
}

fn path(organization: &Organization, unit: &ParentId) -> String {
    organization.path(unit).to_string()
}
