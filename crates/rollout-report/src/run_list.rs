//! The runs that left a ledger, one line each.

use crate::account_row::Standing;
use crate::ledger::{Ledger, LedgerFile};
use crate::past_run::PastRun;

/// A ledger, with what the run came to or why that cannot be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRun {
    /// Where the ledger is, and of what.
    pub ledger: LedgerFile,
    /// The run in short, or why its ledger cannot be read.
    pub run: Result<PastRun, String>,
    /// Whether a process is at that run just now.
    pub is_going_on: bool,
}

impl ListedRun {
    /// Reads one ledger. That it cannot be read is told in its place, so that the others are listed all the same.
    pub fn of(ledger: LedgerFile) -> ListedRun {
        let run = match Ledger::read(&ledger.path) {
            // An unreadable file is no reason to be silent about why: what the error wraps is said, too.
            Err(error) => Err(match std::error::Error::source(&error) {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            }),
            Ok(state) => {
                PastRun::of(&state).ok_or_else(|| "it breaks off before it says anything".to_owned())
            }
        };
        let has_no_end = run.as_ref().map_or(true, |run| run.finished_at.is_none());
        let is_going_on = has_no_end && Ledger::is_being_written(&ledger.path);
        ListedRun { ledger, run, is_going_on }
    }
}

impl PastRun {
    /// How many accounts stood so.
    pub(crate) fn standing(&self, standing: Standing) -> usize {
        self.standings.values().filter(|of_one| **of_one == standing).count()
    }
}
