//! The run before a run: what is new is told since then.

use std::path::Path;

use rollout_report::{Ledger, LedgerFile, RunDifference, RunState, require_one_story};

/// As many runs are looked through. Reading one of ten thousand accounts takes a moment, and a run that is not told
/// from any of so many is told from none.
pub(crate) const LOOKED_THROUGH: usize = 10;

/// What changed since the run before this one, with that run; `None` when there is none to compare with.
///
/// That is the newest one that tells of every account of which this one does. Where there is none, as behind runs about
/// parts, it is the newest one that tells of any.
pub(crate) fn since_before(dir: &Path, run: &RunState) -> Option<(RunDifference, RunState)> {
    let (rollout, id) = (run.rollout.as_ref()?, run.run.as_ref()?);
    // A directory that cannot be read leaves a run without a past; it is in nobody's way.
    let ledgers = Ledger::list(dir, Some(rollout)).unwrap_or_default();
    let before = ledgers.into_iter().filter(|ledger| ledger.run < *id);
    before_among(before.take(LOOKED_THROUGH), run)
}

fn before_among(
    ledgers: impl Iterator<Item = LedgerFile>,
    run: &RunState,
) -> Option<(RunDifference, RunState)> {
    let aim = run.looked_for()?;
    let mut newest = None;
    for ledger in ledgers {
        let Ok(before) = Ledger::read(&ledger.path) else { continue };
        if before.looked_for() != Some(aim) || require_one_story(&before, run).is_err() {
            continue;
        }
        let difference = RunDifference::between(&before, run);
        if difference.covers() {
            return Some((difference, before));
        }
        newest = newest.or(Some((difference, before)));
    }
    newest
}
