//! Progress on standard error while a run goes on. It reads the fold and nothing else, so it cannot disagree
//! with the report.

mod activity;
mod bars;
mod lines;
mod notable;
mod words;

use std::io::Write;

use jiff::Timestamp;
use rollout_model::RolloutEvent;

use crate::state::RunState;
use crate::text::{Decoration, Style, dressed, escaped, styled};
use bars::Bars;
use lines::Lines;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressKind {
    /// Bars that redraw themselves, for a terminal.
    Bars,
    /// One line per change that matters, for a log.
    Lines {
        /// Whether it is heard of a run when nothing changes for a while. In a simulation, where that while takes no
        /// time, nobody waits for it.
        heartbeat: bool,
    },
    /// Not at all. Warnings are still shown.
    Silent,
}

/// Shows progress on standard error.
#[derive(Debug)]
pub struct Progress {
    display: Display,
    decoration: Decoration,
}

#[derive(Debug)]
enum Display {
    Bars(Box<Bars>),
    Lines(Box<Lines>),
    Silent,
}

impl Progress {
    /// Progress of the given kind, as standard error takes it, with nothing to show yet.
    pub fn new(kind: ProgressKind, decoration: Decoration) -> Progress {
        let display = match kind {
            ProgressKind::Bars => Display::Bars(Box::new(Bars::new(decoration))),
            ProgressKind::Lines { heartbeat } => Display::Lines(Box::new(Lines::new(heartbeat))),
            ProgressKind::Silent => Display::Silent,
        };
        Progress { display, decoration }
    }

    /// Shows what `event`, which `state` has taken in already, changes.
    pub fn show(&mut self, state: &RunState, event: &RolloutEvent) {
        match &mut self.display {
            Display::Bars(bars) => bars.show(state, event),
            Display::Lines(lines) => {
                let lines = lines.lines(state, event);
                lines.iter().for_each(|line| self.write(state, line));
            }
            Display::Silent => {}
        }
    }

    /// Shows that the run is alive. To be called every second or so.
    pub fn tick(&mut self, state: &RunState, now: Timestamp) {
        match &mut self.display {
            Display::Bars(bars) => bars.tick(state, now),
            Display::Lines(lines) => {
                if let Some(line) = lines.tick(state, now) {
                    self.write(state, &line);
                }
            }
            Display::Silent => {}
        }
    }

    /// Shows a warning without tearing the bars.
    pub fn warn(&mut self, warning: &str) {
        let line = dressed(&format!("{} {}", styled(Style::Doubtful, "warning:"), escaped(warning)), None);
        let line = self.decoration.of(&line);
        match &mut self.display {
            Display::Bars(bars) => bars.print(&line),
            Display::Lines(_) | Display::Silent => write_line(&line),
        }
    }

    fn write(&self, state: &RunState, line: &str) {
        write_line(&self.decoration.of(&dressed(line, state.home_region.as_ref())));
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
