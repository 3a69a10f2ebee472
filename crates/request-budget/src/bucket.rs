//! A token bucket whose rate follows the answers: additive increase, multiplicative decrease. A function of
//! the times it is given; it neither waits nor looks at a clock.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::Rate;

/// A throttled answer halves the rate, as congestion control does: fast enough to stop the retries of a whole
/// fleet from feeding on each other.
const DECREASE: f64 = 0.5;

/// Never below this share of the documented rate, so that requests still go out to find the limit lifted.
const FLOOR: f64 = 1.0 / 16.0;

/// The share of the documented rate that a second of successful requests wins back: a halved rate is whole
/// again after ten seconds of use.
const INCREASE_PER_SECOND: f64 = 0.05;

/// Fractions of a token are summed up in floating point; a request is not held back by the rounding.
const ROUNDING: f64 = 1e-6;

/// Tokio's timers tick in milliseconds: a shorter wait would not let any time pass.
const TICK: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(crate) struct Bucket {
    limit: Rate,
    rate: f64,
    tokens: f64,
    refilled: Instant,
    lowered: Option<Instant>,
}

impl Bucket {
    pub(crate) fn full(limit: Rate, now: Instant) -> Self {
        Bucket { limit, rate: limit.per_second, tokens: limit.burst, refilled: now, lowered: None }
    }

    /// Takes a token, or says after what time to try again.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        if self.tokens >= 1.0 - ROUNDING {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.tokens) / self.rate).max(TICK))
    }

    /// AWS threw back a request that was sent at `sent`. Many are in flight when a limit is hit and all of
    /// them come back throttled: that is one event, and lowers the rate once.
    pub(crate) fn throttled(&mut self, sent: Instant, now: Instant) {
        if self.precedes_decrease(sent) {
            return;
        }
        self.refill(now);
        self.rate = (self.rate * DECREASE).max(self.limit.per_second * FLOOR);
        self.tokens = self.tokens.min(0.0);
        self.lowered = Some(now);
    }

    /// AWS took a request that was sent at `sent`.
    pub(crate) fn accepted(&mut self, sent: Instant, now: Instant) {
        if self.precedes_decrease(sent) {
            return;
        }
        self.refill(now);
        // Divided by the rate, because that many requests are accepted in a second.
        let increase = self.limit.per_second * INCREASE_PER_SECOND / self.rate;
        self.rate = (self.rate + increase).min(self.limit.per_second);
    }

    /// Whether the bucket is as good as a new one.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.refill(now);
        self.rate >= self.limit.per_second && self.tokens >= self.limit.burst
    }

    /// What happened to a request from before the last decrease says nothing about the rate since.
    fn precedes_decrease(&self, sent: Instant) -> bool {
        self.lowered.is_some_and(|lowered| sent < lowered)
    }

    fn refill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.refilled).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.rate).min(self.limit.burst);
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
    fn a_throttled_request_halves_the_rate_and_empties_the_bucket() {
        let start = Instant::now();
        let mut bucket = Bucket::full(LIMIT, start);
        bucket.throttled(start, start);
        assert_eq!(bucket.take(start), Err(Duration::from_millis(250)), "4 a second instead of 8");
    }

    #[test]
    fn requests_that_were_in_flight_together_lower_the_rate_once() {
        let start = Instant::now();
        let mut bucket = Bucket::full(LIMIT, start);
        let answered = start + Duration::from_millis(100);
        for _ in 0..4 {
            bucket.throttled(start, answered);
        }
        assert_eq!(bucket.rate, 4.0);
        bucket.throttled(answered, answered);
        assert_eq!(bucket.rate, 2.0, "a request sent at the lowered rate counts again");
    }

    #[test]
    fn the_rate_never_falls_so_low_that_nothing_is_tried() {
        let start = Instant::now();
        let mut bucket = Bucket::full(LIMIT, start);
        for _ in 0..100 {
            bucket.throttled(start, start);
        }
        assert_eq!(bucket.take(start), Err(Duration::from_secs(2)), "a sixteenth of 8 a second");
    }

    #[test]
    fn a_halved_rate_is_whole_after_ten_seconds_of_use_and_never_more_than_whole() {
        let start = Instant::now();
        let mut bucket = Bucket::full(LIMIT, start);
        bucket.throttled(start, start);
        let mut now = start;
        let mut whole = None;
        while now < start + Duration::from_secs(30) {
            match bucket.take(now) {
                Ok(()) => bucket.accepted(now, now),
                Err(wait) => now += wait,
            }
            assert!(bucket.rate <= LIMIT.per_second);
            if bucket.rate == LIMIT.per_second && whole.is_none() {
                whole = Some(now - start);
            }
        }
        let whole = whole.expect("the rate is won back").as_secs_f64();
        assert!((9.0..11.5).contains(&whole), "won back after {whole} s");
    }

    #[test]
    fn a_bucket_is_full_again_only_when_both_tokens_and_rate_are() {
        let start = Instant::now();
        let mut bucket = Bucket::full(LIMIT, start);
        assert!(bucket.is_full(start));
        bucket.take(start).unwrap();
        assert!(!bucket.is_full(start));
        assert!(bucket.is_full(start + Duration::from_secs(1)));
        bucket.throttled(start + Duration::from_secs(1), start + Duration::from_secs(1));
        assert!(!bucket.is_full(start + Duration::from_secs(600)), "the rate is still lowered");
    }
}
