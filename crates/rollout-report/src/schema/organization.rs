//! `rolecall.organization/1`: a snapshot of an organization.

use rollout_model::{Account, AccountState, Organization, OrganizationalUnit, ParentId};
use serde::Serialize;

/// Units and accounts are sorted by id.
#[derive(Debug, Serialize)]
pub(crate) struct OrganizationEntry {
    schema: &'static str,
    id: String,
    management_account: String,
    root: RootEntry,
    organizational_units: Vec<UnitEntry>,
    accounts: Vec<AccountEntry>,
    /// What could not be read. Not empty means that the snapshot is partial.
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RootEntry {
    id: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct UnitEntry {
    id: String,
    name: String,
    /// Names joined by slashes, a slash inside a name escaped. `null` when a unit on the way was not read.
    path: Option<String>,
    parent: String,
}

#[derive(Debug, Serialize)]
struct AccountEntry {
    id: String,
    name: String,
    email: String,
    /// As AWS writes it.
    state: String,
    parent: String,
    /// `Root` for the root; `null` when a unit on the way was not read.
    organizational_unit_path: Option<String>,
}

impl OrganizationEntry {
    pub(crate) fn of(organization: &Organization) -> OrganizationEntry {
        OrganizationEntry {
            schema: "rolecall.organization/1",
            id: organization.id.to_string(),
            management_account: organization.management_account.to_string(),
            root: RootEntry { id: organization.root.id.to_string(), name: organization.root.name.clone() },
            organizational_units: organization
                .units
                .values()
                .map(|unit| UnitEntry::of(organization, unit))
                .collect(),
            accounts: organization
                .accounts
                .values()
                .map(|account| AccountEntry::of(organization, account))
                .collect(),
            problems: organization.problems.clone(),
        }
    }
}

impl UnitEntry {
    fn of(organization: &Organization, unit: &OrganizationalUnit) -> UnitEntry {
        UnitEntry {
            id: unit.id.to_string(),
            name: unit.name.clone(),
            path: path(organization, &ParentId::Ou(unit.id.clone())),
            parent: unit.parent.to_string(),
        }
    }
}

impl AccountEntry {
    fn of(organization: &Organization, account: &Account) -> AccountEntry {
        AccountEntry {
            id: account.id.to_string(),
            name: account.name.clone(),
            email: account.email.clone(),
            state: aws_word(&account.state).to_owned(),
            parent: account.parent.to_string(),
            organizational_unit_path: path(organization, &account.parent),
        }
    }
}

/// The model ends a path at a unit that was not read; here that would pass for a place near the root.
fn path(organization: &Organization, parent: &ParentId) -> Option<String> {
    let topmost = organization.ancestry(parent).last().map_or(parent, |unit| &unit.parent);
    (*topmost == organization.root_parent()).then(|| organization.path(parent).to_string())
}

/// aws-facts D3.
fn aws_word(state: &AccountState) -> &str {
    match state {
        AccountState::PendingActivation => "PENDING_ACTIVATION",
        AccountState::Active => "ACTIVE",
        AccountState::Suspended => "SUSPENDED",
        AccountState::PendingClosure => "PENDING_CLOSURE",
        AccountState::Closed => "CLOSED",
        AccountState::Unrecognized(word) => word,
    }
}
