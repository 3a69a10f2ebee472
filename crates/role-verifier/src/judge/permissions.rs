//! Whether the role may do what it is for and nothing that it must not, by IAM's simulation.

use std::collections::BTreeMap;

use rollout_model::VerdictCause;

use super::findings::Findings;
use super::{Case, Judged};
use crate::permissions::Simulated;
use crate::read::LiveRole;
use crate::target::Permissions;

impl Case<'_> {
    pub(super) fn permissions(self) -> Judged {
        let wanted = &self.expected().permissions;
        if wanted.is_empty() {
            return Judged::not_applicable();
        }
        match (&self.seen.simulated, &self.seen.live) {
            (Some(Ok(simulated)), _) => judge(wanted, simulated),
            (Some(Err(unread)), _) | (None, LiveRole::Unreadable(unread)) => self.unread(unread),
            (None, LiveRole::Absent | LiveRole::Read(_)) => Judged::depends("there is no role to ask about"),
        }
    }
}

fn judge(wanted: &Permissions, simulated: &BTreeMap<String, Simulated>) -> Judged {
    let mut findings = Findings::default();
    for action in wanted.allow.union(&wanted.deny) {
        let is_wanted = wanted.allow.contains(action);
        let Some(said) = simulated.get(action) else {
            findings.unknown(format!("IAM's simulation says nothing of {action}"));
            continue;
        };
        match (said.is_allowed(), is_wanted) {
            (true, true) => {}
            (true, false) => findings.fail(VerdictCause::PermissionExcess, format!("{action} is allowed")),
            // A refusal for want of condition keys that a simulation does not have says nothing of a call that
            // has them. IAM names those of all policies, whichever action is asked about.
            (false, _) if said.depends() => {
                let keys = said.missing_keys.join(", ");
                findings.unknown(format!(
                    "whether {action} is allowed may depend on {keys} (verify.permissions.context)"
                ));
            }
            (false, true) => {
                let (cause, why) = said.why_denied();
                findings.fail(cause, format!("{action} {why}"));
            }
            (false, false) => {}
        }
    }
    findings.conclude(vec!["as simulated by IAM".to_owned()])
}

impl Simulated {
    fn is_allowed(&self) -> bool {
        self.decision == "allowed" && self.allowed_by_organization != Some(false)
    }

    fn depends(&self) -> bool {
        !self.missing_keys.is_empty() && self.allowed_by_organization != Some(false)
    }

    fn why_denied(&self) -> (VerdictCause, &'static str) {
        let missing = VerdictCause::PermissionMissing;
        match (self.allowed_by_organization, self.allowed_by_boundary, self.decision.as_str()) {
            (Some(false), ..) => (VerdictCause::ScpDenies, "is denied by service control policies"),
            (_, Some(false), _) => (missing, "is not within its permissions boundary"),
            (_, _, "explicitDeny") => (missing, "is denied by one of its policies"),
            _ => (missing, "is allowed by none of its policies"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rollout_model::CheckOutcome::{self, Fail, Pass, Unknown};

    use super::*;

    fn said(decision: &str) -> Simulated {
        Simulated {
            decision: decision.to_owned(),
            allowed_by_organization: None,
            allowed_by_boundary: None,
            missing_keys: Vec::new(),
        }
    }

    /// What is judged of one action that is to be allowed, and of the same one when it is to be denied.
    #[track_caller]
    fn check(said: Simulated, allow: (CheckOutcome, &str), deny: (CheckOutcome, &str)) {
        let simulated = [("s3:GetObject".to_owned(), said)].into();
        let listed = || ["s3:GetObject".to_owned()].into();
        let allowing = Permissions { allow: listed(), ..Permissions::default() };
        let denying = Permissions { deny: listed(), ..Permissions::default() };
        for (wanted, (outcome, evidence)) in [(allowing, allow), (denying, deny)] {
            let judged = judge(&wanted, &simulated);
            assert_eq!(judged.outcome, outcome, "{simulated:?} {wanted:?}");
            assert_eq!(judged.evidence.join("; "), evidence, "{simulated:?} {wanted:?}");
            assert_eq!(judged.cause.is_some(), outcome != Pass);
        }
    }

    #[test]
    fn what_iam_simulates_is_held_against_both_lists() {
        let well = (Pass, "as simulated by IAM");
        check(said("allowed"), well, (Fail, "s3:GetObject is allowed"));
        check(said("implicitDeny"), (Fail, "s3:GetObject is allowed by none of its policies"), well);
        check(said("explicitDeny"), (Fail, "s3:GetObject is denied by one of its policies"), well);
        let bounded = Simulated { allowed_by_boundary: Some(false), ..said("implicitDeny") };
        check(bounded, (Fail, "s3:GetObject is not within its permissions boundary"), well);
        let by_organization = Simulated { allowed_by_organization: Some(false), ..said("explicitDeny") };
        check(by_organization, (Fail, "s3:GetObject is denied by service control policies"), well);
    }

    #[test]
    fn what_a_simulation_cannot_know_is_unknown() {
        let depends = Simulated { missing_keys: vec!["aws:SourceIp".to_owned()], ..said("implicitDeny") };
        let unknown = (
            Unknown,
            "whether s3:GetObject is allowed may depend on aws:SourceIp (verify.permissions.context)",
        );
        check(depends, unknown, unknown);
        let nothing = Permissions { allow: ["s3:GetObject".to_owned()].into(), ..Permissions::default() };
        assert_eq!(judge(&nothing, &BTreeMap::new()).outcome, Unknown);
    }

    #[test]
    fn service_control_policies_are_told_as_such() {
        let said = Simulated { allowed_by_organization: Some(false), ..said("implicitDeny") };
        let wanted = Permissions { allow: ["s3:GetObject".to_owned()].into(), ..Permissions::default() };
        let judged = judge(&wanted, &[("s3:GetObject".to_owned(), said)].into());
        assert_eq!(judged.cause, Some(VerdictCause::ScpDenies));
    }
}
