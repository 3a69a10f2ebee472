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
                differences => {
                    let differs = differences.iter().map(|difference| difference.property).collect();
                    let lines = differences.into_iter().map(|difference| difference.line).collect();
                    Judged { differs, ..Judged::fail(VerdictCause::RoleDiffers, lines) }
                }
            },
            LiveRole::Absent => Judged::absent(),
            LiveRole::Unreadable(unread) => self.unread(unread),
        }
    }
}
