//! What is scheduled for later, in the order in which it happens.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::operation::OperationIndex;
use super::stack::StackIndex;
use super::stack_set::SetIndex;

/// Something that happens at a later instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// The next step of a plain stack that is being created, updated or deleted.
    Stack(StackIndex),
    /// A change set has been computed.
    ChangeSet { stack: StackIndex, change_set: usize },
    /// An operation may begin, if nothing is in its way.
    Begin { set: SetIndex, operation: OperationIndex },
    /// The work of an operation in one account and Region is over.
    Instance { set: SetIndex, operation: OperationIndex, work: usize },
}

/// Scheduled events. Those of one instant keep the order in which they were scheduled.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: BTreeMap<(Timestamp, u64), Due>,
    scheduled: u64,
}

impl Agenda {
    /// Schedules an event some seconds from now.
    pub(super) fn after(&mut self, now: Timestamp, seconds: i64, due: Due) {
        self.scheduled += 1;
        let at = now + SignedDuration::from_secs(seconds);
        self.entries.insert((at, self.scheduled), due);
    }

    /// Takes the earliest event that is due by `now`, with its instant.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Due)> {
        let entry = self.entries.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), due) = entry.remove_entry();
        Some((at, due))
    }
}

/// Seconds between `least` and `most`, the same for the same texts: work differs in length from account to
/// account, and a test that is repeated sees the same lengths again.
pub(super) fn spread(least: i64, most: i64, texts: &[&str]) -> i64 {
    // FNV-1a: short, and even enough for this.
    let hash = texts
        .iter()
        .flat_map(|text| text.bytes().chain([0]))
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
    let width = u64::try_from(most - least + 1).expect("the greater bound is given last");
    least + i64::try_from((hash >> 16) % width).expect("a remainder fits the width it was taken of")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(number: usize) -> Due {
        Due::Begin { set: SetIndex(number), operation: OperationIndex(0) }
    }

    #[test]
    fn events_come_by_time_and_then_by_the_order_of_scheduling() {
        let start = Timestamp::UNIX_EPOCH;
        let mut agenda = Agenda::default();
        agenda.after(start, 20, begin(1));
        agenda.after(start, 10, begin(2));
        agenda.after(start, 10, begin(3));
        let at = |seconds| start + SignedDuration::from_secs(seconds);
        assert_eq!(agenda.take_due(at(9)), None);
        assert_eq!(agenda.take_due(at(30)), Some((at(10), begin(2))));
        assert_eq!(agenda.take_due(at(30)), Some((at(10), begin(3))));
        assert_eq!(agenda.take_due(at(19)), None);
        assert_eq!(agenda.take_due(at(30)), Some((at(20), begin(1))));
    }

    #[test]
    fn a_spread_stays_within_its_bounds_and_varies() {
        let lengths: Vec<i64> =
            (0..1000).map(|number: i64| spread(15, 35, &[&number.to_string(), "op"])).collect();
        assert!(lengths.iter().all(|length| (15..=35).contains(length)));
        assert!((15..=35).all(|length| lengths.contains(&length)), "every length occurs");
    }
}
