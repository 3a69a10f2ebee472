//! Observes a StackSet and the management account's plain stack, and carries out a plan.
//!
//! Files that talk to AWS and decide nothing: `calls` (one method per StackSets call), `observe`, `others`,
//! `execute`, `submit`, `watch`, `outcome`, `stack`. Files that decide and never `.await`: `step`, `conclude`,
//! `stack_step`, `translate`, `limits`, `regions`. `pages` reads a list to its end.
//!
//! Submitting an operation and watching it are separate: a lost answer or a failed poll never submits twice
//! (aws-facts A6, K1).

mod access;
mod calls;
mod conclude;
mod error;
mod execute;
mod limits;
mod observe;
mod others;
mod outcome;
mod pages;
mod regions;
mod stack;
mod stack_step;
mod step;
mod submit;
mod translate;
mod watch;

pub use access::{TrustedAccess, trusted_access};
pub use error::DeployError;
pub use execute::{Deployment, Ending, NOT_SUBMITTED, execute};
pub use observe::{Wanted, observe};
pub use others::{OtherStackSet, OtherStackSets, other_stack_sets};
pub use regions::{RegionTrouble, is_opt_in, region_trouble};
