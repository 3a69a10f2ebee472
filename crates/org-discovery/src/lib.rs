//! AWS Organizations into one [`Organization`](rollout_model::Organization) snapshot: root, organizational
//! units, accounts and where each sits; and, where they are asked for, the accounts' tags and the service
//! control policies.
//!
//! The half that talks (`collect`, `root`, `accounts`, `units`, `tags`, `policies`, `readiness`) decides nothing; the half that
//! decides (`pages`, `again`, `placement`, `tree`, `needed`, `assemble`, `full_access`) waits for nothing. Nothing is written to AWS.

mod accounts;
mod again;
mod assemble;
mod collect;
mod discover;
mod error;
mod events;
mod full_access;
mod needed;
mod pages;
mod placement;
mod policies;
mod readiness;
mod readings;
mod root;
mod tags;
mod tree;
mod units;

pub use accounts::account_state;
pub use discover::{discover, discover_again};
pub use error::{DiscoveryError, Reading};
pub use needed::Units;
pub use policies::service_control_policies;
pub use readiness::{
    OrganizationIdentity, STACK_SETS_PRINCIPAL, another_account, delegated_administrators, identify,
    try_reads,
};
pub use tags::read_tags;
