//! What goes wrong on purpose: a small list, in YAML for people and as JSON over HTTP.
//!
//! | file | idea |
//! |---|---|
//! | `list` | the list as it is written, read and checked |
//! | `pattern`, `written` | operations, lengths of time, shares and accounts as people write them |
//! | `call_entry`, `calls` | what happens to calls: as written, which of them an entry strikes, and how |
//! | `account_entry`, `accounts` | what happens where a stack is to be deployed: as written, and where |
//! | `consistency` | answers that are behind |
//! | `event_entry`, `events`, `happen` | what happens by itself: as written, when, and how |

mod account_entry;
mod accounts;
mod call_entry;
mod calls;
mod consistency;
mod event_entry;
mod events;
mod happen;
mod list;
mod pattern;
mod written;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(crate) use calls::{Arrival, Effect};
pub(crate) use consistency::LONGEST_DELAY;
pub(crate) use happen::happen;
pub use list::{FaultError, FaultList};

use crate::call::Call;
use accounts::AccountFaults;
use calls::CallFault;
use consistency::Consistency;
use events::{EventIndex, Events, Happening};

/// Every fault of a simulation, with how often each struck.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Decides which accounts a share means.
    seed: u64,
    calls: Vec<CallFault>,
    accounts: AccountFaults,
    consistency: Consistency,
    events: Events,
}

impl Faults {
    pub(crate) fn seeded(seed: u64) -> Self {
        Faults { seed, ..Faults::default() }
    }

    /// Adds the entries of a list after those that are there. `members` are the accounts that shares are of.
    pub(crate) fn add(&mut self, list: FaultList, members: &[String]) {
        self.calls.extend(list.calls);
        self.events.add(list.events);
        self.consistency = self.consistency.overlaid(list.consistency);
        for fault in list.accounts {
            self.accounts.add(fault, self.seed, members);
        }
    }

    /// Forgets all of them, and how often they struck.
    pub(crate) fn clear(&mut self) {
        *self = Faults::seeded(self.seed);
    }

    /// What happens to a call that has just arrived; the first entry that applies decides.
    pub(crate) fn strike(&mut self, arrival: &Arrival<'_>) -> Option<Effect> {
        calls::strike(&mut self.calls, arrival)
    }

    /// The reason why a deployment in this account fails, if it does.
    pub(crate) fn failure(&mut self, account: &str) -> Option<String> {
        self.accounts.failure(account)
    }

    /// How long a deployment in this account takes, if a fault says so.
    pub(crate) fn slowness(&mut self, account: &str) -> Option<SignedDuration> {
        self.accounts.slowness(account)
    }

    /// How far `ListStackInstances` and `ListStackSetOperations` are behind.
    pub(crate) fn lists_are_behind(&self) -> SignedDuration {
        self.consistency.lists()
    }

    /// How far `ListStackSetOperationResults` is behind.
    pub(crate) fn results_are_behind(&self) -> SignedDuration {
        self.consistency.results()
    }

    /// How old a role has to be for anybody to enter it.
    pub(crate) fn roles_are_behind(&self) -> SignedDuration {
        self.consistency.roles()
    }

    /// Lets the clock of events begin that were added since the last time.
    pub(crate) fn begin_events(&mut self, now: Timestamp) {
        self.events.begin(now);
    }

    /// The next event that is due by `now`, with its instant. It is handed out once.
    pub(crate) fn take_due_event(&mut self, now: Timestamp) -> Option<(Timestamp, EventIndex)> {
        self.events.take_due(now)
    }

    /// The events that wait for a call which has just arrived. They are handed out once.
    pub(crate) fn take_called_events(&mut self, call: &Call, now: Timestamp) -> Vec<EventIndex> {
        self.events.take_called(call, now)
    }

    fn happening(&self, event: EventIndex) -> Happening {
        self.events.happening(event)
    }

    fn event_failed(&mut self, event: EventIndex, problem: String) {
        self.events.failed(event, problem);
    }

    /// Every entry as it was written, with how often it struck.
    pub(crate) fn shown(&self) -> Value {
        json!({
            "calls": self.calls.iter().map(CallFault::shown).collect::<Value>(),
            "accounts": self.accounts.shown(),
        "events": self.events.shown(),
            "consistency": self.consistency.shown(),
        })
    }
}
