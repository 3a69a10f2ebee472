//! One request budget per AWS API, shared by every client of the process, so that a run slows down instead of
//! failing.
//!
//! [`budgeted`] wraps the process's one HTTP client. Each attempt then waits for its API's token bucket
//! before it is sent: the SDK's own retries too, and whichever client makes them. Answers that say "too fast"
//! bring that API's rate to where they say that the limit is; answers that do not raise it again, up to the
//! documented rate and never above. Refusals that slowing down does not end do not bring it down.
//!
//! What to know when using it:
//!
//! - The API is read from the request itself, as AWS reads it: the service from the SigV4 credential scope,
//!   the operation from `x-amz-target` or the form's `Action`. A request without them passes unlimited and
//!   uncounted, an API without a known limit passes unlimited.
//! - Connect and read timeouts belong to the inner client and begin when a request is sent: waiting for
//!   budget does not count against them. The SDK's `operation_timeout` and `operation_attempt_timeout`
//!   surround the inner client and this one alike, so they do count the waiting: bound an attempt by its read
//!   timeout.
//! - Requests are signed before they wait, and AWS refuses a signature older than five minutes. Fan out
//!   bounded: the number of calls in flight divided by the rate is how long the last one waits.
//! - Each attempt is one line of the log (target `request_budget`), and says of itself, in the answer or in the
//!   error, which call it was: `aws-failure` tells it.
//! - Waiting is first come, first served, and ends when the waiting future is dropped.

mod api_call;
mod bucket;
mod budgets;
mod client;
mod limits;
mod log;
mod pace;
mod throttling;

pub use budgets::{Budgets, CallCount};
pub use client::budgeted;
