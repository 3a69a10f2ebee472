//! In what a role can differ from its specification.

use std::fmt;

/// A property of a role. Policies and tags count together: which of them differs is told by the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleProperty {
    /// Who may assume the role.
    TrustPolicy,
    /// The policies of its own.
    InlinePolicies,
    /// The policies that are attached.
    ManagedPolicies,
    /// The policy that bounds it.
    PermissionsBoundary,
    /// Its path, and its name.
    Path,
    /// How long a session may last.
    MaxSession,
    /// Its description.
    Description,
    /// Its tags.
    Tags,
}

impl RoleProperty {
    /// All properties in the order in which they are shown.
    pub const ALL: [RoleProperty; 8] = [
        RoleProperty::TrustPolicy,
        RoleProperty::InlinePolicies,
        RoleProperty::ManagedPolicies,
        RoleProperty::PermissionsBoundary,
        RoleProperty::Path,
        RoleProperty::MaxSession,
        RoleProperty::Description,
        RoleProperty::Tags,
    ];
}

impl fmt::Display for RoleProperty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            RoleProperty::TrustPolicy => "trust policy",
            RoleProperty::InlinePolicies => "inline policies",
            RoleProperty::ManagedPolicies => "managed policies",
            RoleProperty::PermissionsBoundary => "permissions boundary",
            RoleProperty::Path => "path",
            RoleProperty::MaxSession => "maximum session",
            RoleProperty::Description => "description",
            RoleProperty::Tags => "tags",
        })
    }
}
