//! Whether the caller may read roles, and enter those through which other accounts are read.

use aws_failure::{AwsFailure, Tried};
use aws_sdk_iam::Client;
use rollout_model::RoleArn;

use crate::attempt::{Attempt, Purpose, enter};

/// Tries every action that reading a role takes, once. There need not be a role of the name: whoever may ask is told
/// so.
pub async fn try_reads(client: &Client, role: &str) -> Vec<Tried> {
    let policy = client.get_role_policy().role_name(role).policy_name("rolecall-doctor");
    vec![
        Tried::new("iam:GetRole", client.get_role().role_name(role).send().await),
        Tried::new("iam:GetRolePolicy", policy.send().await),
        Tried::new(
            "iam:ListAttachedRolePolicies",
            client.list_attached_role_policies().role_name(role).send().await,
        ),
        Tried::new("iam:ListRolePolicies", client.list_role_policies().role_name(role).send().await),
    ]
}

/// Tries to enter a role, with a session that may do nothing.
///
/// # Errors
/// AWS's refusal, which does not say why (aws-facts E2), or why there was no answer.
pub async fn try_entering(client: &aws_sdk_sts::Client, role: &RoleArn) -> Result<(), AwsFailure> {
    match enter(client, role, None, Purpose::Try).await.0 {
        Attempt::Entered => Ok(()),
        Attempt::Refused(failure) | Attempt::Failed(failure) => Err(failure),
    }
}
