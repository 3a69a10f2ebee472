//! Verdicts through the SDK against a simulated organization, on a paused clock.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region};
use iam_policy::PolicyDocument;
use org_simulator::{Simulator, in_process};
use role_template::RoleSpecification;
use role_verifier::{Callers, Expected, Operator, Target, Verification, verify};
use rollout_model::{AccountId, Check, CheckOutcome, Conclusion, RolloutEvent, Verdict, VerifyEvent};
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
    Callers { trusted: sts, operator }
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
    let expected =
        Arc::new(Expected { role, external_id: Some("tell-nobody".parse().expect("an external id")) });
    let target = |number| Target { account: id(number), expected: Arc::clone(&expected), settling };
    let targets: Vec<Target> = accounts.map(target).collect();
    let (callers, stop) = (callers(simulator), CancellationToken::new());
    // More than there are accounts, so that nobody has to listen meanwhile.
    let (events, mut received) = mpsc::channel(64);
    let concurrency = NonZeroUsize::new(4).expect("four is not zero");
    let (callers, targets) = (&callers, targets.as_slice());
    verify(Verification { callers, targets, concurrency, events: &events, stop: &stop }).await;
    drop(events);
    let mut verdicts = BTreeMap::new();
    while let Some(event) = received.recv().await {
        if let RolloutEvent::Verify(VerifyEvent::Account { account, verdict }) = event {
            verdicts.insert(account, verdict);
        }
    }
    verdicts
}

fn simulator() -> Arc<Mutex<Simulator>> {
    Arc::new(Mutex::new(Simulator::from_yaml(SEED).expect("the seed is sound")))
}

/// The outcomes of all checks, in the order of [`Check::OF_A_ROLE`], and all evidence.
#[track_caller]
fn check(verdict: &Verdict, outcomes: &[CheckOutcome], conclusion: Conclusion, evidence: &[&str]) {
    let judged: Vec<CheckOutcome> = verdict.checks.iter().map(|result| result.outcome).collect();
    assert_eq!((judged.as_slice(), verdict.conclusion()), (outcomes, conclusion), "{verdict:#?}");
    assert_eq!(verdict.checks.len(), Check::OF_A_ROLE.len());
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
    check(of(1), &[Pass; 5], Conclusion::Verified, &[]);
    check(of(2), &[Pass, Pass, Fail, Fail, Fail], Conclusion::Finding, &["trust policy: "]);
    check(of(3), &[Pass, Pass, Pass, Fail, Fail], Conclusion::Finding, &["with a wrong external ID"]);
    check(of(4), &[Fail, Unknown, Unknown, Unknown, Fail], Conclusion::Finding, &["AccessDenied"]);
    check(of(5), &[Fail, Unknown, Unknown, Unknown, Fail], Conclusion::Finding, &["the role does not exist"]);
    let widened = [
        "maximum session is `7200 s`",
        "extra managed policy arn:aws:iam::aws:policy/AdministratorAccess",
        "extra inline policy `more`",
    ];
    check(of(6), &[Pass, Pass, Pass, Pass, Fail], Conclusion::Finding, &widened);
    let unread = ["could not enter the access role"];
    check(of(7), &[Pass, Pass, Pass, Pass, Unknown], Conclusion::NotProven, &unread);
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
    check(&verdicts[&id(5)], &[CheckOutcome::Pass; 5], Conclusion::Verified, &[]);
}
