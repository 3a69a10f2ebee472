//! Reads a configuration file. The only file that names `serde_yaml`.

use std::path::Path;

use anyhow::Context;

use super::file::FileConfig;
use super::problems::{InvalidConfig, Problems};
use super::resolve::{Rollout, resolve};

/// Reads and resolves the configuration at `path`. `environment` answers for environment variables.
pub(crate) fn read(path: &Path, environment: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Rollout> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("could not read the configuration `{}`", path.display()))?;
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let invalid = |problems| InvalidConfig { path: path.to_owned(), problems };
    let file: FileConfig = serde_yaml::from_str(text).map_err(|error| {
        let mut problems = Problems::default();
        let place = error.location().map(|at| format!("line {}, column {}", at.line(), at.column()));
        problems.add(place.unwrap_or_else(|| "top level".to_owned()), error);
        invalid(problems)
    })?;
    let directory = path.parent().unwrap_or(Path::new(""));
    resolve(file, directory, environment).map_err(|problems| invalid(problems).into())
}
