//! Talks to IAM and decides nothing: what a role may do, by IAM's own simulation.
//!
//! The simulation knows the role's policies, its permissions boundary and the service control policies of the
//! organization; it does not know trust policies (aws-facts F2). Nothing is done in the account.

use std::collections::BTreeMap;

use aws_failure::AwsFailure;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::EvaluationResult;
use rollout_model::RoleArn;

use crate::target::Permissions;
use crate::unread::Unread;

/// What IAM says of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Simulated {
    /// `allowed`, `explicitDeny`, `implicitDeny`.
    pub(crate) decision: String,
    /// Whether service control policies leave it to the account; `None` where IAM says nothing of them.
    pub(crate) allowed_by_organization: Option<bool>,
    /// Whether the permissions boundary leaves it to the role; `None` where it has none.
    pub(crate) allowed_by_boundary: Option<bool>,
    /// Condition keys on which the answer depends and that a simulation does not have.
    pub(crate) missing_keys: Vec<String>,
}

/// What IAM says of each action that is asked about. IAM throttles simulations early (aws-facts F1), so all
/// actions go into one call.
pub(crate) async fn simulate(
    client: &Client,
    role: &RoleArn,
    permissions: &Permissions,
) -> Result<BTreeMap<String, Simulated>, Unread> {
    let actions = permissions.allow.union(&permissions.deny).cloned().collect::<Vec<_>>();
    let mut answers = client
        .simulate_principal_policy()
        .policy_source_arn(role.to_string())
        .set_action_names(Some(actions))
        .into_paginator()
        .items()
        .send();
    let mut simulated = BTreeMap::new();
    while let Some(answer) = answers.next().await {
        let answer = answer.map_err(|error| {
            Unread::new("could not have IAM simulate what the role may do", &AwsFailure::new(&error))
        })?;
        simulated.insert(answer.eval_action_name.clone(), said(&answer));
    }
    Ok(simulated)
}

fn said(answer: &EvaluationResult) -> Simulated {
    Simulated {
        decision: answer.eval_decision.as_str().to_owned(),
        allowed_by_organization: answer
            .organizations_decision_detail()
            .map(|detail| detail.allowed_by_organizations()),
        allowed_by_boundary: answer
            .permissions_boundary_decision_detail()
            .map(|detail| detail.allowed_by_permissions_boundary()),
        missing_keys: answer.missing_context_values().to_vec(),
    }
}
