//! What every command that works on a rollout does first: read the configuration and find out who we are.

use std::path::Path;

use crate::arguments::{Arguments, ConnectionArguments, PlanningArguments};
use crate::aws::{Aws, Caller};
use crate::clock::Clock;
use crate::config::{self, Probe, Rollout};
use crate::interrupt::Interrupt;

/// What a command works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The configuration.
    pub(crate) config: &'a Path,
    /// A snapshot to take the organization from; without it AWS is asked.
    pub(crate) organization: Option<&'a Path>,
    /// What the plan may do and look at.
    pub(crate) planning: PlanningArguments,
    /// What becomes of the probe.
    pub(crate) probe: Probe,
}

/// Signed in, with the configuration read. Of the organization nothing is known yet.
pub(crate) struct Connected {
    pub(crate) aws: Aws,
    pub(crate) caller: Caller,
    pub(crate) clock: Clock,
    pub(crate) interrupt: Interrupt,
    pub(crate) rollout: Rollout,
    /// Whether a plan looks into the accounts for what would stand in its way.
    pub(crate) look_into_accounts: bool,
}

pub(crate) async fn connect(arguments: &Arguments, request: Request<'_>) -> anyhow::Result<Connected> {
    let mut rollout = read_config(&arguments.connection, request.config, request.probe)?;
    rollout.spec.consent = request.planning.consent();
    let aws = Aws::connect(&arguments.connection, &rollout.spec.home_region, rollout.budgets()).await?;
    let (clock, mut interrupt) = (Clock::start(), Interrupt::listen()?);
    let caller = interrupt.ends(aws.caller()).await??;
    let look_into_accounts = !request.planning.no_account_checks;
    Ok(Connected { aws, caller, clock, interrupt, rollout, look_into_accounts })
}

/// In a simulation nothing is secret, so a variable that is not set gets a made-up value.
pub(crate) fn read_config(
    connection: &ConnectionArguments,
    path: &Path,
    probe: Probe,
) -> anyhow::Result<Rollout> {
    let made_up =
        |name: &str| connection.simulate.is_some().then(|| format!("simulated-{}", name.to_lowercase()));
    read_with(path, probe, &made_up)
}

/// For a command that asks AWS nothing: whoever reviews a configuration need not have its secrets.
pub(crate) fn read_config_offline(path: &Path) -> anyhow::Result<Rollout> {
    read_with(path, Probe::AsConfigured, &|name| Some(format!("offline-{}", name.to_lowercase())))
}

fn read_with(path: &Path, probe: Probe, instead: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Rollout> {
    let environment = |name: &str| match std::env::var_os(name) {
        Some(value) => value.into_string().ok(),
        None => instead(name),
    };
    config::read(path, probe, &environment)
}
