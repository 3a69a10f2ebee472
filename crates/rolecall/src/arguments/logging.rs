//! What is logged, where, and how.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// The log, which is for whoever looks into a run. It never holds an external ID, a credential or the body of a call.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub(crate) struct LoggingArguments {
    /// Show more: once every account of a plan, and a line for every AWS call with its account, Region, attempt,
    /// status, duration and request id, and how many there were; twice the waits for the request budget and the sizes,
    /// too.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Append the log to this file instead of showing it; every AWS call is in it without `-v`, too. Only its owner may
    /// read a file that is made for it.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,

    /// The form of the log.
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,

    /// Log exactly this, whatever `-v` says, such as `request_budget=debug,role_verifier=info`: parts of rolecall, each
    /// with a level. Of the libraries below it no more than warnings are ever logged.
    #[arg(long = "log", global = true, value_name = "FILTER", env = "ROLECALL_LOG", hide_env_values = true, value_parser = filter)]
    pub(crate) filter: Option<String>,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object on a line of its own, for a log collector.
    Json,
}

/// Checked here, because the filter would pass over what it does not understand.
fn filter(text: &str) -> Result<String, String> {
    match text.parse::<EnvFilter>() {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            Err(format!("{error}; a filter is a list such as `request_budget=debug,role_verifier=info`"))
        }
    }
}
