//! What was seen to one row for each subject. Pure.

mod organization;
mod own_roles;
mod permissions;
mod quotas;
mod rollout;

use jiff::Timestamp;
use rollout_model::{Checkup, CheckupRow, CheckupState, Need, Subject};

use super::seen::Seen;

/// Every row there is something to say about.
pub(crate) fn judge(seen: &Seen, now: Timestamp) -> Checkup {
    let mut rows = vec![organization::caller(seen), organization::organization(seen)];
    rows.extend(organization::trusted_access(seen));
    rows.extend(organization::administrators(seen));
    rows.extend(organization::linked_role(seen));
    rows.extend(seen.own_roles.iter().map(|roles| own_roles::administration_role(seen, roles)));
    rows.extend(seen.own_roles.iter().map(own_roles::execution_roles));
    rows.push(organization::home_region(seen));
    rows.push(quotas::stack_sets(seen));
    rows.extend(quotas::roles(seen));
    rows.extend(seen.rollout.iter().map(|rollout| rollout::stack_set(seen, rollout, now)));
    rows.extend(seen.rollout.iter().filter_map(quotas::stack_instances));
    rows.extend(rollout::verifying_roles(seen));
    rows.push(permissions::to_look(seen));
    rows.push(permissions::to_deploy(seen));
    Checkup { rows }
}

fn row(subject: Subject, needed_for: Need, state: CheckupState, found: impl Into<String>) -> CheckupRow {
    CheckupRow { subject, state, found: found.into(), remedy: None, needed_for }
}

fn with_remedy(row: CheckupRow, remedy: impl Into<String>) -> CheckupRow {
    CheckupRow { remedy: Some(remedy.into()), ..row }
}

/// What could not be seen is unknown, and the reason is AWS's own, which names the action that was denied.
fn unseen(subject: Subject, needed_for: Need, why: &str) -> CheckupRow {
    row(subject, needed_for, CheckupState::Unknown, why)
}

#[cfg(test)]
mod testing {
    use org_discovery::OrganizationIdentity;
    use rollout_model::{CallAs, ManagementAccount, PermissionModel, StackSetSnapshot};
    use stackset_deployer::TrustedAccess;

    use super::super::seen::{Membership, Position, Quota, RolloutSeen, Seen};
    use crate::aws::Caller;

    pub(super) const MANAGEMENT: &str = "111111111111";
    pub(super) const MEMBER: &str = "222222222222";

    /// The management account of an organization in which everything is there.
    pub(super) fn all_well() -> Seen {
        Seen {
            region: "us-east-1".parse().unwrap(),
            caller: Ok(Caller {
                account: MANAGEMENT.parse().unwrap(),
                arn: format!("arn:aws:iam::{MANAGEMENT}:user/ann"),
                partition: "aws".to_owned(),
            }),
            region_trouble: None,
            membership: Membership::Of(OrganizationIdentity {
                id: "o-a1b2c3d4e5".to_owned(),
                management_account: MANAGEMENT.parse().unwrap(),
                has_all_features: true,
            }),
            position: Position::ManagementAccount,
            permission_model: PermissionModel::ServiceManaged,
            administrators: Some(Ok([].into())),
            access: Some(Ok(TrustedAccess::Enabled)),
            own_roles: None,
            linked_role: Some(Ok(true)),
            stack_sets: Ok(3),
            roles: Some(Ok(Quota { used: 12, allowed: 1000 })),
            rollout: None,
            entered: Vec::new(),
            reads: Vec::new(),
            writes: Ok(Vec::new()),
        }
    }

    /// A rollout of which AWS holds nothing yet.
    pub(super) fn a_rollout() -> RolloutSeen {
        RolloutSeen {
            rollout: "demo".parse().unwrap(),
            stack_set: "demo".parse().unwrap(),
            stack: "demo".parse().unwrap(),
            call_as: CallAs::Myself,
            management_account: ManagementAccount::Include,
            snapshot: Ok(StackSetSnapshot::default()),
        }
    }
}
