//! What goes wrong on purpose: a small list, in YAML for people and as JSON over HTTP.
//!
//! | file | idea |
//! |---|---|
//! | `list` | the list as it is written, read and checked |
//! | `pattern` | which operations an entry is about |
//! | `calls` | what happens to calls: which of them an entry strikes, and how |

mod calls;
mod list;
mod pattern;

use serde_json::{Value, json};

pub(crate) use calls::{Arrival, Effect};
pub use list::{FaultError, FaultList};

use calls::CallFault;

/// Every fault of a simulation, with how often each struck.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    calls: Vec<CallFault>,
}

impl Faults {
    /// Adds the entries of a list after those that are there.
    pub(crate) fn add(&mut self, list: FaultList) {
        self.calls.extend(list.calls);
    }

    /// What happens to a call that has just arrived; the first entry that applies decides.
    pub(crate) fn strike(&mut self, arrival: &Arrival<'_>) -> Option<Effect> {
        calls::strike(&mut self.calls, arrival)
    }

    /// Every entry as it was written, with how often it struck.
    pub(crate) fn shown(&self) -> Value {
        json!({"calls": self.calls.iter().map(CallFault::shown).collect::<Value>()})
    }
}
