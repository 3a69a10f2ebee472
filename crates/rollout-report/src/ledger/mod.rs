//! The ledger: the events of a run on disk, one line of JSON each. Reading it is the same fold again.

mod error;
mod writer;

use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rollout_model::{RolloutEvent, RolloutName, RunId};

pub use error::LedgerError;
pub use writer::LedgerWriter;

use crate::schema::{LEDGER_SCHEMA, LedgerHeader, LedgerLine};
use crate::state::RunState;
use crate::text::escaped;

/// How the names of ledger files end.
const EXTENSION: &str = "jsonl";

/// A ledger, as far as its name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerFile {
    /// What was rolled out.
    pub rollout: RolloutName,
    /// By which run.
    pub run: RunId,
    /// Where it is.
    pub path: PathBuf,
}

/// Finds and reads ledgers.
#[derive(Debug)]
pub struct Ledger;

impl Ledger {
    /// The file of the newest run below `dir`: of one rollout, or of any.
    ///
    /// # Errors
    ///
    /// When the directory is there and cannot be read.
    pub fn latest(dir: &Path, rollout: Option<&RolloutName>) -> Result<Option<PathBuf>, LedgerError> {
        Ok(Self::newest_first(dir, rollout)?.into_iter().next())
    }

    /// The files of all runs below `dir`: of one rollout, or of any, the newest first.
    ///
    /// # Errors
    ///
    /// When the directory is there and cannot be read.
    pub fn newest_first(dir: &Path, rollout: Option<&RolloutName>) -> Result<Vec<PathBuf>, LedgerError> {
        Ok(Self::list(dir, rollout)?.into_iter().map(|file| file.path).collect())
    }

    /// The ledgers of all runs below `dir`: of one rollout, or of any, the newest first. Run ids begin with their
    /// time, so the greatest is the newest. A directory that is not there holds none. No file is opened.
    ///
    /// # Errors
    ///
    /// When the directory is there and cannot be read.
    pub fn list(dir: &Path, rollout: Option<&RolloutName>) -> Result<Vec<LedgerFile>, LedgerError> {
        let failed = |source| LedgerError::Read { path: dir.to_owned(), source };
        let entries = match std::fs::read_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut files: Vec<LedgerFile> = Vec::new();
        for entry in entries {
            let Some(file) = LedgerFile::of(entry.map_err(failed)?.path()) else { continue };
            if rollout.is_none_or(|rollout| *rollout == file.rollout) {
                files.push(file);
            }
        }
        files.sort_by(|one, other| (&other.run, &other.rollout).cmp(&(&one.run, &one.rollout)));
        Ok(files)
    }

    /// Whether a process writes this ledger just now: its run goes on. A file system without locks says no.
    ///
    /// Asking takes the lock for a moment, and a run that is taken up in that very moment is refused: ask only of
    /// ledgers that have no end.
    pub fn is_being_written(path: &Path) -> bool {
        let Ok(file) = File::open(path) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// The state of the run that a ledger tells of.
    ///
    /// A last line without its line feed was torn when the process was killed: it is left out if it cannot be
    /// read. Any other line that cannot be read is an error, because a report that silently lacks an event
    /// would be wrong.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is damaged, or is of another version.
    pub fn read(path: &Path) -> Result<RunState, LedgerError> {
        let failed = |source| LedgerError::Read { path: path.to_owned(), source };
        let mut reader = BufReader::new(File::open(path).map_err(failed)?);
        let mut state = RunState::default();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
                break;
            }
            let torn = line.last() != Some(&b'\n');
            let read = match number {
                1 => check_header(&line, path)?,
                _ => read_event(&line).map(|(at, event)| state.apply(at, &event)),
            };
            match read {
                Err(_) if torn => break,
                Err(problem) => {
                    let problem = escaped(&problem).into_owned();
                    return Err(LedgerError::Damaged { path: path.to_owned(), line: number, problem });
                }
                Ok(()) => {}
            }
        }
        Ok(state)
    }
}

impl LedgerFile {
    /// `None` of a file that is named otherwise.
    fn of(path: PathBuf) -> Option<LedgerFile> {
        let stem = path.file_name()?.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?;
        let (rollout, run) = stem.split_once('.')?;
        let (rollout, run) = (rollout.parse().ok()?, run.parse().ok()?);
        Some(LedgerFile { rollout, run, path })
    }
}

/// The inner error says that the line is no header at all, the outer one that it is another version's.
fn check_header(line: &[u8], path: &Path) -> Result<Result<(), String>, LedgerError> {
    match serde_json::from_slice::<LedgerHeader>(line) {
        Err(error) => Ok(Err(error.to_string())),
        Ok(header) if header.schema == LEDGER_SCHEMA => Ok(Ok(())),
        Ok(header) => {
            Err(LedgerError::Schema { path: path.to_owned(), found: escaped(&header.schema).into_owned() })
        }
    }
}

fn read_event(line: &[u8]) -> Result<(Timestamp, RolloutEvent), String> {
    let line: LedgerLine = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let at = line.at.parse().map_err(|error: jiff::Error| error.to_string())?;
    let event = line.event.try_into().map_err(|error: rollout_model::InvalidId| error.to_string())?;
    Ok((at, event))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::samples;

    pub(super) fn write(dir: &Path, events: &[samples::Event]) -> PathBuf {
        let (rollout, run) = ("cado-response".parse().unwrap(), "20261120T120000Z-k3f9".parse().unwrap());
        let mut writer = LedgerWriter::create(dir, &rollout, &run).unwrap();
        for (at, event) in events {
            writer.append(*at, event).unwrap();
        }
        writer.path().to_owned()
    }

    #[test]
    fn a_run_read_from_its_ledger_is_the_run_that_was_recorded() {
        for events in [samples::failures_and_findings(), samples::hostile(), samples::interrupted()] {
            let dir = tempfile::tempdir().unwrap();
            let path = write(&dir.path().join(".rolecall"), &events);
            assert_eq!(Ledger::read(&path).unwrap(), samples::state(&events));
        }
    }

    #[test]
    fn a_ledger_torn_at_any_byte_of_its_last_line_still_reads() {
        let dir = tempfile::tempdir().unwrap();
        let events = samples::hostile();
        let path = write(dir.path(), &events);
        let whole = std::fs::read(&path).unwrap();
        let last_line = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        let without_last = samples::state(&events[..events.len() - 1]);
        for length in last_line..whole.len() - 1 {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(Ledger::read(&path).unwrap(), without_last, "cut to {length} bytes");
        }
        // Only the line feed is missing: the event is there.
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert_eq!(Ledger::read(&path).unwrap(), samples::state(&events));
    }

    #[test]
    fn a_damaged_line_is_refused_with_file_and_line_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), &samples::all_well());
        let text = std::fs::read_to_string(&path).unwrap();
        let bad_id = r#"{"at":"2026-11-20T12:00:00Z","event":{"verify":{"not_verified":{"account":"1","reason":""}}}}"#;
        let bad_time = r#"{"at":"noon","event":{"run":"finished"}}"#;
        for damage in ["{\"at\":", "", "\u{0}\u{0}", bad_id, bad_time] {
            for line in [1, 4, text.lines().count()] {
                let mut lines: Vec<&str> = text.lines().collect();
                lines[line - 1] = damage;
                std::fs::write(&path, format!("{}\n", lines.join("\n"))).unwrap();
                let error = Ledger::read(&path).unwrap_err();
                assert!(
                    matches!(&error, LedgerError::Damaged { line: found, .. } if *found == line),
                    "{error:?}"
                );
                assert!(error.to_string().contains(&path.display().to_string()), "{error}");
            }
        }
    }

    #[test]
    fn a_ledger_of_another_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.y.jsonl");
        std::fs::write(&path, "{\"schema\":\"rolecall.ledger/1\",\"rollout\":\"x\",\"run\":\"y\"}\n")
            .unwrap();
        let error = Ledger::read(&path).unwrap_err();
        assert!(error.to_string().contains("`rolecall.ledger/1`"), "{error}");
    }

    #[test]
    fn the_newest_run_is_found_by_its_id_whatever_the_rollouts_are_called() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Ledger::latest(&dir.path().join("missing"), None).unwrap(), None);
        assert_eq!(Ledger::latest(dir.path(), None).unwrap(), None);
        for name in ["z.20260101T000000Z-a.jsonl", "a.20260301T000000Z-a.jsonl", "a.20260201T000000Z-a.jsonl"]
        {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        for other in ["a.20270101T000000Z-a.json", "notes.txt", "a.b.c.jsonl", ".jsonl"] {
            std::fs::write(dir.path().join(other), "").unwrap();
        }
        let latest = |rollout: Option<&str>| {
            let rollout = rollout.map(|name| name.parse().unwrap());
            let path = Ledger::latest(dir.path(), rollout.as_ref()).unwrap();
            path.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        };
        assert_eq!(latest(None).as_deref(), Some("a.20260301T000000Z-a.jsonl"));
        assert_eq!(latest(Some("z")).as_deref(), Some("z.20260101T000000Z-a.jsonl"));
        assert_eq!(latest(Some("q")), None);
    }
}
