//! How it looks.

use clap::{Args, ValueEnum};

/// Colours, links and progress. None of them changes what is said.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Display")]
pub(crate) struct DisplayArguments {
    /// Colours. `auto`: on a terminal, unless NO_COLOR, CLICOLOR=0 or TERM=dumb say otherwise; CLICOLOR_FORCE
    /// is for what is no terminal.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    pub(crate) color: When,

    /// Links from account ids to the AWS console. `auto`: on terminals that are known to show them.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    pub(crate) hyperlinks: When,

    /// Progress on standard error. `auto`: bars on a terminal, lines elsewhere and in CI.
    #[arg(long, global = true, value_enum, value_name = "KIND", default_value_t = ProgressWanted::Auto)]
    pub(crate) progress: ProgressWanted,
}

/// When something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

/// What is shown while something goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressWanted {
    Auto,
    /// Lines, for a log.
    Plain,
    /// Nothing but warnings.
    None,
}
