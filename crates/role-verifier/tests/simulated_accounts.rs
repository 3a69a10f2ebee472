//! Verdicts through the SDK against a simulated organization, on a paused clock.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region};
use iam_policy::PolicyDocument;
use org_simulator::{Simulator, in_process};
use role_template::RoleSpecification;
use role_verifier::{Callers, Expected, Means, Operator, Permissions, Target, Trusted, Verification, verify};
use rollout_model::{
    AccountId, AccountState, CheckOutcome, Conclusion, RolloutEvent, Verdict, VerdictCause, VerifyEvent,
    VerifyMode,
};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const MANAGEMENT: &str = "999999999999";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
    "Principal":{"AWS":"arn:aws:iam::999999999999:root"},
    "Condition":{"StringEquals":{"sts:ExternalId":"tell-nobody"}}}]}"#;

/// The role of each account, after the first as specified.
const SEED: &str = r#"
organization: { management_account: "999999999999" }
accounts:
  - { id: "999999999999", name: Management }
  - id: "000000000001"
    name: As specified
    roles: [ { name: Audit, trust: &trust { Version: "2012-10-17", Statement: [ { Effect: Allow, Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::999999999999:root" }, Condition: { StringEquals: { "sts:ExternalId": tell-nobody } } } ] } } ]
  - id: "000000000002"
    name: Open to anybody of the trusted account
    roles: [ { name: Audit, trust: { Version: "2012-10-17", Statement: [ { Effect: Allow, Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::999999999999:root" } } ] } } ]
  - id: "000000000003"
    name: Satisfied with any external ID
    roles: [ { name: Audit, trust: { Version: "2012-10-17", Statement: [ { Effect: Allow, Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::999999999999:root" }, Condition: { StringLike: { "sts:ExternalId": "*" } } } ] } } ]
  - id: "000000000004"
    name: Trusts somebody else
    roles: [ { name: Audit, trust: { Version: "2012-10-17", Statement: [ { Effect: Allow, Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::000000000001:root" } } ] } } ]
  - id: "000000000005"
    name: Without the role
  - id: "000000000006"
    name: Widened by hand
    roles: [ { name: Audit, max_session: 7200, managed_policies: [ "arn:aws:iam::aws:policy/AdministratorAccess" ], inline_policies: { more: { Version: "2012-10-17", Statement: [ { Effect: Allow, Action: "*", Resource: "*" } ] } }, trust: *trust } ]
  - id: "000000000007"
    name: Without the access role
    access_role: null
    roles: [ { name: Audit, trust: *trust } ]
"#;

fn iam(account: &str, simulator: &Arc<Mutex<Simulator>>) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::Config::builder()
        .behavior_version(aws_sdk_iam::config::BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(format!("AKIASIMU{account}"), "any", None, None, "test"))
        .http_client(in_process(Arc::clone(simulator), Duration::from_millis(40)))
        .build();
    aws_sdk_iam::Client::from_conf(config)
}

fn callers(simulator: &Arc<Mutex<Simulator>>) -> Callers {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(format!("AKIASIMU{MANAGEMENT}"), "any", None, None, "test"))
        .http_client(in_process(Arc::clone(simulator), Duration::from_millis(40)))
        .build();
    let sts = aws_sdk_sts::Client::from_conf(config);
    let operator = Operator {
        partition: "aws".to_owned(),
        account: MANAGEMENT.parse().expect("an account id"),
        sts: sts.clone(),
        iam: iam(MANAGEMENT, simulator),
        access_role: "OrganizationAccountAccessRole".parse().expect("a role name"),
    };
    let arn = format!("arn:aws:iam::{MANAGEMENT}:root");
    Callers { means: Means::Sts(Trusted { sts, arn, is_probe: false }), operator }
}

fn id(number: u64) -> AccountId {
    format!("{number:012}").parse().expect("twelve digits")
}

async fn verdicts(
    simulator: &Arc<Mutex<Simulator>>,
    accounts: impl Iterator<Item = u64>,
    settling: Duration,
) -> BTreeMap<AccountId, Verdict> {
    let role = RoleSpecification::new("Audit", PolicyDocument::parse(TRUST).expect("a policy"));
    let expected = Arc::new(Expected {
        role,
        external_id: Some("tell-nobody".parse().expect("an external id")),
        permissions: Permissions::default(),
    });
    let target = |number| Target { account: id(number), expected: Arc::clone(&expected), settling };
    let targets: Vec<Target> = accounts.map(target).collect();
    let (callers, stop) = (callers(simulator), CancellationToken::new());
    // More than there are accounts, so that nobody has to listen meanwhile.
    let (events, mut received) = mpsc::channel(64);
    let concurrency = NonZeroUsize::new(4).expect("four is not zero");
    let (callers, targets) = (&callers, targets.as_slice());
    let verification = Verification {
        callers,
        targets,
        concurrency,
        timeout: Duration::from_secs(300),
        events: &events,
        stop: &stop,
    };
    verify(verification, async |_| Ok(Some(AccountState::Active))).await;
    drop(events);
    let mut verdicts = BTreeMap::new();
    while let Some(event) = received.recv().await {
        if let RolloutEvent::Verify(VerifyEvent::Account { account, verdict, .. }) = event {
            verdicts.insert(account, verdict);
        }
    }
    verdicts
}

fn simulator() -> Arc<Mutex<Simulator>> {
    Arc::new(Mutex::new(Simulator::from_yaml(SEED).expect("the seed is sound")))
}

/// The outcomes of all checks, in the order of [`VerifyMode::checks`] and without the permissions, which are not
/// asked; the cause, and all evidence.
#[track_caller]
fn check(verdict: &Verdict, outcomes: [CheckOutcome; 6], cause: Option<VerdictCause>, evidence: &[&str]) {
    let [rest @ .., nobody_else] = outcomes;
    let judged: Vec<CheckOutcome> = verdict.checks.iter().map(|result| result.outcome).collect();
    let expected: Vec<CheckOutcome> =
        rest.into_iter().chain([CheckOutcome::NotApplicable, nobody_else]).collect();
    assert_eq!((judged, verdict.cause()), (expected, cause), "{verdict:#?}");
    assert_eq!(verdict.mode, VerifyMode::Direct);
    assert_eq!(verdict.conclusion() == Conclusion::Verified, cause.is_none());
    let told: Vec<&str> =
        verdict.checks.iter().flat_map(|result| &result.evidence).map(String::as_str).collect();
    for expected in evidence {
        assert!(told.iter().any(|line| line.contains(expected)), "`{expected}` is not in {told:#?}");
    }
    assert!(!told.iter().any(|line| line.contains("tell-nobody")), "{told:#?}");
}

#[tokio::test(start_paused = true)]
async fn every_flaw_is_found_in_its_own_account_and_no_other() {
    use CheckOutcome::{Fail, Pass, Unknown};
    let verdicts = verdicts(&simulator(), 1..=7, Duration::ZERO).await;
    assert_eq!(verdicts.len(), 7);
    let of = |number| &verdicts[&id(number)];
    check(of(1), [Pass; 6], None, &["admits account 999999999999 with an external ID"]);
    let open = Some(VerdictCause::ExternalIdNotRequired);
    check(of(2), [Pass, Pass, Fail, Fail, Fail, Pass], open, &["trust policy: "]);
    check(of(3), [Pass, Pass, Pass, Fail, Fail, Pass], open, &["with a wrong external ID"]);
    let excluded = ["the live trust policy does not admit", "AccessDenied", "not specified"];
    let outcomes = [Fail, Unknown, Unknown, Unknown, Fail, Fail];
    check(of(4), outcomes, Some(VerdictCause::TrustExcludesCaller), &excluded);
    let outcomes = [Fail, Unknown, Unknown, Unknown, Fail, Unknown];
    check(of(5), outcomes, Some(VerdictCause::RoleAbsent), &["the role does not exist"]);
    let widened = [
        "maximum session is `7200 s`",
        "extra managed policy arn:aws:iam::aws:policy/AdministratorAccess",
        "extra inline policy `more`",
    ];
    check(of(6), [Pass, Pass, Pass, Pass, Fail, Pass], Some(VerdictCause::RoleDiffers), &widened);
    let unread = ["could not enter the access role"];
    let outcomes = [Pass, Pass, Pass, Pass, Unknown, Unknown];
    check(of(7), outcomes, Some(VerdictCause::RoleUnreadable), &unread);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_appears_while_iam_may_still_be_settling_is_verified() {
    let simulator = simulator();
    let appearing = async {
        sleep(Duration::from_secs(20)).await;
        let iam = iam("000000000005", &simulator);
        iam.create_role().role_name("Audit").assume_role_policy_document(TRUST).send().await.unwrap();
    };
    let verifying = verdicts(&simulator, 5..=5, Duration::from_secs(60));
    let (verdicts, ()) = tokio::join!(verifying, appearing);
    check(&verdicts[&id(5)], [CheckOutcome::Pass; 6], None, &[]);
}
