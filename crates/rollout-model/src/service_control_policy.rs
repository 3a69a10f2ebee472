//! The guard rails of an organization.

use std::collections::BTreeSet;

use crate::{AccountId, ParentId};

/// A service control policy and everything that it is attached to. It binds every account at or below those
/// places, except the management account (aws-facts A1, F4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceControlPolicy {
    /// `p-…`.
    pub id: String,
    /// Unique in the organization.
    pub name: String,
    /// The document, as JSON.
    pub document: String,
    /// Where it is attached.
    pub targets: PolicyTargets,
}

/// The places that a policy is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyTargets {
    /// The root, every unit and every account.
    Everywhere,
    /// These.
    At(BTreeSet<PolicyTarget>),
}

/// What a policy can be attached to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyTarget {
    /// The root or a unit, with everything below.
    Parent(ParentId),
    /// One account.
    Account(AccountId),
}

impl PolicyTarget {
    /// The id as AWS writes it.
    pub fn as_str(&self) -> &str {
        match self {
            PolicyTarget::Parent(id) => id.as_str(),
            PolicyTarget::Account(id) => id.as_str(),
        }
    }
}
