//! Writing the ledger of one run, line by line.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rollout_model::{DeployEvent, RolloutEvent, RolloutName, RunEvent, RunId};

use super::EXTENSION;
use super::error::LedgerError;
use crate::schema::{LEDGER_SCHEMA, LedgerEvent, LedgerHeader, LedgerLine};

/// Writes the ledger of one run.
#[derive(Debug)]
pub struct LedgerWriter {
    path: PathBuf,
    file: File,
}

impl LedgerWriter {
    /// Creates the file of a run below `dir`, and `dir` itself when it is missing. On Unix only the owner can
    /// read the file: it names accounts, roles and what is wrong with them.
    ///
    /// # Errors
    ///
    /// When the file, or the directory for it, cannot be created, or the file is there already.
    pub fn create(dir: &Path, rollout: &RolloutName, run: &RunId) -> Result<LedgerWriter, LedgerError> {
        let path = dir.join(format!("{rollout}.{run}.{EXTENSION}"));
        let failed = |source| LedgerError::Create { path: path.clone(), source };
        std::fs::create_dir_all(dir).map_err(failed)?;
        let mut file = new_private_file(&path).map_err(failed)?;
        let header = LedgerHeader {
            schema: LEDGER_SCHEMA.to_owned(),
            rollout: rollout.to_string(),
            run: run.to_string(),
        };
        // Locked while it is empty: whoever asks whether a run goes on asks of ledgers that say something.
        lock(&file, &path)?;
        write_line(&mut file, &header).map_err(failed)?;
        Ok(LedgerWriter { path, file })
    }

    /// Opens the ledger of a run that is to go on. What follows its last whole line was torn and is cut off, so
    /// that [`Ledger::read`](super::Ledger::read) and the next event find a sound end.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written, or another process still writes it.
    pub fn resume(path: &Path) -> Result<LedgerWriter, LedgerError> {
        let failed = |source| LedgerError::Append { path: path.to_owned(), source };
        let mut file = OpenOptions::new().read(true).append(true).open(path).map_err(failed)?;
        lock(&file, path)?;
        let mut written = Vec::new();
        file.read_to_end(&mut written).map_err(failed)?;
        let whole = written.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        if whole < written.len() {
            file.set_len(whole as u64).map_err(failed)?;
        }
        Ok(LedgerWriter { path: path.to_owned(), file })
    }

    #[cfg(all(test, target_os = "linux"))]
    pub(crate) fn at_full_disk() -> LedgerWriter {
        let path = PathBuf::from("/dev/full");
        let file = OpenOptions::new().write(true).open(&path).expect("Linux has /dev/full");
        LedgerWriter { path, file }
    }

    /// Where the ledger is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one event as one line. The plan, and the beginning of a step with its operation id, are on the
    /// disk when this returns: they come before a call that changes something, and a run after a power cut
    /// must find them. After an error the last line may be torn, so the writer must not be used again.
    ///
    /// # Errors
    ///
    /// When the line cannot be written, or cannot be brought to the disk.
    pub fn append(&mut self, at: Timestamp, event: &RolloutEvent) -> Result<(), LedgerError> {
        let line = LedgerLine { at: at.to_string(), event: LedgerEvent::from(event) };
        let precedes_write = matches!(
            event,
            RolloutEvent::Run(RunEvent::Planned { .. })
                | RolloutEvent::Deploy(DeployEvent::StepStarted { .. })
        );
        write_line(&mut self.file, &line)
            .and_then(|()| if precedes_write { self.file.sync_all() } else { Ok(()) })
            .map_err(|source| LedgerError::Append { path: self.path.clone(), source })
    }
}

/// One write call per line, so that a killed process tears at most the last one. `File` has no buffer of its
/// own to flush.
fn write_line(file: &mut File, value: &impl serde::Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value).map_err(io::Error::other)?;
    line.push(b'\n');
    file.write_all(&line)
}

/// Held until the process ends, in whatever way. A file system without locks goes without.
fn lock(file: &File, path: &Path) -> Result<(), LedgerError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(LedgerError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(_)) | Ok(()) => Ok(()),
    }
}

fn new_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::super::{Ledger, tests::write};
    use super::*;
    use crate::samples;

    #[test]
    fn a_run_that_goes_on_writes_behind_its_last_whole_line() {
        let dir = tempfile::tempdir().unwrap();
        let events = samples::interrupted();
        let (before, after) = events.split_at(events.len() - 2);
        let path = write(dir.path(), before);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], b"{\"at\":\"2026-11"].concat()).unwrap();
        let mut writer = LedgerWriter::resume(&path).unwrap();
        assert_eq!(Ledger::read(&path).unwrap(), samples::state(before));
        after.iter().for_each(|(at, event)| writer.append(*at, event).unwrap());
        assert_eq!(Ledger::read(&path).unwrap(), samples::state(&events));
    }

    #[test]
    fn a_ledger_that_is_still_written_cannot_be_gone_on_with() {
        let dir = tempfile::tempdir().unwrap();
        let (rollout, run) = ("cado-response".parse().unwrap(), "20261120T120000Z-k3f9".parse().unwrap());
        let writer = LedgerWriter::create(dir.path(), &rollout, &run).unwrap();
        let path = writer.path().to_owned();
        assert!(Ledger::is_being_written(&path));
        let error = LedgerWriter::resume(&path).unwrap_err();
        assert!(error.to_string().contains("still going on"), "{error}");
        drop(writer);
        assert!(!Ledger::is_being_written(&path));
        assert!(LedgerWriter::resume(&path).is_ok());
        assert!(!Ledger::is_being_written(&dir.path().join("nowhere")));
    }

    #[test]
    fn a_ledger_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), &[]);
        let (rollout, run) = ("cado-response".parse().unwrap(), "20261120T120000Z-k3f9".parse().unwrap());
        let error = LedgerWriter::create(dir.path(), &rollout, &run).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_a_ledger() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let mode = std::fs::metadata(write(dir.path(), &[])).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
