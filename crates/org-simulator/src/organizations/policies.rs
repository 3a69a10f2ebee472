//! The policies of an organization: which exist, and where they are attached.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::Document;

/// The policy types that are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PolicyType {
    /// Bind the principals of members.
    ServiceControl,
    /// Bind the resources of members, whoever calls.
    ResourceControl,
}

impl PolicyType {
    pub(super) const ALL: [PolicyType; 2] = [PolicyType::ServiceControl, PolicyType::ResourceControl];

    /// As the API calls it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            PolicyType::ServiceControl => "SERVICE_CONTROL_POLICY",
            PolicyType::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }

    /// As ARNs call it.
    pub(crate) fn in_arns(self) -> &'static str {
        match self {
            PolicyType::ServiceControl => "service_control_policy",
            PolicyType::ResourceControl => "resource_control_policy",
        }
    }

    /// As people call it.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            PolicyType::ServiceControl => "service control policy",
            PolicyType::ResourceControl => "resource control policy",
        }
    }

    /// How many are attached to one target at most (aws-facts D4; of service control policies it were 5 for years).
    pub(super) fn most_per_target(self) -> usize {
        match self {
            PolicyType::ServiceControl => 10,
            PolicyType::ResourceControl => 5,
        }
    }

    /// The policy that AWS attaches everywhere when the type is switched on.
    fn full_access(self) -> Policy {
        let (name, text) = match self {
            PolicyType::ServiceControl => (
                "FullAWSAccess",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            ),
            PolicyType::ResourceControl => (
                "RCPFullAWSAccess",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
            ),
        };
        Policy {
            id: self.full_access_id().to_owned(),
            kind: self,
            name: name.to_owned(),
            description: "Allows access to every operation".to_owned(),
            aws_managed: true,
            document: Arc::new(Document::parse(text).expect("the text is a valid policy document")),
        }
    }

    fn full_access_id(self) -> &'static str {
        match self {
            PolicyType::ServiceControl => "p-FullAWSAccess",
            PolicyType::ResourceControl => "p-RCPFullAWSAccess",
        }
    }
}

/// One policy.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) id: String,
    pub(crate) kind: PolicyType,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) aws_managed: bool,
    pub(crate) document: Arc<Document>,
}

/// All policies of an organization.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    enabled: BTreeSet<PolicyType>,
    pub(super) by_id: BTreeMap<String, Policy>,
    /// What is attached to a target besides the policies that are attached everywhere.
    attachments: BTreeMap<String, BTreeSet<String>>,
    /// The few targets from which `FullAWSAccess` was detached: everything else has it.
    without_full_access: BTreeSet<String>,
}

impl Policies {
    /// Switches a policy type on, which attaches full access to everything.
    pub(crate) fn enable(&mut self, kind: PolicyType) {
        self.enabled.insert(kind);
        let full_access = kind.full_access();
        self.by_id.entry(full_access.id.clone()).or_insert(full_access);
    }

    /// Switches a policy type off; nothing of it stays attached.
    pub(super) fn disable(&mut self, kind: PolicyType) {
        self.enabled.remove(&kind);
        let by_id = &self.by_id;
        let is_other = |id: &String| by_id.get(id).is_some_and(|policy| policy.kind != kind);
        self.attachments.values_mut().for_each(|policies| policies.retain(is_other));
        if kind == PolicyType::ServiceControl {
            self.without_full_access.clear();
        }
    }

    pub(super) fn is_enabled(&self, kind: PolicyType) -> bool {
        self.enabled.contains(&kind)
    }

    /// The policy types that are on, in AWS's words.
    pub(super) fn enabled(&self) -> impl Iterator<Item = &'static str> {
        self.enabled.iter().map(|kind| kind.as_str())
    }

    pub(crate) fn add(&mut self, policy: Policy) {
        self.by_id.insert(policy.id.clone(), policy);
    }

    /// Attaches a policy; `false` if it was attached already.
    pub(crate) fn attach(&mut self, policy: &str, target: &str) -> bool {
        if policy == PolicyType::ServiceControl.full_access_id() {
            return self.without_full_access.remove(target);
        }
        self.attachments.entry(target.to_owned()).or_default().insert(policy.to_owned())
    }

    /// Detaches a policy; `false` if it was not attached. AWS never lets `RCPFullAWSAccess` go.
    pub(super) fn detach(&mut self, policy: &str, target: &str) -> bool {
        if policy == PolicyType::ServiceControl.full_access_id() {
            return self.without_full_access.insert(target.to_owned());
        }
        self.attachments.get_mut(target).is_some_and(|policies| policies.remove(policy))
    }

    /// The ids of the policies of a type that are attached directly to a target, in order.
    pub(super) fn of_target(&self, kind: PolicyType, target: &str) -> BTreeSet<&str> {
        let attached = self.attachments.get(target).into_iter().flatten().map(String::as_str);
        let is_of_kind = |id: &&str| self.by_id.get(*id).is_some_and(|policy| policy.kind == kind);
        let mut policies: BTreeSet<&str> = attached.filter(is_of_kind).collect();
        let is_detached = kind == PolicyType::ServiceControl && self.without_full_access.contains(target);
        if self.is_enabled(kind) && !is_detached {
            policies.insert(kind.full_access_id());
        }
        policies
    }

    /// Whether a policy that is not attached everywhere is attached anywhere.
    pub(super) fn is_attached(&self, policy: &str) -> bool {
        self.attachments.values().any(|policies| policies.contains(policy))
    }

    pub(super) fn forget_target(&mut self, target: &str) {
        self.attachments.remove(target);
        self.without_full_access.remove(target);
    }

    /// The documents of a type that are attached to each of some targets.
    pub(super) fn documents(&self, kind: PolicyType, targets: &[&str]) -> Vec<Vec<Arc<Document>>> {
        if !self.is_enabled(kind) {
            return Vec::new();
        }
        let documents = |target: &&str| {
            let policies = self.of_target(kind, target).into_iter().filter_map(|id| self.by_id.get(id));
            policies.map(|policy| Arc::clone(&policy.document)).collect()
        };
        targets.iter().map(documents).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::PolicyType::{ResourceControl, ServiceControl};
    use super::*;

    #[test]
    fn full_access_is_everywhere_until_it_is_detached() {
        let full_access = ServiceControl.full_access_id();
        let mut policies = Policies::default();
        assert!(policies.of_target(ServiceControl, "ou-a").is_empty());
        policies.enable(ServiceControl);
        assert!(policies.of_target(ServiceControl, "ou-a").contains(full_access));
        assert!(!policies.attach(full_access, "ou-a"), "attached already");
        assert!(policies.detach(full_access, "ou-a"));
        assert!(policies.of_target(ServiceControl, "ou-a").is_empty());
        assert!(policies.of_target(ServiceControl, "ou-b").contains(full_access));
        assert!(policies.attach(full_access, "ou-a"));
    }

    #[test]
    fn a_type_that_is_switched_off_takes_its_own_policies_along() {
        let mut policies = Policies::default();
        for kind in PolicyType::ALL {
            policies.enable(kind);
            policies.add(Policy { id: kind.as_str().to_owned(), ..kind.full_access() });
            policies.attach(kind.as_str(), "ou-a");
        }
        policies.disable(ResourceControl);
        assert!(policies.of_target(ResourceControl, "ou-a").is_empty());
        policies.enable(ResourceControl);
        let ids = |kind| policies.of_target(kind, "ou-a").into_iter().collect::<Vec<_>>();
        assert_eq!(ids(ResourceControl), ["p-RCPFullAWSAccess"]);
        assert_eq!(ids(ServiceControl), ["SERVICE_CONTROL_POLICY", "p-FullAWSAccess"]);
    }
}
