//! Which runs may be held against each other.

use super::sighting::{Aim, Sighting};
use crate::state::RunState;

/// Two runs are of different things.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {what} is {before} in the earlier run and {after} in the later one")]
pub struct DifferentStories {
    what: &'static str,
    before: String,
    after: String,
}

/// Makes sure that two runs are of one rollout, in one organization and home Region: accounts of another one would
/// all have joined and left.
///
/// # Errors
///
/// When they are not; what a run that broke off did not come to say is held against nobody.
pub fn require_one_story(before: &RunState, after: &RunState) -> Result<(), DifferentStories> {
    for ((what, before), (_, after)) in story(before).into_iter().zip(story(after)) {
        if let (Some(before), Some(after)) = (before, after)
            && before != after
        {
            return Err(DifferentStories { what, before, after });
        }
    }
    Ok(())
}

fn story(state: &RunState) -> [(&'static str, Option<String>); 3] {
    [
        ("rollout", state.rollout.as_ref().map(ToString::to_string)),
        ("organization", state.organization.as_ref().map(ToString::to_string)),
        ("home Region", state.home_region.as_ref().map(ToString::to_string)),
    ]
}

impl RunState {
    /// What the run found out about accounts: whether they have the role, or whether it is gone. `None` of a run that
    /// did not come to look at one.
    pub fn looked_for(&self) -> Option<Aim> {
        let sightings = self.accounts().iter().filter_map(|(id, row)| Sighting::of(id, row));
        // A run that brings the role may take it from some accounts as well.
        let known = sightings.filter(|sighting| sighting.is_known() && sighting.aim != Aim::Nothing);
        known.map(|sighting| sighting.aim).min()
    }
}
