//! Calls that are held: their connections stay open, and nothing is said.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many calls are held at this moment.
#[derive(Debug, Default)]
pub(crate) struct Held {
    now: AtomicUsize,
}

impl Held {
    pub(crate) fn count(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    /// Holds a call for as long as its client waits: whoever hangs up is not counted any more.
    pub(crate) async fn hold(&self) -> Infallible {
        self.now.fetch_add(1, Ordering::Relaxed);
        let _hung_up = HungUp(&self.now);
        std::future::pending().await
    }
}

struct HungUp<'a>(&'a AtomicUsize);

impl Drop for HungUp<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
