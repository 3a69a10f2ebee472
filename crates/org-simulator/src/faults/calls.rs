//! What happens to calls: which of them an entry strikes, and how.

use std::num::{NonZeroU32, NonZeroU64};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pattern::OperationPattern;
use crate::call::Call;
use crate::rates::{Bucket, Rate};

/// A call as it arrives.
pub(crate) struct Arrival<'a> {
    pub(crate) call: &'a Call,
    /// The number of the attempt, as SDKs tell it; a client that does not tell makes first attempts.
    pub(crate) attempt: u64,
    pub(crate) now: Timestamp,
}

/// How a call is struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Carried out, and the connection is cut before an answer.
    LoseResponse,
    /// Never carried out and never answered.
    HoldBefore,
    /// Carried out and never answered.
    HoldAfter,
    /// Refused as one call too many, in the words of its service.
    Throttle,
    /// Refused.
    Fail { code: String, status: u16, message: String },
}

/// Which of the matching calls are struck.
#[derive(Debug)]
pub(super) enum Which {
    All,
    /// The one of this number.
    Nth(NonZeroU64),
    /// Those whose number is a multiple.
    Every(NonZeroU64),
    /// Every call until its client tries for the so-manieth time.
    FirstAttempts(NonZeroU64),
    /// Those beyond so many a virtual second.
    Beyond {
        per_second: NonZeroU32,
        bucket: Option<Bucket>,
    },
}

/// One entry of `calls`.
#[derive(Debug)]
pub(super) struct CallFault {
    pub(super) written: Value,
    pub(super) operation: OperationPattern,
    /// The account of the caller.
    pub(super) account: Option<String>,
    pub(super) which: Which,
    pub(super) effect: Effect,
    /// How often it strikes at most.
    pub(super) times: Option<NonZeroU64>,
    /// How many calls matched so far, and how many of those were struck.
    pub(super) matched: u64,
    pub(super) struck: u64,
}

impl CallFault {
    fn matches(&self, call: &Call) -> bool {
        self.operation.matches(call.service, &call.operation)
            && self.account.as_ref().is_none_or(|account| *account == call.caller.account)
    }

    fn applies(&mut self, arrival: &Arrival<'_>) -> bool {
        if self.times.is_some_and(|times| self.struck >= times.get()) {
            return false;
        }
        match &mut self.which {
            Which::All => true,
            Which::Nth(number) => self.matched == number.get(),
            Which::Every(number) => self.matched.is_multiple_of(number.get()),
            Which::FirstAttempts(number) => arrival.attempt <= number.get(),
            Which::Beyond { per_second, bucket } => {
                let rate = Rate { per_second: per_second.get(), burst: per_second.get() };
                let bucket = bucket.get_or_insert_with(|| Bucket::full(rate, arrival.now));
                let has_token = bucket.has_token(arrival.now);
                if has_token {
                    bucket.take();
                }
                !has_token
            }
        }
    }

    /// The entry as it was written, with how often it struck.
    pub(super) fn shown(&self) -> Value {
        let mut shown = self.written.clone();
        shown["struck"] = json!(self.struck);
        shown
    }
}

/// What happens to a call: the first entry that applies strikes. Every entry counts every call that it matches,
/// also one that another entry strikes, so that `nth: 17` is the 17th call whatever else is in the list.
pub(super) fn strike(faults: &mut [CallFault], arrival: &Arrival<'_>) -> Option<Effect> {
    let mut effect = None;
    for fault in faults.iter_mut().filter(|fault| fault.matches(arrival.call)) {
        fault.matched += 1;
        if effect.is_none() && fault.applies(arrival) {
            fault.struck += 1;
            effect = Some(fault.effect.clone());
        }
    }
    effect
}
