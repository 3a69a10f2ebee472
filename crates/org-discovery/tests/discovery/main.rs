//! Discovery through the real SDK client.

mod beside;
mod client;
mod scripted;
mod simulated_organization;
mod unusual_answers;
