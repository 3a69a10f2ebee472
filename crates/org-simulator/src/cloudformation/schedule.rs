//! Who is next: the decisions about concurrency and failure tolerance, as functions of numbers.

use std::collections::VecDeque;

use super::preferences::{ConcurrencyMode, Preferences};

/// However much concurrency is asked for, about this many instances of one StackSet are worked on at a time
/// (aws-facts A5, from an older page).
pub(super) const CEILING: usize = 100;

/// The work of an operation in one Region: limits hold for each Region by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lane {
    /// Indices into the operation's work, the next one first.
    pub(super) waiting: VecDeque<usize>,
    pub(super) in_flight: usize,
    pub(super) failed: usize,
    max_concurrent: usize,
    failure_tolerance: usize,
    concurrency_mode: ConcurrencyMode,
}

impl Lane {
    /// A Region with this work. `accounts` is what percentages are taken of.
    pub(super) fn new(waiting: VecDeque<usize>, preferences: &Preferences) -> Self {
        let accounts = waiting.len();
        Lane {
            waiting,
            in_flight: 0,
            failed: 0,
            max_concurrent: preferences.max_concurrent.of(accounts).max(1),
            failure_tolerance: preferences.failure_tolerance.of(accounts),
            concurrency_mode: preferences.concurrency_mode,
        }
    }

    /// Whether more accounts failed than the operation tolerates in a Region.
    pub(super) fn is_over_tolerance(&self) -> bool {
        self.failed > self.failure_tolerance
    }

    pub(super) fn is_finished(&self) -> bool {
        self.waiting.is_empty() && self.in_flight == 0
    }

    /// How many instances may be in flight now. STRICT shrinks with each failure, so that failures never
    /// exceed the tolerance by more than one; SOFT ignores the tolerance until it is exceeded.
    fn concurrency(&self) -> usize {
        match self.concurrency_mode {
            ConcurrencyMode::Soft => self.max_concurrent,
            ConcurrencyMode::Strict => {
                self.max_concurrent.min((self.failure_tolerance + 1).saturating_sub(self.failed))
            }
        }
    }

    fn room(&self) -> usize {
        if self.is_over_tolerance() {
            0
        } else {
            self.concurrency().saturating_sub(self.in_flight).min(self.waiting.len())
        }
    }
}

/// The lane that may start its next work, if any may: in sequence the first that is unfinished, in parallel
/// the first with room. Nothing starts above the ceiling.
pub(super) fn next_lane(lanes: &[Lane], parallel: bool) -> Option<usize> {
    let in_flight: usize = lanes.iter().map(|lane| lane.in_flight).sum();
    if in_flight >= CEILING {
        return None;
    }
    if parallel {
        lanes.iter().position(|lane| lane.room() > 0)
    } else {
        lanes.iter().position(|lane| !lane.is_finished()).filter(|index| lanes[*index].room() > 0)
    }
}

/// The lanes that are given up because a Region exceeded the tolerance: that Region, and in sequence all that
/// follow it, since later Regions are not attempted.
pub(super) fn given_up(lanes: &[Lane], parallel: bool) -> Vec<usize> {
    if parallel {
        return (0..lanes.len()).filter(|index| lanes[*index].is_over_tolerance()).collect();
    }
    let first = lanes.iter().position(Lane::is_over_tolerance);
    first.map_or_else(Vec::new, |first| (first..lanes.len()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn lane(accounts: usize, preferences: Value) -> Lane {
        let preferences = Preferences::read(&json!({"OperationPreferences": preferences})).unwrap();
        Lane::new((0..accounts).collect(), &preferences)
    }

    /// How many of a lane's accounts start at once after so many failures.
    fn started(mut lane: Lane, failed: usize) -> usize {
        lane.failed = failed;
        while next_lane(std::slice::from_ref(&lane), false).is_some() {
            lane.waiting.pop_front();
            lane.in_flight += 1;
        }
        lane.in_flight
    }

    #[test]
    fn concurrency_follows_mode_tolerance_and_ceiling() {
        for (preferences, accounts, failed, expected) in [
            (json!({}), 10, 0, 1),
            // STRICT: all of them at once, and still serial without tolerance (aws-facts A5).
            (json!({"MaxConcurrentPercentage": 100}), 10, 0, 1),
            (json!({"MaxConcurrentCount": 8, "FailureToleranceCount": 3}), 10, 0, 4),
            (json!({"MaxConcurrentCount": 8, "FailureToleranceCount": 3}), 10, 1, 3),
            (json!({"MaxConcurrentCount": 8, "FailureToleranceCount": 3}), 10, 3, 1),
            (json!({"MaxConcurrentCount": 8, "FailureToleranceCount": 3}), 10, 4, 0),
            (json!({"MaxConcurrentCount": 2, "FailureToleranceCount": 9}), 10, 0, 2),
            (json!({"MaxConcurrentCount": 8, "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}), 10, 0, 8),
            (
                json!({"MaxConcurrentCount": 8, "FailureToleranceCount": 3, "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}),
                10,
                3,
                8,
            ),
            (
                json!({"MaxConcurrentCount": 8, "FailureToleranceCount": 3, "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}),
                10,
                4,
                0,
            ),
            (json!({"MaxConcurrentPercentage": 10}), 5, 0, 1),
            (json!({"MaxConcurrentPercentage": 100, "FailureTolerancePercentage": 100}), 1000, 0, CEILING),
        ] {
            assert_eq!(
                started(lane(accounts, preferences.clone()), failed),
                expected,
                "{preferences} after {failed}"
            );
        }
    }

    #[test]
    fn regions_in_sequence_wait_for_each_other_and_parallel_ones_do_not() {
        let mut lanes = vec![lane(1, json!({})), lane(1, json!({}))];
        lanes[0].waiting.clear();
        lanes[0].in_flight = 1;
        assert_eq!(next_lane(&lanes, false), None);
        assert_eq!(next_lane(&lanes, true), Some(1));
        lanes[0].in_flight = 0;
        assert_eq!(next_lane(&lanes, false), Some(1));
    }

    #[test]
    fn a_region_over_tolerance_stops_the_later_ones_in_sequence_only() {
        let mut lanes = vec![lane(2, json!({})), lane(2, json!({})), lane(2, json!({}))];
        assert!(given_up(&lanes, false).is_empty());
        lanes[1].failed = 1;
        assert_eq!(given_up(&lanes, false), [1, 2]);
        assert_eq!(given_up(&lanes, true), [1]);
    }
}
