//! Files into which a run is written, whole or not at all.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use rollout_report::{PastRun, RunReport};
use tempfile::NamedTempFile;

use crate::arguments::ReportFile;
use crate::print;
use crate::run::LEDGER_DIRECTORY;

/// As many runs as the history of a report shows.
const PAST_RUNS: usize = 10;

/// Makes sure that the files can be written, before a run of hours is begun for them.
pub(crate) fn require_writable(files: &[ReportFile]) -> anyhow::Result<()> {
    for (index, ReportFile { path, .. }) in files.iter().enumerate() {
        if files[..index].iter().any(|other| other.path == *path) {
            bail!("the report `{}` is asked for twice", path.display());
        }
        if path.is_dir() {
            bail!("the report `{}` cannot be written: it is a directory", path.display());
        }
        beside(path).with_context(|| unwritable(path))?;
    }
    Ok(())
}

/// Writes the files, each at once: whoever reads one meanwhile sees the old one or the new one.
pub(crate) fn write(files: &[ReportFile], report: &RunReport<'_>) -> anyhow::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let past = past(report);
    let report = RunReport { past: &past, ..*report };
    let mut problem = None;
    for ReportFile { path, format } in files {
        match write_one(path, &report.render(*format)) {
            Ok(()) => print::message(&format!("report written: {}", path.display())),
            Err(error) => {
                problem = problem.or(Some(error.context(unwritable(path))));
            }
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

fn write_one(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = beside(path)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// A file beside the one that it becomes, as readable as the files that the operator makes otherwise: reports are
/// there to be handed on.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory.unwrap_or(Path::new(".")))
}

fn unwritable(path: &Path) -> String {
    format!("the report `{}` cannot be written", path.display())
}
