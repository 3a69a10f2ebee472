//! A token bucket on the virtual clock: it fills steadily, and every request takes one token out.

use jiff::Timestamp;

/// What a token weighs. At one token a second a bucket gains one unit each nanosecond: whole numbers, so that
/// nothing is lost in rounding however often it is looked at.
const TOKEN: u64 = 1_000_000_000;

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) per_second: u32,
    pub(crate) burst: u32,
}

#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    content: u64,
    filled_until: Timestamp,
}

impl Bucket {
    /// A bucket begins full: nobody called before.
    pub(crate) fn full(rate: Rate, now: Timestamp) -> Self {
        Bucket { rate, content: capacity(rate), filled_until: now }
    }

    /// Adds what came in by `now`, and says whether there is a token to take.
    pub(crate) fn has_token(&mut self, now: Timestamp) -> bool {
        let elapsed = now.duration_since(self.filled_until).as_nanos();
        let elapsed = u64::try_from(elapsed.max(0)).unwrap_or(u64::MAX);
        let gained = elapsed.saturating_mul(self.rate.per_second.into());
        self.content = self.content.saturating_add(gained).min(capacity(self.rate));
        self.filled_until = self.filled_until.max(now);
        self.content >= TOKEN
    }

    /// Takes the token that [`Bucket::has_token`] saw.
    pub(crate) fn take(&mut self) {
        self.content -= TOKEN;
    }
}

fn capacity(rate: Rate) -> u64 {
    u64::from(rate.burst) * TOKEN
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(milliseconds)
    }

    /// How many requests pass at one instant.
    fn passing(bucket: &mut Bucket, milliseconds: i64) -> u32 {
        let mut passed = 0;
        while bucket.has_token(at(milliseconds)) {
            bucket.take();
            passed += 1;
        }
        passed
    }

    #[test]
    fn a_burst_passes_at_once_and_then_what_the_rate_brings() {
        let mut bucket = Bucket::full(Rate { per_second: 5, burst: 8 }, at(0));
        assert_eq!(passing(&mut bucket, 0), 8);
        assert_eq!(passing(&mut bucket, 199), 0);
        assert_eq!(passing(&mut bucket, 200), 1);
        assert_eq!(passing(&mut bucket, 1_200), 5);
    }

    #[test]
    fn a_bucket_holds_no_more_than_a_burst_however_long_it_rests() {
        let mut bucket = Bucket::full(Rate { per_second: 5, burst: 8 }, at(0));
        assert_eq!(passing(&mut bucket, 0), 8);
        assert_eq!(passing(&mut bucket, 1_000_000_000_000), 8);
    }

    #[test]
    fn looking_often_does_not_lose_what_came_in() {
        let mut bucket = Bucket::full(Rate { per_second: 1, burst: 2 }, at(0));
        assert_eq!(passing(&mut bucket, 0), 2);
        for millisecond in 1..1_000 {
            assert!(!bucket.has_token(at(millisecond)), "{millisecond}");
        }
        assert!(bucket.has_token(at(1_000)));
    }

    #[test]
    fn a_clock_that_runs_backwards_adds_nothing() {
        let mut bucket = Bucket::full(Rate { per_second: 1, burst: 1 }, at(5_000));
        assert_eq!(passing(&mut bucket, 5_000), 1);
        assert_eq!(passing(&mut bucket, 0), 0);
        assert_eq!(passing(&mut bucket, 5_999), 0);
        assert_eq!(passing(&mut bucket, 6_000), 1);
    }
}
