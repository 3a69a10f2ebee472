//! What a role's name was found to be in one account, and what that means for a plan, or for the proof that a
//! role is gone. Pure.

use iam_policy::PolicyDocument;
use std::collections::BTreeSet;

use rollout_model::{
    Check, CheckOutcome, CheckResult, RoleName, RolloutName, Verdict, VerdictCause, VerifyMode,
};

/// What was found in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// IAM says that there is no role of that name.
    Free,
    /// There is one.
    Taken(TakenRole),
    /// Nobody knows, and why.
    NotSeen(String),
}

/// The role that has the name. IAM compares names without their case and their paths (aws-facts E1, F1), so
/// both may differ from what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenRole {
    /// As IAM writes it, with the path.
    pub arn: String,
    /// The day of its creation, such as `2026-01-31`.
    pub created: String,
    /// In the words of whoever made it.
    pub description: Option<String>,
    /// The rollout that its stack is of, where it carries our mark.
    pub mark: Option<String>,
    /// Whom it lets in; `None` where that could not be understood.
    pub trust: Option<PolicyDocument>,
}

impl Found {
    /// Why a stack that makes `role` would fail here, and what to do about it; `None` when nothing is known to
    /// be in the way. Only right for an account in which this rollout has no stack (aws-facts K30).
    pub fn objection(&self, role: &RoleName) -> Option<String> {
        let Found::Taken(TakenRole { arn, created, mark, .. }) = self else { return None };
        let exists = format!("the role `{role}` exists already (created {created}, {arn})");
        Some(match mark {
            // Another rollout may well have its stack there, and the tag alone does not tell.
            Some(rollout) => format!(
                "{exists} and was left behind by rollout `{rollout}`, or is still in use there: rename the \
                 role, or delete or import the existing one"
            ),
            None => format!(
                "{exists} and belongs to no stack of this rollout: rename the role, or delete or import the \
                 existing one"
            ),
        })
    }
}

impl Found {
    /// The verdict on a role that is to be gone, of a rollout that was taken away.
    pub(crate) fn absence(&self, role: &RoleName, rollout: &RolloutName) -> Verdict {
        let (outcome, cause, evidence) = match self {
            Found::Free => (CheckOutcome::Pass, None, Vec::new()),
            Found::Taken(taken) => {
                let evidence = vec![taken.still_there(role, rollout)];
                (CheckOutcome::Fail, Some(VerdictCause::RoleStillThere), evidence)
            }
            Found::NotSeen(why) => {
                (CheckOutcome::Unknown, Some(VerdictCause::RoleUnreadable), vec![why.clone()])
            }
        };
        let result =
            CheckResult { check: Check::RoleAbsent, outcome, cause, evidence, differs: BTreeSet::new() };
        Verdict { mode: VerifyMode::Absence, checks: vec![result] }
    }
}

impl TakenRole {
    /// IAM roles pass for a stack's own by the tags that the stack hands on to them (aws-facts A7).
    fn still_there(&self, role: &RoleName, rollout: &RolloutName) -> String {
        let TakenRole { arn, created, mark, .. } = self;
        let whose = match mark.as_deref() {
            Some(mark) if mark == rollout.as_str() => {
                "its stack left it behind, or is still there".to_owned()
            }
            Some(other) => format!("it is of the rollout `{other}`"),
            None => "it is of no stack of this rollout".to_owned(),
        };
        format!("the role `{role}` exists (created {created}, {arn}); {whose}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: &Found, expected: Option<&str>) {
        assert_eq!(found.objection(&"Audit".parse().unwrap()).as_deref(), expected);
    }

    fn taken(mark: Option<&str>) -> Found {
        Found::Taken(TakenRole {
            arn: "arn:aws:iam::012345678901:role/team/audit".to_owned(),
            created: "2026-01-31".to_owned(),
            description: None,
            mark: mark.map(str::to_owned),
            trust: None,
        })
    }

    #[test]
    fn only_a_role_that_was_seen_is_in_the_way() {
        check(&Found::Free, None);
        check(&Found::NotSeen("AccessDenied".to_owned()), None);
    }

    #[test]
    fn a_role_is_gone_only_when_iam_says_so_and_one_that_is_there_is_told_with_its_owner() {
        let judged = |found: &Found| {
            let verdict = found.absence(&"Audit".parse().unwrap(), &"demo".parse().unwrap());
            assert_eq!((verdict.mode, verdict.checks.len()), (VerifyMode::Absence, 1));
            let CheckResult { outcome, evidence, .. } = verdict.checks[0].clone();
            (outcome, evidence.join("; "))
        };
        assert_eq!(judged(&Found::Free), (CheckOutcome::Pass, String::new()));
        let not_seen = Found::NotSeen("AccessDenied".to_owned());
        assert_eq!(judged(&not_seen), (CheckOutcome::Unknown, "AccessDenied".to_owned()));
        for (mark, whose) in [
            (Some("demo"), "its stack left it behind, or is still there"),
            (Some("other"), "it is of the rollout `other`"),
            (None, "it is of no stack of this rollout"),
        ] {
            let (outcome, evidence) = judged(&taken(mark));
            assert_eq!(outcome, CheckOutcome::Fail);
            assert!(evidence.starts_with("the role `Audit` exists (created 2026-01-31, arn:"), "{evidence}");
            assert!(evidence.ends_with(&format!("; {whose}")), "{evidence}");
        }
    }

    #[test]
    fn a_taken_name_is_told_with_its_owner_and_the_remedy() {
        check(
            &taken(None),
            Some(
                "the role `Audit` exists already (created 2026-01-31, \
                 arn:aws:iam::012345678901:role/team/audit) and belongs to no stack of this rollout: rename \
                 the role, or delete or import the existing one",
            ),
        );
        check(
            &taken(Some("demo")),
            Some(
                "the role `Audit` exists already (created 2026-01-31, \
                 arn:aws:iam::012345678901:role/team/audit) and was left behind by rollout `demo`, or is \
                 still in use there: rename the role, or delete or import the existing one",
            ),
        );
    }
}
