//! The `rolecall` command: arguments, configuration, AWS clients, wiring, Ctrl-C and the exit code.
//!
//! No logic lives here that a library crate could own. The clock, the environment and randomness enter here
//! and travel as values.

mod absence;
mod arguments;
mod aws;
mod carry_out;
mod clock;
mod command;
mod config;
mod confirm;
mod connect;
mod display;
mod doctor;
mod earlier;
mod exit;
mod expectation;
mod gate;
mod init;
mod interrupt;
mod invocation;
mod logging;
mod manual;
mod meanwhile;
mod observed;
mod obstacles;
mod panic;
mod part;
mod phase;
mod prepare;
mod print;
mod proven;
mod recorded;
mod rehearsal;
mod report_files;
mod resume;
mod root_certificates;
mod run;
mod saved_plan;
mod session;
mod sign_in;
mod simulated;
mod snapshot;
mod stop;
mod verification;
mod whole_file;

use std::panic::catch_unwind;

use clap::Parser;
use tracing::field::Empty;
use tracing::{Instrument, info_span};

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::interrupt::Interrupted;

fn main() -> std::process::ExitCode {
    panic::tell_without_values();
    let arguments = Arguments::parse();
    display::decide(arguments.display, arguments.takes_time());
    let ended = catch_unwind(|| logging::start(&arguments.logging).and_then(|()| run(&arguments)));
    // A panic has told of itself.
    let exit = match ended.unwrap_or(Ok(Exit::CouldNotGoOn)) {
        Ok(exit) => {
            print::exit(exit, &arguments.command);
            exit
        }
        Err(error) if error.is::<Interrupted>() => {
            print::message(&error.to_string());
            Exit::Interrupted
        }
        Err(error) => {
            print::error(&error);
            Exit::CouldNotGoOn
        }
    };
    exit.into()
}

/// A simulated organization runs on a paused clock, on which waiting takes no time; that needs a runtime of
/// one thread.
fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut builder = if arguments.is_simulated() {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.start_paused(true);
        builder
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    let runtime = builder.enable_all().build()?;
    // Who asks AWS is filled in when AWS has said it.
    let span = info_span!("run", caller = Empty);
    let exit = runtime.block_on(command::run(arguments).instrument(span));
    // A prompt that nobody answered still waits for a line; the process does not wait for it.
    runtime.shutdown_background();
    exit
}
