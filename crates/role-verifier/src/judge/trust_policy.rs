//! Whether the live trust policy lets in whom the specification means to let in, and nobody without the external ID:
//! by evaluation. Nobody enters the role, and no check here says so.

use iam_policy::{Decision, Intended, NotTold, PolicyDocument, admits, intended, refusals};
use rollout_model::VerdictCause;

use super::findings::Findings;
use super::{Case, Judged};
use crate::attempt::WRONG_EXTERNAL_ID;
use crate::read::LiveRole;

impl Case<'_> {
    pub(super) fn trust_admits(self) -> Judged {
        self.by_live_trust(|meant, live| {
            let (mut findings, mut admitted) = (Findings::default(), Vec::new());
            for one in meant {
                match one.map(|one| (why_not(live, &one), one)) {
                    Ok((None, one)) => admitted.push(format!("{} is admitted", one.principal)),
                    Ok((Some((VerdictCause::Unknown, lines)), _)) => {
                        lines.into_iter().for_each(|line| findings.unknown(line));
                    }
                    Ok((Some((cause, lines)), _)) => {
                        lines.into_iter().for_each(|line| findings.fail(cause, line));
                    }
                    Err(not_told) => findings.unknown(not_told.to_string()),
                }
            }
            if admitted.is_empty() && findings.is_empty() {
                findings.unknown("the specification means to admit nobody".to_owned());
            }
            findings.conclude(admitted)
        })
    }

    pub(super) fn trust_refuses_without_external_id(self) -> Judged {
        self.trust_refuses(None, "without an external ID")
    }

    pub(super) fn trust_refuses_wrong_external_id(self) -> Judged {
        self.trust_refuses(Some(WRONG_EXTERNAL_ID), "with a wrong external ID")
    }

    /// A refusal only counts for whoever gets in with the right external ID.
    fn trust_refuses(self, external_id: Option<&str>, how: &str) -> Judged {
        let is_asked = |one: &Intended| one.external_id().is_some();
        if !intended(&self.expected().role.trust).iter().flatten().any(is_asked) {
            return Judged::not_applicable();
        }
        self.by_live_trust(|meant, live| {
            let gets_in = |one: &Intended| is_asked(one) && why_not(live, one).is_none();
            let (mut findings, mut is_any) = (Findings::default(), false);
            for one in meant.into_iter().flatten().filter(gets_in) {
                is_any = true;
                match admits(live, &one.request(external_id)) {
                    Decision::Allow { statement } => findings.fail(
                        VerdictCause::ExternalIdNotRequired,
                        format!("statement {} admits {} {how}", statement + 1, one.principal),
                    ),
                    Decision::Unknown { key } => findings
                        .unknown(format!("whether {} is refused {how} depends on {key}", one.principal)),
                    Decision::Deny { .. } | Decision::ImplicitDeny => {}
                }
            }
            match is_any {
                true => findings.conclude(Vec::new()),
                false => Judged::depends("nobody gets in with the right external ID"),
            }
        })
    }

    /// Asks the live trust policy, where there is one, about whomever the specification means to admit.
    fn by_live_trust(
        self,
        judge: impl FnOnce(Vec<Result<Intended, NotTold>>, &PolicyDocument) -> Judged,
    ) -> Judged {
        match &self.seen.live {
            LiveRole::Read(live) => judge(intended(&self.expected().role.trust), &live.trust),
            LiveRole::Absent => Judged::absent(),
            LiveRole::Unreadable(unread) => self.unread(unread),
        }
    }
}

/// Why the live policy does not admit somebody who brings what the specification asks for, a line for each reason;
/// `None` when it does.
fn why_not(live: &PolicyDocument, one: &Intended) -> Option<(VerdictCause, Vec<String>)> {
    let is_admitted = |id: Option<&str>| matches!(admits(live, &one.request(id)), Decision::Allow { .. });
    let who = &one.principal;
    let request = one.request(one.external_id());
    Some(match admits(live, &request) {
        Decision::Allow { .. } => return None,
        Decision::Unknown { key } => {
            (VerdictCause::Unknown, vec![format!("whether {who} is admitted depends on {key}")])
        }
        _ if is_admitted(None) || live.external_ids().into_iter().any(|id| is_admitted(Some(id))) => {
            (VerdictCause::ExternalIdMismatch, vec![format!("{who} is admitted with another external ID")])
        }
        Decision::Deny { .. } | Decision::ImplicitDeny => {
            let reasons = refusals(live, &request).into_iter();
            let lines = reasons.map(|refusal| format!("{who} is not admitted: {refusal}"));
            (VerdictCause::TrustExcludesCaller, lines.collect())
        }
    })
}
