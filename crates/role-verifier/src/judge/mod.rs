//! What was seen in one account to a verdict: one result per check, always all of them. Pure: its tests are tables.

mod entry;
mod findings;
mod permissions;
mod refusal;
mod role;
mod strangers;
#[cfg(test)]
mod tests;
mod trust_policy;

use std::collections::BTreeSet;

use rollout_model::{
    AccountState, Check, CheckOutcome, CheckResult, RoleProperty, Verdict, VerdictCause, VerifyMode,
};

use crate::observe::{Observation, Tried};
use crate::target::{Expected, Target};
use crate::unread::Unread;

/// `caller` is the ARN of the principal that tries the role, in a mode in which somebody does.
pub(crate) fn judge(mode: VerifyMode, caller: Option<&str>, target: &Target, seen: &Observation) -> Verdict {
    let case = Case { caller, target, seen };
    let result = |&check: &Check| {
        let Judged { outcome, cause, evidence, differs } = case.judge(check);
        CheckResult { check, outcome, cause, evidence, differs }
    };
    Verdict { mode, checks: mode.checks().iter().map(result).collect() }
}

/// Everything that there is to judge by.
#[derive(Clone, Copy)]
struct Case<'a> {
    caller: Option<&'a str>,
    target: &'a Target,
    seen: &'a Observation,
}

impl<'a> Case<'a> {
    fn expected(self) -> &'a Expected {
        &self.target.expected
    }

    fn judge(self, check: Check) -> Judged {
        match check {
            Check::Entered => self.tried(|case, tried| case.entered(&tried.entered)),
            Check::ExpectedAccount => self.tried(Case::expected_account),
            Check::RefusedWithoutExternalId => self.tried(|case, tried| {
                case.refused(tried, tried.without_external_id.as_ref(), "without an external ID")
            }),
            Check::RefusedWithWrongExternalId => self.tried(|case, tried| {
                case.refused(tried, tried.wrong_external_id.as_ref(), "with a wrong external ID")
            }),
            Check::TrustAdmits => self.trust_admits(),
            Check::TrustRefusesWithoutExternalId => self.trust_refuses_without_external_id(),
            Check::TrustRefusesWrongExternalId => self.trust_refuses_wrong_external_id(),
            Check::RoleEqualsSpecification => self.equals(),
            Check::Permissions => self.permissions(),
            Check::NobodyElse => self.nobody_else(),
            // Asked alone, by `absence`.
            Check::RoleAbsent => Judged::not_applicable(),
        }
    }

    fn tried(self, judge: impl FnOnce(Self, &Tried) -> Judged) -> Judged {
        match &self.seen.tried {
            Some(tried) => judge(self, tried),
            None => Judged::not_applicable(),
        }
    }

    /// Why the live role could not be read: an account that is shut says it better than what was refused there.
    fn unread(self, Unread { said, is_throttled }: &Unread) -> Judged {
        if let Some((cause, standing)) = self.shut() {
            return Judged::unknown(cause, vec![standing, said.clone()]);
        }
        let cause = if *is_throttled { VerdictCause::ThrottledOut } else { VerdictCause::RoleUnreadable };
        Judged::unknown(cause, vec![said.clone()])
    }

    /// Why it is not known how the account stands, where that was asked.
    fn standing_not_seen(self) -> Option<String> {
        let why = self.seen.standing.as_ref()?.as_ref().err()?;
        Some(format!("how the account stands is not known: {why}"))
    }

    /// Whether the account is shut or gone, and in what words.
    fn shut(self) -> Option<(VerdictCause, String)> {
        match self.seen.standing.as_ref()?.as_ref().ok()? {
            None => Some((
                VerdictCause::AccountLeft,
                "the account is none of the organization any more".to_owned(),
            )),
            // Neither says that anything is shut (aws-facts D3).
            Some(AccountState::Active | AccountState::Unrecognized(_)) => None,
            Some(state) => Some((VerdictCause::AccountSuspended, format!("the account is {state}"))),
        }
    }
}

/// What came of one check.
struct Judged {
    outcome: CheckOutcome,
    cause: Option<VerdictCause>,
    evidence: Vec<String>,
    differs: BTreeSet<RoleProperty>,
}

impl Judged {
    fn of(outcome: CheckOutcome, cause: Option<VerdictCause>, evidence: Vec<String>) -> Self {
        Judged { outcome, cause, evidence, differs: BTreeSet::new() }
    }

    fn pass(evidence: Vec<String>) -> Self {
        Judged::of(CheckOutcome::Pass, None, evidence)
    }

    fn fail(cause: VerdictCause, evidence: Vec<String>) -> Self {
        Judged::of(CheckOutcome::Fail, Some(cause), evidence)
    }

    fn unknown(cause: VerdictCause, evidence: Vec<String>) -> Self {
        Judged::of(CheckOutcome::Unknown, Some(cause), evidence)
    }

    /// What cannot be told because of what another check says.
    fn depends(evidence: &str) -> Self {
        Judged::of(CheckOutcome::Unknown, None, vec![evidence.to_owned()])
    }

    fn not_applicable() -> Self {
        Judged::of(CheckOutcome::NotApplicable, None, Vec::new())
    }

    fn absent() -> Self {
        Judged::fail(VerdictCause::RoleAbsent, vec!["the role does not exist".to_owned()])
    }
}
