//! What to verify, and as whom.

use std::sync::Arc;
use std::time::Duration;

use role_template::RoleSpecification;
use rollout_model::{AccountId, ExternalId};

use crate::operator::Operator;

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
    /// The trusted principal: it tries the role.
    pub trusted: aws_sdk_sts::Client,
    /// The operator: reads the role.
    pub operator: Operator,
}
