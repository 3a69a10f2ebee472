//! Why a check is not green.

use std::fmt;

/// The most likely cause, by what was seen. STS says "AccessDenied" for ten things (aws-facts E2), so it takes more
/// than its answer; where the evidence does not suffice, the cause is [`VerdictCause::Unknown`], and nobody is
/// blamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VerdictCause {
    /// There is no role of that name.
    RoleAbsent,
    /// There is a role of that name, where it is to be gone.
    RoleStillThere,
    /// The live trust policy does not admit the caller, whatever external ID it brings.
    TrustExcludesCaller,
    /// The live trust policy admits the caller with another external ID.
    ExternalIdMismatch,
    /// The live trust policy admits the caller, and something of the caller's own does not let it ask.
    CallerNotAllowed,
    /// The account is suspended, about to be closed, or closed.
    AccountSuspended,
    /// The account is in the organization no more.
    AccountLeft,
    /// A service control policy or a resource control policy denies it.
    ScpDenies,
    /// The role was made or changed moments ago, and its trust policy admits the caller.
    NotYetPropagated,
    /// The role gives no session as long as the one that was asked for.
    SessionTooLong,
    /// AWS was asked too often, for longer than we try again.
    ThrottledOut,
    /// The time for one account was over before AWS had answered.
    TimedOut,
    /// The session is not of the expected account and role.
    WrongIdentity,
    /// The role does not ask for the external ID: whoever is trusted is anybody's deputy (aws-facts F5).
    ExternalIdNotRequired,
    /// The live trust policy admits somebody whom the specification does not name, or anyone at all.
    StrangerAdmitted,
    /// The live role is another one than specified.
    RoleDiffers,
    /// The live role could not be read: the access role is not there, or does not let us.
    RoleUnreadable,
    /// Something that the role is to be able to do is not allowed to it.
    PermissionMissing,
    /// Something that the role must not do is allowed to it.
    PermissionExcess,
    /// What was seen does not tell.
    Unknown,
}

impl VerdictCause {
    /// The cause as one word, the same everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            VerdictCause::RoleAbsent => "role-absent",
            VerdictCause::RoleStillThere => "role-still-there",
            VerdictCause::TrustExcludesCaller => "trust-excludes-caller",
            VerdictCause::ExternalIdMismatch => "external-id-mismatch",
            VerdictCause::CallerNotAllowed => "caller-not-allowed",
            VerdictCause::AccountSuspended => "account-suspended",
            VerdictCause::AccountLeft => "account-left",
            VerdictCause::ScpDenies => "scp-denies",
            VerdictCause::NotYetPropagated => "not-yet-propagated",
            VerdictCause::SessionTooLong => "session-too-long",
            VerdictCause::ThrottledOut => "throttled-out",
            VerdictCause::TimedOut => "timed-out",
            VerdictCause::WrongIdentity => "wrong-identity",
            VerdictCause::ExternalIdNotRequired => "external-id-not-required",
            VerdictCause::StrangerAdmitted => "stranger-admitted",
            VerdictCause::RoleDiffers => "role-differs",
            VerdictCause::RoleUnreadable => "role-unreadable",
            VerdictCause::PermissionMissing => "permission-missing",
            VerdictCause::PermissionExcess => "permission-excess",
            VerdictCause::Unknown => "unknown",
        }
    }
}

impl fmt::Display for VerdictCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
