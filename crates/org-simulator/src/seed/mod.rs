//! Organizations that are there from the start: read from a file, or made up to a size.

mod build;
mod file;
mod shape;
mod variety;

use crate::rates::RequestRates;
use crate::world::World;

pub(crate) use shape::from_shape;
pub use shape::{Shape, ShapeError};

/// Why a file describes no organization.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The text is no YAML, or has keys or values that do not belong there. The cause says where.
    #[error("the organization file could not be read")]
    Yaml(#[source] serde_yaml::Error),
    /// It can be read, and yet AWS could not have such an organization.
    #[error("{at}: {problem}")]
    Invalid {
        /// The account, organizational unit or policy that the problem is about.
        at: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// What a file describes.
#[derive(Debug)]
pub(crate) struct Seeded {
    pub(crate) world: World,
    pub(crate) request_rates: RequestRates,
}

/// Builds what a file describes.
pub(crate) fn from_yaml(text: &str) -> Result<Seeded, SeedError> {
    let file: file::File = serde_yaml::from_str(text).map_err(SeedError::Yaml)?;
    let request_rates = file.request_rates;
    Ok(Seeded { world: build::build(file)?, request_rates })
}
