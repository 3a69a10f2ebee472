//! Decides, for every account of the organization, what a roll-out does there and why, and compiles the
//! decisions to the fewest StackSets calls. Pure: values in, values out.
//!
//! - `select`: which accounts are meant, and by which selector;
//! - `wave`: in which order;
//! - `decide`: what happens in each account, from what AWS holds there;
//! - `compile`: a set of accounts to the units and filters of StackSets calls;
//! - `steps`: the calls, wave after wave, with a new definition by `redefine`;
//! - `changes`: in what the definitions differ from what is deployed;
//! - `pace`: how long it takes, and what would make it faster;
//! - `obstacles`: what was found to stand in the way, by service control policies among others
//!   (`service_control`);
//! - `meanwhile`: what has become of the targets since a plan was made;
//! - `part`: a run about some of the targets only: by selectors, unproven ones, a sample, a shard;
//! - `role`: the role that a template makes;
//! - `imports`: stacks that exist and become instances of the set;
//! - `guards`: what keeps a plan from being made;
//! - `replacement`: a role that would be deleted and created anew is refused;
//! - `warnings`: what to know before saying yes;
//! - [`plan`] joins them;
//! - `retirement`: the plan that takes it all away, [`plan_retirement`].

mod changes;
mod compile;
mod decide;
mod error;
mod guards;
mod imports;
mod meanwhile;
mod obstacles;
mod pace;
mod part;
mod plan;
mod redefine;
mod replacement;
mod retirement;
mod role;
mod select;
mod service_control;
mod steps;
#[cfg(test)]
mod testing;
mod warnings;
mod wave;

pub use error::{PlanError, SelectionProblem, SelectionProblemKind};
pub use meanwhile::{Meanwhile, meanwhile};
pub use obstacles::Obstacles;
pub use part::{Unproven, Wanted, narrow};
pub use plan::{plan, targets};
pub use retirement::{Stacks, absence, plan_retirement};
pub use select::{explain, most_similar, tags_wanted};
pub use service_control::obstacles_of_policies;
pub use wave::{LAST_WAVE, MANAGEMENT_WAVE, REMOVAL_WAVE};
