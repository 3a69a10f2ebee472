//! Whether everything is there that a roll-out needs: what was looked at before anybody deploys.

use std::fmt;

/// One row for everything that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checkup {
    /// In the order in which one thing rests on another.
    pub rows: Vec<CheckupRow>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckupRow {
    /// What it is.
    pub subject: Subject,
    /// How it stands.
    pub state: CheckupState,
    /// What was found.
    pub found: String,
    /// The command that mends it, or what to do instead.
    pub remedy: Option<String>,
    /// Who has to wait for it.
    pub needed_for: Need,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The operator's identity, and where its account stands in the organization.
    Caller,
    /// The organization and its feature set.
    Organization,
    /// Trusted access of StackSets to the organization.
    TrustedAccess,
    /// The accounts that administer StackSets beside the management account.
    DelegatedAdministrators,
    /// The service-linked role of StackSets in the management account.
    ServiceLinkedRole,
    /// The role that a self-managed StackSet works as.
    AdministrationRole,
    /// The roles by which a self-managed StackSet works in the target accounts.
    ExecutionRoles,
    /// The Region that StackSets and stacks live in.
    HomeRegion,
    /// The number of StackSets against its quota.
    StackSets,
    /// The number of IAM roles in the management account against its quota.
    Roles,
    /// The StackSet of the rollout.
    StackSet,
    /// The number of its stack instances against its quota.
    StackInstances,
    /// The roles that `verify` enters.
    VerifyingRoles,
    /// The actions that looking takes.
    ReadPermissions,
    /// The actions that deploying takes.
    DeployPermissions,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckupState {
    /// As it has to be.
    Ok,
    /// It works, and somebody should know something.
    Warning,
    /// It does not work.
    NotReady,
    /// It could not be found out. Never green.
    Unknown,
}

/// What has to wait while something is not as it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// Deploying alone.
    Deploying,
    /// Every command.
    Everything,
}

/// Whether something can begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Ready,
    /// So many things are in its way.
    NotReady(usize),
    /// Nothing is known to be in its way, and so many things are not known.
    Unknown(usize),
}

impl Checkup {
    /// Whether the commands that change nothing will work.
    pub fn looking(&self) -> Readiness {
        self.readiness(Need::Everything)
    }

    /// Whether `apply` will work.
    pub fn deploying(&self) -> Readiness {
        self.readiness(Need::Deploying)
    }

    fn readiness(&self, least: Need) -> Readiness {
        let in_state = |state: CheckupState| {
            self.rows.iter().filter(|row| row.needed_for >= least && row.state == state).count()
        };
        match (in_state(CheckupState::NotReady), in_state(CheckupState::Unknown)) {
            (0, 0) => Readiness::Ready,
            (0, unknown) => Readiness::Unknown(unknown),
            (not_ready, _) => Readiness::NotReady(not_ready),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Subject::Caller => "caller",
            Subject::Organization => "organization",
            Subject::TrustedAccess => "trusted access for StackSets",
            Subject::DelegatedAdministrators => "delegated administrators",
            Subject::ServiceLinkedRole => "service-linked role",
            Subject::AdministrationRole => "administration role",
            Subject::ExecutionRoles => "execution roles",
            Subject::HomeRegion => "home Region",
            Subject::StackSets => "StackSets",
            Subject::Roles => "IAM roles",
            Subject::StackSet => "StackSet of the rollout",
            Subject::StackInstances => "stack instances",
            Subject::VerifyingRoles => "roles that verify enters",
            Subject::ReadPermissions => "permissions to look",
            Subject::DeployPermissions => "permissions to deploy",
        })
    }
}

impl fmt::Display for CheckupState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            CheckupState::Ok => "ok",
            CheckupState::Warning => "warning",
            CheckupState::NotReady => "not ready",
            CheckupState::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: CheckupState, needed_for: Need) -> CheckupRow {
        CheckupRow { subject: Subject::Caller, state, found: String::new(), remedy: None, needed_for }
    }

    #[test]
    fn what_deploying_needs_does_not_keep_anybody_from_looking() {
        use CheckupState::{NotReady, Ok, Unknown, Warning};
        let check = |rows: &[(CheckupState, Need)], looking: Readiness, deploying: Readiness| {
            let checkup = Checkup { rows: rows.iter().map(|(state, need)| row(*state, *need)).collect() };
            assert_eq!((checkup.looking(), checkup.deploying()), (looking, deploying), "{rows:?}");
        };
        check(&[(Ok, Need::Everything), (Warning, Need::Everything)], Readiness::Ready, Readiness::Ready);
        check(&[(NotReady, Need::Nothing), (Unknown, Need::Nothing)], Readiness::Ready, Readiness::Ready);
        check(&[(NotReady, Need::Deploying)], Readiness::Ready, Readiness::NotReady(1));
        check(
            &[(NotReady, Need::Everything), (NotReady, Need::Deploying), (Unknown, Need::Everything)],
            Readiness::NotReady(1),
            Readiness::NotReady(2),
        );
        check(&[(Unknown, Need::Deploying)], Readiness::Ready, Readiness::Unknown(1));
    }
}
