//! `rolecall.runs/1`: the runs that left a ledger.

use jiff::Timestamp;
use serde::Serialize;

use super::words::OutcomeWord;
use crate::account_row::Standing;
use crate::run_list::ListedRun;

#[derive(Debug, Serialize)]
pub(crate) struct RunsDocument {
    schema: &'static str,
    /// The newest first.
    runs: Vec<RunEntry>,
}

/// What is not known of a run whose ledger cannot be read is `null`.
#[derive(Debug, Serialize)]
struct RunEntry {
    run: String,
    rollout: String,
    ledger: String,
    command: Option<String>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    outcome: Option<OutcomeWord>,
    /// Whether a process is at it just now.
    going_on: bool,
    accounts: Option<AccountsEntry>,
    /// Why the ledger cannot be read.
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct AccountsEntry {
    as_specified: usize,
    findings: usize,
    failed: usize,
    open: usize,
    not_targeted: usize,
}

impl RunsDocument {
    pub(crate) fn of(runs: &[ListedRun]) -> RunsDocument {
        RunsDocument { schema: "rolecall.runs/1", runs: runs.iter().map(RunEntry::of).collect() }
    }
}

impl RunEntry {
    fn of(listed: &ListedRun) -> RunEntry {
        let past = listed.run.as_ref().ok();
        let accounts = past.map(|past| AccountsEntry {
            as_specified: past.standing(Standing::AsSpecified),
            findings: past.standing(Standing::Finding),
            failed: past.standing(Standing::Failed),
            open: past.standing(Standing::Open),
            not_targeted: past.standing(Standing::NotTargeted),
        });
        RunEntry {
            run: listed.ledger.run.to_string(),
            rollout: listed.ledger.rollout.to_string(),
            ledger: listed.ledger.path.display().to_string(),
            command: past.and_then(|past| past.command.clone()),
            started_at: past.and_then(|past| past.started_at),
            finished_at: past.and_then(|past| past.finished_at),
            outcome: past.map(|past| past.outcome.into()),
            going_on: listed.is_going_on,
            accounts,
            problem: listed.run.as_ref().err().cloned(),
        }
    }
}
