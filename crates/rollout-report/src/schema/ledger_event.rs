//! `rolecall.ledger/1`: a header line, then one line per event.

use rollout_model::{
    AccountPlan, DeployEvent, DiscoveryEvent, InvalidId, OuPath, RolloutEvent, RunEvent, VerifyEvent,
};
use serde::{Deserialize, Serialize};

use super::checks::{DeploymentEntry, VerdictEntry};
use super::words::{ActionWord, VehicleWord};

/// The version of the format. A reader refuses every other.
pub(crate) const LEDGER_SCHEMA: &str = "rolecall.ledger/1";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LedgerHeader {
    pub(crate) schema: String,
    pub(crate) rollout: String,
    pub(crate) run: String,
}

/// Every other line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LedgerLine {
    /// RFC 3339, in UTC.
    pub(crate) at: String,
    pub(crate) event: LedgerEvent,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LedgerEvent {
    Run(RunEntry),
    Discovery(DiscoveryEntry),
    Deploy(DeployEntry),
    Verify(VerifyEntry),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunEntry {
    Started { run: String, rollout: String, command: String, home_region: String },
    Planned { organization: String, management_account: String, accounts: Vec<PlannedAccount>, steps: usize },
    Interrupted,
    Stopped { problem: String },
    Finished,
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

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiscoveryEntry {
    Units { read: usize },
    Accounts { read: usize },
    Tags { read: usize, of: usize },
    Finished { units: usize, accounts: usize, problems: usize },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeployEntry {
    StepStarted { step: usize, title: String, operation: Option<String> },
    Waiting { operation: String, action: String, status: String },
    Account { account: String, deployment: DeploymentEntry },
    StepFinished { step: usize, status: String },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerifyEntry {
    Started { accounts: usize },
    NotVerified { account: String, reason: String },
    Account { account: String, verdict: VerdictEntry },
}

impl From<&RolloutEvent> for LedgerEvent {
    fn from(event: &RolloutEvent) -> Self {
        match event {
            RolloutEvent::Run(event) => LedgerEvent::Run(event.into()),
            RolloutEvent::Discovery(event) => LedgerEvent::Discovery(event.into()),
            RolloutEvent::Deploy(event) => LedgerEvent::Deploy(event.into()),
            RolloutEvent::Verify(event) => LedgerEvent::Verify(event.into()),
        }
    }
}

impl TryFrom<LedgerEvent> for RolloutEvent {
    type Error = InvalidId;

    fn try_from(entry: LedgerEvent) -> Result<Self, InvalidId> {
        Ok(match entry {
            LedgerEvent::Run(entry) => RolloutEvent::Run(entry.try_into()?),
            LedgerEvent::Discovery(entry) => RolloutEvent::Discovery(entry.into()),
            LedgerEvent::Deploy(entry) => RolloutEvent::Deploy(entry.try_into()?),
            LedgerEvent::Verify(entry) => RolloutEvent::Verify(entry.try_into()?),
        })
    }
}

impl From<&RunEvent> for RunEntry {
    fn from(event: &RunEvent) -> Self {
        match event {
            RunEvent::Started { run, rollout, command, home_region } => RunEntry::Started {
                run: run.to_string(),
                rollout: rollout.to_string(),
                command: command.clone(),
                home_region: home_region.to_string(),
            },
            RunEvent::Planned { organization, management_account, accounts, steps } => RunEntry::Planned {
                organization: organization.to_string(),
                management_account: management_account.to_string(),
                accounts: accounts.iter().map(|(id, plan)| PlannedAccount::of(id.as_str(), plan)).collect(),
                steps: *steps,
            },
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
            RunEntry::Started { run, rollout, command, home_region } => RunEvent::Started {
                run: run.parse()?,
                rollout: rollout.parse()?,
                command,
                home_region: home_region.parse()?,
            },
            RunEntry::Planned { organization, management_account, accounts, steps } => RunEvent::Planned {
                organization: organization.parse()?,
                management_account: management_account.parse()?,
                accounts: accounts
                    .into_iter()
                    .map(|entry| Ok((entry.id.parse()?, entry.try_into()?)))
                    .collect::<Result<_, InvalidId>>()?,
                steps,
            },
            RunEntry::Interrupted => RunEvent::Interrupted,
            RunEntry::Stopped { problem } => RunEvent::Stopped { problem },
            RunEntry::Finished => RunEvent::Finished,
        })
    }
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

impl From<&DiscoveryEvent> for DiscoveryEntry {
    fn from(event: &DiscoveryEvent) -> Self {
        match *event {
            DiscoveryEvent::Units { read } => DiscoveryEntry::Units { read },
            DiscoveryEvent::Accounts { read } => DiscoveryEntry::Accounts { read },
            DiscoveryEvent::Tags { read, of } => DiscoveryEntry::Tags { read, of },
            DiscoveryEvent::Finished { units, accounts, problems } => {
                DiscoveryEntry::Finished { units, accounts, problems }
            }
        }
    }
}

impl From<DiscoveryEntry> for DiscoveryEvent {
    fn from(entry: DiscoveryEntry) -> Self {
        match entry {
            DiscoveryEntry::Units { read } => DiscoveryEvent::Units { read },
            DiscoveryEntry::Accounts { read } => DiscoveryEvent::Accounts { read },
            DiscoveryEntry::Tags { read, of } => DiscoveryEvent::Tags { read, of },
            DiscoveryEntry::Finished { units, accounts, problems } => {
                DiscoveryEvent::Finished { units, accounts, problems }
            }
        }
    }
}

impl From<&DeployEvent> for DeployEntry {
    fn from(event: &DeployEvent) -> Self {
        match event {
            DeployEvent::StepStarted { step, title, operation } => DeployEntry::StepStarted {
                step: *step,
                title: title.clone(),
                operation: operation.as_ref().map(ToString::to_string),
            },
            DeployEvent::Waiting { operation, action, status } => DeployEntry::Waiting {
                operation: operation.to_string(),
                action: action.clone(),
                status: status.clone(),
            },
            DeployEvent::Account { account, status } => {
                DeployEntry::Account { account: account.to_string(), deployment: status.into() }
            }
            DeployEvent::StepFinished { step, status } => {
                DeployEntry::StepFinished { step: *step, status: status.clone() }
            }
        }
    }
}

impl TryFrom<DeployEntry> for DeployEvent {
    type Error = InvalidId;

    fn try_from(entry: DeployEntry) -> Result<Self, InvalidId> {
        Ok(match entry {
            DeployEntry::StepStarted { step, title, operation } => {
                let operation = operation.map(|operation| operation.parse()).transpose()?;
                DeployEvent::StepStarted { step, title, operation }
            }
            DeployEntry::Waiting { operation, action, status } => {
                DeployEvent::Waiting { operation: operation.parse()?, action, status }
            }
            DeployEntry::Account { account, deployment } => {
                DeployEvent::Account { account: account.parse()?, status: deployment.into() }
            }
            DeployEntry::StepFinished { step, status } => DeployEvent::StepFinished { step, status },
        })
    }
}

impl From<&VerifyEvent> for VerifyEntry {
    fn from(event: &VerifyEvent) -> Self {
        match event {
            VerifyEvent::Started { accounts } => VerifyEntry::Started { accounts: *accounts },
            VerifyEvent::NotVerified { account, reason } => {
                VerifyEntry::NotVerified { account: account.to_string(), reason: reason.clone() }
            }
            VerifyEvent::Account { account, verdict } => {
                VerifyEntry::Account { account: account.to_string(), verdict: verdict.into() }
            }
        }
    }
}

impl TryFrom<VerifyEntry> for VerifyEvent {
    type Error = InvalidId;

    fn try_from(entry: VerifyEntry) -> Result<Self, InvalidId> {
        Ok(match entry {
            VerifyEntry::Started { accounts } => VerifyEvent::Started { accounts },
            VerifyEntry::NotVerified { account, reason } => {
                VerifyEvent::NotVerified { account: account.parse()?, reason }
            }
            VerifyEntry::Account { account, verdict } => {
                VerifyEvent::Account { account: account.parse()?, verdict: verdict.into() }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn every_event_comes_back_from_the_ledger_as_it_went_in() {
        for event in samples::every_event() {
            let text = serde_json::to_string(&LedgerEvent::from(&event)).unwrap();
            let read: LedgerEvent = serde_json::from_str(&text).unwrap();
            assert_eq!(RolloutEvent::try_from(read).unwrap(), event, "{text}");
        }
    }

    #[test]
    fn the_lines_of_the_ledger_have_this_form() {
        let lines: Vec<String> = samples::every_event()
            .iter()
            .map(|event| serde_json::to_string(&LedgerEvent::from(event)).unwrap())
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn an_event_with_a_malformed_id_is_refused() {
        let text = r#"{"verify":{"not_verified":{"account":"12345","reason":"x"}}}"#;
        let read: LedgerEvent = serde_json::from_str(text).unwrap();
        let error = RolloutEvent::try_from(read).unwrap_err();
        assert!(error.to_string().contains("`12345`"), "{error}");
    }
}
