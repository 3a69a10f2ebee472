//! What to verify, and as whom.

use std::sync::Arc;
use std::time::Duration;

use role_template::RoleSpecification;
use rollout_model::{AccountId, ExternalId, RoleName};

/// One account to verify.
#[derive(Debug, Clone)]
pub struct Target {
    /// The account.
    pub account: AccountId,
    /// What the role there should be. Shared by all accounts where it is the same.
    pub expected: Arc<Expected>,
    /// For how long a check that is not green may still become so: IAM is eventually consistent, and a role
    /// that was changed moments ago can be refused and admitted in turns (aws-facts E3). Zero for a role
    /// that was not touched.
    pub settling: Duration,
}

/// What the role should be and how it is entered.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The role with the tags that its stack adds.
    pub role: RoleSpecification,
    /// The external ID by which our principal is admitted, when the specification asks for one.
    pub external_id: Option<ExternalId>,
}

/// The identities that verification uses.
#[derive(Debug, Clone)]
pub struct Callers {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The trusted principal: it tries the role.
    pub trusted: aws_sdk_sts::Client,
    /// The operator: enters the access role.
    pub operator: aws_sdk_sts::Client,
    /// The operator's own account, which is read without an access role.
    pub operator_account: AccountId,
    /// Reads the operator's own account.
    pub operator_iam: aws_sdk_iam::Client,
    /// The role by which the live role is read in the other accounts.
    pub access_role: RoleName,
}
