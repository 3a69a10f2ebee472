//! Observes a StackSet and the management account's plain stack, and carries out a plan.
//!
//! Files that talk to AWS and decide nothing: `calls` (one method per StackSets call), `observe`, `others`,
//! `access`, `readiness`, `execute`, `attach`, `quiet`, `stop`, `submit`, `follow`, `watch`, `tell`, `outcome`, and
//! `stack` for the plain stack.
//! Files that decide and never `.await`: `step`, `purpose`, `conclude`, `stack/step`, `translate`, `limits`,
//! `regions`.
//! `pages` reads a list to its end.
//!
//! Submitting an operation and watching it are separate: a lost answer or a failed poll never submits twice
//! (aws-facts A6, K1).

mod access;
mod attach;
mod calls;
mod conclude;
mod error;
mod execute;
mod follow;
mod limits;
mod observe;
mod others;
mod outcome;
mod pages;
mod purpose;
mod quiet;
mod readiness;
mod regions;
mod stack;
mod step;
mod stop;
mod submit;
mod tell;
mod translate;
mod watch;

pub use access::{TrustedAccess, activate_trusted_access, trusted_access};
pub use attach::{OpenStep, UnfinishedRun, attach, unfinished_run};
pub use error::DeployError;
pub use execute::{Deployment, Ending, NOT_SUBMITTED, execute};
pub use observe::{Wanted, observe};
pub use others::{OtherStackSet, OtherStackSets, other_stack_sets};
pub use quiet::wait_until_quiet;
pub use readiness::{
    DELEGATED_ADMINISTRATORS_QUOTA, STACK_INSTANCES_QUOTA, STACK_SETS_QUOTA, count_stack_sets,
    try_reading_access, try_reads,
};
pub use regions::{RegionTrouble, cloudformation_principals, is_opt_in, region_trouble};
pub use stop::stop_operation;
