//! `rolecall.ledger/2`: a header line, then one line per event.

use std::time::Duration;

use rollout_model::{DiscoveryEvent, InvalidId, RolloutEvent, VerifyEvent};
use serde::{Deserialize, Serialize};

use super::checks::VerdictEntry;
use super::ids;
use super::ledger_deploy::DeployEntry;
use super::ledger_run::RunEntry;
use super::words::ModeWord;

/// The version of the format. A reader refuses every other.
pub(crate) const LEDGER_SCHEMA: &str = "rolecall.ledger/2";

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
pub(crate) enum DiscoveryEntry {
    Units { read: usize },
    Accounts { read: usize },
    Tags { read: usize, of: usize },
    Finished { units: usize, accounts: usize, problems: usize },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerifyEntry {
    Started {
        accounts: Vec<String>,
        mode: ModeWord,
    },
    NotVerified {
        account: String,
        reason: String,
    },
    Account {
        account: String,
        verdict: VerdictEntry,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        took_ms: Option<u64>,
    },
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

impl From<&VerifyEvent> for VerifyEntry {
    fn from(event: &VerifyEvent) -> Self {
        match event {
            VerifyEvent::Started { accounts, mode } => {
                VerifyEntry::Started { accounts: ids::written(accounts), mode: (*mode).into() }
            }
            VerifyEvent::NotVerified { account, reason } => {
                VerifyEntry::NotVerified { account: account.to_string(), reason: reason.clone() }
            }
            VerifyEvent::Account { account, verdict, took } => VerifyEntry::Account {
                account: account.to_string(),
                verdict: verdict.into(),
                took_ms: took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            },
        }
    }
}

impl TryFrom<VerifyEntry> for VerifyEvent {
    type Error = InvalidId;

    fn try_from(entry: VerifyEntry) -> Result<Self, InvalidId> {
        Ok(match entry {
            VerifyEntry::Started { accounts, mode } => {
                VerifyEvent::Started { accounts: ids::read(&accounts)?, mode: mode.into() }
            }
            VerifyEntry::NotVerified { account, reason } => {
                VerifyEvent::NotVerified { account: account.parse()?, reason }
            }
            VerifyEntry::Account { account, verdict, took_ms } => VerifyEvent::Account {
                account: account.parse()?,
                verdict: verdict.into(),
                took: took_ms.map(Duration::from_millis),
            },
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
    fn a_verdict_that_was_recorded_before_verdicts_were_timed_is_read() {
        let text = r#"{"verify":{"account":{"account":"200000000001","verdict":{"mode":"direct","checks":[{"check":
            "role_equals_specification","outcome":"fail","cause":"role-differs","evidence":["extra tag `x`"]}]}}}}"#;
        let read: LedgerEvent = serde_json::from_str(text).unwrap();
        let RolloutEvent::Verify(VerifyEvent::Account { verdict, took, .. }) = read.try_into().unwrap()
        else {
            panic!("{text}")
        };
        assert_eq!(took, None);
        assert!(verdict.checks[0].differs.is_empty());
        assert_eq!(verdict.checks[0].evidence, ["extra tag `x`"]);
    }

    #[test]
    fn an_event_with_a_malformed_id_is_refused() {
        let text = r#"{"verify":{"not_verified":{"account":"12345","reason":"x"}}}"#;
        let read: LedgerEvent = serde_json::from_str(text).unwrap();
        let error = RolloutEvent::try_from(read).unwrap_err();
        assert!(error.to_string().contains("`12345`"), "{error}");
    }
}
