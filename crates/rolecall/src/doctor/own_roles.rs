//! Looks at the roles of one's own by which a self-managed StackSet works (aws-facts A1).

use std::collections::BTreeMap;

use role_verifier::{Found, RoleSearch, look_for_roles};
use rollout_model::{AccountId, Action, PermissionModel, RoleName, Vehicle};
use tokio::sync::mpsc;

use super::seen::OwnRoles;
use crate::aws::{Aws, Caller};
use crate::config::Rollout;
use crate::obstacles::operator;
use crate::prepare::discover;

/// The administration role of the account that owns the StackSet, and the execution role in every account that it
/// deploys to. Of some of them it would say nothing about the others. `None` for a StackSet whose roles AWS makes.
pub(super) async fn own_roles(aws: &Aws, rollout: &Rollout, caller: &Caller) -> Option<OwnRoles> {
    let PermissionModel::SelfManaged { administration_role, execution_role } =
        &rollout.spec.stack_set.permission_model
    else {
        return None;
    };
    let (operator, concurrency) = (operator(aws, caller, rollout), rollout.verify.concurrency);
    let look = async |roles: BTreeMap<AccountId, RoleName>| {
        look_for_roles(RoleSearch { operator: &operator, roles: &roles, concurrency }).await
    };
    let at_home = look([(caller.account.clone(), administration_role.name().clone())].into()).await;
    let execution = match targets(aws, rollout).await {
        Ok(targets) => {
            let role = |account: AccountId| (account, execution_role.clone());
            Ok(look(targets.into_iter().map(role).collect()).await)
        }
        // On one line, as a row has it.
        Err(error) => Err(format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ")),
    };
    let owner = caller.as_owner();
    Some(OwnRoles {
        administration_role: administration_role.arn(&owner),
        administration: at_home.into_values().next().unwrap_or(Found::Free),
        execution_role: execution_role.clone(),
        execution,
        owner,
    })
}

/// The accounts that the StackSet deploys to.
async fn targets(aws: &Aws, rollout: &Rollout) -> anyhow::Result<Vec<AccountId>> {
    // Nobody is shown how far it got: whoever sends an event without a receiver goes on.
    let (events, _) = mpsc::channel(1);
    let organization = discover(aws, rollout, &events).await?;
    let accounts = rollout_planner::targets(&rollout.spec, &organization)?;
    let is_target = |(_, account): &(AccountId, rollout_model::AccountPlan)| {
        account.action == Action::Keep && account.vehicle == Vehicle::StackSet
    };
    Ok(accounts.into_iter().filter(is_target).map(|(id, _)| id).collect())
}
