//! What is known of a run. Progress, reports and exit code read nothing else, so they cannot disagree.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rollout_model::{
    AccountId, AccountIds, CallCounts, Invocation, Narrowing, ObservedOperation, OperationId, OrganizationId,
    Region, RolloutName, RunId, Shard, WaveName,
};

use crate::account_row::AccountRow;
use crate::counts::Counts;
use crate::merge::ShardRun;

/// A run as far as it has come. Every account planned has a row, and no event takes a row away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunState {
    /// Which run.
    pub run: Option<RunId>,
    /// What is rolled out.
    pub rollout: Option<RolloutName>,
    /// `apply`, `retire` or `verify`.
    pub command: Option<String>,
    /// Where the StackSet lives.
    pub home_region: Option<Region>,
    /// Whether it only tries again what failed before.
    pub only_failed: bool,
    /// By whom and how it was carried out; of a run that was resumed, the last time.
    pub invocation: Option<Invocation>,
    /// What it asked of AWS; nothing where no record says.
    pub calls: CallCounts,
    /// What it is about, when that is not all targets.
    pub narrowing: Option<Narrowing>,
    /// The shards that it was joined from; none of a run that is one by itself.
    pub shards: Vec<ShardRun>,
    /// The organization, once there is a plan.
    pub organization: Option<OrganizationId>,
    /// Its management account.
    pub management_account: Option<AccountId>,
    /// When the run began.
    pub started_at: Option<Timestamp>,
    /// When it ended, in whatever way.
    pub finished_at: Option<Timestamp>,
    /// When the last event happened.
    pub at: Option<Timestamp>,
    /// Whether the operator ended the run early.
    pub interrupted: bool,
    /// What the run could not get past.
    pub stopped: Option<String>,
    /// How far the reading of the organization has come.
    pub discovery: Discovery,
    /// How many steps the plan has.
    pub planned_steps: usize,
    /// The steps that were begun, by their number.
    pub steps: BTreeMap<usize, StepRow>,
    /// The wave that the run is at.
    pub wave: Option<WaveName>,
    /// The waves that were begun, in the order in which they were.
    pub waves: Vec<WaveRow>,
    /// Since when the wave after each of these waits.
    pub soaking: BTreeMap<WaveName, Timestamp>,
    /// The wave that held the others back, with what its gate said.
    pub held: Option<(WaveName, String)>,
    /// Whether the run was held back and has begun nothing since: what failed before has its next attempt to come.
    pub retries: bool,
    /// The operation of somebody else that the run waits for.
    pub waiting: Option<ObservedOperation>,
    /// Whether verification has begun.
    pub verifying: bool,
    /// When accounts were verified: between waves, and at the end.
    pub verifications: Vec<VerificationRow>,
    pub(crate) accounts: BTreeMap<AccountId, AccountRow>,
    /// Follows `accounts`: only the fold changes either.
    pub(crate) counts: Counts,
}

/// How far the reading of the organization has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Organizational units read.
    pub units: usize,
    /// Accounts read.
    pub accounts: usize,
    /// Things that could not be read.
    pub problems: usize,
    /// Whether all was read that could be.
    pub finished: bool,
}

/// A step of the plan that was begun.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepRow {
    /// What it does.
    pub title: String,
    /// The id under which AWS knows it, when it is an operation.
    pub operation: Option<OperationId>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// AWS's word for how it ended.
    pub status: Option<String>,
    /// The accounts that the operation visits.
    pub accounts: AccountIds,
    /// In how many of them it is over, however it ended.
    pub over: usize,
    /// The wave that it belongs to.
    pub wave: Option<WaveName>,
}

/// A wave that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveRow {
    /// Which.
    pub name: WaveName,
    /// When its first step began.
    pub started_at: Timestamp,
    /// When the last of its steps so far ended.
    pub finished_at: Option<Timestamp>,
}

/// A time at which accounts were verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationRow {
    /// When it began.
    pub started_at: Timestamp,
    /// When the last verdict so far was reached.
    pub finished_at: Option<Timestamp>,
    /// How many accounts were to be verified.
    pub accounts: usize,
}

impl StepRow {
    /// How long the step will still take if it goes on as it has gone so far; `None` while nothing can be said.
    pub fn time_left(&self, now: Timestamp) -> Option<Duration> {
        let elapsed = Duration::try_from(now.duration_since(self.started_at?)).ok()?;
        let (over, left) = (self.over, self.accounts.len().checked_sub(self.over)?);
        let is_known = self.status.is_none() && over > 0 && left > 0;
        is_known.then(|| elapsed.mul_f64(left as f64 / over as f64))
    }
}

/// How a run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Finished,
    Interrupted,
    Stopped,
}

impl RunState {
    /// Every account that the run knows of, in ascending order.
    pub fn accounts(&self) -> &BTreeMap<AccountId, AccountRow> {
        &self.accounts
    }

    /// The same in the order of reports: by path of the organizational unit, then by id; last whoever has no unit.
    pub(crate) fn accounts_by_unit(&self) -> Vec<(&AccountId, &AccountRow)> {
        let mut accounts: Vec<(&AccountId, &AccountRow)> = self.accounts.iter().collect();
        accounts.sort_by_key(|(id, row)| (row.unit().is_none(), row.unit(), *id));
        accounts
    }

    /// The shards of a joined run that are missing.
    pub fn missing_shards(&self) -> impl Iterator<Item = Shard> {
        self.shards.iter().filter(|shard| shard.run.is_none()).map(|shard| shard.shard)
    }

    /// How many accounts stand where.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The steps that were begun and have not ended: what goes on in AWS when the run ends now.
    pub fn open_steps(&self) -> impl Iterator<Item = (usize, &StepRow)> {
        self.steps.iter().filter(|(_, step)| step.status.is_none()).map(|(number, step)| (*number, step))
    }

    /// Whether the run ended before it had done what was planned, or breaks off.
    pub fn can_go_on(&self) -> bool {
        self.interrupted || self.stopped.is_some() || self.held.is_some() || self.finished_at.is_none()
    }

    /// How the run came to its end. An interruption outranks the trouble that it may have caused.
    pub(crate) fn ending(&self) -> Option<Ending> {
        match (self.interrupted, &self.stopped, self.finished_at) {
            (true, _, _) => Some(Ending::Interrupted),
            (false, Some(_), _) => Some(Ending::Stopped),
            (false, None, Some(_)) => Some(Ending::Finished),
            (false, None, None) => None,
        }
    }
}
