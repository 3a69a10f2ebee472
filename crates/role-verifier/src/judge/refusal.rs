//! Why the role refused whom it should let in. STS says "AccessDenied" for ten things (aws-facts E2); what tells them
//! apart is the live role, the state of the account, and, as a hint, AWS's own words.

use aws_failure::AwsFailure;
use iam_policy::{Caller, Decision, PolicyDocument, TrustRequest, admits, refusals};
use role_template::RoleSpecification;
use rollout_model::VerdictCause;

use super::{Case, Judged};
use crate::read::LiveRole;

impl Case<'_> {
    /// What AWS said comes last: it is nearly always the same.
    pub(super) fn why_refused(self, failure: &AwsFailure) -> Judged {
        let (cause, mut evidence) = match &self.seen.live {
            LiveRole::Absent => (VerdictCause::RoleAbsent, vec!["the role does not exist".to_owned()]),
            LiveRole::Read(live) => match self.elsewhere(live) {
                Some(elsewhere) => (VerdictCause::RoleDiffers, vec![elsewhere]),
                None => self.by_trust(&live.trust, failure),
            },
            LiveRole::Unreadable(unread) => match self.shut() {
                Some((cause, standing)) => (cause, vec![standing]),
                None => {
                    let unread = format!("the role could not be looked at: {}", unread.said);
                    let evidence = [Some(unread), self.standing_not_seen()].into_iter().flatten().collect();
                    (hint(failure).unwrap_or(VerdictCause::Unknown), evidence)
                }
            },
        };
        evidence.push(failure.to_string());
        Judged::fail(cause, evidence)
    }

    /// IAM finds a role whatever its path and the case of its name; STS takes the exact ARN alone (aws-facts E1).
    fn elsewhere(self, live: &RoleSpecification) -> Option<String> {
        let specified = &self.expected().role;
        let is_elsewhere = (&live.path, &live.name) != (&specified.path, &specified.name);
        is_elsewhere.then(|| {
            format!(
                "the live role is `{}{}`, and whoever asks for `{}{}` asks for another",
                live.path, live.name, specified.path, specified.name
            )
        })
    }

    fn by_trust(self, trust: &PolicyDocument, failure: &AwsFailure) -> (VerdictCause, Vec<String>) {
        let Some(arn) = self.caller else { return (VerdictCause::Unknown, Vec::new()) };
        let Ok(caller) = Caller::from_arn(arn) else {
            return (VerdictCause::Unknown, vec![format!("{arn} is no principal that a policy can name")]);
        };
        let request = TrustRequest::new(caller);
        let with = |id: Option<&str>| match id {
            Some(id) => request.clone().with_external_id(id),
            None => request.clone(),
        };
        let is_admitted = |id| matches!(admits(trust, &with(id)), Decision::Allow { .. });
        let right = self.expected().external_id.as_ref().map(|id| id.expose());
        match admits(trust, &with(right)) {
            Decision::Allow { .. } => self.beyond_trust(arn, failure),
            Decision::Unknown { key } => {
                let evidence = format!("whether the trust policy admits {arn} depends on {key}");
                (hint(failure).unwrap_or(VerdictCause::Unknown), vec![evidence])
            }
            _ if is_admitted(None) || trust.external_ids().into_iter().any(|id| is_admitted(Some(id))) => {
                let evidence = format!("the live trust policy admits {arn} with another external ID");
                (VerdictCause::ExternalIdMismatch, vec![evidence])
            }
            Decision::Deny { .. } | Decision::ImplicitDeny => {
                let head = format!("the live trust policy does not admit {arn}");
                let reasons = refusals(trust, &with(right)).into_iter().map(|refusal| refusal.to_string());
                (VerdictCause::TrustExcludesCaller, std::iter::once(head).chain(reasons).collect())
            }
        }
    }

    /// The role would let the caller in. What is left is the caller's side, a policy of the organization, or time.
    fn beyond_trust(self, arn: &str, failure: &AwsFailure) -> (VerdictCause, Vec<String>) {
        let admits = format!("the live trust policy admits {arn} with this external ID");
        match hint(failure) {
            Some(cause) => (cause, vec![admits]),
            // This run made or changed the role, and the time that IAM was given is over.
            None if !self.target.settling.is_zero() => (VerdictCause::NotYetPropagated, vec![admits]),
            None => {
                let left = "what is left is its own permission to call sts:AssumeRole on this role";
                (VerdictCause::CallerNotAllowed, vec![format!("{admits}; {left}")])
            }
        }
    }
}

/// What the words of a refusal say of its cause, where they say anything (aws-facts E2, E3).
fn hint(failure: &AwsFailure) -> Option<VerdictCause> {
    let says = |words: &[&str]| words.iter().any(|word| failure.message().contains(word));
    if says(&["service control policy", "resource control policy"]) {
        Some(VerdictCause::ScpDenies)
    } else if says(&["identity-based policy", "permissions boundary", "session policy"]) {
        Some(VerdictCause::CallerNotAllowed)
    } else {
        None
    }
}
