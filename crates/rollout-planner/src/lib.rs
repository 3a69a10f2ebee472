//! Decides, for every account of the organization, what a roll-out does there and why, and compiles the
//! decisions to the fewest StackSets calls. Pure: values in, values out.
//!
//! - `select`: which accounts are meant, and by which selector;
//! - `decide`: what happens in each account, from what AWS holds there;
//! - `compile`: a set of accounts to the units and filters of StackSets calls;
//! - `steps`: the calls, in order;
//! - `guards`: what keeps a plan from being made;
//! - `replacement`: a role that would be deleted and created anew is refused;
//! - `warnings`: what to know before saying yes;
//! - [`plan`] joins them.

mod compile;
mod decide;
mod error;
mod guards;
mod plan;
mod replacement;
mod select;
mod steps;
#[cfg(test)]
mod testing;
mod warnings;

pub use error::{PlanError, SelectionProblem};
pub use plan::{MARK, plan, targets};
