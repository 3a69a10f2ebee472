//! Entries that do not fit the organization: they name what is not there, or mean nobody.

use rollout_model::{Account, Organization, OuId, ParentId, Selector};

use super::entry::{Entry, Resolved, all_units};
use super::suggest::most_similar;
use super::truth::Truth;
use crate::error::{SelectionProblem, SelectionProblemKind};

/// What is wrong with each of the entries; at most one thing each, at the selector that is to blame.
pub(crate) fn of(entries: &[Entry<'_>], organization: &Organization) -> Vec<SelectionProblem> {
    entries.iter().filter_map(|entry| problem(entry, organization)).collect()
}

fn problem(entry: &Entry<'_>, organization: &Organization) -> Option<SelectionProblem> {
    let may_match = |account: &&Account| entry.matches(organization, account) != Truth::No;
    let mut matching = organization.accounts.values().filter(may_match).peekable();
    let is_include = entry.key.starts_with("targets.include");
    let is_management = |account: &Account| account.id == organization.management_account;
    if matching.peek().is_some() {
        // Only its switch includes the management account, so an entry for it alone would be in vain.
        return (is_include && matching.all(is_management)).then(|| SelectionProblem {
            key: key(entry, to_blame(entry, organization, is_management)),
            kind: SelectionProblemKind::ManagementAccount(organization.management_account.clone()),
        });
    }
    if entry.written.optional {
        return None;
    }
    let named = entry.selectors.iter().find_map(|selector| {
        Some((names_nothing(selector.written, organization)?, key(entry, Some(selector))))
    });
    let (kind, key) = named.unwrap_or_else(|| {
        let kind = SelectionProblemKind::MatchesNobody { entry: entry.written.to_string() };
        (kind, key(entry, to_blame(entry, organization, |_| false)))
    });
    Some(SelectionProblem { key, kind })
}

/// The one selector without which the entry would match an account that is none of these; none where it is not one
/// alone. Tags that were not read blame nobody: an account matches when it is known to.
fn to_blame<'a, 'spec>(
    entry: &'a Entry<'spec>,
    organization: &Organization,
    these: impl Fn(&Account) -> bool,
) -> Option<&'a Resolved<'spec>> {
    let matches_without = |left_out: usize, account: &Account| {
        let others = entry.selectors.iter().enumerate().filter(|(index, _)| *index != left_out);
        Truth::all(others.map(|(_, other)| other.matches(organization, account))) == Truth::Yes
    };
    let mut blamed = entry.selectors.iter().enumerate().filter(|(index, _)| {
        organization.accounts.values().any(|account| !these(account) && matches_without(*index, account))
    });
    match (blamed.next(), blamed.next()) {
        (Some((_, selector)), None) => Some(selector),
        _ => None,
    }
}

fn key(entry: &Entry<'_>, selector: Option<&Resolved<'_>>) -> String {
    match selector.and_then(|selector| selector.written.key()) {
        Some(selector) => format!("{}.{selector}", entry.key),
        None => entry.key.clone(),
    }
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
