//! One file per command.

mod apply;
mod discover;
mod plan;
mod simulate;
mod status;
mod verify;

use rollout_model::{RolloutEvent, RunEvent};
use rollout_report::{Reporter, Summary, render_run, report_json, terminal_width};

use crate::arguments::{Arguments, Command, Output};
use crate::exit::Exit;
use crate::prepare::Prepared;
use crate::print;

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Discover { region } => discover::run(arguments, region).await,
        Command::Plan { config } => plan::run(arguments, &config.path).await,
        Command::Apply { config, yes } => apply::run(arguments, &config.path, *yes).await,
        Command::Verify { config } => verify::run(arguments, &config.path).await,
        Command::Status { rollout } => status::run(arguments, rollout.as_ref()),
        Command::Simulate { port, organization, shape, speed } => {
            simulate::run(*port, organization.as_deref(), *shape, *speed).await
        }
    }
}

/// Ends a run: the last event, the result, the exit code.
fn finish(arguments: &Arguments, reporter: &mut Reporter, prepared: &Prepared) -> anyhow::Result<Exit> {
    reporter.record(prepared.clock.now(), &RolloutEvent::Run(RunEvent::Finished));
    reporter.finish();
    if arguments.verbose > 0 {
        print::message(&prepared.aws.calls());
    }
    if reporter.ledger_problem().is_some() {
        print::message("the ledger of this run is incomplete: `rolecall status` cannot show all of it");
    }
    let (state, ledger) = (reporter.state(), reporter.ledger());
    print::result(&match arguments.output {
        Output::Text => render_run(state, ledger, terminal_width()),
        Output::Json => report_json(state),
    })?;
    Ok(Summary::of(state).outcome.into())
}
