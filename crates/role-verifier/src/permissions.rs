//! Talks to IAM and decides nothing: what a role may do, by IAM's own simulation.
//!
//! The simulation knows the role's policies, its permissions boundary and the service control policies of the
//! organization; it does not know trust policies (aws-facts F2). Nothing is done in the account.

use std::collections::BTreeMap;
use std::net::IpAddr;

use aws_failure::AwsFailure;
use aws_sdk_iam::Client;
use aws_sdk_iam::primitives::{DateTime, DateTimeFormat as Format};
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult};
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
        .set_context_entries(Some(permissions.context.iter().map(entry).collect()))
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

fn entry((key, value): (&String, &String)) -> ContextEntry {
    ContextEntry::builder()
        .context_key_name(key)
        .context_key_type(kind(value))
        .context_key_values(value)
        .build()
}

/// IAM compares a value by its type, and a configuration has the value alone.
fn kind(value: &str) -> ContextKeyTypeEnum {
    let address = value.split('/').next().unwrap_or_default();
    if matches!(value, "true" | "false") {
        ContextKeyTypeEnum::Boolean
    } else if value.parse::<f64>().is_ok() {
        ContextKeyTypeEnum::Numeric
    } else if address.parse::<IpAddr>().is_ok() {
        ContextKeyTypeEnum::Ip
    } else if is_date(value) {
        ContextKeyTypeEnum::Date
    } else {
        ContextKeyTypeEnum::String
    }
}

/// Such as `2026-11-24T12:00:00Z`.
fn is_date(value: &str) -> bool {
    DateTime::from_str(value, Format::DateTimeWithOffset).is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_type_that_iam_compares_it_by() {
        for (value, expected) in [
            ("true", ContextKeyTypeEnum::Boolean),
            ("3600", ContextKeyTypeEnum::Numeric),
            ("203.0.113.7", ContextKeyTypeEnum::Ip),
            ("2001:db8::/32", ContextKeyTypeEnum::Ip),
            ("2026-11-24T12:00:00Z", ContextKeyTypeEnum::Date),
            ("o-abcdefghij", ContextKeyTypeEnum::String),
            ("", ContextKeyTypeEnum::String),
        ] {
            assert_eq!(kind(value), expected, "{value}");
        }
    }
}
