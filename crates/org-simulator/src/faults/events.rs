//! What happens by itself: at an instant, or when a call arrives.

use std::num::NonZeroU64;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::pattern::OperationPattern;
use crate::call::{Call, Service};

/// What makes an event happen.
#[derive(Debug)]
pub(super) enum Trigger {
    /// So long after the list was added.
    After(SignedDuration),
    /// Before the matching call of this number is carried out.
    Call { operation: OperationPattern, nth: NonZeroU64, matched: u64 },
}

/// What happens.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// An account goes to another organizational unit.
    Move { account: String, to: String },
    /// Somebody closes an account.
    Close { account: String },
    /// AWS suspends an account.
    Suspend { account: String },
    /// An account is there, with the role that leads into it.
    Add { name: String, unit: String },
    /// Another operator's operation starts.
    Operation { stack_set: String, action: OperatorAction, id: Option<String> },
    /// The stack of an instance is deleted in its account, behind StackSets' back (aws-facts K29).
    DeleteStack { account: String, stack_set: String },
    /// Somebody in an account calls.
    Call { account: String, service: Service, operation: String, region: String, input: Value },
}

/// What another operator does to a StackSet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OperatorAction {
    DetectDrift,
    Update,
}

/// One entry of `events`.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) written: Value,
    pub(super) trigger: Trigger,
    pub(super) happening: Happening,
    /// When it is due, once that is known.
    pub(super) due: Option<Timestamp>,
    pub(super) happened: Option<Happened>,
}

/// When it happened, and why nothing came of it.
#[derive(Debug)]
pub(super) struct Happened {
    at: Timestamp,
    problem: Option<String>,
}

/// Where an event is in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EventIndex(usize);

/// Every entry. Each happens once.
#[derive(Debug, Default)]
pub(super) struct Events {
    entries: Vec<Event>,
}

impl Events {
    pub(super) fn add(&mut self, events: Vec<Event>) {
        self.entries.extend(events);
    }

    /// Lets the clock of those begin that were added since the last time.
    pub(super) fn begin(&mut self, now: Timestamp) {
        for event in self.entries.iter_mut().filter(|event| event.due.is_none()) {
            if let Trigger::After(length) = event.trigger {
                event.due = Some(now + length);
            }
        }
    }

    /// The earliest event that is due by `now`, taken for having happened; those of one instant in their order.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, EventIndex)> {
        let waiting = self.entries.iter().enumerate().filter(|(_, event)| event.happened.is_none());
        let due = waiting.filter_map(|(index, event)| Some((event.due.filter(|due| *due <= now)?, index)));
        let (due, index) = due.min()?;
        self.entries[index].happened = Some(Happened { at: due, problem: None });
        Some((due, EventIndex(index)))
    }

    /// The events that wait for this call, which has just arrived.
    pub(super) fn take_called(&mut self, call: &Call, now: Timestamp) -> Vec<EventIndex> {
        let mut taken = Vec::new();
        for (index, event) in self.entries.iter_mut().enumerate() {
            let Trigger::Call { operation, nth, matched } = &mut event.trigger else { continue };
            if operation.matches(call.service, &call.operation) {
                *matched += 1;
                if *matched == nth.get() {
                    event.happened = Some(Happened { at: now, problem: None });
                    taken.push(EventIndex(index));
                }
            }
        }
        taken
    }

    pub(super) fn happening(&self, event: EventIndex) -> Happening {
        self.entries[event.0].happening.clone()
    }

    /// Keeps why nothing came of an event, for whoever asks.
    pub(super) fn failed(&mut self, event: EventIndex, problem: String) {
        if let Some(happened) = &mut self.entries[event.0].happened {
            happened.problem = Some(problem);
        }
    }

    /// Every entry as it was written, with when it happened and why nothing came of it.
    pub(super) fn shown(&self) -> Value {
        let shown = |event: &Event| {
            let mut shown = event.written.clone();
            shown["struck"] = json!(u64::from(event.happened.is_some()));
            if let Some(Happened { at, problem }) = &event.happened {
                shown["happened"] = json!(at.to_string());
                if let Some(problem) = problem {
                    shown["problem"] = json!(problem);
                }
            }
            shown
        };
        self.entries.iter().map(shown).collect()
    }
}
