//! Whether the live trust policy lets in whom the specification means to let in, and nobody without the external ID:
//! by evaluation. Nobody enters the role, and no check here says so.

use iam_policy::{Decision, Intended, PolicyDocument, admits, intended};
use rollout_model::VerdictCause;

use super::{Case, Judged};
use crate::attempt::WRONG_EXTERNAL_ID;
use crate::read::LiveRole;

impl Case<'_> {
    pub(super) fn trust_admits(self) -> Judged {
        let live = match self.live_trust() {
            Ok(live) => live,
            Err(judged) => return judged,
        };
        let (mut failed, mut evidence, mut admitted) = (None, Vec::new(), Vec::new());
        for one in intended(&self.expected().role.trust) {
            let one = match one {
                Ok(one) => one,
                Err(not_told) => {
                    evidence.push(not_told.to_string());
                    continue;
                }
            };
            match why_not(live, &one) {
                None => admitted.push(format!("{} is admitted", named(&one))),
                Some((VerdictCause::Unknown, line)) => evidence.push(line),
                Some((cause, line)) => {
                    failed = failed.or(Some(cause));
                    evidence.push(line);
                }
            }
        }
        match failed {
            Some(cause) => Judged::fail(cause, evidence),
            None if !evidence.is_empty() => Judged::unknown(VerdictCause::Unknown, evidence),
            None if admitted.is_empty() => {
                let nobody = "the specification admits nobody".to_owned();
                Judged::unknown(VerdictCause::Unknown, vec![nobody])
            }
            None => Judged::pass(admitted),
        }
    }

    pub(super) fn trust_refuses_without_external_id(self) -> Judged {
        self.trust_refuses(None, "without an external ID")
    }

    pub(super) fn trust_refuses_wrong_external_id(self) -> Judged {
        self.trust_refuses(Some(WRONG_EXTERNAL_ID), "with a wrong external ID")
    }

    /// A refusal only counts for whoever gets in with the right external ID.
    fn trust_refuses(self, external_id: Option<&str>, how: &str) -> Judged {
        let asked = intended(&self.expected().role.trust).into_iter().flatten();
        let asked: Vec<Intended> = asked.filter(|one| one.external_id().is_some()).collect();
        if asked.is_empty() {
            return Judged::not_applicable();
        }
        let live = match self.live_trust() {
            Ok(live) => live,
            Err(judged) => return judged,
        };
        let gets_in = |one: &&Intended| why_not(live, one).is_none();
        let decided: Vec<(&Intended, Decision)> =
            asked.iter().filter(gets_in).map(|one| (one, admits(live, &one.request(external_id)))).collect();
        if decided.is_empty() {
            return Judged::depends("nobody gets in with the right external ID");
        }
        let open = decided.iter().filter_map(|(one, decision)| match decision {
            Decision::Allow { statement } => {
                Some(format!("statement {} admits {} {how}", statement + 1, named(one)))
            }
            _ => None,
        });
        let open: Vec<String> = open.collect();
        if !open.is_empty() {
            return Judged::fail(VerdictCause::ExternalIdNotRequired, open);
        }
        let unclear = decided.iter().filter_map(|(one, decision)| match decision {
            Decision::Unknown { key } => {
                Some(format!("whether {} is refused {how} depends on {key}", named(one)))
            }
            _ => None,
        });
        match unclear.collect::<Vec<_>>() {
            unclear if unclear.is_empty() => Judged::pass(Vec::new()),
            unclear => Judged::unknown(VerdictCause::Unknown, unclear),
        }
    }

    fn live_trust(&self) -> Result<&PolicyDocument, Judged> {
        match &self.seen.live {
            LiveRole::Read(live) => Ok(&live.trust),
            LiveRole::Absent => Err(Judged::absent()),
            LiveRole::Unreadable(unread) => Err(self.unread(unread)),
        }
    }
}

/// Why the live policy does not admit somebody who brings what the specification asks for; `None` when it does.
fn why_not(live: &PolicyDocument, one: &Intended) -> Option<(VerdictCause, String)> {
    let is_admitted = |id: Option<&str>| matches!(admits(live, &one.request(id)), Decision::Allow { .. });
    let who = named(one);
    match admits(live, &one.request(one.external_id())) {
        Decision::Allow { .. } => None,
        Decision::Unknown { key } => {
            Some((VerdictCause::Unknown, format!("whether {who} is admitted depends on {key}")))
        }
        _ if is_admitted(None) || live.external_ids().into_iter().any(|id| is_admitted(Some(id))) => {
            Some((VerdictCause::ExternalIdMismatch, format!("{who} is admitted with another external ID")))
        }
        Decision::Deny { statement } => {
            Some((VerdictCause::TrustExcludesCaller, format!("statement {} denies {who}", statement + 1)))
        }
        Decision::ImplicitDeny => {
            Some((VerdictCause::TrustExcludesCaller, format!("no statement admits {who}")))
        }
    }
}

fn named(one: &Intended) -> String {
    one.principal.to_string()
}
