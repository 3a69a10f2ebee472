//! The log, for whoever looks into a run; what every operator needs is printed otherwise.
//!
//! Bodies of requests and answers are never logged: they carry external IDs and credentials. We log none, and the
//! libraries below us, which do at their lower levels, are heard only when they warn.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::arguments::{LogFormat, LoggingArguments};
use crate::print;

/// The crates of rolecall, as targets of the log.
const OURS: &[&str] = &[
    "aws_failure",
    "iam_policy",
    "org_discovery",
    "org_simulator",
    "request_budget",
    "role_template",
    "role_verifier",
    "rolecall",
    "rollout_model",
    "rollout_planner",
    "rollout_report",
    "stackset_deployer",
];

/// Whether lines of the log may come on standard error at any time. The log belongs to the process, and so does this.
static ON_STANDARD_ERROR: AtomicBool = AtomicBool::new(false);

/// Begins to log, for the rest of the process.
pub(crate) fn start(arguments: &LoggingArguments) -> anyhow::Result<()> {
    let filter = filter(arguments)?;
    let log = fmt::layer().log_internal_errors(false);
    let format = arguments.log_format;
    match &arguments.log_file {
        Some(path) => begin(log.with_ansi(false).with_writer(LogFile::open(path)?), format, filter),
        None => {
            let is_chatty = filter.max_level_hint().is_none_or(|level| level >= LevelFilter::INFO);
            ON_STANDARD_ERROR.store(is_chatty, Ordering::Relaxed);
            begin(log.with_ansi(print::colour()).with_writer(std::io::stderr), format, filter);
        }
    }
    Ok(())
}

/// Whether the log would tear what redraws itself on standard error.
pub(crate) fn is_on_standard_error() -> bool {
    ON_STANDARD_ERROR.load(Ordering::Relaxed)
}

type Log<Writer> = fmt::Layer<Registry, fmt::format::DefaultFields, fmt::format::Format, Writer>;

fn begin<Writer>(log: Log<Writer>, format: LogFormat, filter: EnvFilter)
where
    Writer: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = filter.and(filter_fn(is_harmless));
    match format {
        LogFormat::Text => tracing_subscriber::registry().with(log.with_filter(filter)).init(),
        LogFormat::Json => {
            let log = log.json().flatten_event(true).with_current_span(false);
            tracing_subscriber::registry().with(log.with_filter(filter)).init();
        }
    }
}

/// A file wants every call in it, or nobody would have asked for one.
fn filter(arguments: &LoggingArguments) -> anyhow::Result<EnvFilter> {
    let asked = arguments.filter.as_deref().filter(|text| !text.is_empty());
    let by_verbosity = match arguments.verbose.max(u8::from(arguments.log_file.is_some())) {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    asked.unwrap_or(by_verbosity).parse().context("the filter of the log cannot be understood")
}

/// Nothing of the libraries below a warning: there they show requests as they are sent.
fn is_harmless(metadata: &Metadata<'_>) -> bool {
    let of = metadata.target().split("::").next().unwrap_or_default();
    OURS.contains(&of) || *metadata.level() <= Level::WARN
}

/// A file that the log is appended to.
struct LogFile {
    path: PathBuf,
    file: Mutex<File>,
    is_broken: AtomicBool,
}

impl LogFile {
    fn open(path: &Path) -> anyhow::Result<LogFile> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file =
            options.open(path).with_context(|| format!("could not open the log file `{}`", path.display()));
        Ok(LogFile { path: path.to_owned(), file: Mutex::new(file?), is_broken: AtomicBool::new(false) })
    }

    /// A log that is full is no reason to end a run. It is told once.
    fn append(&self, line: &[u8]) {
        let written = match self.file.lock() {
            Ok(mut file) => file.write_all(line),
            // Somebody panicked while he wrote; what he wrote may be half a line, and the file is good.
            Err(broken) => broken.into_inner().write_all(line),
        };
        if let Err(error) = written
            && !self.is_broken.swap(true, Ordering::Relaxed)
        {
            print::message(&format!(
                "warning: the log file `{}` is incomplete: {error}",
                self.path.display()
            ));
        }
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Appended<'a>;

    fn make_writer(&'a self) -> Appended<'a> {
        Appended(self)
    }
}

/// Writes to the file, and succeeds for whoever logs.
struct Appended<'a>(&'a LogFile);

impl Write for Appended<'_> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.append(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
