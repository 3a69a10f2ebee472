//! `rolecall.organization/1`: a snapshot of an organization.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollout_model::{Account, AccountState, InvalidId, Organization, OrganizationalUnit, ParentId, Root};
use serde::{Deserialize, Serialize};

/// The version of the format. A reader refuses every other.
pub(crate) const ORGANIZATION_SCHEMA: &str = "rolecall.organization/1";

/// Units and accounts are sorted by id. What a reader can work out, such as paths, is written for people and
/// other programs, and not read again.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OrganizationEntry {
    schema: String,
    /// When it was read, RFC 3339 in UTC.
    taken_at: Timestamp,
    id: String,
    management_account: String,
    root: RootEntry,
    organizational_units: Vec<UnitEntry>,
    accounts: Vec<AccountEntry>,
    /// What could not be read. Not empty means that the snapshot is partial.
    problems: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RootEntry {
    id: String,
    name: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct UnitEntry {
    id: String,
    name: String,
    /// Names joined by slashes, a slash inside a name escaped. `null` when a unit on the way was not read.
    #[serde(skip_deserializing)]
    path: Option<String>,
    parent: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct AccountEntry {
    id: String,
    name: String,
    email: String,
    /// As AWS writes it.
    state: String,
    parent: String,
    /// `Root` for the root; `null` when a unit on the way was not read.
    #[serde(skip_deserializing)]
    organizational_unit_path: Option<String>,
    /// RFC 3339 in UTC; `null` when the service did not say.
    joined: Option<Timestamp>,
    /// `null` when they were not read.
    tags: Option<BTreeMap<String, String>>,
}

impl OrganizationEntry {
    pub(crate) fn of(organization: &Organization, taken_at: Timestamp) -> OrganizationEntry {
        OrganizationEntry {
            schema: ORGANIZATION_SCHEMA.to_owned(),
            taken_at,
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
            // A time that the calendar of this format does not have is as good as none.
            joined: account.joined.and_then(|time| Timestamp::try_from(time).ok()),
            tags: account.tags.clone(),
        }
    }
}

impl OrganizationEntry {
    pub(crate) fn taken_at(&self) -> Timestamp {
        self.taken_at
    }
}

impl TryFrom<OrganizationEntry> for Organization {
    type Error = InvalidId;

    fn try_from(entry: OrganizationEntry) -> Result<Self, InvalidId> {
        let units = entry.organizational_units.into_iter().map(OrganizationalUnit::try_from);
        let accounts = entry.accounts.into_iter().map(Account::try_from);
        Ok(Organization {
            id: entry.id.parse()?,
            management_account: entry.management_account.parse()?,
            root: Root { id: entry.root.id.parse()?, name: entry.root.name },
            units: units
                .map(|unit| unit.map(|unit| (unit.id.clone(), unit)))
                .collect::<Result<_, InvalidId>>()?,
            accounts: accounts
                .map(|account| account.map(|account| (account.id.clone(), account)))
                .collect::<Result<_, InvalidId>>()?,
            problems: entry.problems,
        })
    }
}

impl TryFrom<UnitEntry> for OrganizationalUnit {
    type Error = InvalidId;

    fn try_from(entry: UnitEntry) -> Result<Self, InvalidId> {
        Ok(OrganizationalUnit { id: entry.id.parse()?, name: entry.name, parent: entry.parent.parse()? })
    }
}

impl TryFrom<AccountEntry> for Account {
    type Error = InvalidId;

    fn try_from(entry: AccountEntry) -> Result<Self, InvalidId> {
        Ok(Account {
            id: entry.id.parse()?,
            name: entry.name,
            email: entry.email,
            state: state(&entry.state),
            parent: entry.parent.parse()?,
            joined: entry.joined.map(Into::into),
            tags: entry.tags,
        })
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

/// The way back from [`aws_word`].
fn state(word: &str) -> AccountState {
    use AccountState::{Active, Closed, PendingActivation, PendingClosure, Suspended};
    let known = [PendingActivation, Active, Suspended, PendingClosure, Closed];
    known
        .into_iter()
        .find(|state| aws_word(state) == word)
        .unwrap_or_else(|| AccountState::Unrecognized(word.to_owned()))
}
