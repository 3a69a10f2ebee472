//! One account of a run: what was planned there and what came of it.

use std::time::Duration;

use jiff::Timestamp;
use rollout_model::{AccountPlan, Conclusion, DeploymentStatus, OuPath, Verdict};

/// Everything a run knows of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountRow {
    /// What was planned. `None` for an account that joined after the plan was made, or that only AWS named.
    pub plan: Option<AccountPlan>,
    /// Whether it became a target after the plan was made, so that automatic deployment brings the role there.
    pub joined: bool,
    /// How the deployment stands. `None` where this run deploys nothing: the account is no target, or the
    /// run only verifies.
    pub deployment: Option<DeploymentStatus>,
    /// How the verification stands.
    pub verification: Verification,
    /// How long both took, as far as that was seen.
    pub timing: AccountTiming,
}

/// When things happened in one account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountTiming {
    /// When AWS was first seen at work there.
    pub deployment_began: Option<Timestamp>,
    /// When the deployment was first seen to be over.
    pub deployment_ended: Option<Timestamp>,
    /// How long it took to verify the account, waiting for IAM included.
    pub verification: Option<Duration>,
}

impl AccountTiming {
    /// How long AWS was at work in the account: to within the pauses between two looks. `None` where its beginning
    /// or end was not seen.
    pub fn deployment(&self) -> Option<Duration> {
        Duration::try_from(self.deployment_ended?.duration_since(self.deployment_began?)).ok()
    }

    /// Takes in that the deployment stands so now.
    pub(crate) fn see(&mut self, status: &DeploymentStatus, at: Timestamp) {
        match status {
            // A second attempt in one run is timed by itself.
            DeploymentStatus::Pending => *self = AccountTiming::default(),
            DeploymentStatus::Running => {
                self.deployment_began = self.deployment_began.filter(|_| self.deployment_ended.is_none());
                self.deployment_began.get_or_insert(at);
                self.deployment_ended = None;
            }
            _ => self.deployment_ended = self.deployment_ended.or(Some(at)),
        }
    }
}

/// How the verification of one account stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Verification {
    /// The run verifies nothing here.
    #[default]
    NotAsked,
    /// To be verified.
    Pending,
    /// Should have been verified and was not, and why.
    NotVerified(String),
    /// Verified, with what was found.
    Done(Verdict),
}

/// An account in one word, from best to worst: the worst of all accounts decides how a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The rollout wants nothing of the account.
    NotTargeted,
    /// As far as the run asked, the account is as specified.
    AsSpecified,
    /// Not yet known.
    Open,
    /// The role is there and is not as specified.
    Finding,
    /// The role could not be brought there, or could not be proven.
    Failed,
}

impl AccountRow {
    /// The account's name; empty when no plan named it.
    pub fn name(&self) -> &str {
        self.plan.as_ref().map_or("", |plan| &plan.name)
    }

    /// Where the account sits, when a plan said so.
    pub fn unit(&self) -> Option<&OuPath> {
        self.plan.as_ref().map(|plan| &plan.unit)
    }

    /// Whether the account is to have the role when the run is done.
    pub fn is_target(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.action.is_target())
    }

    /// Whether the role is to be gone from the account when the run is done.
    pub fn is_to_be_gone(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.action == rollout_model::Action::Remove)
    }

    /// Whether the account is a target that this run leaves to others.
    pub fn is_of_another_run(&self) -> bool {
        let left_to_others = [rollout_model::Action::LeaveOut, rollout_model::Action::OtherShard];
        self.plan.as_ref().is_some_and(|plan| left_to_others.contains(&plan.action))
    }

    /// Whether the account should get the role and cannot as things stand.
    pub fn is_blocked(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.action == rollout_model::Action::Blocked)
    }

    /// What verification concluded, once it has.
    pub fn conclusion(&self) -> Option<Conclusion> {
        match &self.verification {
            Verification::Done(verdict) => Some(verdict.conclusion()),
            Verification::NotAsked | Verification::Pending | Verification::NotVerified(_) => None,
        }
    }

    /// Whether every check passed.
    pub fn is_verified(&self) -> bool {
        self.conclusion() == Some(Conclusion::Verified)
    }

    /// The account in one word: the worse of its deployment and its verification.
    pub fn standing(&self) -> Standing {
        if self.is_blocked() {
            return Standing::Failed;
        }
        self.deployment_standing().max(self.verification_standing())
    }

    fn deployment_standing(&self) -> Standing {
        match &self.deployment {
            None => Standing::NotTargeted,
            Some(status) if status.is_done() => Standing::AsSpecified,
            Some(status) if status.is_open() => Standing::Open,
            Some(_) => Standing::Failed,
        }
    }

    fn verification_standing(&self) -> Standing {
        match &self.verification {
            // An account that was neither deployed to nor verified as it should is nothing to call green.
            Verification::NotAsked
                if (self.is_target() || self.is_to_be_gone()) && self.deployment.is_none() =>
            {
                Standing::Open
            }
            Verification::NotAsked => Standing::NotTargeted,
            Verification::Pending => Standing::Open,
            Verification::NotVerified(_) => Standing::Failed,
            Verification::Done(verdict) => match verdict.conclusion() {
                Conclusion::Verified => Standing::AsSpecified,
                Conclusion::Finding => Standing::Finding,
                Conclusion::NotProven => Standing::Failed,
            },
        }
    }
}
