//! The facts of a run, in the order in which they happened. Producers send them and do not know who listens.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::{
    AccountId, AccountIds, AccountPlan, CallCounts, DeploymentStatus, Invocation, Narrowing,
    ObservedOperation, OperationId, OrganizationId, Region, RolloutName, RunId, Verdict, VerifyMode,
    WaveName,
};

/// One fact. Split by family, so that no consumer needs one large `match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RolloutEvent {
    /// Of the run as a whole.
    Run(RunEvent),
    /// Of reading the organization.
    Discovery(DiscoveryEvent),
    /// Of changing stacks.
    Deploy(DeployEvent),
    /// Of trying and reading roles.
    Verify(VerifyEvent),
}

/// Facts of the run as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEvent {
    /// First event of a run.
    Started {
        /// This run.
        run: RunId,
        /// What is rolled out.
        rollout: RolloutName,
        /// `apply`, `retire` or `verify`.
        command: String,
        /// Where the StackSet lives.
        home_region: Region,
        /// Whether only accounts that failed before are tried again: so it stays when the run is resumed.
        only_failed: bool,
    },
    /// By whom and how the run is carried out: once for each process, where a run is resumed.
    Invoked(Invocation),
    /// The run is about a part of the targets only: those that are planned as [`Action::LeaveOut`] and
    /// [`Action::OtherShard`] are left to other runs.
    ///
    /// [`Action::LeaveOut`]: crate::Action::LeaveOut
    /// [`Action::OtherShard`]: crate::Action::OtherShard
    Narrowed(Narrowing),
    /// Every account of the organization and what is planned there. In the ledger before the first write. A run
    /// that is resumed is planned anew: what it has brought about already stays as it is.
    Planned {
        /// The organization.
        organization: OrganizationId,
        /// Its management account.
        management_account: AccountId,
        /// One entry per account of the organization.
        accounts: BTreeMap<AccountId, AccountPlan>,
        /// How many steps the plan has.
        steps: usize,
    },
    /// What has become of the organization since the plan was made.
    OrganizationChanged {
        /// Who is new, and who has become a target: automatic deployment brings the role there.
        joined: BTreeMap<AccountId, AccountPlan>,
        /// Who is no target any more, and why.
        left: BTreeMap<AccountId, String>,
    },
    /// A run that ended early, or broke off, goes on. What it had not come to is open again.
    Resumed,
    /// A wave went too badly for the next one to begin.
    Held {
        /// The wave.
        wave: WaveName,
        /// What its gate says.
        problem: String,
    },
    /// What this process asked of AWS, before and during the run.
    Called(CallCounts),
    /// The operator asked the run to end early.
    Interrupted,
    /// Something stopped the run; the accounts that were not attempted say so.
    Stopped {
        /// What was tried and why it could not go on.
        problem: String,
    },
    /// Last event of a run.
    Finished,
}

/// Facts of reading the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscoveryEvent {
    /// More units were read.
    Units {
        /// How many so far.
        read: usize,
    },
    /// More accounts were read.
    Accounts {
        /// How many so far.
        read: usize,
    },
    /// More tags were read, account by account.
    Tags {
        /// Of how many accounts so far.
        read: usize,
        /// Of how many accounts they are wanted.
        of: usize,
    },
    /// All was read that could be.
    Finished {
        /// Units in the snapshot.
        units: usize,
        /// Accounts in the snapshot.
        accounts: usize,
        /// What could not be read.
        problems: usize,
    },
}

/// Facts of changing stacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeployEvent {
    /// A step of the plan begins. Written down before AWS is called, so that whoever reads the ledger after a
    /// crash knows under which id to look for the operation.
    StepStarted {
        /// Counted from 1.
        step: usize,
        /// What it does.
        title: String,
        /// The id under which AWS will know it; none for a call that is no operation.
        operation: Option<OperationId>,
        /// The accounts that the operation visits.
        accounts: AccountIds,
    },
    /// The StackSet is busy with an operation that is not of this run.
    Waiting(ObservedOperation),
    /// How an account stands.
    Account {
        /// Which.
        account: AccountId,
        /// How.
        status: DeploymentStatus,
    },
    /// A step ended.
    StepFinished {
        /// Counted from 1.
        step: usize,
        /// AWS's word for how; never a verdict on any account.
        status: String,
    },
    /// The steps of a wave begin.
    WaveStarted(WaveName),
    /// A wave went well, and the next one waits for a while.
    Soaking {
        /// The wave that went well.
        wave: WaveName,
        /// How long from now.
        left: Duration,
    },
}

/// Facts of trying and reading roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyEvent {
    /// Verification begins.
    Started {
        /// The accounts to be verified.
        accounts: AccountIds,
        /// Whether the role is to work there, or to be gone.
        mode: VerifyMode,
    },
    /// An account is not verified, and why.
    NotVerified {
        /// Which.
        account: AccountId,
        /// Why.
        reason: String,
    },
    /// An account was verified.
    Account {
        /// Which.
        account: AccountId,
        /// What was found.
        verdict: Verdict,
        /// How long it took; `None` in records of runs that did not measure it.
        took: Option<Duration>,
    },
}
