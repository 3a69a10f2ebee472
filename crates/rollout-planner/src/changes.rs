//! In what the specified definitions differ from those that AWS holds, for people to read.

use rollout_model::{DefinitionChange, RolloutSpec, StackSetSnapshot};

/// Nothing for a definition that stays or does not exist yet.
pub(crate) fn changes(_spec: &RolloutSpec, _observed: &StackSetSnapshot) -> Vec<DefinitionChange> {
    Vec::new()
}
