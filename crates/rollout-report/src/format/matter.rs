//! Why an account is not green, once for all forms that show one cause for each.

use rollout_model::{CheckResult, DeploymentStatus, Verdict, VerdictCause};

use crate::account_row::{AccountRow, Standing, Verification};
use crate::cause::{Diagnosis, diagnose};
use crate::schema::{CauseWord, VerdictCauseWord, word};
use crate::verdict_cause;

/// Why an account is not green. Text from outside is as it came: each form escapes it in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matter {
    /// In one word, that of the JSON report where there is one.
    pub(super) cause: String,
    /// The same in a few words.
    pub(super) title: &'static str,
    /// The command to run next, or what to do first; `None` where nobody knows.
    pub(super) remedy: Option<String>,
    /// Everything that was seen of it, a line each.
    pub(super) evidence: Vec<String>,
}

/// What is the matter with an account; `None` when nothing is.
///
/// The deployment comes first: where it failed, whatever verification says follows from it.
pub(super) fn matter(row: &AccountRow) -> Option<Matter> {
    if matches!(row.standing(), Standing::AsSpecified | Standing::NotTargeted) {
        return None;
    }
    let (cause, title, remedy) = cause(row);
    Some(Matter { cause, title, remedy, evidence: evidence(row) })
}

type Cause = (String, &'static str, Option<String>);

fn cause(row: &AccountRow) -> Cause {
    let plain = |cause: &str, title| (cause.to_owned(), title, None);
    if row.is_blocked() {
        return plain("blocked", "the account cannot get the role as things stand");
    }
    if let Some(Diagnosis { cause, remedy }) = row.deployment.as_ref().and_then(diagnose) {
        return (word(&CauseWord::from(cause)), cause.in_words(), remedy);
    }
    match &row.verification {
        Verification::Done(verdict) if !row.is_verified() => of_verdict(verdict),
        Verification::NotVerified(_) => plain("not_verified", "the account was not verified"),
        _ if row.deployment.as_ref().is_some_and(DeploymentStatus::is_open) => {
            plain("deployment_open", "the deployment is not over")
        }
        Verification::Pending => plain("verification_pending", "the verification is not over"),
        Verification::NotAsked | Verification::Done(_) => {
            plain("not_looked_at", "the account was not looked at")
        }
    }
}

fn of_verdict(verdict: &Verdict) -> Cause {
    let cause = verdict.cause().unwrap_or(VerdictCause::Unknown);
    let remedy = verdict_cause::remedy(cause).map(str::to_owned);
    (word(&VerdictCauseWord::from(cause)), verdict_cause::in_words(cause), remedy)
}

/// What is known of both axes.
fn evidence(row: &AccountRow) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(
        row.plan.as_ref().filter(|_| row.is_blocked()).map(|plan| format!("blocked: {}", plan.reason)),
    );
    if let Some(status) = &row.deployment {
        let reason = status.reason().map(|reason| format!("{status}: {reason}"));
        lines.extend(reason.or_else(|| status.is_open().then(|| format!("deployment {status}"))));
    }
    match &row.verification {
        Verification::NotAsked => {}
        Verification::Pending => lines.push("verification pending".to_owned()),
        Verification::NotVerified(reason) => lines.push(format!("not verified: {reason}")),
        Verification::Done(verdict) if verdict.checks.is_empty() => {
            lines.push("not proven: no check was made".to_owned());
        }
        Verification::Done(verdict) => lines.extend(verdict.open_checks().map(line)),
    }
    lines
}

/// A check that is not green, with what was seen.
pub(super) fn line(result: &CheckResult) -> String {
    match result.evidence.join("; ") {
        seen if seen.is_empty() => format!("{}: {}", result.check, result.outcome),
        seen => format!("{}: {}: {seen}", result.check, result.outcome),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn whatever_is_not_green_has_a_cause_and_says_what_was_seen() {
        for (run, state) in samples::every_run() {
            for (id, row) in state.accounts() {
                let is_green = matches!(row.standing(), Standing::AsSpecified | Standing::NotTargeted);
                match matter(row) {
                    Some(matter) => {
                        assert!(!is_green, "{run} {id}: {matter:?}");
                        assert!(!matter.cause.is_empty() && !matter.title.is_empty(), "{run} {id}");
                        let not_looked_at = matter.cause == "not_looked_at";
                        assert_eq!(matter.evidence.is_empty(), not_looked_at, "{run} {id}: {matter:?}");
                    }
                    None => assert!(is_green, "{run} {id}"),
                }
            }
        }
    }

    #[test]
    fn a_deployment_that_failed_comes_before_what_follows_from_it() {
        let state = samples::state(&samples::failures_and_findings());
        let of = |id: &str| {
            matter(&state.accounts()[&samples::id(id)]).map(|matter| (matter.cause, matter.evidence))
        };
        let (cause, evidence) = of("200000000002").unwrap();
        assert_eq!(cause, "service_control_policy");
        assert!(evidence[0].starts_with("failed: ResourceLogicalId:Role"), "{evidence:?}");
        assert_eq!(evidence[1..], ["not verified: its deployment failed"]);
        let (cause, evidence) = of("200000000001").unwrap();
        assert_eq!(cause, "role-differs");
        assert!(
            evidence[0].starts_with("role equals specification: fail: attached policies"),
            "{evidence:?}"
        );
        assert_eq!(of("200000000004").unwrap().0, "role-unreadable");
        assert_eq!(of("100000000001"), None);
    }
}
