//! The next move for a stack that is created or updated: a function of values.

use std::time::Duration;

use crate::limits::{PATIENCE, poll_pause};

/// What has been seen of the stack so far. Times count from when watching began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StackWatch {
    seen: Option<StackSnapshot>,
    polls: u32,
    changed_at: Duration,
}

/// A stack at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StackSnapshot {
    /// AWS's word for how it stands (aws-facts C2).
    pub(crate) status: String,
    pub(crate) newest_event: Option<String>,
}

/// What the loop does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StackNext {
    PollAfter(Duration),
    Deployed,
    Deleted,
    Failed,
    Stuck { unchanged_for: Duration },
}

impl StackWatch {
    /// Takes in a snapshot. A stack whose status stands still while new events come in is at work.
    pub(crate) fn step(&mut self, seen: StackSnapshot, now: Duration) -> StackNext {
        let next = match seen.status.as_str() {
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" => return StackNext::Deployed,
            // A stack that was deleted is described by its id for a while.
            "DELETE_COMPLETE" => return StackNext::Deleted,
            status if !status.ends_with("_IN_PROGRESS") => return StackNext::Failed,
            _ => StackNext::PollAfter(poll_pause(self.polls)),
        };
        if self.seen.as_ref() != Some(&seen) {
            self.changed_at = now;
            self.seen = Some(seen);
        }
        let unchanged_for = now.saturating_sub(self.changed_at);
        if unchanged_for >= PATIENCE {
            return StackNext::Stuck { unchanged_for };
        }
        self.polls += 1;
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(status: &str, newest_event: &str) -> StackSnapshot {
        StackSnapshot { status: status.to_owned(), newest_event: Some(newest_event.to_owned()) }
    }

    #[test]
    fn only_a_complete_creation_or_update_is_a_success() {
        let next = |status: &str| StackWatch::default().step(snapshot(status, "e"), Duration::ZERO);
        for status in ["CREATE_COMPLETE", "UPDATE_COMPLETE"] {
            assert_eq!(next(status), StackNext::Deployed, "{status}");
        }
        for status in ["ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED"] {
            assert_eq!(next(status), StackNext::Failed, "{status}");
        }
        assert_eq!(next("DELETE_COMPLETE"), StackNext::Deleted);
        for status in ["CREATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"] {
            assert!(matches!(next(status), StackNext::PollAfter(_)), "{status}");
        }
    }

    #[test]
    fn a_stack_is_stuck_when_neither_status_nor_events_have_moved_for_long() {
        let mut watch = StackWatch::default();
        let almost = PATIENCE - Duration::from_secs(1);
        watch.step(snapshot("CREATE_IN_PROGRESS", "first"), Duration::ZERO);
        let moved = watch.step(snapshot("CREATE_IN_PROGRESS", "second"), almost);
        assert!(matches!(moved, StackNext::PollAfter(_)));
        let waits = watch.step(snapshot("CREATE_IN_PROGRESS", "second"), almost * 2);
        assert!(matches!(waits, StackNext::PollAfter(_)));
        let stuck = watch.step(snapshot("CREATE_IN_PROGRESS", "second"), almost + PATIENCE);
        assert_eq!(stuck, StackNext::Stuck { unchanged_for: PATIENCE });
    }
}
