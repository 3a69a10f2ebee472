//! The forms in which a run leaves the program as a file, and how a file's name says which.

mod csv;
mod junit;
mod markdown;
mod matter;
mod metrics;
mod sarif;

use std::fmt;
use std::path::Path;

use crate::html::report_html;
use crate::past_run::PastRun;
use crate::schema::{report_json, report_lines};
use crate::state::RunState;

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One document of the schema `rolecall.report/1`.
    Json,
    /// A page for a browser: one file that loads nothing.
    Html,
    /// A document on each line, of the schema `rolecall.report-lines/1`.
    JsonLines,
    /// A table with a row for each account.
    Csv,
    /// JUnit XML, for the test views of CI systems.
    JUnit,
    /// SARIF, for code scanning.
    Sarif,
    /// Numbers in the text format of Prometheus, for the node exporter.
    Metrics,
    /// Markdown that a comment on a pull request takes.
    Markdown,
    /// Markdown that the summary of a job takes, which may be longer.
    JobSummary,
}

/// How the names of files end, with what they then hold. Of two that fit, the first counts.
const SUFFIXES: [(&str, Format); 10] = [
    (".json", Format::Json),
    (".html", Format::Html),
    (".htm", Format::Html),
    (".jsonl", Format::JsonLines),
    (".csv", Format::Csv),
    (".xml", Format::JUnit),
    (".sarif", Format::Sarif),
    (".prom", Format::Metrics),
    ("summary.md", Format::JobSummary),
    (".md", Format::Markdown),
];

/// The name of a file does not say what it is to hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no form of report is known by this name; it has to end in {}", SuffixList)]
pub struct UnknownFormat;

struct SuffixList;

impl fmt::Display for SuffixList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffixes: Vec<&str> = SUFFIXES.iter().map(|(suffix, _)| *suffix).collect();
        formatter.write_str(&suffixes.join(", "))
    }
}

impl Format {
    /// What a file of this name is to hold.
    ///
    /// # Errors
    ///
    /// When its name ends in none of the known suffixes.
    pub fn of_path(path: &Path) -> Result<Format, UnknownFormat> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
        let fits = |(suffix, _): &&(&str, Format)| name.ends_with(suffix);
        SUFFIXES.iter().find(fits).map(|(_, format)| *format).ok_or(UnknownFormat)
    }
}

/// What a report is made of: nothing else is looked at, so that every form says the same.
#[derive(Debug, Clone, Copy)]
pub struct RunReport<'a> {
    /// The run.
    pub state: &'a RunState,
    /// Where its events are kept, if anywhere.
    pub ledger: Option<&'a Path>,
    /// Earlier runs of the same rollout, the newest first.
    pub past: &'a [PastRun],
}

impl RunReport<'_> {
    /// The report as the bytes of a file.
    pub fn render(&self, format: Format) -> Vec<u8> {
        match format {
            Format::Json => report_json(self.state).into_bytes(),
            Format::Html => report_html(self).into_bytes(),
            Format::JsonLines => report_lines(self.state).into_bytes(),
            Format::Csv => csv::render(self.state),
            Format::JUnit => junit::render(self.state),
            Format::Sarif => sarif::render(self.state),
            Format::Metrics => metrics::render(self.state),
            Format::Markdown => markdown::render(self.state, self.past, markdown::COMMENT),
            Format::JobSummary => markdown::render(self.state, self.past, markdown::JOB_SUMMARY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_files_name_says_what_it_holds() {
        for (name, format) in [
            ("out/run.json", Format::Json),
            ("RUN.JSON", Format::Json),
            ("a.html", Format::Html),
            ("A.HTM", Format::Html),
            ("run.jsonl", Format::JsonLines),
            ("accounts.csv", Format::Csv),
            ("junit.xml", Format::JUnit),
            ("findings.sarif", Format::Sarif),
            ("rolecall.prom", Format::Metrics),
            ("pr.md", Format::Markdown),
            ("step-summary.md", Format::JobSummary),
        ] {
            assert_eq!(Format::of_path(Path::new(name)), Ok(format), "{name}");
        }
        for name in ["", "..", "report", "report.pdf", "json", "out.json/"] {
            let unknown = Format::of_path(Path::new(name)).map_err(|error| error.to_string());
            match name {
                "out.json/" => {
                    assert_eq!(unknown, Ok(Format::Json), "a slash at the end is not part of the name")
                }
                _ => assert!(
                    unknown.clone().is_err_and(|error| error.contains(".json")),
                    "{name}: {unknown:?}"
                ),
            }
        }
    }

    #[test]
    fn the_guide_has_a_row_for_every_end_of_a_name() {
        let guide = include_str!("../../../../docs/formats.md");
        let rows = guide.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        assert_eq!(rows.collect::<Vec<_>>(), SUFFIXES.map(|(suffix, _)| suffix));
    }
}
