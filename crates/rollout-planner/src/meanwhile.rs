//! What has become of the targets since a plan was made. Automatic deployment goes on meanwhile: it brings the role to
//! accounts that enter a targeted unit, and takes it from those that leave (aws-facts A4).

use std::collections::BTreeMap;

use rollout_model::{Account, AccountId, AccountPlan, Action, Organization, RolloutSpec, Vehicle};

use crate::error::PlanError;
use crate::guards::refuse_a_doubtful_organization;
use crate::select::{Membership, select};

/// How the accounts differ from those that were planned for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meanwhile {
    /// Who is new, target or not, and who has become a target.
    pub joined: BTreeMap<AccountId, AccountPlan>,
    /// Who is not there any more or no target any more, and why.
    pub left: BTreeMap<AccountId, String>,
}

/// Compares the organization as it is with what was planned. An account that was suspended meanwhile has left nothing.
///
/// # Errors
/// When the organization was read in part, the targets do not fit it any more, or tags decide that were not read.
pub fn meanwhile(
    spec: &RolloutSpec,
    planned: &BTreeMap<AccountId, AccountPlan>,
    organization: &Organization,
) -> Result<Meanwhile, PlanError> {
    refuse_a_doubtful_organization(organization)?;
    let memberships = select(spec, organization)?;
    let mut meanwhile = Meanwhile::default();
    for account in organization.accounts.values() {
        let membership = &memberships[&account.id];
        let before = planned.get(&account.id).map(|plan| plan.action);
        let is_target = membership.selected && account.state.is_deployable();
        match before {
            None => _ = meanwhile.joined.insert(account.id.clone(), row(organization, account, membership)),
            Some(Action::Skip | Action::LeaveInPlace) if is_target => {
                meanwhile.joined.insert(account.id.clone(), row(organization, account, membership));
            }
            Some(action) if action.is_target() && !membership.selected => {
                let reason = format!("is no target any more: {}", membership.reason);
                meanwhile.left.insert(account.id.clone(), reason);
            }
            Some(_) => {}
        }
    }
    let gone = planned.keys().filter(|id| !organization.accounts.contains_key(*id));
    meanwhile.left.extend(gone.map(|id| (id.clone(), "is not in the organization any more".to_owned())));
    Ok(meanwhile)
}

fn row(organization: &Organization, account: &Account, membership: &Membership) -> AccountPlan {
    let (action, reason) = match (membership.selected, account.state.is_deployable()) {
        (true, true) => {
            (Action::Keep, format!("became a target after the plan was made: {}", membership.reason))
        }
        (true, false) => (Action::Skip, format!("account is {}", account.state)),
        (false, _) => (Action::Skip, membership.reason.clone()),
    };
    let is_management = account.id == organization.management_account;
    AccountPlan {
        name: account.name.clone(),
        unit: organization.path(&account.parent),
        action,
        vehicle: if is_management { Vehicle::Stack } else { Vehicle::StackSet },
        wave: None,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use rollout_model::{AccountState, ParentId};

    use super::*;
    use crate::plan::targets;
    use crate::testing::{account_id, add_account, organization, spec, unit_id};

    /// What happens to the roll-out to Workloads and below when the organization changes like this.
    fn changed(change: impl FnOnce(&mut Organization)) -> Meanwhile {
        let (spec, mut organization) = (spec(&["Workloads/**"]), organization());
        let planned = targets(&spec, &organization).unwrap();
        change(&mut organization);
        meanwhile(&spec, &planned, &organization).unwrap()
    }

    #[test]
    fn nothing_has_changed_when_nothing_has() {
        assert_eq!(changed(|_| {}), Meanwhile::default());
    }

    #[test]
    fn a_new_account_has_a_row_and_is_a_target_where_the_selectors_say_so() {
        let joined = changed(|organization| {
            add_account(organization, 31, ParentId::Ou(unit_id("prod")));
            add_account(organization, 32, ParentId::Ou(unit_id("empty")));
            add_account(organization, 33, ParentId::Ou(unit_id("prod")));
            organization.accounts.get_mut(&account_id(33)).unwrap().state = AccountState::Suspended;
        });
        let told = |number| {
            let row = &joined.joined[&account_id(number)];
            (row.action, row.reason.as_str())
        };
        assert_eq!(
            told(31),
            (Action::Keep, "became a target after the plan was made: included by ou Workloads/**")
        );
        assert_eq!(told(32), (Action::Skip, "no include entry matches"));
        assert_eq!(told(33), (Action::Skip, "account is suspended"));
        assert_eq!((joined.joined.len(), joined.left.len()), (3, 0));
    }

    #[test]
    fn an_account_that_moves_becomes_a_target_or_is_none_any_more() {
        let moved = changed(|organization| {
            let mut to = |number, unit: &str| {
                organization.accounts.get_mut(&account_id(number)).unwrap().parent =
                    ParentId::Ou(unit_id(unit));
            };
            to(11, "prod");
            to(22, "empty");
            to(23, "legacy");
        });
        assert_eq!(moved.joined.keys().collect::<Vec<_>>(), [&account_id(11)]);
        let reason = "is no target any more: no include entry matches".to_owned();
        assert_eq!(moved.left, [(account_id(22), reason)].into());
    }

    #[test]
    fn whoever_is_gone_has_left_and_whoever_is_suspended_has_not() {
        let changed = changed(|organization| {
            organization.accounts.remove(&account_id(22));
            organization.accounts.remove(&account_id(12));
            organization.accounts.get_mut(&account_id(23)).unwrap().state = AccountState::Suspended;
        });
        let gone = "is not in the organization any more".to_owned();
        assert_eq!(changed.left, [(account_id(12), gone.clone()), (account_id(22), gone)].into());
        assert!(changed.joined.is_empty());
    }
}
