use std::sync::Arc;
use std::time::Duration;

use aws_failure::AwsFailure;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_types::body::SdkBody;
use iam_policy::PolicyDocument;
use role_template::RoleSpecification;
use rollout_model::CheckOutcome::{Fail, NotApplicable, Pass, Unknown};
use rollout_model::Conclusion;

use super::*;
use crate::attempt::{Attempt, Identity};
use crate::observe::Standing;
use crate::read::LiveRole;
use crate::target::Permissions;

const CALLER: &str = "arn:aws:iam::111122223333:role/Hub";

const RIGHT: &str = "secret-right";

fn failed(code: &str, message: &str) -> AwsFailure {
    let metadata = ErrorMetadata::builder().code(code).message(message).build();
    let response = HttpResponse::new(403.try_into().unwrap(), SdkBody::empty());
    AwsFailure::new(&SdkError::service_error(AssumeRoleError::generic(metadata), response))
}

fn refusal(message: &str) -> Attempt {
    Attempt::Refused(failed("AccessDenied", message))
}

/// One statement that lets in the account of [`CALLER`] with this external ID.
fn trust(external_id: Option<&str>) -> String {
    let condition =
        external_id.map(|id| format!(r#","Condition":{{"StringEquals":{{"sts:ExternalId":"{id}"}}}}"#));
    format!(
        r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"111122223333"}}{}}}"#,
        condition.unwrap_or_default()
    )
}

fn role(statement: &str) -> RoleSpecification {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    RoleSpecification::new("Reader", PolicyDocument::parse(&text).unwrap())
}

fn target(external_id: Option<&str>, settling: Duration) -> Target {
    let expected = Expected {
        role: role(&trust(external_id)),
        external_id: external_id.map(|id| id.parse().unwrap()),
        permissions: Permissions::default(),
    };
    Target { account: "012345678901".parse().unwrap(), expected: Arc::new(expected), settling }
}

fn entered() -> Tried {
    Tried {
        entered: Attempt::Entered,
        identity: Some(Ok(Identity {
            account: "012345678901".to_owned(),
            arn: "arn:aws:sts::012345678901:assumed-role/Reader/rolecall-verify".to_owned(),
        })),
        without_external_id: Some(refusal("no")),
        wrong_external_id: Some(refusal("no")),
    }
}

fn shut_out(entered: Attempt) -> Tried {
    Tried { entered, identity: None, without_external_id: None, wrong_external_id: None }
}

fn seen(tried: Tried, live: LiveRole) -> Observation {
    Observation { tried: Some(tried), live, simulated: None, standing: None }
}

fn live(statement: &str) -> LiveRole {
    LiveRole::Read(Box::new(role(statement)))
}

fn unreadable() -> LiveRole {
    LiveRole::Unreadable(Unread::odd("could not enter the access role"))
}

/// Entered, in the expected account, refused without and with a wrong external ID, equal; then nobody else.
#[track_caller]
fn check(tried: Tried, external_id: Option<&str>, outcomes: [CheckOutcome; 6], conclusion: Conclusion) {
    let [rest @ .., nobody_else] = outcomes;
    let seen = seen(tried, live(&trust(external_id)));
    let verdict = judge(VerifyMode::Direct, Some(CALLER), &target(external_id, Duration::ZERO), &seen);
    let judged: Vec<CheckOutcome> = verdict.checks.iter().map(|result| result.outcome).collect();
    let expected: Vec<CheckOutcome> = rest.into_iter().chain([NotApplicable, nobody_else]).collect();
    assert_eq!(judged, expected, "{verdict:#?}");
    assert_eq!(verdict.conclusion(), conclusion);
    assert_eq!(verdict.cause().is_some(), conclusion != Conclusion::Verified, "{verdict:#?}");
}

#[test]
fn green_is_entered_refused_refused_equal_and_nobody_else() {
    check(entered(), Some(RIGHT), [Pass; 6], Conclusion::Verified);
    let without = Tried { without_external_id: None, wrong_external_id: None, ..entered() };
    check(without, None, [Pass, Pass, NotApplicable, NotApplicable, Pass, Pass], Conclusion::Verified);
}

#[test]
fn a_role_that_lets_strangers_in_is_a_finding() {
    let open = Tried { without_external_id: Some(Attempt::Entered), ..entered() };
    check(open, Some(RIGHT), [Pass, Pass, Fail, Pass, Pass, Pass], Conclusion::Finding);
    let open = Tried { wrong_external_id: Some(Attempt::Entered), ..entered() };
    check(open, Some(RIGHT), [Pass, Pass, Pass, Fail, Pass, Pass], Conclusion::Finding);
}

#[test]
fn a_refusal_proves_nothing_when_the_right_external_id_was_refused_too() {
    let closed = shut_out(refusal("no"));
    check(closed, Some(RIGHT), [Fail, Unknown, Unknown, Unknown, Pass, Pass], Conclusion::Finding);
}

#[test]
fn what_could_not_be_seen_is_unknown_and_not_green() {
    let throttled = shut_out(Attempt::Failed(failed("Throttling", "Rate exceeded")));
    let seen = seen(throttled, unreadable());
    let verdict = judge(VerifyMode::Direct, Some(CALLER), &target(Some(RIGHT), Duration::ZERO), &seen);
    assert_eq!(verdict.conclusion(), Conclusion::NotProven);
    assert_eq!(verdict.cause(), Some(VerdictCause::ThrottledOut));
    assert!(verdict.checks.iter().all(|result| matches!(result.outcome, Unknown | NotApplicable)));
}

#[test]
fn a_session_in_another_account_or_of_another_role_is_a_finding() {
    for (account, role) in [("999999999999", "Reader"), ("012345678901", "Other")] {
        let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/rolecall-verify");
        let identity = Some(Ok(Identity { account: account.to_owned(), arn }));
        let elsewhere = Tried { identity, ..entered() };
        check(elsewhere, Some(RIGHT), [Pass, Fail, Pass, Pass, Pass, Pass], Conclusion::Finding);
    }
}

#[test]
fn a_role_that_differs_says_in_which_properties() {
    let mut other = role(&trust(Some(RIGHT)));
    other.path = "/team/".to_owned();
    other.max_session = 43_200;
    other.description = Some("by hand".to_owned());
    other.permissions_boundary = Some("arn:aws:iam::aws:policy/X".to_owned());
    other.managed_policies =
        ["arn:aws:iam::aws:policy/A".to_owned(), "arn:aws:iam::aws:policy/B".to_owned()].into();
    other.inline_policies = [("more".to_owned(), other.trust.clone())].into();
    other.tags = [("x".to_owned(), "y".to_owned())].into();
    let differs = |live: RoleSpecification| {
        let seen = seen(entered(), LiveRole::Read(Box::new(live)));
        let verdict = judge(VerifyMode::Direct, Some(CALLER), &target(Some(RIGHT), Duration::ZERO), &seen);
        verdict.checks.iter().flat_map(|result| result.differs.clone()).collect::<Vec<_>>()
    };
    let all_but_trust: Vec<_> =
        RoleProperty::ALL.into_iter().filter(|one| *one != RoleProperty::TrustPolicy).collect();
    assert_eq!(differs(other), all_but_trust);
    assert_eq!(differs(role(&trust(Some("another")))), [RoleProperty::TrustPolicy]);
    assert_eq!(differs(role(&trust(Some(RIGHT)))), []);
}

/// Why the role refused, and a part of the evidence.
#[track_caller]
fn refused_for(seen: Observation, settling: Duration, cause: VerdictCause, evidence: &str) {
    let verdict = judge(VerifyMode::Direct, Some(CALLER), &target(Some(RIGHT), settling), &seen);
    let told = verdict.checks[0].evidence.join("; ");
    assert_eq!(verdict.cause(), Some(cause), "{told}");
    assert!(told.contains(evidence), "{told}");
    assert!(!told.contains("secret"), "an external ID is shown: {told}");
}

const NO_TIME: Duration = Duration::ZERO;

#[test]
fn a_refusal_is_explained_by_the_live_role() {
    let seen = |live: LiveRole| seen(shut_out(refusal("is not authorized")), live);
    refused_for(seen(LiveRole::Absent), NO_TIME, VerdictCause::RoleAbsent, "the role does not exist");
    let vendor = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"999988887777"}}"#;
    let excludes = "does not admit arn:aws:iam::111122223333:role/Hub";
    refused_for(seen(live(vendor)), NO_TIME, VerdictCause::TrustExcludesCaller, excludes);
    let reason = "; statement 1 is about another principal: account 999988887777; ";
    refused_for(seen(live(vendor)), NO_TIME, VerdictCause::TrustExcludesCaller, reason);
    let denied = format!(
        r#"[{},{{"Effect":"Deny","Action":"sts:*","Principal":{{"AWS":"111122223333"}}}}]"#,
        trust(Some(RIGHT))
    );
    refused_for(seen(live(&denied)), NO_TIME, VerdictCause::TrustExcludesCaller, "; statement 2 denies it; ");
    let mismatch = (VerdictCause::ExternalIdMismatch, "with another external ID");
    refused_for(seen(live(&trust(Some("secret-other")))), NO_TIME, mismatch.0, mismatch.1);
    let by_address = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*",
        "Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#;
    refused_for(seen(live(by_address)), NO_TIME, VerdictCause::Unknown, "depends on aws:SourceIp");
}

#[test]
fn a_role_at_another_path_or_in_another_case_is_not_the_one_that_is_asked_for() {
    for (path, name) in [("/elsewhere/", "Reader"), ("/", "reader")] {
        let mut role = role(&trust(Some(RIGHT)));
        (role.path, role.name) = (path.to_owned(), name.to_owned());
        let seen = seen(shut_out(refusal("no")), LiveRole::Read(Box::new(role)));
        refused_for(seen, NO_TIME, VerdictCause::RoleDiffers, &format!("the live role is `{path}{name}`"));
    }
}

#[test]
fn a_refusal_that_the_role_does_not_explain_is_somebody_elses() {
    let seen = |message: &str| seen(shut_out(refusal(message)), live(&trust(Some(RIGHT))));
    let scp = "is not authorized, with an explicit deny in a service control policy";
    refused_for(seen(scp), NO_TIME, VerdictCause::ScpDenies, "admits arn:aws:iam::111122223333:role/Hub");
    let own = "because no identity-based policy allows the sts:AssumeRole action";
    refused_for(seen(own), NO_TIME, VerdictCause::CallerNotAllowed, own);
    refused_for(seen("no"), NO_TIME, VerdictCause::CallerNotAllowed, "what is left is its own permission");
    let touched = Duration::from_secs(90);
    refused_for(seen("no"), touched, VerdictCause::NotYetPropagated, "admits arn:aws:iam::111122223333");
    refused_for(seen(scp), touched, VerdictCause::ScpDenies, scp);
}

#[test]
fn an_account_that_lets_nobody_in_is_explained_by_its_standing() {
    let shut = |standing: Option<Standing>| Observation {
        standing,
        ..seen(shut_out(refusal("is not authorized")), unreadable())
    };
    let suspended = Some(Ok(Some(AccountState::Suspended)));
    refused_for(shut(suspended), NO_TIME, VerdictCause::AccountSuspended, "the account is suspended");
    refused_for(
        shut(Some(Ok(None))),
        NO_TIME,
        VerdictCause::AccountLeft,
        "none of the organization any more",
    );
    let shut_account = shut(Some(Ok(Some(AccountState::Closed))));
    let verdict = judge(VerifyMode::Direct, Some(CALLER), &target(Some(RIGHT), NO_TIME), &shut_account);
    let unread = verdict.checks.iter().find(|result| result.check == Check::RoleEqualsSpecification).unwrap();
    assert_eq!(unread.cause, Some(VerdictCause::AccountSuspended), "what could not be read follows from it");
    let not_seen = "how the account stands is not known: no";
    refused_for(shut(Some(Err("no".to_owned()))), NO_TIME, VerdictCause::Unknown, not_seen);
    let open = "could not be looked at: could not enter the access role";
    for standing in [None, Some(Ok(Some(AccountState::Active))), Some(Err("no".to_owned()))] {
        refused_for(shut(standing), NO_TIME, VerdictCause::Unknown, open);
    }
}

#[test]
fn what_sts_does_not_answer_is_not_blamed_on_the_role() {
    let seen = |code: &str, message: &str| {
        let verdict = judge(
            VerifyMode::Direct,
            Some(CALLER),
            &target(Some(RIGHT), NO_TIME),
            &seen(shut_out(Attempt::Failed(failed(code, message))), live(&trust(Some(RIGHT)))),
        );
        assert_eq!(verdict.conclusion(), Conclusion::NotProven);
        verdict.cause()
    };
    assert_eq!(seen("Throttling", "Rate exceeded"), Some(VerdictCause::ThrottledOut));
    let long = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    assert_eq!(seen("ValidationError", long), Some(VerdictCause::SessionTooLong));
    assert_eq!(seen("InternalFailure", "oops"), Some(VerdictCause::Unknown));
}

/// What is said of whom the live trust policy admits, where the specification trusts one account.
#[track_caller]
fn admits(statements: &str, outcome: CheckOutcome, evidence: &str) {
    let seen = seen(entered(), live(statements));
    let verdict = judge(VerifyMode::Direct, Some(CALLER), &target(Some(RIGHT), NO_TIME), &seen);
    let result = verdict.checks.iter().find(|result| result.check == Check::NobodyElse).unwrap();
    assert_eq!(result.outcome, outcome, "{result:?}");
    assert!(result.evidence.join("; ").contains(evidence), "{result:?}");
}

#[test]
fn whoever_is_admitted_is_named_and_strangers_are_findings() {
    let ours = trust(Some(RIGHT));
    admits(&ours, Pass, "admits account 111122223333 with an external ID");
    let beside = |principal: &str, condition: &str| {
        format!(
            r#"[{ours},{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal},"Condition":{{{condition}}}}}]"#
        )
    };
    let other = beside(r#"{"AWS":"arn:aws:iam::999988887777:user/Eve"}"#, "");
    admits(&other, Fail, "AWS arn:aws:iam::999988887777:user/Eve: not specified");
    admits(&beside(r#""*""#, ""), Fail, "admits * (anyone): no condition keeps anyone out");
    let asked = r#""StringEquals":{"sts:ExternalId":"abc"}"#;
    admits(&beside(r#""*""#, asked), Fail, "(anyone) with an external ID: no condition keeps anyone out");
    let fenced = r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdefghij"}"#;
    admits(&beside(r#""*""#, fenced), Fail, "(anyone): not specified");
    admits(&beside(r#"{"AWS":"AROAEXAMPLEEXAMPLE12"}"#, ""), Fail, "that was deleted");
    admits(
        &beside(r#"{"Service":"ec2.amazonaws.com"}"#, ""),
        Fail,
        "Service ec2.amazonaws.com: not specified",
    );
}

#[test]
fn a_condition_that_was_taken_away_lets_in_whom_it_kept_out() {
    let fenced = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"},
        "Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Hub"}}}"#;
    let mut target = target(None, NO_TIME);
    let expected = Expected { role: role(fenced), ..(*target.expected).clone() };
    target.expected = Arc::new(expected);
    let judged = |statement: &str| {
        let seen = seen(entered(), live(statement));
        let verdict = judge(VerifyMode::Direct, Some(CALLER), &target, &seen);
        verdict.checks.last().unwrap().clone()
    };
    assert_eq!(judged(fenced).outcome, Pass);
    let wider = judged(&trust(None));
    assert_eq!(wider.outcome, Fail);
    assert!(wider.evidence[0].contains("from anywhere"), "{wider:?}");
}

/// What is evaluated of a live trust policy where the specification trusts one account under an external ID: it
/// admits, it refuses without, it refuses a wrong one.
#[track_caller]
fn evaluated(live: LiveRole, outcomes: [CheckOutcome; 3], cause: Option<VerdictCause>, evidence: &str) {
    let seen = Observation { tried: None, live, simulated: None, standing: None };
    let verdict = judge(VerifyMode::Offline, None, &target(Some(RIGHT), NO_TIME), &seen);
    let judged: Vec<CheckOutcome> = verdict.checks[..3].iter().map(|result| result.outcome).collect();
    assert_eq!(judged, outcomes, "{verdict:#?}");
    assert_eq!(verdict.checks[..3].iter().find_map(|result| result.cause), cause, "{verdict:#?}");
    let told: Vec<&str> =
        verdict.checks[..3].iter().flat_map(|result| &result.evidence).map(String::as_str).collect();
    assert!(told.iter().any(|line| line.contains(evidence)), "{told:?}");
    assert!(!told.join("").contains("secret"), "an external ID is shown: {told:?}");
    let sts = [Check::Entered, Check::ExpectedAccount, Check::RefusedWithoutExternalId];
    assert!(verdict.checks.iter().all(|result| !sts.contains(&result.check)), "{verdict:#?}");
}

#[test]
fn offline_the_live_trust_policy_is_asked_for_whoever_is_meant() {
    let vendor = |condition: &str| {
        live(&format!(
            r#"[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"111122223333"}}{condition}}}]"#
        ))
    };
    let right = format!(r#","Condition":{{"StringEquals":{{"sts:ExternalId":"{RIGHT}"}}}}"#);
    evaluated(vendor(&right), [Pass; 3], None, "account 111122223333 is admitted");
    let open = Some(VerdictCause::ExternalIdNotRequired);
    evaluated(
        vendor(""),
        [Pass, Fail, Fail],
        open,
        "statement 1 admits account 111122223333 without an external ID",
    );
    let any = r#","Condition":{"StringLike":{"sts:ExternalId":"*"}}"#;
    evaluated(vendor(any), [Pass, Pass, Fail], open, "with a wrong external ID");
    let other = r#","Condition":{"StringEquals":{"sts:ExternalId":"secret-other"}}"#;
    let mismatch = Some(VerdictCause::ExternalIdMismatch);
    evaluated(vendor(other), [Fail, Unknown, Unknown], mismatch, "admitted with another external ID");
    let excluded = Some(VerdictCause::TrustExcludesCaller);
    let elsewhere =
        live(r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"999988887777"}}"#);
    let reason =
        "account 111122223333 is not admitted: statement 1 is about another principal: account 999988887777";
    evaluated(elsewhere, [Fail, Unknown, Unknown], excluded, reason);
    let denied = format!(
        r#"[{},{{"Sid":"Out","Effect":"Deny","Action":"*","Principal":{{"AWS":"111122223333"}}}}]"#,
        trust(Some(RIGHT))
    );
    let reason = "account 111122223333 is not admitted: statement \"Out\" denies it";
    evaluated(live(&denied), [Fail, Unknown, Unknown], excluded, reason);
    let address = r#","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#;
    let unknown = Some(VerdictCause::Unknown);
    evaluated(vendor(address), [Unknown; 3], unknown, "depends on aws:SourceIp");
    evaluated(LiveRole::Absent, [Fail; 3], Some(VerdictCause::RoleAbsent), "the role does not exist");
    evaluated(unreadable(), [Unknown; 3], Some(VerdictCause::RoleUnreadable), "could not enter");
}
