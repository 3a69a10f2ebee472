//! Limits and rhythms, each with its reason.

use std::time::Duration;

/// Rows per page of every list call; the most that AWS gives (aws-facts A16).
pub(crate) const PAGE_SIZE: i32 = 100;

/// How long an operation may stand still before we stop watching it. One instance takes under a minute as a
/// rule; an account with a slow resource provider has been seen to take some minutes; and with strict
/// concurrency nothing else moves meanwhile. Half an hour is far beyond both.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// How long we wait for someone else's operation. Thousands of accounts take hours.
pub(crate) const PATIENCE_WITH_OTHERS: Duration = Duration::from_secs(6 * 60 * 60);

/// How long per-account results and instances may lag behind the end of their operation (aws-facts A16). An
/// account that AWS skips never gets a result, so the wait must end.
pub(crate) const RESULTS_LAG: Duration = Duration::from_secs(60);

/// Small operations end in well under a minute, large ones in hours: start quickly, then slow down. The
/// advice of aws-facts G is 5 s at first and 10 to 30 s later.
pub(crate) const FIRST_POLL: Duration = Duration::from_millis(500);
/// The slowest rhythm of polling.
pub(crate) const SLOWEST_POLL: Duration = Duration::from_secs(15);

/// The pause after `polls` polls: half as long again each time, up to the slowest.
pub(crate) fn poll_pause(polls: u32) -> Duration {
    FIRST_POLL.mul_f64(1.5_f64.powi(polls.min(20) as i32)).min(SLOWEST_POLL)
}

/// How soon lists that do not agree yet are read again.
pub(crate) const RESULTS_PAUSE: Duration = Duration::from_secs(2);

/// The shortest time until a list that had so many rows is read again. It takes a call per hundred rows, and
/// CloudFormation's request rate is unpublished: about two calls a second are modest. What counts is how long
/// the list was found to be, not how many accounts a step has: an update of the settings has none and may
/// still visit every instance.
pub(crate) fn listing_pause(rows: usize) -> Duration {
    let pages = rows.div_ceil(PAGE_SIZE as usize).max(1);
    Duration::from_millis(500) * u32::try_from(pages).unwrap_or(u32::MAX)
}

/// How many StackSets of others a plan reads. AWS allows 1,000 in an account (aws-facts G) and few accounts have
/// a tenth of that; at the ten reads a second that the process allows itself, 200 are a wait of 20 seconds.
pub(crate) const OTHERS_DESCRIBED: usize = 200;

/// How many of them are read side by side: with answers in well under a second, enough to use those ten reads a
/// second up. More would only wait, signed already.
pub(crate) const OTHERS_AT_ONCE: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polling_starts_quickly_and_slows_down_to_its_limit() {
        assert_eq!(poll_pause(0), Duration::from_millis(500));
        assert_eq!(poll_pause(1), Duration::from_millis(750));
        assert_eq!(poll_pause(1000), SLOWEST_POLL);
    }

    #[test]
    fn listing_ten_thousand_accounts_is_spread_over_most_of_a_minute() {
        assert_eq!(listing_pause(0), Duration::from_millis(500));
        assert_eq!(listing_pause(60), Duration::from_millis(500));
        assert_eq!(listing_pause(10_000), Duration::from_secs(50));
    }
}
