//! The events of a run as a whole, as the ledger has them.

use std::collections::BTreeMap;

use rollout_model::{AccountId, AccountPlan, CallCount, CallCounts, InvalidId, Invocation, OuPath, RunEvent};
use serde::{Deserialize, Serialize};

use super::part::PartEntry;
use super::words::{ActionWord, VehicleWord};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunEntry {
    Started {
        run: String,
        rollout: String,
        command: String,
        home_region: String,
        #[serde(default)]
        only_failed: bool,
    },
    Invoked {
        caller: String,
        command_line: String,
        version: String,
    },
    Narrowed(PartEntry),
    Planned {
        organization: String,
        management_account: String,
        accounts: Vec<PlannedAccount>,
        steps: usize,
    },
    OrganizationChanged {
        joined: Vec<PlannedAccount>,
        /// Each account with the reason.
        left: BTreeMap<String, String>,
    },
    Resumed,
    Held {
        wave: String,
        problem: String,
    },
    /// By `service:Operation`.
    Called(BTreeMap<String, CallsEntry>),
    Interrupted,
    Stopped {
        problem: String,
    },
    Finished,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CallsEntry {
    attempts: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    throttled: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlannedAccount {
    id: String,
    name: String,
    /// The names from below the root down; empty for the root.
    organizational_unit: Vec<String>,
    action: ActionWord,
    vehicle: VehicleWord,
    reason: String,
    #[serde(default)]
    wave: Option<String>,
}

impl From<&RunEvent> for RunEntry {
    fn from(event: &RunEvent) -> Self {
        match event {
            RunEvent::Started { run, rollout, command, home_region, only_failed } => RunEntry::Started {
                run: run.to_string(),
                rollout: rollout.to_string(),
                command: command.clone(),
                home_region: home_region.to_string(),
                only_failed: *only_failed,
            },
            RunEvent::Invoked(Invocation { caller, command_line, version }) => RunEntry::Invoked {
                caller: caller.clone(),
                command_line: command_line.clone(),
                version: version.clone(),
            },
            RunEvent::Narrowed(narrowing) => RunEntry::Narrowed(narrowing.into()),
            RunEvent::Planned { organization, management_account, accounts, steps } => RunEntry::Planned {
                organization: organization.to_string(),
                management_account: management_account.to_string(),
                accounts: accounts.iter().map(|(id, plan)| PlannedAccount::of(id.as_str(), plan)).collect(),
                steps: *steps,
            },
            RunEvent::OrganizationChanged { joined, left } => RunEntry::OrganizationChanged {
                joined: joined.iter().map(|(id, plan)| PlannedAccount::of(id.as_str(), plan)).collect(),
                left: left.iter().map(|(id, reason)| (id.to_string(), reason.clone())).collect(),
            },
            RunEvent::Resumed => RunEntry::Resumed,
            RunEvent::Held { wave, problem } => {
                RunEntry::Held { wave: wave.to_string(), problem: problem.clone() }
            }
            RunEvent::Called(counts) => RunEntry::Called(called(counts)),
            RunEvent::Interrupted => RunEntry::Interrupted,
            RunEvent::Stopped { problem } => RunEntry::Stopped { problem: problem.clone() },
            RunEvent::Finished => RunEntry::Finished,
        }
    }
}

impl TryFrom<RunEntry> for RunEvent {
    type Error = InvalidId;

    fn try_from(entry: RunEntry) -> Result<Self, InvalidId> {
        Ok(match entry {
            RunEntry::Started { run, rollout, command, home_region, only_failed } => RunEvent::Started {
                run: run.parse()?,
                rollout: rollout.parse()?,
                command,
                home_region: home_region.parse()?,
                only_failed,
            },
            RunEntry::Invoked { caller, command_line, version } => {
                RunEvent::Invoked(Invocation { caller, command_line, version })
            }
            RunEntry::Narrowed(part) => RunEvent::Narrowed(part.try_into()?),
            RunEntry::Planned { organization, management_account, accounts, steps } => RunEvent::Planned {
                organization: organization.parse()?,
                management_account: management_account.parse()?,
                accounts: planned(accounts)?,
                steps,
            },
            RunEntry::OrganizationChanged { joined, left } => RunEvent::OrganizationChanged {
                joined: planned(joined)?,
                left: left
                    .into_iter()
                    .map(|(id, reason)| Ok((id.parse()?, reason)))
                    .collect::<Result<_, InvalidId>>()?,
            },
            RunEntry::Resumed => RunEvent::Resumed,
            RunEntry::Held { wave, problem } => RunEvent::Held { wave: wave.parse()?, problem },
            RunEntry::Called(entries) => RunEvent::Called(counted(entries)),
            RunEntry::Interrupted => RunEvent::Interrupted,
            RunEntry::Stopped { problem } => RunEvent::Stopped { problem },
            RunEntry::Finished => RunEvent::Finished,
        })
    }
}

fn called(CallCounts(counts): &CallCounts) -> BTreeMap<String, CallsEntry> {
    let entry = |&CallCount { attempts, throttled }: &CallCount| CallsEntry { attempts, throttled };
    counts.iter().map(|(operation, count)| (operation.clone(), entry(count))).collect()
}

fn counted(entries: BTreeMap<String, CallsEntry>) -> CallCounts {
    let count = |CallsEntry { attempts, throttled }| CallCount { attempts, throttled };
    CallCounts(entries.into_iter().map(|(operation, entry)| (operation, count(entry))).collect())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn planned(accounts: Vec<PlannedAccount>) -> Result<BTreeMap<AccountId, AccountPlan>, InvalidId> {
    accounts.into_iter().map(|entry| Ok((entry.id.parse()?, entry.try_into()?))).collect()
}

impl PlannedAccount {
    fn of(id: &str, plan: &AccountPlan) -> Self {
        PlannedAccount {
            id: id.to_owned(),
            name: plan.name.clone(),
            organizational_unit: plan.unit.0.clone(),
            action: plan.action.into(),
            vehicle: plan.vehicle.into(),
            wave: plan.wave.as_ref().map(ToString::to_string),
            reason: plan.reason.clone(),
        }
    }
}

impl TryFrom<PlannedAccount> for AccountPlan {
    type Error = InvalidId;

    fn try_from(entry: PlannedAccount) -> Result<Self, InvalidId> {
        Ok(AccountPlan {
            name: entry.name,
            unit: OuPath(entry.organizational_unit),
            action: entry.action.into(),
            vehicle: entry.vehicle.into(),
            wave: entry.wave.map(|wave| wave.parse()).transpose()?,
            reason: entry.reason,
        })
    }
}
