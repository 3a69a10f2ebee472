//! Earlier runs of a rollout, in the few things that a history shows.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use rollout_model::{AccountId, RolloutName, RunId};

use crate::account_row::Standing;
use crate::counts::Counts;
use crate::ledger::{Ledger, LedgerError};
use crate::state::RunState;
use crate::summary::{Outcome, Summary};

/// An earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// Which.
    pub run: RunId,
    /// `apply`, `retire` or `verify`.
    pub command: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended, in whatever way.
    pub finished_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Outcome,
    /// How many accounts stood where.
    pub counts: Counts,
    /// How each account stood.
    pub standings: BTreeMap<AccountId, Standing>,
}

impl PastRun {
    /// A run in short; none of a record that breaks off before it says which run it is of.
    pub fn of(state: &RunState) -> Option<PastRun> {
        let Summary { counts, outcome } = Summary::of(state);
        Some(PastRun {
            run: state.run.clone()?,
            command: state.command.clone(),
            started_at: state.started_at,
            finished_at: state.finished_at,
            outcome,
            counts,
            standings: state.accounts().iter().map(|(id, row)| (id.clone(), row.standing())).collect(),
        })
    }

    /// The last runs of a rollout before this one, the newest first, at most `limit`. What cannot be read any
    /// more is left out: history is never in the way of a run.
    ///
    /// # Errors
    ///
    /// When the directory is there and cannot be read.
    pub fn before(
        dir: &Path,
        rollout: &RolloutName,
        run: &RunId,
        limit: usize,
    ) -> Result<Vec<PastRun>, LedgerError> {
        let ledgers = Ledger::newest_first(dir, Some(rollout))?;
        let runs = ledgers.iter().filter_map(|path| PastRun::of(&Ledger::read(path).ok()?));
        Ok(runs.filter(|past| past.run < *run).take(limit).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::LedgerWriter;
    use crate::samples;

    #[test]
    fn the_past_of_a_run_is_what_was_before_it_newest_first() {
        let dir = tempfile::tempdir().unwrap();
        let rollout: RolloutName = "cado-response".parse().unwrap();
        for (run, events) in [
            ("20261118T120000Z-a", samples::all_well()),
            ("20261119T120000Z-a", samples::findings()),
            ("20261120T120000Z-a", samples::all_well()),
        ] {
            let mut writer = LedgerWriter::create(dir.path(), &rollout, &run.parse().unwrap()).unwrap();
            for (at, event) in samples::of_run(events, run) {
                writer.append(at, &event).unwrap();
            }
        }
        std::fs::write(dir.path().join("cado-response.20261117T120000Z-a.jsonl"), "torn").unwrap();
        let past = |run: &str, limit| {
            let past = PastRun::before(dir.path(), &rollout, &run.parse().unwrap(), limit).unwrap();
            past.into_iter().map(|past| (past.run.to_string(), past.outcome)).collect::<Vec<_>>()
        };
        let first = ("20261118T120000Z-a".to_owned(), Outcome::AsSpecified);
        let second = ("20261119T120000Z-a".to_owned(), Outcome::Findings);
        assert_eq!(past("20261120T120000Z-a", 10), [second.clone(), first.clone()]);
        assert_eq!(past("20261120T120000Z-a", 1), [second]);
        assert_eq!(past("20261119T120000Z-a", 10), [first]);
    }
}
