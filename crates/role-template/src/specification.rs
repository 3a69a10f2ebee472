//! What a role is to be, whoever writes it down.

use std::collections::{BTreeMap, BTreeSet};

use iam_policy::PolicyDocument;

/// Everything that makes a role what it is. Equal specifications mean the same role; policies are compared by
/// meaning. `Debug` masks external IDs, because [`PolicyDocument`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSpecification {
    /// Unique in an account, whatever the path. Changing it replaces the role (aws-facts F2).
    pub name: String,
    /// `/` or `/…/`. Changing it replaces the role.
    pub path: String,
    /// At most 1,000 characters of Latin-1.
    pub description: Option<String>,
    /// Who may assume the role.
    pub trust: PolicyDocument,
    /// The ARNs of the attached managed policies.
    pub managed_policies: BTreeSet<String>,
    /// By policy name.
    pub inline_policies: BTreeMap<String, PolicyDocument>,
    /// The ARN of the policy that bounds the role.
    pub permissions_boundary: Option<String>,
    /// `MaxSessionDuration` in seconds.
    pub max_session: u32,
    /// The role's own tags. CloudFormation adds those of the stack.
    pub tags: BTreeMap<String, String>,
}

impl RoleSpecification {
    /// What IAM takes for `MaxSessionDuration` when nothing is said.
    pub const DEFAULT_MAX_SESSION: u32 = 3600;

    /// A role that can be assumed and may do nothing; everything not given has IAM's default.
    pub fn new(name: &str, trust: PolicyDocument) -> RoleSpecification {
        RoleSpecification {
            name: name.to_owned(),
            path: "/".to_owned(),
            description: None,
            trust,
            managed_policies: BTreeSet::new(),
            inline_policies: BTreeMap::new(),
            permissions_boundary: None,
            max_session: Self::DEFAULT_MAX_SESSION,
            tags: BTreeMap::new(),
        }
    }
}
