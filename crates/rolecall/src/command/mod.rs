//! One file per command.

mod apply;
mod completions;
mod discover;
mod doctor;
mod explain;
mod init;
mod man;
mod plan;
mod prerequisites;
mod rehearse;
mod report;
mod report_diff;
mod retire;
mod schema;
mod simulate;
mod status;
mod verify;

use std::path::Path;

use anyhow::bail;
use rollout_model::{RolloutEvent, RunEvent};
use rollout_report::{
    Format, Reporter, RunFiles, RunReport, RunState, Summary, render_run, render_since, terminal_width,
};

use crate::arguments::{
    ApplyArguments, Arguments, Command, ConfigArgument, OrganizationArgument, Output, PlanningArguments,
    ProbeArguments,
};
use crate::aws::Aws;
use crate::clock::Clock;
use crate::config::Probe;
use crate::connect::{Connected, Request};
use crate::earlier::since_before;
use crate::exit::Exit;
use crate::prepare::Prepared;
use crate::run::Run;
use crate::{print, report_files};

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    require_form(arguments)?;
    report_files::require_writable(arguments.reports().unwrap_or_default())?;
    match &arguments.command {
        Command::Discover(asked) => discover::run(arguments, asked).await,
        Command::Doctor(asked) => doctor::run(arguments, asked).await,
        Command::Init(asked) => init::run(asked).await,
        Command::Plan { config, organization, planning, out } => {
            plan::run(arguments, request(config, organization, *planning), out.as_deref()).await
        }
        Command::Explain { account, config, organization } => {
            let request = request(config, organization, PlanningArguments::default());
            explain::run(arguments, account, request).await
        }
        Command::Apply { path, apply, .. } => apply::run(arguments, path, apply).await,
        Command::Verify { config, probe: ProbeArguments { remove_probe: true, yes }, .. } => {
            apply::run(arguments, &config.path, &ApplyArguments::without_probe(*yes)).await
        }
        Command::Verify { config, organization, absent, part, .. } => {
            let request = request(config, organization, PlanningArguments::default());
            match absent {
                true => verify::run_absent(arguments, request, part).await,
                false => verify::run(arguments, request, part).await,
            }
        }
        Command::Retire { config, retire, .. } => retire::run(arguments, &config.path, retire).await,
        Command::Status { rollout } => status::run(arguments, rollout.as_ref()),
        Command::Report(record) => report::run(arguments, record),
        Command::Prerequisites { which, config } => prerequisites::run(arguments, *which, &config.path).await,
        Command::Rehearse { config, rehearse, .. } => rehearse::run(arguments, &config.path, rehearse).await,
        Command::Schema { of, markdown } => schema::run(*of, *markdown),
        Command::Completions { shell } => completions::run(*shell),
        Command::Man { dir } => man::run(dir.as_deref()),
        Command::Simulate(asked) => simulate::run(asked).await,
    }
}

/// Lines and tables are of the accounts of a run.
fn require_form(arguments: &Arguments) -> anyhow::Result<()> {
    let is_of_a_run = matches!(arguments.output, Output::Jsonl | Output::Csv);
    if is_of_a_run && arguments.reports().is_none() {
        bail!("what this command prints has no such form: give `--output text` or `--output json`");
    }
    Ok(())
}

fn request<'a>(
    config: &'a ConfigArgument,
    organization: &'a OrganizationArgument,
    planning: PlanningArguments,
) -> Request<'a> {
    let organization = organization.file.as_deref();
    Request { config: &config.path, organization, planning, probe: Probe::AsConfigured }
}

/// Ends a run: the last event, the result, the exit code.
fn finish(arguments: &Arguments, reporter: &mut Reporter, prepared: &Prepared) -> anyhow::Result<Exit> {
    let configuration = prepared.rollout.source.path();
    show(arguments, configuration, reporter, &prepared.clock, &prepared.aws)
}

/// Ends a run that was interrupted before it was planned again.
fn finish_early(arguments: &Arguments, run: &mut Run, connected: &Connected) -> anyhow::Result<Exit> {
    run.record(&connected.clock, RunEvent::Interrupted);
    let configuration = connected.rollout.source.path();
    show(arguments, configuration, &mut run.reporter, &connected.clock, &connected.aws)
}

fn show(
    arguments: &Arguments,
    configuration: &Path,
    reporter: &mut Reporter,
    clock: &Clock,
    aws: &Aws,
) -> anyhow::Result<Exit> {
    let now = clock.now();
    reporter.record(now, &RolloutEvent::Run(RunEvent::Called(aws.call_counts())));
    reporter.record(now, &RolloutEvent::Run(RunEvent::Finished));
    reporter.finish();
    if arguments.logging.verbose > 0 {
        print::message(&aws.calls());
    }
    if reporter.ledger_problem().is_some() {
        print::message("the ledger of this run is incomplete: `rolecall report` cannot show all of it");
    }
    let files = RunFiles { ledger: reporter.ledger(), configuration: Some(configuration) };
    conclude(arguments, reporter.state(), &files)
}

/// Shows a run in every form that was asked for; the exit code is that of the run.
fn conclude(arguments: &Arguments, state: &RunState, files: &RunFiles<'_>) -> anyhow::Result<Exit> {
    let report = RunReport { state, ledger: files.ledger, past: &[] };
    match arguments.output {
        Output::Text => print::result(&render_run(state, files, terminal_width()))?,
        Output::Json => print::bytes(&report.render(Format::Json))?,
        Output::Jsonl => print::bytes(&report.render(Format::JsonLines))?,
        Output::Csv => print::bytes(&report.render(Format::Csv))?,
    }
    tell_what_is_new(arguments, state, files.ledger)?;
    report_files::write(arguments.reports().unwrap_or_default(), &report)?;
    Ok(Summary::of(state).outcome.into())
}

/// One line that says what is new since the run before. A run without a ledger has no past.
fn tell_what_is_new(arguments: &Arguments, state: &RunState, ledger: Option<&Path>) -> anyhow::Result<()> {
    let dir = ledger.and_then(Path::parent);
    let Some((difference, before)) = dir.and_then(|dir| since_before(dir, state)) else { return Ok(()) };
    let line = render_since(&difference, &before);
    match arguments.output.is_text() {
        true => print::result(&line)?,
        false => print::message(line.trim_end()),
    }
    Ok(())
}
