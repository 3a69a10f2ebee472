//! The runs that left a ledger: which one the operator means, and what it tells.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{anyhow, bail};
use rollout_model::RolloutName;
use rollout_report::{Ledger, LedgerFile, RunState};

use crate::config::most_similar;
use crate::run::LEDGER_DIRECTORY;

/// A run with the ledger that tells of it.
pub(crate) struct Recorded {
    pub(crate) path: PathBuf,
    pub(crate) state: RunState,
}

/// A run as the operator writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunWord {
    /// `latest`, or `latest~2`: so many before it.
    Latest(usize),
    /// The path of a ledger.
    File(PathBuf),
    /// The id of a run, or how it begins.
    Id(String),
}

const LATEST: &str = "latest";

/// As many as a message names before it becomes a list.
const NAMED: usize = 3;

impl FromStr for RunWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix(LATEST).filter(|rest| rest.is_empty() || rest.starts_with('~'))
        {
            let before = rest.strip_prefix('~').map_or(Ok(0), str::parse);
            return before.map(RunWord::Latest).map_err(|_| {
                format!("`{LATEST}~` is followed by a number: `{LATEST}~1` is the run before the last")
            });
        }
        let is_path = text.contains(std::path::is_separator) || text.ends_with(".jsonl");
        match (text, is_path) {
            ("", _) => Err("the id of a run, `latest`, or the path of a ledger".to_owned()),
            (_, true) => Ok(RunWord::File(PathBuf::from(text))),
            (_, false) => Ok(RunWord::Id(text.to_owned())),
        }
    }
}

impl fmt::Display for RunWord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunWord::Latest(0) => formatter.write_str(LATEST),
            RunWord::Latest(before) => write!(formatter, "{LATEST}~{before}"),
            RunWord::File(path) => write!(formatter, "{}", path.display()),
            RunWord::Id(id) => formatter.write_str(id),
        }
    }
}

impl Recorded {
    /// The run that is meant: of one rollout, or of any.
    pub(crate) fn find(word: &RunWord, rollout: Option<&RolloutName>) -> anyhow::Result<Recorded> {
        Recorded::read(path(word, rollout)?)
    }

    pub(crate) fn read(path: PathBuf) -> anyhow::Result<Recorded> {
        Ok(Recorded { state: Ledger::read(&path)?, path })
    }
}

/// The ledgers here, the newest first; that there is none is an error.
pub(crate) fn ledgers(rollout: Option<&RolloutName>) -> anyhow::Result<Vec<LedgerFile>> {
    let ledgers = Ledger::list(Path::new(LEDGER_DIRECTORY), rollout)?;
    if ledgers.is_empty() {
        bail!(no_ledgers(rollout)?);
    }
    Ok(ledgers)
}

fn no_ledgers(rollout: Option<&RolloutName>) -> anyhow::Result<String> {
    let others = Ledger::list(Path::new(LEDGER_DIRECTORY), None)?;
    let known: Vec<&str> = others.iter().map(|ledger| ledger.rollout.as_str()).collect();
    let of = rollout.map(|rollout| format!(" of `{rollout}`")).unwrap_or_default();
    let problem = format!(
        "there is no run{of} below `{LEDGER_DIRECTORY}`: ledgers are kept where `apply` and `verify` ran"
    );
    Ok(problem + &did_you_mean(rollout.map_or("", RolloutName::as_str), &known))
}

fn path(word: &RunWord, rollout: Option<&RolloutName>) -> anyhow::Result<PathBuf> {
    match word {
        RunWord::File(path) => Ok(path.clone()),
        RunWord::Latest(before) => {
            let ledgers = ledgers(rollout)?;
            let found = ledgers.get(*before).map(|ledger| ledger.path.clone());
            found.ok_or_else(|| anyhow!("there is no run `{word}`: there are only {} here", ledgers.len()))
        }
        // Whoever is beside the file names it without a directory.
        RunWord::Id(id) if Path::new(id).is_file() => Ok(PathBuf::from(id)),
        RunWord::Id(id) => by_id(id, &ledgers(rollout)?),
    }
}

fn by_id(id: &str, ledgers: &[LedgerFile]) -> anyhow::Result<PathBuf> {
    let begin_so: Vec<&LedgerFile> =
        ledgers.iter().filter(|ledger| ledger.run.as_str().starts_with(id)).collect();
    if let Some(ledger) = begin_so.iter().find(|ledger| ledger.run.as_str() == id) {
        return Ok(ledger.path.clone());
    }
    match begin_so.as_slice() {
        [] => {
            let mut known: Vec<&str> = ledgers.iter().map(|ledger| ledger.run.as_str()).collect();
            known.push(LATEST);
            let meant = did_you_mean(id, &known);
            bail!(
                "there is no run `{id}` below `{LEDGER_DIRECTORY}`{meant}; `rolecall report list` shows all"
            )
        }
        [one] => Ok(one.path.clone()),
        several => {
            let named: Vec<&str> = several.iter().take(NAMED).map(|ledger| ledger.run.as_str()).collect();
            let more = if several.len() > NAMED { ", …" } else { "" };
            bail!("the ids of {} runs begin with `{id}`: {}{more}", several.len(), named.join(", "))
        }
    }
}

fn did_you_mean(written: &str, known: &[&str]) -> String {
    most_similar(written, known).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_written_as_its_place_in_time_as_a_path_or_as_an_id() {
        let check = |text: &str, expected: RunWord| {
            let word: RunWord = text.parse().unwrap();
            assert_eq!((word.to_string().as_str(), word), (text, expected));
        };
        check("latest", RunWord::Latest(0));
        check("latest~12", RunWord::Latest(12));
        check("latestish", RunWord::Id("latestish".into()));
        check("20261120T12", RunWord::Id("20261120T12".into()));
        check("../other/x.y.jsonl", RunWord::File("../other/x.y.jsonl".into()));
        check("x.y.jsonl", RunWord::File("x.y.jsonl".into()));
        for wrong in ["latest~", "latest~one", "latest~-1", ""] {
            assert!(wrong.parse::<RunWord>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_id_may_be_cut_short_as_long_as_it_means_one_run() {
        let ledger = |run: &str| LedgerFile {
            rollout: "x".parse().unwrap(),
            run: run.parse().unwrap(),
            path: run.into(),
        };
        let ledgers = ["20261121T0a", "20261120T0ab", "20261120T0a"].map(ledger);
        let found = |id: &str| by_id(id, &ledgers).map_err(|error| error.to_string());
        assert_eq!(found("20261121"), Ok("20261121T0a".into()));
        assert_eq!(found("20261120T0a"), Ok("20261120T0a".into()), "what is whole is not cut short");
        let ambiguous = found("20261120").unwrap_err();
        assert!(ambiguous.contains("2 runs begin with `20261120`: 20261120T0ab, 20261120T0a"), "{ambiguous}");
        let unknown = found("20261131T0a").unwrap_err();
        assert!(unknown.contains("did you mean `20261121T0a`?"), "{unknown}");
        assert!(found("latst").unwrap_err().contains("did you mean `latest`?"));
    }
}
