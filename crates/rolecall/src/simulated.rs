//! The organizations that a simulation can begin with.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use org_simulator::{FaultList, Shape, ShapeError, Simulator};

/// Where a simulated organization comes from.
#[derive(Debug, Clone)]
pub(crate) enum Simulated {
    /// The one that is part of the program.
    BuiltIn,
    /// A file.
    File(PathBuf),
    /// Made up.
    Shape(Shape),
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
    pub(crate) fn simulator(&self) -> anyhow::Result<Simulator> {
        const BUILT_IN_ORGANIZATION: &str = include_str!("../../../config/organization.yaml");
        match self {
            Simulated::BuiltIn => {
                Simulator::from_yaml(BUILT_IN_ORGANIZATION).context("the built-in organization is damaged")
            }
            Simulated::File(path) => from_file(path),
            Simulated::Shape(shape) => Ok(Simulator::from_shape(*shape)),
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
