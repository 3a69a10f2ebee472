//! Tries the role in every account and reads it there: one verdict each. And looks, before there is a role,
//! whether its name is taken; and, where it was taken away, whether it is gone.
//!
//! | file | what it does |
//! |---|---|
//! | `verify` | the proof: fresh roles are tried again until IAM has caught up |
//! | `observe` | talks: everything that is asked in one account |
//! | `fan_out`, `settling` | accounts side by side, a verdict told as it is reached; the pauses between two looks |
//! | `attempt` | talks to STS: enters, or is refused |
//! | `operator` | talks to STS: the way into an account in which roles are read |
//! | `read` | talks to IAM: the live role |
//! | `permissions` | talks to IAM: what it simulates that the role may do |
//! | `unread` | why something could not be read, and whether only because AWS was asked too often |
//! | `judge` | decides: what was seen to a verdict, and why it is not green |
//! | `compare` | decides: in what two roles differ |
//! | `look` | talks to IAM: whether the name of a role is taken, accounts side by side |
//! | `readiness` | talks to IAM and STS: what the operator may read and enter |
//! | `found` | decides: what a taken name means for a plan, or for the proof that a role is gone |
//! | `absence` | that proof: a role just deleted is looked for again until IAM has caught up |
//!
//! Green means that whoever is meant gets in, strangers do not, and the live role equals the specification: tried
//! through STS, or, where nobody of ours is trusted, evaluated by the live trust policy, which the verdict then says.
//! What could not be seen is unknown and never green.

mod absence;
mod attempt;
mod compare;
mod fan_out;
mod found;
mod judge;
mod look;
mod observe;
mod operator;
mod permissions;
mod read;
mod readiness;
mod settling;
mod target;
mod unread;
mod verify;

pub use absence::{Absence, AbsenceTarget, verify_absence};
pub use attempt::SESSION_NAME;
pub use found::{Found, TakenRole};
pub use look::{RoleSearch, look_for_roles};
pub use observe::Standing;
pub use operator::Operator;
pub use readiness::{try_entering, try_reads};
pub use target::{Callers, Expected, Means, Permissions, Target, Trusted};
pub use verify::{Verification, verify};
