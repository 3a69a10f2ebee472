//! Where every event of a run goes: into the fold, into the ledger, and onto the screen.

use std::path::Path;

use jiff::Timestamp;
use rollout_model::RolloutEvent;

use crate::ledger::{LedgerError, LedgerWriter};
use crate::progress::Progress;
use crate::state::RunState;

/// Takes in the events of a run.
#[derive(Debug)]
pub struct Reporter {
    state: RunState,
    progress: Progress,
    ledger: Option<LedgerWriter>,
    ledger_problem: Option<LedgerError>,
}

impl Reporter {
    /// A reporter that has seen nothing. Without a ledger the run leaves no record.
    pub fn new(progress: Progress, ledger: Option<LedgerWriter>) -> Reporter {
        Reporter { state: RunState::default(), progress, ledger, ledger_problem: None }
    }

    /// A reporter of a run that goes on, with all that its ledger tells.
    pub fn resumed(progress: Progress, ledger: LedgerWriter, state: RunState) -> Reporter {
        Reporter { state, progress, ledger: Some(ledger), ledger_problem: None }
    }

    /// Takes in an event.
    ///
    /// Trouble with the ledger is shown once and does not end the run: AWS is the state, and the ledger only
    /// its history. Nothing is written after it, because that would follow a line that may be torn.
    pub fn record(&mut self, at: Timestamp, event: &RolloutEvent) {
        self.state.apply(at, event);
        if let (Some(ledger), None) = (&mut self.ledger, &self.ledger_problem)
            && let Err(error) = ledger.append(at, event)
        {
            self.progress.warn(&with_cause(&error));
            self.ledger_problem = Some(error);
        }
        self.progress.show(&self.state, event);
    }

    /// Shows that the run goes on although nothing happens. To be called every second or so.
    pub fn tick(&mut self, now: Timestamp) {
        self.progress.tick(&self.state, now);
    }

    /// The run as far as it has come.
    pub fn state(&self) -> &RunState {
        &self.state
    }

    /// Where the ledger is.
    pub fn ledger(&self) -> Option<&Path> {
        self.ledger.as_ref().map(LedgerWriter::path)
    }

    /// What kept the ledger from being complete.
    pub fn ledger_problem(&self) -> Option<&LedgerError> {
        self.ledger_problem.as_ref()
    }

    /// Takes the progress off the screen and gives the state.
    pub fn finish(&mut self) -> &RunState {
        self.progress.finish();
        &self.state
    }
}

/// The error is shown here and not returned, so its cause has to be said here too.
fn with_cause(error: &LedgerError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}; the run goes on without it"),
        None => format!("{error}; the run goes on without it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;
    use crate::progress::ProgressKind;
    use crate::samples;
    use crate::text::Decoration;

    #[test]
    fn what_is_recorded_is_in_the_state_and_in_the_ledger() {
        let dir = tempfile::tempdir().unwrap();
        let (rollout, run) = ("cado-response".parse().unwrap(), "20261120T120000Z-k3f9".parse().unwrap());
        let ledger = LedgerWriter::create(dir.path(), &rollout, &run).unwrap();
        let mut reporter =
            Reporter::new(Progress::new(ProgressKind::Silent, Decoration::default()), Some(ledger));
        let events = samples::findings();
        events.iter().for_each(|(at, event)| reporter.record(*at, event));
        assert_eq!(reporter.finish(), &samples::state(&events));
        assert_eq!(&Ledger::read(reporter.ledger().unwrap()).unwrap(), reporter.state());
        assert!(reporter.ledger_problem().is_none());
    }

    /// `/dev/full` accepts every open and refuses every write.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_remembered_and_the_run_goes_on() {
        let ledger = LedgerWriter::at_full_disk();
        let mut reporter =
            Reporter::new(Progress::new(ProgressKind::Silent, Decoration::default()), Some(ledger));
        let events = samples::all_well();
        events.iter().for_each(|(at, event)| reporter.record(*at, event));
        assert_eq!(reporter.state(), &samples::state(&events));
        let problem = reporter.ledger_problem().unwrap();
        assert!(with_cause(problem).contains("/dev/full"), "{problem}");
        assert!(with_cause(problem).contains("space"), "{}", with_cause(problem));
    }
}
