//! Waits between looks at what IAM may not show everywhere yet (aws-facts E3).

use std::time::Duration;

use tokio::time::{Instant, sleep};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// The time that is left for something to settle, and the pause before the next look.
pub(crate) struct Settling {
    began: Instant,
    within: Duration,
    pause: Duration,
}

impl Settling {
    pub(crate) fn within(within: Duration) -> Self {
        Settling { began: Instant::now(), within, pause: FIRST_PAUSE }
    }

    /// Waits until it is worth looking again; `false`, at once, when the time is up.
    pub(crate) async fn wait(&mut self) -> bool {
        let left = self.within.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return false;
        }
        sleep(self.pause.min(left)).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        true
    }
}
