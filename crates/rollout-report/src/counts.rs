//! How many accounts stand where. Kept while folding, because progress asks after every event and an
//! organization may have tens of thousands of accounts.

use rollout_model::{Action, Conclusion, DeploymentStatus};

use crate::account_row::{AccountRow, Verification};

/// How many accounts stand where.
///
/// `targeted + blocked + not_targeted + left_out + other_shard + unplanned` is `accounts`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All accounts: one row each.
    pub accounts: usize,
    /// To have the role when the run is done.
    pub targeted: usize,
    /// Should get the role and cannot.
    pub blocked: usize,
    /// No targets.
    pub not_targeted: usize,
    /// Those of `not_targeted` from which the role is taken away.
    pub to_remove: usize,
    /// Those of `not_targeted` whose stack and role are left behind without the StackSet.
    pub to_retain: usize,
    /// Those of `not_targeted` that have a stack instance all the same.
    pub left_in_place: usize,
    /// Targets that this run was not asked to look at.
    pub left_out: usize,
    /// Targets that another machine looks at.
    pub other_shard: usize,
    /// Named by AWS but not by the plan, because they joined meanwhile.
    pub unplanned: usize,
    /// Deployment planned or in progress.
    pub open: usize,
    /// The stack was brought to what is specified.
    pub deployed: usize,
    /// The stack held what is specified already.
    pub unchanged: usize,
    /// The stack and the role were taken away, as planned.
    pub removed: usize,
    /// The stack and the role were left behind without the StackSet, as planned.
    pub retained: usize,
    /// The deployment failed.
    pub failed: usize,
    /// Not attempted, because the operation stopped before.
    pub cancelled: usize,
    /// AWS skipped the account.
    pub skipped: usize,
    /// The run ended before the account was attempted.
    pub not_reached: usize,
    /// Still to be verified.
    pub to_verify: usize,
    /// Every check passed.
    pub verified: usize,
    /// A check failed.
    pub findings: usize,
    /// A check could not be made.
    pub not_proven: usize,
    /// Should have been verified and was not.
    pub not_verified: usize,
}

impl Counts {
    /// Deployments that are over, however they ended.
    pub fn deployments_over(&self) -> usize {
        self.deployed + self.removed + self.retained + self.deployments_failed()
    }

    /// Deployments that ended without the stack that is specified.
    pub fn deployments_failed(&self) -> usize {
        self.failed + self.cancelled + self.skipped + self.not_reached
    }

    /// Verifications that are over, however they ended.
    pub fn verifications_over(&self) -> usize {
        self.verified + self.findings + self.not_proven + self.not_verified
    }

    pub(crate) fn add(&mut self, row: &AccountRow) {
        self.count(row, |number| *number += 1);
    }

    pub(crate) fn remove(&mut self, row: &AccountRow) {
        self.count(row, |number| *number -= 1);
    }

    fn count(&mut self, row: &AccountRow, change: fn(&mut usize)) {
        change(&mut self.accounts);
        match row.plan.as_ref().map(|plan| plan.action) {
            Some(Action::Blocked) => change(&mut self.blocked),
            Some(Action::Skip) => change(&mut self.not_targeted),
            Some(Action::LeaveInPlace) => {
                change(&mut self.not_targeted);
                change(&mut self.left_in_place);
            }
            Some(Action::Remove) => {
                change(&mut self.not_targeted);
                change(&mut self.to_remove);
            }
            Some(Action::Retain) => {
                change(&mut self.not_targeted);
                change(&mut self.to_retain);
            }
            Some(Action::LeaveOut) => change(&mut self.left_out),
            Some(Action::OtherShard) => change(&mut self.other_shard),
            // Every other action is that of a target.
            Some(_) => change(&mut self.targeted),
            None => change(&mut self.unplanned),
        }
        match &row.deployment {
            None => {}
            Some(DeploymentStatus::Pending | DeploymentStatus::Running) => change(&mut self.open),
            Some(DeploymentStatus::Unchanged) => change(&mut self.unchanged),
            Some(DeploymentStatus::Deployed) => change(&mut self.deployed),
            Some(DeploymentStatus::Removed) => change(&mut self.removed),
            Some(DeploymentStatus::Retained) => change(&mut self.retained),
            Some(DeploymentStatus::Failed(_)) => change(&mut self.failed),
            Some(DeploymentStatus::Cancelled(_)) => change(&mut self.cancelled),
            Some(DeploymentStatus::Skipped(_)) => change(&mut self.skipped),
            Some(DeploymentStatus::NotReached(_)) => change(&mut self.not_reached),
        }
        match (&row.verification, row.conclusion()) {
            (Verification::NotAsked, _) => {}
            (Verification::Pending, _) => change(&mut self.to_verify),
            (Verification::NotVerified(_), _) => change(&mut self.not_verified),
            (Verification::Done(_), Some(Conclusion::Verified)) => change(&mut self.verified),
            (Verification::Done(_), Some(Conclusion::Finding)) => change(&mut self.findings),
            (Verification::Done(_), Some(Conclusion::NotProven) | None) => change(&mut self.not_proven),
        }
    }
}
