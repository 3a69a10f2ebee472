//! What a run asked of AWS.

use std::collections::BTreeMap;

/// How often an operation of AWS was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Requests sent, retries included.
    pub attempts: u64,
    /// Of these, answered as too many.
    pub throttled: u64,
}

/// How often each operation was asked for, by `service:Operation`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallCounts(pub BTreeMap<String, CallCount>);

impl CallCounts {
    /// Adds what another process, or another machine, asked.
    pub fn add(&mut self, other: &CallCounts) {
        for (operation, CallCount { attempts, throttled }) in &other.0 {
            let count = self.0.entry(operation.clone()).or_default();
            count.attempts += attempts;
            count.throttled += throttled;
        }
    }
}
