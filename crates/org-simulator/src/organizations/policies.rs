//! Service control policies: which exist, and where they are attached.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::Document;

/// The policy that AWS attaches everywhere when the policy type is switched on.
pub(crate) const FULL_AWS_ACCESS: &str = "p-FullAWSAccess";

/// AWS attaches at most this many to one target (aws-facts D4 says 10; the documented quota was 5 for years).
pub(super) const MAX_POLICIES_PER_TARGET: usize = 10;

/// One service control policy.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) aws_managed: bool,
    pub(crate) document: Arc<Document>,
}

/// All service control policies of an organization.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    enabled: bool,
    pub(super) by_id: BTreeMap<String, Policy>,
    /// What is attached to a target besides `FullAWSAccess`.
    attachments: BTreeMap<String, BTreeSet<String>>,
    /// The few targets from which `FullAWSAccess` was detached: everything else has it.
    without_full_access: BTreeSet<String>,
}

impl Policies {
    /// Switches the policy type on, which attaches `FullAWSAccess` to everything.
    pub(crate) fn enable(&mut self) {
        self.enabled = true;
        self.by_id.entry(FULL_AWS_ACCESS.to_owned()).or_insert_with(|| {
            let text =
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
            Policy {
                id: FULL_AWS_ACCESS.to_owned(),
                name: "FullAWSAccess".to_owned(),
                description: "Allows access to every operation".to_owned(),
                aws_managed: true,
                document: Arc::new(Document::parse(text).expect("the text is a valid policy document")),
            }
        });
    }

    /// Switches the policy type off; nothing stays attached.
    pub(super) fn disable(&mut self) {
        self.enabled = false;
        self.attachments.clear();
        self.without_full_access.clear();
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.enabled
    }

    pub(crate) fn add(&mut self, policy: Policy) {
        self.by_id.insert(policy.id.clone(), policy);
    }

    /// Attaches a policy; `false` if it was attached already.
    pub(crate) fn attach(&mut self, policy: &str, target: &str) -> bool {
        if policy == FULL_AWS_ACCESS {
            return self.without_full_access.remove(target);
        }
        self.attachments.entry(target.to_owned()).or_default().insert(policy.to_owned())
    }

    /// Detaches a policy; `false` if it was not attached.
    pub(super) fn detach(&mut self, policy: &str, target: &str) -> bool {
        if policy == FULL_AWS_ACCESS {
            return self.without_full_access.insert(target.to_owned());
        }
        self.attachments.get_mut(target).is_some_and(|policies| policies.remove(policy))
    }

    /// The ids of the policies attached directly to a target, in order.
    pub(super) fn of_target(&self, target: &str) -> BTreeSet<&str> {
        let mut policies: BTreeSet<&str> =
            self.attachments.get(target).into_iter().flatten().map(String::as_str).collect();
        if self.enabled && !self.without_full_access.contains(target) {
            policies.insert(FULL_AWS_ACCESS);
        }
        policies
    }

    /// Whether a policy other than `FullAWSAccess` is attached anywhere.
    pub(super) fn is_attached(&self, policy: &str) -> bool {
        self.attachments.values().any(|policies| policies.contains(policy))
    }

    pub(super) fn forget_target(&mut self, target: &str) {
        self.attachments.remove(target);
        self.without_full_access.remove(target);
    }

    /// The documents attached to each of some targets.
    pub(super) fn documents(&self, targets: &[&str]) -> Vec<Vec<Arc<Document>>> {
        if !self.enabled {
            return Vec::new();
        }
        let documents = |target: &&str| {
            let policies = self.of_target(target).into_iter().filter_map(|id| self.by_id.get(id));
            policies.map(|policy| Arc::clone(&policy.document)).collect()
        };
        targets.iter().map(documents).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_access_is_everywhere_until_it_is_detached() {
        let mut policies = Policies::default();
        assert!(policies.of_target("ou-a").is_empty());
        policies.enable();
        assert!(policies.of_target("ou-a").contains(FULL_AWS_ACCESS));
        assert!(!policies.attach(FULL_AWS_ACCESS, "ou-a"), "attached already");
        assert!(policies.detach(FULL_AWS_ACCESS, "ou-a"));
        assert!(policies.of_target("ou-a").is_empty());
        assert!(policies.of_target("ou-b").contains(FULL_AWS_ACCESS));
        assert!(policies.attach(FULL_AWS_ACCESS, "ou-a"));
    }
}
