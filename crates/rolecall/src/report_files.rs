//! Files into which a run is written.

use std::path::Path;

use anyhow::{Context, bail};
use rollout_report::{PastRun, RunReport};

use crate::arguments::ReportFile;
use crate::run::LEDGER_DIRECTORY;
use crate::whole_file::Readers;
use crate::{print, whole_file};

/// As many runs as the history of a report shows.
const PAST_RUNS: usize = 10;

/// Makes sure that the files can be written, before a run of hours is begun for them.
pub(crate) fn require_writable(files: &[ReportFile]) -> anyhow::Result<()> {
    for (index, ReportFile { path, .. }) in files.iter().enumerate() {
        if files[..index].iter().any(|other| other.path == *path) {
            bail!("the report `{}` is asked for twice", path.display());
        }
        whole_file::try_out(path).with_context(|| unwritable(path))?;
    }
    Ok(())
}

/// Writes the files.
pub(crate) fn write(files: &[ReportFile], report: &RunReport<'_>) -> anyhow::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let past = past(report);
    let report = RunReport { past: &past, ..*report };
    let mut problem = None;
    for ReportFile { path, format } in files {
        match whole_file::write(path, &report.render(*format), Readers::AsUsual) {
            Ok(()) => print::message(&format!("report written: {}", path.display())),
            Err(error) => problem = problem.or(Some(anyhow::Error::new(error).context(unwritable(path)))),
        }
    }
    problem.map_or(Ok(()), Err)
}

/// A history that cannot be read leaves the report without one.
fn past(report: &RunReport<'_>) -> Vec<PastRun> {
    let (Some(rollout), Some(run)) = (&report.state.rollout, &report.state.run) else { return Vec::new() };
    let dir = report.ledger.and_then(Path::parent).unwrap_or(Path::new(LEDGER_DIRECTORY));
    PastRun::before(dir, rollout, run, PAST_RUNS).unwrap_or_default()
}

fn unwritable(path: &Path) -> String {
    format!("the report `{}` cannot be written", path.display())
}
