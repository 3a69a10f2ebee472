//! Discovery through the real SDK client.

mod again;
mod altered;
mod calls;
mod client;
mod policies;
mod scripted;
mod simulated;
mod simulated_organization;
mod tags;
mod throttled;
mod units_by_need;
mod unusual_answers;
