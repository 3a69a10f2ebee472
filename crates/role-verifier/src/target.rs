//! What to verify, and as whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use role_template::RoleSpecification;
use rollout_model::{AccountId, ExternalId, VerifyMode};

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
    /// What the role is to be able to do, and what not.
    pub permissions: Permissions,
}

/// Actions such as `ec2:DescribeInstances`, on any resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// What the role is to be able to do.
    pub allow: BTreeSet<String>,
    /// What it must not be able to do.
    pub deny: BTreeSet<String>,
    /// The condition keys that a call has, such as `aws:SourceIp`, for policies that depend on them.
    pub context: BTreeMap<String, String>,
}

impl Permissions {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }
}

/// The identities that verification uses.
#[derive(Debug, Clone)]
pub struct Callers {
    /// How it is found out who gets in.
    pub means: Means,
    /// The operator: reads the role.
    pub operator: Operator,
}

/// How it is found out who gets in.
#[derive(Debug, Clone)]
pub enum Means {
    /// The role is tried, by somebody whom it trusts.
    Sts(Trusted),
    /// Nobody whom the role trusts is ours: its trust policy is read and evaluated.
    TrustPolicy,
}

/// A principal that the role trusts and that is ours.
#[derive(Debug, Clone)]
pub struct Trusted {
    /// Tries the role.
    pub sts: aws_sdk_sts::Client,
    /// Who that is: of a session its role's ARN, which alone has the path (aws-facts E1).
    pub arn: String,
    /// Whether the role trusts it for the sake of the proof alone.
    pub is_probe: bool,
}

impl Means {
    /// What a verdict rests on.
    pub fn mode(&self) -> VerifyMode {
        match self {
            Means::Sts(Trusted { is_probe: false, .. }) => VerifyMode::Direct,
            Means::Sts(Trusted { is_probe: true, .. }) => VerifyMode::Probe,
            Means::TrustPolicy => VerifyMode::Offline,
        }
    }

    /// The ARN of whoever tries the role.
    pub(crate) fn caller(&self) -> Option<&str> {
        match self {
            Means::Sts(trusted) => Some(&trusted.arn),
            Means::TrustPolicy => None,
        }
    }
}
