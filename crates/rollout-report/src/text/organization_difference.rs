//! What happened to an organization between two snapshots, one line each.

use rollout_model::{Account, AccountId, Organization, Region};

use super::escape::escaped;
use super::layout::paragraph;
use super::style::{self, Style, dressed, styled};
use super::words::listed;
use crate::organization_difference::{AccountChange, OrganizationDifference};

/// A difference as text, with the names and places of the accounts. `region` is one of the organization's partition,
/// where that is known.
pub fn render_difference(
    difference: &OrganizationDifference,
    before: &Organization,
    after: &Organization,
    region: Option<&Region>,
    width: Option<u16>,
) -> String {
    let mut output = String::new();
    paragraph(&mut output, "", "    ", &styled(Style::Heading, &summary(difference)), width);
    let mut push = |symbol: String, text: String| {
        paragraph(&mut output, &format!("  {symbol} "), "    ", &text, width);
    };
    for id in &difference.joined {
        push(styled(Style::Good, "+"), with_place(after, id));
    }
    for id in &difference.left {
        push(styled(Style::Bad, "-"), with_place(before, id));
    }
    for (id, change) in &difference.changed {
        let (account, name, change) = (style::account(id), name(after, id), in_words(change));
        push(styled(Style::Doubtful, "~"), format!("{account} {}: {}", escaped(name), escaped(&change)));
    }
    for unit in &difference.units {
        push(styled(Style::Doubtful, "~"), format!("organizational unit {}", escaped(unit)));
    }
    dressed(&output, region)
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
    format!("{} {}, in {}", style::account(id), escaped(name(organization, id)), escaped(&place))
}

fn name<'a>(organization: &'a Organization, id: &AccountId) -> &'a str {
    organization.accounts.get(id).map_or("", |account| &account.name)
}
