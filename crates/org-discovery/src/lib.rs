//! AWS Organizations into one [`Organization`](rollout_model::Organization) snapshot: root, organizational
//! units, accounts and where each sits.
//!
//! The half that talks (`collect`, `root`, `accounts`, `units`) decides nothing; the half that decides (`pages`,
//! `placement`, `assemble`) waits for nothing. Nothing is written to AWS.

mod accounts;
mod assemble;
mod collect;
mod discover;
mod error;
mod events;
mod pages;
mod placement;
mod readings;
mod root;
mod units;

pub use discover::discover;
pub use error::{DiscoveryError, Reading};
