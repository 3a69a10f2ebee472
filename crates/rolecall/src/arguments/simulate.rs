//! What `simulate` serves.

use std::path::PathBuf;

use clap::Args;
use org_simulator::Shape;

use super::values::{seconds, speed};

/// The organization that is served, and how it behaves.
#[derive(Debug, Clone, Args)]
pub(crate) struct SimulateArguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 4599)]
    pub(crate) port: u16,
    /// The organization to begin with; without it, an account outside any organization.
    #[arg(long, value_name = "ORGANIZATION.yaml", conflicts_with = "shape")]
    pub(crate) organization: Option<PathBuf>,
    /// A made-up organization to begin with.
    ///
    /// `rates=documented` refuses whoever calls more often than AWS documents, in virtual seconds;
    /// `sts=500/s` does so for STS alone, with a rate of your own and a second's worth at once;
    /// `latency=50ms` answers every call so much later, in real time, however many there are at once;
    /// `without=paths` leaves out the members from which the tree could be read without walking it;
    /// `suspended=3%` makes so many of the accounts suspended.
    #[arg(long, value_name = "accounts=N,ous=N,...")]
    pub(crate) shape: Option<Shape>,
    /// How many virtual seconds pass in a second.
    #[arg(long, value_name = "FACTOR", default_value_t = 20.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// How many virtual seconds pass with every AWS call, in addition.
    ///
    /// What happens then depends on the calls more than on the clock of this machine.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0, value_parser = seconds)]
    pub(crate) per_call: f64,
    /// What goes wrong: a list in YAML.
    ///
    /// More can be added while it runs, as JSON, by POST to /_simulator/faults; GET shows how often each
    /// struck, DELETE removes all. GET /_simulator/held tells how many calls are held unanswered.
    #[arg(long, value_name = "FAULTS.yaml")]
    pub(crate) faults: Option<PathBuf>,
}
