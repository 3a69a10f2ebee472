//! How far numbers are from their limits (aws-facts F1, G).

use rollout_model::{CheckupRow, CheckupState, Need, Subject};
use stackset_deployer::{STACK_INSTANCES_QUOTA, STACK_SETS_QUOTA};

use super::{row, unseen, with_remedy};
use crate::doctor::seen::{Quota, RolloutSeen, Seen};

pub(super) fn stack_sets(seen: &Seen) -> CheckupRow {
    match &seen.stack_sets {
        Err(why) => unseen(Subject::StackSets, Need::Nothing, why),
        Ok(used) => {
            held(Subject::StackSets, Quota { used: *used, allowed: STACK_SETS_QUOTA }, adds_a_set(seen))
        }
    }
}

/// One more set is needed unless the rollout's own is there.
fn adds_a_set(seen: &Seen) -> bool {
    let snapshot = seen.rollout.as_ref().and_then(|rollout| rollout.snapshot.as_ref().ok());
    snapshot.is_none_or(|snapshot| snapshot.stack_set.is_none())
}

pub(super) fn roles(seen: &Seen) -> Option<CheckupRow> {
    Some(match seen.roles.as_ref()? {
        Err(why) => unseen(Subject::Roles, Need::Nothing, why),
        Ok(quota) => held(Subject::Roles, *quota, true),
    })
}

/// Nothing to say while there is no set.
pub(super) fn stack_instances(rollout: &RolloutSeen) -> Option<CheckupRow> {
    let snapshot = rollout.snapshot.as_ref().ok()?;
    snapshot.stack_set.as_ref()?;
    let quota = Quota { used: snapshot.instances.len(), allowed: STACK_INSTANCES_QUOTA };
    Some(held(Subject::StackInstances, quota, false))
}

/// From four fifths on somebody should know; a full quota is in the way of whoever needs one more.
fn held(subject: Subject, Quota { used, allowed }: Quota, needs_more: bool) -> CheckupRow {
    let state = match used {
        _ if used >= allowed && needs_more => CheckupState::NotReady,
        _ if used * 5 >= allowed * 4 => CheckupState::Warning,
        _ => CheckupState::Ok,
    };
    let row = row(subject, Need::Deploying, state, format!("{used} of {allowed}"));
    match state {
        CheckupState::Ok => row,
        _ => with_remedy(row, "ask AWS for a higher quota, or delete what nobody needs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_quota_is_in_the_way_of_whoever_needs_more_and_a_warning_to_the_others() {
        let check = |used: usize, needs_more: bool, expected: CheckupState| {
            let quota = Quota { used, allowed: 1000 };
            assert_eq!(held(Subject::Roles, quota, needs_more).state, expected, "{used} {needs_more}");
        };
        check(799, true, CheckupState::Ok);
        check(800, true, CheckupState::Warning);
        check(999, true, CheckupState::Warning);
        check(1000, true, CheckupState::NotReady);
        check(1000, false, CheckupState::Warning);
    }
}
