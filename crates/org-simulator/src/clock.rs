//! Virtual time as it passes for whoever calls over HTTP.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// How virtual time passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// How many virtual seconds pass in a second.
    pub speed: f64,
    /// How many pass with every AWS call, in addition.
    pub per_call: f64,
}

impl Pace {
    /// As many virtual seconds to the second, whoever calls.
    #[must_use]
    pub fn of(speed: f64) -> Self {
        Pace { speed, per_call: 0.0 }
    }
}

/// Virtual time: the wall clock at the start, from there on scaled, plus what was stepped and what calls took.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Timestamp,
    began: Instant,
    pace: Pace,
    stepped_seconds: AtomicU64,
    calls: AtomicU64,
}

impl Clock {
    pub(crate) fn new(pace: Pace) -> Self {
        let (stepped_seconds, calls) = (AtomicU64::new(0), AtomicU64::new(0));
        Clock { start: Timestamp::now(), began: Instant::now(), pace, stepped_seconds, calls }
    }

    pub(crate) fn now(&self) -> Timestamp {
        #[expect(clippy::cast_precision_loss, reason = "nobody makes 2^53 calls or steps as far")]
        let [stepped, calls] =
            [&self.stepped_seconds, &self.calls].map(|count| count.load(Ordering::Relaxed) as f64);
        let elapsed = self.began.elapsed().as_secs_f64() * self.pace.speed;
        let passed = elapsed + stepped + calls * self.pace.per_call;
        let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::MAX);
        self.start.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn step(&self, seconds: u32) {
        self.stepped_seconds.fetch_add(seconds.into(), Ordering::Relaxed);
    }

    pub(crate) fn count_call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}
