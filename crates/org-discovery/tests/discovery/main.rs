//! Discovery through the real SDK client.

mod simulated_organization;
mod unusual_answers;
