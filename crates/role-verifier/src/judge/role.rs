//! Whether the live role is the specified one, property by property.

use rollout_model::VerdictCause;

use super::{Case, Judged};
use crate::compare::role_differences;
use crate::read::LiveRole;

impl Case<'_> {
    pub(super) fn equals(self) -> Judged {
        match &self.seen.live {
            LiveRole::Read(live) => match role_differences(&self.expected().role, live) {
                differences if differences.is_empty() => Judged::pass(Vec::new()),
                differences => Judged::fail(VerdictCause::RoleDiffers, differences),
            },
            LiveRole::Absent => Judged::absent(),
            LiveRole::Unreadable(unread) => self.unread(unread),
        }
    }
}
