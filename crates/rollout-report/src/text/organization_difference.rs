//! What happened to an organization between two snapshots, one line each.

use rollout_model::{Account, AccountId, Organization};

use super::escape::escaped;
use super::layout::paragraph;
use super::words::listed;
use crate::organization_difference::{AccountChange, OrganizationDifference};

/// A difference as text, with the names and places of the accounts.
pub fn render_difference(
    difference: &OrganizationDifference,
    before: &Organization,
    after: &Organization,
    width: Option<u16>,
) -> String {
    let mut output = String::new();
    let mut push = |text: String| paragraph(&mut output, "", "    ", &escaped(&text), width);
    push(summary(difference));
    for id in &difference.joined {
        push(format!("  + {}", with_place(after, id)));
    }
    for id in &difference.left {
        push(format!("  - {}", with_place(before, id)));
    }
    for (id, change) in &difference.changed {
        push(format!("  ~ {id} {}: {}", name(after, id), in_words(change)));
    }
    for unit in &difference.units {
        push(format!("  ~ organizational unit {unit}"));
    }
    output
}

fn summary(difference: &OrganizationDifference) -> String {
    if difference.is_empty() {
        return "the organization has not changed".to_owned();
    }
    let with = |is: fn(&AccountChange) -> bool| difference.changed.iter().filter(|(_, one)| is(one)).count();
    listed(&[
        (difference.joined.len(), "joined"),
        (difference.left.len(), "left"),
        (with(|change| matches!(change, AccountChange::Moved { .. })), "moved"),
        (with(|change| matches!(change, AccountChange::Renamed { .. })), "renamed"),
        (with(|change| matches!(change, AccountChange::State { .. })), "in another state"),
        (difference.units.len(), "changes of organizational units"),
    ])
}

fn in_words(change: &AccountChange) -> String {
    match change {
        AccountChange::Moved { from, to } => format!("moved from {from} to {to}"),
        AccountChange::Renamed { from, .. } => format!("was called `{from}`"),
        AccountChange::State { from, to } => format!("was {from}, is {to}"),
    }
}

fn with_place(organization: &Organization, id: &AccountId) -> String {
    let place = |account: &Account| organization.path(&account.parent).to_string();
    let place = organization.accounts.get(id).map(place).unwrap_or_default();
    format!("{id} {}, in {place}", name(organization, id))
}

fn name<'a>(organization: &'a Organization, id: &AccountId) -> &'a str {
    organization.accounts.get(id).map_or("", |account| &account.name)
}
