//! What verification found in one account.

use std::collections::BTreeSet;
use std::fmt;

use crate::{RoleProperty, VerdictCause};

/// The checks made in one account, with their evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// On what kind of evidence the verdict rests.
    pub mode: VerifyMode,
    /// Every check, each exactly once.
    pub checks: Vec<CheckResult>,
}

/// How the role is tried, or looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyMode {
    /// Our own principal, or one that we can reach, is trusted: full tests through STS.
    Direct,
    /// Somebody else is trusted, and beside them a principal of ours for the sake of the proof: full tests
    /// through STS, as that principal.
    Probe,
    /// Somebody else is trusted: the live trust policy is read and evaluated for them. No test through STS.
    Offline,
    /// The role is to be gone, and is looked for by its name.
    Absence,
}

impl VerifyMode {
    /// What is asked in this mode, in the order in which it is shown. What was evaluated has other names than
    /// what was tried, so that nobody takes the one for the other.
    pub fn checks(self) -> &'static [Check] {
        match self {
            VerifyMode::Direct | VerifyMode::Probe => &[
                Check::Entered,
                Check::ExpectedAccount,
                Check::RefusedWithoutExternalId,
                Check::RefusedWithWrongExternalId,
                Check::RoleEqualsSpecification,
                Check::Permissions,
                Check::NobodyElse,
            ],
            VerifyMode::Offline => &[
                Check::TrustAdmits,
                Check::TrustRefusesWithoutExternalId,
                Check::TrustRefusesWrongExternalId,
                Check::RoleEqualsSpecification,
                Check::Permissions,
                Check::NobodyElse,
            ],
            VerifyMode::Absence => &[Check::RoleAbsent],
        }
    }
}

impl fmt::Display for VerifyMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            VerifyMode::Direct => "direct",
            VerifyMode::Probe => "probe",
            VerifyMode::Offline => "offline",
            VerifyMode::Absence => "absence",
        })
    }
}

/// One check with what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// What was asked.
    pub check: Check,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// Why it is not green; `None` where it is, and where it only follows from another check.
    pub cause: Option<VerdictCause>,
    /// What was seen, one line each; for a failure every difference.
    pub evidence: Vec<String>,
    /// In what the live role differs, where this is what was asked: the evidence in a form to count by.
    pub differs: BTreeSet<RoleProperty>,
}

/// The questions asked in each account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The role lets its principal in, with the external ID when one is specified.
    Entered,
    /// The session that it gave belongs to the expected account and role.
    ExpectedAccount,
    /// The role refuses its principal without an external ID.
    RefusedWithoutExternalId,
    /// The role refuses its principal with a wrong external ID.
    RefusedWithWrongExternalId,
    /// The live trust policy admits everybody whom the specification admits: evaluated, not tried.
    TrustAdmits,
    /// The live trust policy refuses them without an external ID: evaluated, not tried.
    TrustRefusesWithoutExternalId,
    /// The live trust policy refuses them with a wrong external ID: evaluated, not tried.
    TrustRefusesWrongExternalId,
    /// The live role equals the specification, property by property.
    RoleEqualsSpecification,
    /// The role may do what it is to be able to do, and may not do what it must not: simulated by IAM, with the
    /// permissions boundary and service control policies.
    Permissions,
    /// The live trust policy admits nobody but those whom the specification names.
    NobodyElse,
    /// There is no role of that name: asked alone, where the roll-out was taken away.
    RoleAbsent,
}

impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Check::Entered => "entered",
            Check::ExpectedAccount => "in the expected account",
            Check::RefusedWithoutExternalId => "refused without external ID",
            Check::RefusedWithWrongExternalId => "refused with a wrong external ID",
            Check::TrustAdmits => "trust policy admits",
            Check::TrustRefusesWithoutExternalId => "trust policy refuses without external ID",
            Check::TrustRefusesWrongExternalId => "trust policy refuses a wrong external ID",
            Check::RoleEqualsSpecification => "role equals specification",
            Check::Permissions => "permissions",
            Check::NobodyElse => "nobody else",
            Check::RoleAbsent => "role absent",
        })
    }
}

/// What came of a check. Only `Pass` and `NotApplicable` can be green.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Seen to be so.
    Pass,
    /// Seen not to be so.
    Fail,
    /// Could not be seen.
    Unknown,
    /// The specification does not ask for it.
    NotApplicable,
}

impl fmt::Display for CheckOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            CheckOutcome::Pass => "pass",
            CheckOutcome::Fail => "fail",
            CheckOutcome::Unknown => "unknown",
            CheckOutcome::NotApplicable => "not applicable",
        })
    }
}

/// A verdict in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conclusion {
    /// Every check passed or does not apply: the one green there is. Of a role that is to be gone it says that
    /// nothing has its name.
    Verified,
    /// The role was reached, and something about it is not as specified.
    Finding,
    /// Something could not be seen, and nothing was seen to be wrong.
    NotProven,
}

impl fmt::Display for Conclusion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Conclusion::Verified => "verified",
            Conclusion::Finding => "finding",
            Conclusion::NotProven => "not proven",
        })
    }
}

impl Verdict {
    /// The verdict in one word. A verdict without checks proves nothing.
    pub fn conclusion(&self) -> Conclusion {
        let any = |outcome| self.checks.iter().any(|result| result.outcome == outcome);
        if any(CheckOutcome::Fail) {
            Conclusion::Finding
        } else if any(CheckOutcome::Unknown) || !any(CheckOutcome::Pass) {
            Conclusion::NotProven
        } else {
            Conclusion::Verified
        }
    }

    /// The most telling cause: that of the first check that has one. What cannot be entered is not told by
    /// what follows from it, and that the role differs says less than what comes of the difference.
    pub fn cause(&self) -> Option<VerdictCause> {
        let causes = || self.open_checks().filter_map(|result| result.cause);
        causes().find(|cause| *cause != VerdictCause::RoleDiffers).or_else(|| causes().next())
    }

    /// The checks that are not green.
    pub fn open_checks(&self) -> impl Iterator<Item = &CheckResult> {
        self.checks
            .iter()
            .filter(|result| matches!(result.outcome, CheckOutcome::Fail | CheckOutcome::Unknown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(outcomes: &[CheckOutcome], expected: Conclusion) {
        let result = |&outcome| CheckResult {
            check: Check::Entered,
            outcome,
            cause: None,
            evidence: Vec::new(),
            differs: BTreeSet::new(),
        };
        let verdict = Verdict { mode: VerifyMode::Direct, checks: outcomes.iter().map(result).collect() };
        assert_eq!(verdict.conclusion(), expected, "{outcomes:?}");
    }

    #[test]
    fn what_comes_of_a_difference_says_more_than_the_difference() {
        let result = |check, cause| CheckResult {
            check,
            outcome: CheckOutcome::Fail,
            cause: Some(cause),
            evidence: Vec::new(),
            differs: BTreeSet::new(),
        };
        let differs = result(Check::RoleEqualsSpecification, VerdictCause::RoleDiffers);
        let stranger = result(Check::NobodyElse, VerdictCause::StrangerAdmitted);
        let cause = |checks| Verdict { mode: VerifyMode::Direct, checks }.cause();
        assert_eq!(cause(vec![differs.clone(), stranger]), Some(VerdictCause::StrangerAdmitted));
        assert_eq!(cause(vec![differs]), Some(VerdictCause::RoleDiffers));
        assert_eq!(cause(Vec::new()), None);
    }

    #[test]
    fn only_passed_checks_make_a_verified_account() {
        use CheckOutcome::{Fail, NotApplicable, Pass, Unknown};
        check(&[Pass, Pass], Conclusion::Verified);
        check(&[Pass, NotApplicable], Conclusion::Verified);
        check(&[Pass, Unknown], Conclusion::NotProven);
        check(&[Pass, Unknown, Fail], Conclusion::Finding);
        check(&[NotApplicable], Conclusion::NotProven);
        check(&[], Conclusion::NotProven);
    }
}
