//! The one place that decides exit codes.

use rollout_report::Outcome;

use crate::arguments::Command;

/// How the program ends. Stable: scripts and CI systems depend on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything is as specified.
    AsSpecified,
    /// Some accounts failed or were not reached.
    SomeFailed,
    /// The command could not start or go on.
    CouldNotGoOn,
    /// Complete, with findings: a role is not as specified, or a plan has changes pending.
    Findings,
    /// The operator ended the run early.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::AsSpecified => 0,
            Exit::SomeFailed => 1,
            Exit::CouldNotGoOn => 2,
            Exit::Findings => 3,
            Exit::Interrupted => 130,
        }
    }

    /// What the number says after this command; `None` where there is nothing to say.
    pub(crate) fn meaning(self, command: &Command) -> Option<&'static str> {
        Some(match (self, command) {
            (Exit::AsSpecified, _) => return None,
            (Exit::SomeFailed, Command::Doctor(_)) => "something is in the way of a roll-out",
            (Exit::SomeFailed, Command::Discover(_)) => "the organization could not be read completely",
            (Exit::SomeFailed, Command::Plan { .. }) => "some accounts are blocked",
            (Exit::SomeFailed, _) => "some accounts failed or were not reached",
            (Exit::CouldNotGoOn, Command::Doctor(_)) => "whether a roll-out can begin could not be found out",
            (Exit::CouldNotGoOn, _) => "the run could not go on",
            (Exit::Findings, Command::Plan { .. }) => "changes are pending",
            (Exit::Findings, Command::Retire { retire, .. }) if retire.dry_run => "changes are pending",
            (Exit::Findings, Command::Discover(_)) => "the organization has changed",
            (Exit::Findings, _) => "complete, with findings",
            (Exit::Interrupted, _) => "interrupted",
        })
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(exit.code())
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::AsSpecified => Exit::AsSpecified,
            Outcome::SomeFailed => Exit::SomeFailed,
            Outcome::Stopped => Exit::CouldNotGoOn,
            Outcome::Findings => Exit::Findings,
            Outcome::Interrupted => Exit::Interrupted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_the_exit_code_of_the_command_that_writes_it() {
        use Outcome::{AsSpecified, Findings, Interrupted, SomeFailed, Stopped};
        for outcome in [AsSpecified, SomeFailed, Stopped, Findings, Interrupted] {
            assert_eq!(outcome.exit_code(), Exit::from(outcome).code(), "{outcome:?}");
        }
    }
}
