//! `rolecall.checkup/1`: whether everything is there that a roll-out needs.

use rollout_model::{Checkup, CheckupRow, Readiness};
use serde::Serialize;

use super::words::{CheckupStateWord, NeedWord, SubjectWord};

#[derive(Debug, Serialize)]
pub(crate) struct CheckupDocument {
    schema: &'static str,
    read_only_commands: ReadinessEntry,
    deploying: ReadinessEntry,
    checks: Vec<CheckEntry>,
}

#[derive(Debug, Serialize)]
struct ReadinessEntry {
    state: ReadinessWord,
    /// How many checks are in the way, or are not known.
    items: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum ReadinessWord {
    Ready,
    NotReady,
    Unknown,
}

#[derive(Debug, Serialize)]
struct CheckEntry {
    subject: SubjectWord,
    state: CheckupStateWord,
    found: String,
    /// The command that mends it, or what to do; `null` where nothing is to be done.
    remedy: Option<String>,
    needed_for: NeedWord,
}

impl CheckupDocument {
    pub(crate) fn of(checkup: &Checkup) -> CheckupDocument {
        CheckupDocument {
            schema: "rolecall.checkup/1",
            read_only_commands: ReadinessEntry::of(checkup.looking()),
            deploying: ReadinessEntry::of(checkup.deploying()),
            checks: checkup.rows.iter().map(CheckEntry::of).collect(),
        }
    }
}

impl ReadinessEntry {
    fn of(readiness: Readiness) -> ReadinessEntry {
        let (state, items) = match readiness {
            Readiness::Ready => (ReadinessWord::Ready, 0),
            Readiness::NotReady(items) => (ReadinessWord::NotReady, items),
            Readiness::Unknown(items) => (ReadinessWord::Unknown, items),
        };
        ReadinessEntry { state, items }
    }
}

impl CheckEntry {
    fn of(row: &CheckupRow) -> CheckEntry {
        CheckEntry {
            subject: row.subject.into(),
            state: row.state.into(),
            found: row.found.clone(),
            remedy: row.remedy.clone(),
            needed_for: row.needed_for.into(),
        }
    }
}
