//! Which accounts a call means: organizational units, account lists and filters (aws-facts A3).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::errors;
use super::stack_set::PermissionModel;
use crate::call::ApiError;
use crate::input;
use crate::organizations::Organization;

/// At most this many organizational units in one call (aws-facts A3).
const MAX_UNITS: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountFilterType {
    None,
    Intersection,
    Difference,
    Union,
}

/// What a call names, read and checked for its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Targets {
    /// Top-level `Accounts`, of self-managed sets.
    Accounts(Vec<String>),
    /// `DeploymentTargets`, of service-managed sets.
    Units { units: Vec<String>, accounts: BTreeSet<String>, filter: AccountFilterType },
}

/// Who calls: creating has rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Change,
}

/// Reads the targets of a call; `None` when it names none.
pub(super) fn read(
    call: &Value,
    model: PermissionModel,
    purpose: Purpose,
) -> Result<Option<Targets>, ApiError> {
    let accounts = input::texts(call, "Accounts");
    let units = call.get("DeploymentTargets").filter(|targets| targets.is_object());
    match (accounts.is_empty(), units, model) {
        (true, None, _) => Ok(None),
        (false, Some(_), _) => {
            Err(errors::validation("Accounts and DeploymentTargets cannot both be specified"))
        }
        (false, None, PermissionModel::ServiceManaged) => {
            Err(errors::validation("OrganizationalUnitIds should be specified in SERVICE_MANAGED mode"))
        }
        (false, None, PermissionModel::SelfManaged) => {
            check_account_ids(&accounts)?;
            Ok(Some(Targets::Accounts(accounts)))
        }
        (true, Some(_), PermissionModel::SelfManaged) => {
            Err(errors::validation("DeploymentTargets cannot be specified in SELF_MANAGED mode"))
        }
        (true, Some(targets), PermissionModel::ServiceManaged) => read_units(targets, purpose).map(Some),
    }
}

fn read_units(targets: &Value, purpose: Purpose) -> Result<Targets, ApiError> {
    if targets.get("AccountsUrl").is_some() {
        // There is no S3 in the simulated world.
        return Err(errors::validation("AccountsUrl could not be read: S3 error: Access Denied"));
    }
    let units = input::texts(targets, "OrganizationalUnitIds");
    let accounts = input::texts(targets, "Accounts");
    check_account_ids(&accounts)?;
    if units.is_empty() {
        return Err(errors::validation("OrganizationalUnitIds should be specified in SERVICE_MANAGED mode"));
    }
    if units.len() > MAX_UNITS {
        return Err(errors::validation(format!(
            "The number of organizational units exceeds the maximum of {MAX_UNITS}"
        )));
    }
    let filter = filter_type(input::text(targets, "AccountFilterType"), accounts.is_empty(), purpose)?;
    Ok(Targets::Units { units, accounts: accounts.into_iter().collect(), filter })
}

fn filter_type(
    given: Option<&str>,
    no_accounts: bool,
    purpose: Purpose,
) -> Result<AccountFilterType, ApiError> {
    const KNOWN: [&str; 4] = ["NONE", "INTERSECTION", "DIFFERENCE", "UNION"];
    let filter = match (given, no_accounts, purpose) {
        (None | Some("NONE"), true, _) => return Ok(AccountFilterType::None),
        (None, false, Purpose::Create) => {
            return Err(errors::validation(
                "AccountFilterType should be specified when both OrganizationalUnitIds and Accounts are provided",
            ));
        }
        (None | Some("UNION"), _, Purpose::Change) => AccountFilterType::Union,
        (Some("UNION"), _, Purpose::Create) => {
            return Err(errors::validation(
                "AccountFilterType UNION is not supported for CreateStackInstances",
            ));
        }
        (Some("INTERSECTION"), _, _) => AccountFilterType::Intersection,
        (Some("DIFFERENCE"), _, _) => AccountFilterType::Difference,
        (Some("NONE"), false, _) => {
            return Err(errors::validation(
                "Accounts should not be specified when AccountFilterType is NONE",
            ));
        }
        (Some(unknown), _, _) => return Err(errors::not_in_enum("accountFilterType", unknown, &KNOWN)),
    };
    if no_accounts {
        return Err(errors::validation("Accounts should be specified when AccountFilterType is not NONE"));
    }
    Ok(filter)
}

fn check_account_ids(accounts: &[String]) -> Result<(), ApiError> {
    let is_id =
        |account: &&String| account.len() == 12 && account.bytes().all(|letter| letter.is_ascii_digit());
    match accounts.iter().find(|account| !is_id(account)) {
        Some(bad) => Err(errors::validation(format!(
            "1 validation error detected: Value '{bad}' at 'accounts' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: ^[0-9]{{12}}$"
        ))),
        None => Ok(()),
    }
}

/// The accounts that targets mean now, each with the organizational unit that it is booked under: the one
/// that was named, not the account's own parent. The management account is left out without a word.
///
/// An account below two of the named units is booked under the one named first; AWS does not say which.
pub(super) fn resolve(
    targets: &Targets,
    organization: Option<&Organization>,
) -> Result<BTreeMap<String, Option<String>>, ApiError> {
    let (units, accounts, filter) = match targets {
        Targets::Accounts(accounts) => {
            return Ok(accounts.iter().map(|account| (account.clone(), None)).collect());
        }
        Targets::Units { units, accounts, filter } => (units, accounts, *filter),
    };
    let Some(organization) = organization else {
        return Err(errors::validation("The account is not in an organization"));
    };
    let mut resolved = BTreeMap::new();
    for unit in units {
        if !organization.unit_exists(unit) {
            return Err(errors::validation(format!(
                "Organizational unit {unit} does not exist in the organization"
            )));
        }
        for account in organization.accounts_below(unit) {
            resolved.entry(account).or_insert_with(|| Some(unit.clone()));
        }
    }
    match filter {
        AccountFilterType::None => {}
        // An account outside the units is dropped without an error (unsure in aws-facts A3).
        AccountFilterType::Intersection => resolved.retain(|account, _| accounts.contains(account)),
        AccountFilterType::Difference => resolved.retain(|account, _| !accounts.contains(account)),
        AccountFilterType::Union => {
            for account in accounts {
                resolved
                    .entry(account.clone())
                    .or_insert_with(|| organization.parent_of(account).map(str::to_owned));
            }
        }
    }
    resolved.remove(organization.management_account());
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::organizations::Account;

    const MANAGEMENT: &str = "000000000009";

    fn account(id: &str, parent: &str) -> Account {
        Account::created(
            id.to_owned(),
            id.to_owned(),
            format!("{id}@example.com"),
            parent.to_owned(),
            Timestamp::UNIX_EPOCH,
        )
    }

    /// Root: management account, 3, ou-a (1, ou-b (2)).
    fn organization() -> Organization {
        let mut organization =
            Organization::new("o-1".to_owned(), "r-1111".to_owned(), account(MANAGEMENT, "r-1111"), true);
        organization.add_unit("ou-a".to_owned(), "A".to_owned(), "r-1111");
        organization.add_unit("ou-b".to_owned(), "B".to_owned(), "ou-a");
        for (id, parent) in [("000000000001", "ou-a"), ("000000000002", "ou-b"), ("000000000003", "r-1111")] {
            organization.add_account(account(id, parent));
        }
        organization
    }

    fn check(purpose: Purpose, targets: Value) -> Result<Vec<(String, String)>, String> {
        let call = json!({"DeploymentTargets": targets});
        let targets =
            read(&call, PermissionModel::ServiceManaged, purpose).map_err(|error| error.message)?.unwrap();
        let resolved = resolve(&targets, Some(&organization())).map_err(|error| error.message)?;
        Ok(resolved
            .into_iter()
            .map(|(account, unit)| (account[9..].to_owned(), unit.unwrap_or_default()))
            .collect())
    }

    #[test]
    fn units_mean_their_accounts_at_any_depth_without_the_management_account() {
        let booked = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(account, unit)| ((*account).to_owned(), (*unit).to_owned())).collect()
        };
        for (targets, expected) in [
            (
                json!({"OrganizationalUnitIds": ["r-1111"]}),
                booked(&[("001", "r-1111"), ("002", "r-1111"), ("003", "r-1111")]),
            ),
            (json!({"OrganizationalUnitIds": ["ou-a"]}), booked(&[("001", "ou-a"), ("002", "ou-a")])),
            (json!({"OrganizationalUnitIds": ["ou-b", "ou-a"]}), booked(&[("001", "ou-a"), ("002", "ou-b")])),
            (
                json!({"OrganizationalUnitIds": ["r-1111"], "Accounts": ["000000000002"], "AccountFilterType": "INTERSECTION"}),
                booked(&[("002", "r-1111")]),
            ),
            (
                json!({"OrganizationalUnitIds": ["ou-b"], "Accounts": ["000000000001"], "AccountFilterType": "INTERSECTION"}),
                booked(&[]),
            ),
            (
                json!({"OrganizationalUnitIds": ["ou-a"], "Accounts": ["000000000002"], "AccountFilterType": "DIFFERENCE"}),
                booked(&[("001", "ou-a")]),
            ),
            (
                json!({"OrganizationalUnitIds": ["r-1111"], "Accounts": [MANAGEMENT], "AccountFilterType": "INTERSECTION"}),
                booked(&[]),
            ),
        ] {
            assert_eq!(check(Purpose::Create, targets.clone()).unwrap(), expected, "{targets}");
        }
    }

    #[test]
    fn a_union_is_the_default_for_changes_and_impossible_for_creation() {
        let both = json!({"OrganizationalUnitIds": ["ou-b"], "Accounts": ["000000000003"]});
        let accounts: Vec<String> =
            check(Purpose::Change, both.clone()).unwrap().into_iter().map(|(account, _)| account).collect();
        assert_eq!(accounts, ["002", "003"]);
        assert_eq!(
            check(Purpose::Create, both.clone()).unwrap_err(),
            "AccountFilterType should be specified when both OrganizationalUnitIds and Accounts are provided"
        );
        let mut union = both;
        union["AccountFilterType"] = json!("UNION");
        assert!(check(Purpose::Create, union).is_err());
    }

    #[test]
    fn targets_that_do_not_fit_the_permission_model_are_refused() {
        let refused = |call: Value, model| read(&call, model, Purpose::Create).unwrap_err().message;
        let expected = "OrganizationalUnitIds should be specified in SERVICE_MANAGED mode";
        assert_eq!(refused(json!({"Accounts": ["000000000001"]}), PermissionModel::ServiceManaged), expected);
        assert_eq!(
            refused(
                json!({"DeploymentTargets": {"Accounts": ["000000000001"]}}),
                PermissionModel::ServiceManaged
            ),
            expected
        );
        refused(
            json!({"DeploymentTargets": {"OrganizationalUnitIds": ["ou-a"]}}),
            PermissionModel::SelfManaged,
        );
        refused(json!({"Accounts": ["1"]}), PermissionModel::SelfManaged);
        let many: Vec<String> = (0..51).map(|number| format!("ou-{number}")).collect();
        refused(
            json!({"DeploymentTargets": {"OrganizationalUnitIds": many}}),
            PermissionModel::ServiceManaged,
        );
        assert!(check(Purpose::Create, json!({"OrganizationalUnitIds": ["ou-nowhere"]})).is_err());
    }
}
