//! What each of our two outputs takes beside words: decided once, from the arguments, the environment and the
//! terminals.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::sync::OnceLock;

use anstream::{AutoStream, ColorChoice};
use rollout_report::{Decoration, ProgressKind};
use supports_hyperlinks::supports_hyperlinks;

use crate::arguments::{DisplayArguments, ProgressWanted, When};

/// How this process shows what it prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Display {
    pub(crate) result: Decoration,
    pub(crate) story: Decoration,
    pub(crate) progress: ProgressKind,
}

/// Set by the first line of `main`, and read wherever something is printed.
static DISPLAY: OnceLock<Display> = OnceLock::new();

/// Decides for the whole process. `time_passes` is false in a simulation in which waiting takes no time.
pub(crate) fn decide(wanted: DisplayArguments, time_passes: bool) {
    let result = Output {
        is_terminal: std::io::stdout().is_terminal(),
        takes_colour: AutoStream::choice(&std::io::stdout()) != ColorChoice::Never,
    };
    let story = Output {
        is_terminal: std::io::stderr().is_terminal(),
        takes_colour: AutoStream::choice(&std::io::stderr()) != ColorChoice::Never,
    };
    let is_plain = is_dumb(std::env::var_os("TERM")) || is_set(std::env::var_os("CI"));
    // Whoever calls this twice has decided by the first call.
    let _ = DISPLAY.set(Display {
        result: result.decoration(wanted),
        story: story.decoration(wanted),
        progress: progress(wanted.progress, story.is_terminal && !is_plain, time_passes),
    });
}

/// What was decided; plain text where nothing was.
pub(crate) fn decided() -> Display {
    DISPLAY.get().copied().unwrap_or(Display {
        result: Decoration::default(),
        story: Decoration::default(),
        progress: ProgressKind::Lines { heartbeat: false },
    })
}

/// What is known of an output without asking its reader.
#[derive(Debug, Clone, Copy)]
struct Output {
    is_terminal: bool,
    takes_colour: bool,
}

impl Output {
    fn decoration(self, wanted: DisplayArguments) -> Decoration {
        Decoration {
            colour: chosen(wanted.color, self.takes_colour),
            // What forces links on is not to force them into a file.
            links: chosen(wanted.hyperlinks, self.is_terminal && supports_hyperlinks()),
        }
    }
}

fn chosen(when: When, otherwise: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => otherwise,
    }
}

fn progress(wanted: ProgressWanted, takes_bars: bool, heartbeat: bool) -> ProgressKind {
    match wanted {
        ProgressWanted::None => ProgressKind::Silent,
        ProgressWanted::Auto if takes_bars => ProgressKind::Bars,
        ProgressWanted::Auto | ProgressWanted::Plain => ProgressKind::Lines { heartbeat },
    }
}

fn is_dumb(term: Option<OsString>) -> bool {
    term.is_some_and(|term| term == "dumb")
}

fn is_set(variable: Option<OsString>) -> bool {
    variable.is_some_and(|value| !value.is_empty() && value != "0" && value != "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_outranks_what_the_output_takes() {
        let check = |color, is_terminal, takes_colour, expected| {
            let (hyperlinks, progress) = (When::Never, ProgressWanted::Auto);
            let wanted = DisplayArguments { color, hyperlinks, progress };
            let output = Output { is_terminal, takes_colour };
            assert_eq!(output.decoration(wanted), Decoration { colour: expected, links: false });
        };
        check(When::Auto, true, true, true);
        check(When::Auto, true, false, false);
        check(When::Auto, false, true, true);
        check(When::Always, false, false, true);
        check(When::Never, true, true, false);
    }

    #[test]
    fn links_are_in_no_file_unless_they_are_asked_for() {
        let check = |hyperlinks, expected| {
            let (color, progress) = (When::Auto, ProgressWanted::Auto);
            let output = Output { is_terminal: false, takes_colour: false };
            let decoration = output.decoration(DisplayArguments { color, hyperlinks, progress });
            assert_eq!(decoration, Decoration { colour: false, links: expected });
        };
        check(When::Auto, false);
        check(When::Always, true);
    }

    #[test]
    fn bars_are_for_terminals_and_heartbeats_for_time_that_passes() {
        let check = |wanted, takes_bars, heartbeat, expected| {
            assert_eq!(progress(wanted, takes_bars, heartbeat), expected);
        };
        check(ProgressWanted::Auto, true, true, ProgressKind::Bars);
        check(ProgressWanted::Auto, false, true, ProgressKind::Lines { heartbeat: true });
        check(ProgressWanted::Plain, true, true, ProgressKind::Lines { heartbeat: true });
        check(ProgressWanted::Plain, true, false, ProgressKind::Lines { heartbeat: false });
        check(ProgressWanted::None, true, true, ProgressKind::Silent);
    }

    #[test]
    fn ci_says_so_by_a_variable_that_means_something() {
        let check = |value: Option<&str>, expected| assert_eq!(is_set(value.map(OsString::from)), expected);
        check(None, false);
        check(Some(""), false);
        check(Some("0"), false);
        check(Some("false"), false);
        check(Some("true"), true);
        assert!(is_dumb(Some("dumb".into())) && !is_dumb(Some("xterm".into())) && !is_dumb(None));
    }
}
