//! Reads a configuration file. The only file that names `serde_yaml`.

use std::io::{ErrorKind, Read};
use std::path::Path;

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;

use super::file::FileConfig;
use super::invalid::InvalidConfig;
use super::node::{Node, Place};
use super::problems::Problem;
use super::resolve::{Rollout, resolve};
use super::schema::schema;
use super::shape;
use super::snippet::Snippet;
use super::source::Source;
use super::syntax;
use super::unparsed::may_be_shown;
use super::verify::Probe;

/// The largest file that is read. A roll-out that names ten thousand accounts stays below.
const MAX_BYTES: usize = 1 << 20;

/// Reads and resolves the configuration at `path`. `environment` answers for environment variables.
pub(crate) fn read(
    path: &Path,
    probe: Probe,
    environment: &dyn Fn(&str) -> Option<String>,
) -> anyhow::Result<Rollout> {
    understand(path, text_of(path)?, probe, environment)
}

/// The same of a text that is not in the file yet.
pub(crate) fn read_text(
    path: &Path,
    text: String,
    environment: &dyn Fn(&str) -> Option<String>,
) -> anyhow::Result<Rollout> {
    understand(path, text, Probe::AsConfigured, environment)
}

fn understand(
    path: &Path,
    text: String,
    probe: Probe,
    environment: &dyn Fn(&str) -> Option<String>,
) -> anyhow::Result<Rollout> {
    let source = parse(path, text)?;
    let mut file: FileConfig = decode(source.text()).map_err(|problem| source.reject(vec![problem]))?;
    if probe == Probe::Removed {
        file.verify = file.verify.without_probe()?;
    }
    let directory = path.parent().unwrap_or(Path::new(""));
    Ok(resolve(file, source, directory, environment)?)
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path)
        // One more than is allowed, so that too large a file is noticed and not read.
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| {
        let hint = if error.kind() == ErrorKind::NotFound { "; `rolecall init` writes one" } else { "" };
        anyhow::Error::new(error)
            .context(format!("could not read the configuration `{}`{hint}", path.display()))
    })?;
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
    let root: Node = syntax::parse(&text).map_err(|problem| unparsed(path, &text, problem))?;
    let misshapen = shape::check(&schema(), &text, &root);
    let mut problems = syntax::repetitions(&root);
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

pub(super) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_yaml::from_str(text).map_err(|error| {
        let place = error.location().map(|at| Place::at(text, at.line() as u64, at.column() as u64));
        Problem { place, ..Problem::new("", error) }
    })
}

/// What a text says to the reader of configurations.
#[cfg(test)]
pub(crate) fn value_of(text: &str) -> serde_json::Value {
    decode(text).unwrap()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::config::node::Kind;

    /// What the tree says, as `serde_yaml` would.
    fn value(node: &Node) -> Value {
        match &node.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(items) => items.iter().map(value).collect(),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|(key, node)| (key.name.clone(), value(node))).collect())
            }
        }
    }

    #[track_caller]
    fn both_read_the_same(text: &str) {
        let read = value(&syntax::parse(text).unwrap());
        assert_eq!(read, decode::<Value>(text).unwrap(), "{text}");
    }

    #[test]
    fn both_parsers_agree_on_what_a_document_says() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut files =
            vec![repository.join("config/rollout.yaml"), repository.join("config/organization.yaml")];
        for example in std::fs::read_dir(repository.join("examples")).unwrap() {
            let example = example.unwrap().path();
            files.extend(["rollout.yaml", "organization.yaml"].map(|file| example.join(file)));
        }
        let files = files.into_iter().filter(|file| file.is_file());
        let texts: Vec<_> = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
        assert!(texts.len() > 3);
        texts.iter().for_each(|text| both_read_the_same(text));
    }

    #[test]
    fn both_parsers_agree_on_scalars_that_yaml_versions_differ_in() {
        for scalar in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "n",
            "Yes",
            "true",
            "True",
            "TRUE",
            "false",
            "tRUE",
            "null",
            "~",
            "Null",
            "NULL",
            "nUll",
            "",
            "5",
            "-5",
            "+5",
            "05",
            "012345678901",
            "0o17",
            "0x1F",
            "0b101",
            "1_000",
            "1e3",
            "1.5",
            "1.10",
            ".5",
            "5.",
            "12:30:45",
            "190:20",
            "2026-03-01",
            "2026-03-01T09:30:00Z",
            "'5'",
            "\"5\"",
            "<<",
            "=",
            "!!str 5",
            "a: b",
            "a#b",
            "a #b",
            "'it''s'",
            "\"\\u00e9\\t\"",
            "|\n    x\n    y\n",
            ">-\n    x\n    y\n",
            "x\n    y",
            "&a x",
            "{ a, b: }",
            "[ a, ]",
            "111122223333",
            "18446744073709551615",
            "r-ab12",
            "*",
            "%",
        ] {
            let text = format!("key: {scalar}\n");
            match syntax::parse(&text) {
                Ok(_) => both_read_the_same(&text),
                Err(_) => assert!(decode::<Value>(&text).is_err(), "{scalar}: only one of them refuses it"),
            }
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_without_being_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "a: b\n".repeat(1_000_000)).unwrap();
        let began = std::time::Instant::now();
        let error = read(file.path(), Probe::AsConfigured, &|_| None).unwrap_err().to_string();
        assert!(error.contains("larger than 1048576 bytes"), "{error}");
        assert!(began.elapsed() < std::time::Duration::from_secs(1));
    }
}
