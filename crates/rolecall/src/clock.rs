//! The clock of the process.

use jiff::Timestamp;
use tokio::time::Instant;

/// The wall clock at the start, moved on by the runtime's own clock: in a simulation, where waiting takes no
/// time, events carry the virtual times at which they happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Timestamp,
    since: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Clock { started: Timestamp::now(), since: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.started.saturating_add(self.since.elapsed()).unwrap_or(self.started)
    }
}
