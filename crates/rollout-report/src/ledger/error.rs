//! What can go wrong with a ledger.

use std::io;
use std::path::PathBuf;

use crate::schema::LEDGER_SCHEMA;

/// What went wrong with a ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file, or the directory for it, could not be created.
    #[error("could not create the ledger {}", path.display())]
    Create {
        /// What was to be created.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Another process writes this ledger: the run is still going on.
    #[error("the run of the ledger {} is still going on in another process: wait for its end, or end it there with \
             Ctrl-C", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// An event could not be written.
    #[error("could not write to the ledger {}", path.display())]
    Append {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file, or the directory of ledgers, could not be read.
    #[error("could not read the ledger {}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A line is not what was written there.
    #[error("the ledger {} is damaged in line {line}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The file is in another format.
    #[error("{} is not a ledger of this version (`{}`) but `{found}`", path.display(), LEDGER_SCHEMA)]
    Schema {
        /// The file.
        path: PathBuf,
        /// What the file says it is.
        found: String,
    },
}
