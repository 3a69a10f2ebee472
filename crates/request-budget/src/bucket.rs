//! A token bucket whose rate follows the answers. A function of the times it is given; it neither waits nor
//! looks at a clock.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::Rate;
use crate::pace::Pace;

/// Fractions of a token are summed up in floating point; a request is not held back by the rounding.
const ROUNDING: f64 = 1e-6;

/// Tokio's timers tick in milliseconds: a shorter wait would not let any time pass.
const TICK: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(crate) struct Bucket {
    burst: f64,
    pace: Pace,
    tokens: f64,
    refilled: Instant,
}

impl Bucket {
    pub(crate) fn full(limit: Rate, now: Instant) -> Self {
        let Rate { per_second, burst } = limit;
        Bucket { burst, pace: Pace::new(per_second, now), tokens: burst, refilled: now }
    }

    /// Takes a token, or says after what time to try again.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        if self.tokens >= 1.0 - ROUNDING {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.tokens) / self.pace.per_second()).max(TICK))
    }

    /// AWS threw back a request that was sent at `sent`: there is no burst while it does.
    pub(crate) fn throttled(&mut self, sent: Instant, now: Instant) {
        self.refill(now);
        let before = self.pace.per_second();
        self.pace.refused(sent, now);
        if self.pace.per_second() < before {
            self.tokens = self.tokens.min(0.0);
        }
    }

    /// AWS took a request that was sent at `sent`.
    pub(crate) fn accepted(&mut self, sent: Instant, now: Instant) {
        self.refill(now);
        self.pace.accepted(sent, now);
    }

    /// Whether the bucket is as good as a new one.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.refill(now);
        self.pace.is_undisturbed() && self.tokens >= self.burst
    }

    fn refill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.refilled).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.pace.per_second()).min(self.burst);
        self.refilled = self.refilled.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Rate = Rate { per_second: 8.0, burst: 4.0 };

    /// How many tokens are there to be taken at `now`.
    fn drain(bucket: &mut Bucket, now: Instant) -> usize {
        std::iter::from_fn(|| bucket.take(now).ok()).count()
    }

    /// As many refusals as are judged at once.
    fn refuse(bucket: &mut Bucket, sent: Instant, now: Instant) {
        for _ in 0..4 {
            bucket.throttled(sent, now);
        }
    }

    #[test]
    fn a_full_bucket_gives_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::full(LIMIT, start);
        assert_eq!(drain(&mut bucket, start), 4);
        assert_eq!(bucket.take(start), Err(Duration::from_millis(125)));
        assert_eq!(drain(&mut bucket, start + Duration::from_millis(250)), 2);
        assert_eq!(
            drain(&mut bucket, start + Duration::from_secs(60)),
            4,
            "a pause gives no more than the burst"
        );
    }

    #[test]
    fn a_wait_is_never_too_short_for_time_to_pass() {
        let start = Instant::now();
        let mut bucket = Bucket::full(Rate { per_second: 600.0, burst: 1.0 }, start);
        bucket.take(start).unwrap();
        let nearly = start + Duration::from_micros(1665);
        assert_eq!(bucket.take(nearly), Err(Duration::from_millis(1)));
    }

    #[test]
    fn a_lowered_rate_empties_the_bucket() {
        let start = Instant::now();
        let mut bucket = Bucket::full(LIMIT, start);
        refuse(&mut bucket, start, start);
        let wait = bucket.take(start).unwrap_err();
        // Four of four refused, and one more thought of that was not: a fifth of the rate, less a hundredth.
        assert!((0.6..0.65).contains(&wait.as_secs_f64()), "{wait:?}");
    }

    #[test]
    fn a_bucket_is_full_again_only_when_both_tokens_and_rate_are() {
        let start = Instant::now();
        let mut bucket = Bucket::full(LIMIT, start);
        assert!(bucket.is_full(start));
        bucket.take(start).unwrap();
        assert!(!bucket.is_full(start));
        let later = start + Duration::from_secs(1);
        assert!(bucket.is_full(later));
        refuse(&mut bucket, later, later);
        assert!(!bucket.is_full(start + Duration::from_secs(600)), "the rate is still lowered");
    }
}
