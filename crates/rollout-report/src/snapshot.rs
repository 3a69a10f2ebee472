//! An organization that was saved to a file, and is worked with instead of asking AWS.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rollout_model::{InvalidId, Organization, OuId, ParentId};

use crate::schema::{ORGANIZATION_SCHEMA, OrganizationEntry, schema_of};

/// What an organization was at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationSnapshot {
    /// When it was read.
    pub taken_at: Timestamp,
    /// What was read.
    pub organization: Organization,
}

/// Why a text is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Another document, or none at all.
    #[error("it is no snapshot of an organization as `rolecall discover --save` writes it ({found})")]
    NoSnapshot {
        /// What it is instead.
        found: String,
    },
    /// Such a snapshot, but damaged.
    #[error("it is damaged")]
    Damaged(#[source] serde_json::Error),
    /// An id in it is none.
    #[error("it is damaged")]
    InvalidId(#[from] InvalidId),
    /// Its units and accounts do not make a tree.
    #[error("it is damaged: {0}")]
    NoTree(String),
}

impl OrganizationSnapshot {
    /// Reads what [`organization_json`](crate::organization_json) wrote.
    ///
    /// # Errors
    /// When the text is something else, or does not describe one tree with everybody in it.
    pub fn read(text: &str) -> Result<OrganizationSnapshot, SnapshotError> {
        match schema_of(text) {
            Some(schema) if schema == ORGANIZATION_SCHEMA => {}
            Some(schema) => {
                return Err(SnapshotError::NoSnapshot { found: format!("its schema is `{schema}`") });
            }
            None => return Err(SnapshotError::NoSnapshot { found: "it has no `schema`".to_owned() }),
        }
        let entry: OrganizationEntry = serde_json::from_str(text).map_err(SnapshotError::Damaged)?;
        let taken_at = entry.taken_at();
        let organization = Organization::try_from(entry)?;
        require_a_tree(&organization)?;
        Ok(OrganizationSnapshot { taken_at, organization })
    }
}

/// A partial snapshot, which says so, may miss units. Nothing else may: whoever walks up the tree arrives at
/// the root.
fn require_a_tree(organization: &Organization) -> Result<(), SnapshotError> {
    for unit in organization.units.values() {
        let mut seen = BTreeSet::from([&unit.id]);
        let mut parent = &unit.parent;
        while let Some(above) = known(organization, parent)? {
            if !seen.insert(above) {
                return Err(SnapshotError::NoTree(format!("the unit {} sits below itself", unit.id)));
            }
            parent = &organization.units[above].parent;
        }
    }
    for account in organization.accounts.values() {
        known(organization, &account.parent)?;
    }
    if !organization.accounts.contains_key(&organization.management_account) {
        let account = &organization.management_account;
        return Err(SnapshotError::NoTree(format!("the management account {account} is missing")));
    }
    Ok(())
}

/// The unit, unless it is the root, or was not read by a snapshot that says so.
fn known<'a>(organization: &Organization, parent: &'a ParentId) -> Result<Option<&'a OuId>, SnapshotError> {
    match parent {
        ParentId::Root(id) if *id == organization.root.id => Ok(None),
        ParentId::Ou(id) if organization.units.contains_key(id) => Ok(Some(id)),
        _ if !organization.problems.is_empty() => Ok(None),
        _ => Err(SnapshotError::NoTree(format!("{parent} is named and not described"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization_json;
    use crate::samples;

    fn saved() -> String {
        organization_json(&samples::organization(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn an_organization_comes_back_as_it_was_saved() {
        let mut organization = samples::organization();
        let account = organization.accounts.get_mut(&samples::id("200000000001")).unwrap();
        account.joined = Some(Timestamp::from_second(1_700_000_000).unwrap().into());
        account.tags = Some([("env".to_owned(), "prod".to_owned())].into());
        let taken_at = Timestamp::from_second(1_760_000_000).unwrap();
        let read = OrganizationSnapshot::read(&organization_json(&organization, taken_at)).unwrap();
        assert_eq!(read, OrganizationSnapshot { taken_at, organization });
    }

    #[track_caller]
    fn refused(text: &str, says: &str) {
        let error = OrganizationSnapshot::read(text).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(format!("{error}: {source}").contains(says), "`{error}: {source}` does not say `{says}`");
    }

    #[test]
    fn what_is_no_whole_snapshot_is_refused() {
        refused("", "no `schema`");
        refused("{}", "no `schema`");
        refused(r#"{"schema":"rolecall.plan/1"}"#, "its schema is `rolecall.plan/1`");
        refused(r#"{"schema":"rolecall.organization/1"}"#, "missing field");
        let whole = saved();
        refused(&whole[..whole.len() / 2], "no `schema`");
        refused(&whole.replace("\"100000000001\"", "\"10000000000\""), "`10000000000` is not an account id");
    }

    #[test]
    fn units_that_go_round_in_a_circle_or_nowhere_are_refused() {
        let whole = |change: fn(&mut Organization)| {
            let mut organization = samples::organization();
            change(&mut organization);
            organization_json(&organization, Timestamp::UNIX_EPOCH)
        };
        // Not by way of an organization: nobody can write down a path that goes round.
        let mut circle: serde_json::Value = serde_json::from_str(&saved()).unwrap();
        for unit in circle["organizational_units"].as_array_mut().unwrap() {
            if unit["id"] == "ou-ab12-workload1" {
                unit["parent"] = "ou-ab12-research1".into();
            }
        }
        let circle = circle.to_string();
        refused(&circle, "sits below itself");
        refused(&whole(|organization| organization.problems.clear()), "ou-ab12-notreadxx is named and not");
        let headless = whole(|organization| {
            organization.accounts.remove(&samples::id(samples::MANAGEMENT));
        });
        refused(&headless, "management account 100000000001 is missing");
    }
}
