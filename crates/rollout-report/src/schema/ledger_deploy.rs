//! The events of changing stacks, as the ledger has them.

use std::time::Duration;

use jiff::Timestamp;
use rollout_model::{DeployEvent, InvalidId, ObservedOperation};
use serde::{Deserialize, Serialize};

use super::checks::DeploymentEntry;
use super::ids;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeployEntry {
    StepStarted {
        step: usize,
        title: String,
        operation: Option<String>,
        accounts: Vec<String>,
    },
    Waiting {
        operation: String,
        action: String,
        status: String,
        /// RFC 3339, in UTC.
        created: Option<String>,
    },
    Account {
        account: String,
        deployment: DeploymentEntry,
    },
    StepFinished {
        step: usize,
        status: String,
    },
    WaveStarted {
        wave: String,
    },
    Soaking {
        wave: String,
        left_seconds: u64,
    },
}

impl From<&DeployEvent> for DeployEntry {
    fn from(event: &DeployEvent) -> Self {
        match event {
            DeployEvent::StepStarted { step, title, operation, accounts } => DeployEntry::StepStarted {
                step: *step,
                title: title.clone(),
                operation: operation.as_ref().map(ToString::to_string),
                accounts: ids::written(accounts),
            },
            DeployEvent::Waiting(operation) => waiting(operation),
            DeployEvent::Account { account, status } => {
                DeployEntry::Account { account: account.to_string(), deployment: status.into() }
            }
            DeployEvent::StepFinished { step, status } => {
                DeployEntry::StepFinished { step: *step, status: status.clone() }
            }
            DeployEvent::WaveStarted(wave) => DeployEntry::WaveStarted { wave: wave.to_string() },
            DeployEvent::Soaking { wave, left } => {
                DeployEntry::Soaking { wave: wave.to_string(), left_seconds: left.as_secs() }
            }
        }
    }
}

fn waiting(operation: &ObservedOperation) -> DeployEntry {
    let ObservedOperation { id, action, status, created } = operation;
    let created = created.and_then(|created| Timestamp::try_from(created).ok());
    DeployEntry::Waiting {
        operation: id.to_string(),
        action: action.clone(),
        status: status.clone(),
        created: created.map(|created| created.to_string()),
    }
}

impl TryFrom<DeployEntry> for DeployEvent {
    type Error = InvalidId;

    fn try_from(entry: DeployEntry) -> Result<Self, InvalidId> {
        Ok(match entry {
            DeployEntry::StepStarted { step, title, operation, accounts } => {
                let operation = operation.map(|operation| operation.parse()).transpose()?;
                DeployEvent::StepStarted { step, title, operation, accounts: ids::read(&accounts)? }
            }
            DeployEntry::Waiting { operation, action, status, created } => {
                // A time that cannot be read costs the age of somebody else's operation, not the ledger.
                let created = created.and_then(|created| created.parse::<Timestamp>().ok());
                let (id, created) = (operation.parse()?, created.map(Into::into));
                DeployEvent::Waiting(ObservedOperation { id, action, status, created })
            }
            DeployEntry::Account { account, deployment } => {
                DeployEvent::Account { account: account.parse()?, status: deployment.into() }
            }
            DeployEntry::StepFinished { step, status } => DeployEvent::StepFinished { step, status },
            DeployEntry::WaveStarted { wave } => DeployEvent::WaveStarted(wave.parse()?),
            DeployEntry::Soaking { wave, left_seconds } => {
                DeployEvent::Soaking { wave: wave.parse()?, left: Duration::from_secs(left_seconds) }
            }
        })
    }
}
