//! What was seen in one account to a verdict. Pure: its tests are tables.

use aws_failure::AwsFailure;
use rollout_model::{AccountId, Check, CheckOutcome, CheckResult, Verdict, VerifyMode};

use crate::attempt::{Attempt, Identity};
use crate::compare::role_differences;
use crate::read::LiveRole;
use crate::target::Expected;

/// Everything that was seen in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation {
    /// Entering as intended.
    pub(crate) entered: Attempt,
    /// Who the session is; `None` when there was none.
    pub(crate) identity: Option<Result<Identity, AwsFailure>>,
    /// Entering without an external ID; `None` when it was not tried.
    pub(crate) without_external_id: Option<Attempt>,
    /// Entering with a wrong one; `None` when it was not tried.
    pub(crate) wrong_external_id: Option<Attempt>,
    /// The live role.
    pub(crate) live: LiveRole,
}

/// One result per check, always all of them.
pub(crate) fn judge(account: &AccountId, expected: &Expected, seen: &Observation) -> Verdict {
    let result = |check: Check| {
        let (outcome, evidence) = match check {
            Check::Entered => entered(&seen.entered, &seen.live),
            Check::ExpectedAccount => expected_account(account, &expected.role.name, seen.identity.as_ref()),
            Check::RefusedWithoutExternalId => {
                refused(expected, &seen.entered, seen.without_external_id.as_ref(), "without an external ID")
            }
            Check::RefusedWithWrongExternalId => {
                refused(expected, &seen.entered, seen.wrong_external_id.as_ref(), "with a wrong external ID")
            }
            Check::RoleEqualsSpecification => equals(expected, &seen.live),
            Check::RoleAbsent => (CheckOutcome::NotApplicable, Vec::new()),
        };
        CheckResult { check, outcome, evidence }
    };
    Verdict { mode: VerifyMode::Direct, checks: Check::OF_A_ROLE.into_iter().map(result).collect() }
}

type Judged = (CheckOutcome, Vec<String>);

fn entered(attempt: &Attempt, live: &LiveRole) -> Judged {
    match attempt {
        Attempt::Entered => (CheckOutcome::Pass, Vec::new()),
        Attempt::Refused(failure) if *live == LiveRole::Absent => {
            (CheckOutcome::Fail, vec![format!("the role does not exist; {failure}")])
        }
        Attempt::Refused(failure) => (CheckOutcome::Fail, vec![failure.to_string()]),
        Attempt::Failed(failure) => (CheckOutcome::Unknown, vec![failure.to_string()]),
    }
}

fn expected_account(
    account: &AccountId,
    role: &str,
    identity: Option<&Result<Identity, AwsFailure>>,
) -> Judged {
    match identity {
        None => (CheckOutcome::Unknown, vec!["there was no session to ask".to_owned()]),
        Some(Err(failure)) => (CheckOutcome::Unknown, vec![failure.to_string()]),
        Some(Ok(identity)) => {
            // The session's ARN drops the role's path (aws-facts E1).
            let is_role = identity.arn.contains(&format!(":assumed-role/{role}/"));
            if identity.account == account.as_str() && is_role {
                (CheckOutcome::Pass, vec![identity.arn.clone()])
            } else {
                let evidence = format!("the session is {} in account {}", identity.arn, identity.account);
                (CheckOutcome::Fail, vec![evidence])
            }
        }
    }
}

/// A refusal only counts when the right external ID got in: a role that refuses everybody proves nothing.
fn refused(expected: &Expected, entered: &Attempt, attempt: Option<&Attempt>, how: &str) -> Judged {
    if expected.external_id.is_none() {
        return (CheckOutcome::NotApplicable, Vec::new());
    }
    match (attempt, entered) {
        (Some(Attempt::Entered), _) => {
            let evidence = format!("the role let its principal in {how}: it does not ask for the right one");
            (CheckOutcome::Fail, vec![evidence])
        }
        (Some(Attempt::Refused(_)), Attempt::Entered) => (CheckOutcome::Pass, Vec::new()),
        (Some(Attempt::Refused(_)), _) => {
            let evidence = "refused, but so was the right external ID";
            (CheckOutcome::Unknown, vec![evidence.to_owned()])
        }
        (Some(Attempt::Failed(failure)), _) => (CheckOutcome::Unknown, vec![failure.to_string()]),
        (None, _) => (CheckOutcome::Unknown, vec!["not tried".to_owned()]),
    }
}

fn equals(expected: &Expected, live: &LiveRole) -> Judged {
    match live {
        LiveRole::Read(live) => {
            let differences = role_differences(&expected.role, live);
            let outcome = if differences.is_empty() { CheckOutcome::Pass } else { CheckOutcome::Fail };
            (outcome, differences)
        }
        LiveRole::Absent => (CheckOutcome::Fail, vec!["the role does not exist".to_owned()]),
        LiveRole::Unreadable(problem) => (CheckOutcome::Unknown, vec![problem.clone()]),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sts::config::http::HttpResponse;
    use aws_sdk_sts::error::{ErrorMetadata, SdkError};
    use aws_sdk_sts::operation::assume_role::AssumeRoleError;
    use aws_smithy_types::body::SdkBody;
    use iam_policy::PolicyDocument;
    use role_template::RoleSpecification;
    use rollout_model::CheckOutcome::{Fail, NotApplicable, Pass, Unknown};
    use rollout_model::Conclusion;

    use super::*;

    fn failure(code: &str) -> AwsFailure {
        let metadata = ErrorMetadata::builder().code(code).message("no").build();
        let response = HttpResponse::new(403.try_into().unwrap(), SdkBody::empty());
        AwsFailure::new(&SdkError::service_error(AssumeRoleError::generic(metadata), response))
    }

    fn refusal() -> Attempt {
        Attempt::Refused(failure("AccessDenied"))
    }

    fn account() -> AccountId {
        "012345678901".parse().unwrap()
    }

    fn expected(external_id: Option<&str>) -> Expected {
        let trust = r#"{"Version":"2012-10-17","Statement":
            {"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}"#;
        let role = RoleSpecification::new("Reader", PolicyDocument::parse(trust).unwrap());
        Expected { role, external_id: external_id.map(|id| id.parse().unwrap()) }
    }

    fn all_well() -> Observation {
        Observation {
            entered: Attempt::Entered,
            identity: Some(Ok(Identity {
                account: "012345678901".to_owned(),
                arn: "arn:aws:sts::012345678901:assumed-role/Reader/rolecall-verify".to_owned(),
            })),
            without_external_id: Some(refusal()),
            wrong_external_id: Some(refusal()),
            live: LiveRole::Read(Box::new(expected(None).role)),
        }
    }

    #[track_caller]
    fn check(
        seen: &Observation,
        external_id: Option<&str>,
        outcomes: [CheckOutcome; 5],
        conclusion: Conclusion,
    ) {
        let verdict = judge(&account(), &expected(external_id), seen);
        let judged: Vec<CheckOutcome> = verdict.checks.iter().map(|result| result.outcome).collect();
        assert_eq!(judged, outcomes, "{verdict:#?}");
        assert_eq!(verdict.conclusion(), conclusion);
    }

    #[test]
    fn green_is_entered_refused_refused_and_equal() {
        check(&all_well(), Some("right"), [Pass; 5], Conclusion::Verified);
        let without = Observation { without_external_id: None, wrong_external_id: None, ..all_well() };
        check(&without, None, [Pass, Pass, NotApplicable, NotApplicable, Pass], Conclusion::Verified);
    }

    #[test]
    fn a_role_that_lets_strangers_in_is_a_finding() {
        let open = Observation { without_external_id: Some(Attempt::Entered), ..all_well() };
        check(&open, Some("right"), [Pass, Pass, Fail, Pass, Pass], Conclusion::Finding);
        let open = Observation { wrong_external_id: Some(Attempt::Entered), ..all_well() };
        check(&open, Some("right"), [Pass, Pass, Pass, Fail, Pass], Conclusion::Finding);
    }

    #[test]
    fn a_refusal_proves_nothing_when_the_right_external_id_was_refused_too() {
        let closed = Observation { entered: refusal(), identity: None, ..all_well() };
        check(&closed, Some("right"), [Fail, Unknown, Unknown, Unknown, Pass], Conclusion::Finding);
    }

    #[test]
    fn what_could_not_be_seen_is_unknown_and_not_green() {
        let throttled = Observation {
            entered: Attempt::Failed(failure("Throttling")),
            identity: None,
            without_external_id: None,
            wrong_external_id: None,
            live: LiveRole::Unreadable("denied".to_owned()),
        };
        check(&throttled, Some("right"), [Unknown; 5], Conclusion::NotProven);
    }

    #[test]
    fn a_session_in_another_account_or_of_another_role_is_a_finding() {
        for (account, role) in [("999999999999", "Reader"), ("012345678901", "Other")] {
            let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/rolecall-verify");
            let identity = Some(Ok(Identity { account: account.to_owned(), arn }));
            let elsewhere = Observation { identity, ..all_well() };
            check(&elsewhere, Some("right"), [Pass, Fail, Pass, Pass, Pass], Conclusion::Finding);
        }
    }

    #[test]
    fn an_absent_role_is_said_to_be_absent() {
        let absent = Observation { entered: refusal(), identity: None, live: LiveRole::Absent, ..all_well() };
        check(&absent, Some("right"), [Fail, Unknown, Unknown, Unknown, Fail], Conclusion::Finding);
        let verdict = judge(&account(), &expected(Some("right")), &absent);
        assert!(verdict.checks[0].evidence[0].starts_with("the role does not exist"));
    }
}
