//! The organizations that a simulation can begin with, and what goes wrong in it.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use org_simulator::{AccessKey, FaultError, FaultList, Shape, ShapeError, Simulator, in_process};
use serde_json::json;

/// Where a simulated organization comes from.
#[derive(Debug, Clone)]
pub(crate) enum Simulated {
    /// The one that is part of the program.
    BuiltIn,
    /// A file.
    File(PathBuf),
    /// Made up.
    Shape(Shape),
    /// Set up beforehand, and looked at afterwards.
    Staged(Stage),
}

/// How long an AWS call takes in a rehearsal: a round trip to a Region nearby, and the service's own time.
const CALL_TAKES: Duration = Duration::from_millis(80);

/// A simulation that was set up for one run.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    simulator: Arc<Mutex<Simulator>>,
    /// The account of whoever carries the rollout out; `None` for the management account.
    operator: Option<String>,
}

impl Stage {
    pub(crate) fn new(simulator: Simulator, operator: Option<String>) -> Self {
        Stage { simulator: Arc::new(Mutex::new(simulator)), operator }
    }

    pub(crate) fn simulator(&self) -> MutexGuard<'_, Simulator> {
        self.simulator.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A simulation that runs, and how to reach it.
pub(crate) struct Opened {
    pub(crate) client: SharedHttpClient,
    pub(crate) key: AccessKey,
}

/// The word that stands for the organization that is part of the program.
pub(crate) const BUILT_IN: &str = "built-in";

impl FromStr for Simulated {
    type Err = ShapeError;

    /// What has an equals sign is a shape, so that a mistyped one is not looked for as a file.
    fn from_str(text: &str) -> Result<Self, ShapeError> {
        if text == BUILT_IN {
            Ok(Simulated::BuiltIn)
        } else if text.contains('=') {
            text.parse().map(Simulated::Shape)
        } else {
            Ok(Simulated::File(text.into()))
        }
    }
}

impl Simulated {
    /// Starts the clock of the simulation. Nothing takes time in it but what it waits for, except on a stage.
    pub(crate) fn open(&self) -> anyhow::Result<Opened> {
        let (stage, latency) = match self {
            Simulated::Staged(stage) => (stage.clone(), CALL_TAKES),
            beginning => (Stage::new(beginning.simulator()?, None), Duration::ZERO),
        };
        let key = {
            let simulator = stage.simulator();
            let account = stage.operator.as_deref().or(simulator.management_account()).unwrap_or_default();
            simulator.access_key(account).context("the simulated organization is empty")?
        };
        Ok(Opened { client: in_process(stage.simulator, latency), key })
    }

    /// A new simulation.
    pub(crate) fn simulator(&self) -> anyhow::Result<Simulator> {
        const BUILT_IN_ORGANIZATION: &str = include_str!("../../../config/organization.yaml");
        match self {
            Simulated::BuiltIn => {
                Simulator::from_yaml(BUILT_IN_ORGANIZATION).context("the built-in organization is damaged")
            }
            Simulated::File(path) => from_file(path),
            Simulated::Shape(shape) => Ok(Simulator::from_shape(*shape)),
            Simulated::Staged(_) => bail!("a stage is set up once"),
        }
    }
}

/// A simulation that begins with the organization of a file.
pub(crate) fn from_file(path: &Path) -> anyhow::Result<Simulator> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("could not read the organization `{}`", path.display()))?;
    Simulator::from_yaml(&text).with_context(|| format!("could not simulate `{}`", path.display()))
}

/// What goes wrong in a simulation, from a file.
pub(crate) fn read_faults(path: &Path) -> anyhow::Result<FaultList> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("could not read the faults `{}`", path.display()))?;
    text.parse().with_context(|| format!("`{}` is no list of faults", path.display()))
}

/// So many accounts fail, at every attempt.
pub(crate) fn failing(share: &str) -> Result<FaultList, FaultError> {
    json!({"accounts": [{"share": share, "fail": "The rehearsal lets this account fail"}]})
        .to_string()
        .parse()
}
