//! Discovery through the real SDK client.

mod altered;
mod beside;
mod calls;
mod client;
mod scripted;
mod simulated;
mod simulated_organization;
mod units_by_need;
mod unusual_answers;
