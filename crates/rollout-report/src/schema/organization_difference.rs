//! `rolecall.organization-difference/1`: what happened between two snapshots.

use jiff::Timestamp;
use rollout_model::AccountId;
use serde::Serialize;

use crate::organization_difference::{AccountChange, OrganizationDifference};

#[derive(Debug, Serialize)]
pub(crate) struct DifferenceEntry {
    schema: &'static str,
    /// When the earlier snapshot was taken, RFC 3339 in UTC.
    before: Timestamp,
    after: Timestamp,
    joined: Vec<String>,
    left: Vec<String>,
    changed: Vec<ChangeEntry>,
    /// In words.
    organizational_units: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ChangeEntry {
    account: String,
    /// `moved`, `renamed` or `state`.
    what: &'static str,
    from: String,
    to: String,
}

impl DifferenceEntry {
    pub(crate) fn of(difference: &OrganizationDifference, before: Timestamp, after: Timestamp) -> Self {
        let ids = |ids: &[AccountId]| ids.iter().map(ToString::to_string).collect();
        DifferenceEntry {
            schema: "rolecall.organization-difference/1",
            before,
            after,
            joined: ids(&difference.joined),
            left: ids(&difference.left),
            changed: difference.changed.iter().map(|(id, change)| ChangeEntry::of(id, change)).collect(),
            organizational_units: difference.units.clone(),
        }
    }
}

impl ChangeEntry {
    fn of(account: &AccountId, change: &AccountChange) -> ChangeEntry {
        let (what, from, to) = match change {
            AccountChange::Moved { from, to } => ("moved", from, to),
            AccountChange::Renamed { from, to } => ("renamed", from, to),
            AccountChange::State { from, to } => ("state", from, to),
        };
        ChangeEntry { account: account.to_string(), what, from: from.clone(), to: to.clone() }
    }
}
