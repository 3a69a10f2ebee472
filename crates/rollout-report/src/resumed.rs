//! A run that goes on after it ended early or broke off: what it has brought about already, and what is open
//! again.

use jiff::{SignedDuration, Timestamp};
use rollout_model::{AccountPlan, Action, DeploymentStatus};

use crate::account_row::{AccountRow, Verification};

/// Opens what only the end of the run had closed.
pub(crate) fn reopen(row: &mut AccountRow) {
    if let Some(DeploymentStatus::NotReached(_)) = row.deployment {
        row.deployment = Some(DeploymentStatus::Pending);
    }
    // What was not green may be by now.
    if !row.is_verified() {
        row.verification = Verification::NotAsked;
    }
}

/// How long a proof counts. A run that is gone on with after a break keeps what it has proven; one that lay overnight
/// would call green what nobody has looked at since.
const PROOF_LASTS: SignedDuration = SignedDuration::from_hours(1);

pub(crate) fn is_long_ago(then: Timestamp, now: Timestamp) -> bool {
    now.duration_since(then) > PROOF_LASTS
}

/// An account that joined, or became a target, after the plan was made: no step of the run brings the role there.
pub(crate) fn join(row: &mut AccountRow, plan: &AccountPlan) {
    row.plan = Some(plan.clone());
    row.joined = plan.action.is_target();
    if row.joined {
        // That it got the role was said not to be meant, before it was known to be a target.
        row.deployment = row.deployment.take().filter(|status| *status == DeploymentStatus::Deployed);
    }
}

/// Why an account that a new plan does not know has no part in it.
pub(crate) const GONE: &str = "is not in the organization any more";

/// An account that left the organization, or the targets, meanwhile. What did not succeed there is nobody's failure.
pub(crate) fn leave(row: &mut AccountRow, reason: &str) {
    if let Some(plan) = &mut row.plan {
        plan.action = Action::Skip;
        plan.reason = reason.to_owned();
    }
    row.deployment = row.deployment.take().filter(DeploymentStatus::is_done);
    row.verification = Verification::NotAsked;
}

/// How an account that was planned before stands after it was planned anew; `None` when the new plan alone says.
///
/// What was planned and is found done was done by this run, whether or not it lived to see it.
pub(crate) fn brought_about(row: &AccountRow, plan: &AccountPlan) -> Option<DeploymentStatus> {
    let before = row.plan.as_ref()?;
    if plan.action.is_change() {
        return None;
    }
    match (&row.deployment, before.action) {
        (Some(status @ (DeploymentStatus::Deployed | DeploymentStatus::Removed)), _) => Some(status.clone()),
        // An instance that is to be made anew is found current whether or not it was.
        (Some(_), Action::Recreate) => None,
        (Some(_), action) if action.is_deployment() && plan.action == Action::Keep => {
            Some(DeploymentStatus::Deployed)
        }
        (Some(_), Action::Remove) if plan.action == Action::Skip => Some(DeploymentStatus::Removed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[track_caller]
    fn check(before: Action, stood: DeploymentStatus, now: Action, expected: Option<DeploymentStatus>) {
        let plan = |action| samples::plan_of("shop", &["Workloads"], action, "reason");
        let row = AccountRow { plan: Some(plan(before)), deployment: Some(stood), ..AccountRow::default() };
        assert_eq!(brought_about(&row, &plan(now)), expected);
    }

    #[test]
    fn what_was_planned_and_is_found_done_was_done_by_the_run() {
        use Action::{Create, Keep, LeaveInPlace, Remove, Repair, Skip};
        use DeploymentStatus::{Deployed, Failed, Pending, Removed, Running, Unchanged};
        check(Create, Deployed, Keep, Some(Deployed));
        check(Create, Running, Keep, Some(Deployed));
        check(Create, Pending, Keep, Some(Deployed));
        check(Action::Recreate, Pending, Keep, None);
        check(Action::Recreate, Deployed, Keep, Some(Deployed));
        check(Remove, Running, Skip, Some(Removed));
        check(Remove, Removed, Skip, Some(Removed));
        check(Remove, Pending, LeaveInPlace, None);
        check(Create, Pending, Create, None);
        check(Create, Deployed, Action::Update, None);
        check(Create, Failed("no".into()), Repair, None);
        check(Keep, Unchanged, Keep, None);
        check(Create, Pending, Skip, None);
    }
}
