//! Reads a configuration file. The only file that names `serde_yaml`.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;

use super::file::FileConfig;
use super::gate;
use super::invalid::InvalidConfig;
use super::node::{Node, Place};
use super::problems::Problem;
use super::resolve::{Rollout, resolve};
use super::schema::schema;
use super::shape;
use super::snippet::Snippet;
use super::source::Source;
use super::unparsed::may_be_shown;

/// The largest file that is read. A roll-out that names ten thousand accounts stays below.
const MAX_BYTES: usize = 1 << 20;

/// Reads and resolves the configuration at `path`. `environment` answers for environment variables.
pub(crate) fn read(path: &Path, environment: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Rollout> {
    let source = parse(path, read_text(path)?)?;
    let file: FileConfig = decode(source.text()).map_err(|problem| source.reject(vec![problem]))?;
    let directory = path.parent().unwrap_or(Path::new(""));
    Ok(resolve(file, source, directory, environment)?)
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path)
        // One more than is allowed, so that too large a file is noticed and not read.
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.with_context(|| format!("could not read the configuration `{}`", path.display()))?;
    if bytes.len() > MAX_BYTES {
        bail!("the configuration `{}` is larger than {MAX_BYTES} bytes", path.display());
    }
    let text = String::from_utf8(bytes).map_err(|error| error.utf8_error());
    let text = text.with_context(|| format!("the configuration `{}` is no text", path.display()))?;
    // Some editors begin a file with a byte order mark.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The document with its form checked: whatever passes is a [`FileConfig`].
pub(super) fn parse(path: &Path, text: String) -> Result<Source, InvalidConfig> {
    let root: Node = gate::parse(&text).map_err(|problem| unparsed(path, &text, problem))?;
    let misshapen = shape::check(&schema(), &text, &root);
    let mut problems = gate::repetitions(&root);
    problems.extend(misshapen.problems);
    let source = Source::new(path, text, root, &misshapen.unknown);
    if problems.is_empty() { Ok(source) } else { Err(source.reject(problems)) }
}

fn unparsed(path: &Path, text: &str, problem: Problem) -> InvalidConfig {
    let snippet = problem.place.map(|place| match may_be_shown(text, place.start) {
        true => Snippet::new(text, &[], place),
        false => Snippet::unseen(text, place.start),
    });
    InvalidConfig::new(path, [(snippet, problem)])
}

/// `serde_yaml` has the last word on what a value is. What passed `shape` passes here, too.
fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_yaml::from_str(text).map_err(|error| {
        let place = error.location().map(|at| Place::at(text, at.line() as u64, at.column() as u64));
        Problem { place, ..Problem::new("", error) }
    })
}
