//! Files into which a run is written.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use rollout_report::{Format, UnknownFormat};

/// Reports of a run, beside what is printed.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ReportArguments {
    /// Write a report of the run into this file, too; the end of its name says in which form. May be given more than
    /// once. A file that is there is replaced.
    #[arg(long = "report", value_name = "FILE", help_heading = "Result")]
    pub(crate) files: Vec<ReportFile>,
}

/// A file with the form that its name asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportFile {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
}

impl FromStr for ReportFile {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let path = PathBuf::from(text);
        Ok(ReportFile { format: Format::of_path(&path)?, path })
    }
}
