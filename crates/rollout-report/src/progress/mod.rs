//! Progress on standard error while a run goes on. It reads the fold and nothing else, so it cannot disagree
//! with the report.

mod bars;
mod lines;
mod notable;
mod words;

use std::io::Write;

use rollout_model::RolloutEvent;

use crate::state::RunState;
use bars::Bars;
use lines::Lines;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressKind {
    /// Bars that redraw themselves, for a terminal.
    Bars,
    /// One line per change that matters, for a log.
    Lines,
    /// Not at all. Warnings are still shown.
    Silent,
}

/// Shows progress on standard error.
#[derive(Debug)]
pub struct Progress {
    display: Display,
}

#[derive(Debug)]
enum Display {
    Bars(Box<Bars>),
    Lines(Lines),
    Silent,
}

impl Progress {
    /// Progress of the given kind, with nothing to show yet.
    pub fn new(kind: ProgressKind) -> Progress {
        let display = match kind {
            ProgressKind::Bars => Display::Bars(Box::new(Bars::new())),
            ProgressKind::Lines => Display::Lines(Lines::default()),
            ProgressKind::Silent => Display::Silent,
        };
        Progress { display }
    }

    /// Shows what `event`, which `state` has taken in already, changes.
    pub fn show(&mut self, state: &RunState, event: &RolloutEvent) {
        match &mut self.display {
            Display::Bars(bars) => bars.show(state, event),
            Display::Lines(lines) => lines.lines(state, event).iter().for_each(|line| write_line(line)),
            Display::Silent => {}
        }
    }

    /// Shows a warning without tearing the bars.
    pub fn warn(&mut self, warning: &str) {
        let line = format!("warning: {warning}");
        match &mut self.display {
            Display::Bars(bars) => bars.print(&line),
            Display::Lines(_) | Display::Silent => write_line(&line),
        }
    }

    /// Takes the bars off the terminal, so that the result stands alone.
    pub fn finish(&mut self) {
        if let Display::Bars(bars) = &mut self.display {
            bars.clear();
        }
    }
}

/// Progress nobody can read, because standard error is closed, is no reason to end a run.
fn write_line(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
