//! Names of roles that are looked for through the SDK in a simulated organization, on a paused clock: whether they
//! are taken, and whether they are gone.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_iam::config::{BehaviorVersion, Credentials, Region};
use iam_policy::PolicyDocument;
use org_simulator::{Simulator, in_process};
use role_verifier::{
    Absence, AbsenceTarget, Found, Operator, RoleSearch, TakenRole, look_for_roles, verify_absence,
};
use rollout_model::{AccountId, CheckOutcome, RoleName, RolloutEvent, VerifyEvent};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

const MANAGEMENT: &str = "999999999999";
const LATENCY: Duration = Duration::from_millis(40);

const SEED: &str = r#"
organization: { management_account: "999999999999" }
accounts:
  - id: "999999999999"
    name: Management
    roles: [ { name: Audit, trust: &trust { Version: "2012-10-17", Statement: [ { Effect: Allow, Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::999999999999:root" } } ] } } ]
  - id: "000000000001"
    name: Free, but for another role
    roles: [ { name: Auditor, trust: *trust } ]
  - id: "000000000002"
    name: Taken by a stranger, on a path of its own
    roles: [ { name: Audit, path: /team/, description: The team's own, trust: *trust } ]
  - id: "000000000003"
    name: Left behind by a rollout
    roles: [ { name: Audit, trust: *trust, tags: { "rolecall:rollout": demo, owner: security } } ]
  - id: "000000000004"
    name: Without the access role
    access_role: null
    roles: [ { name: Audit, trust: *trust } ]
"#;

/// What the seed says of all its roles.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"999999999999"}}}"#;

struct Bench {
    simulator: Arc<Mutex<Simulator>>,
    operator: Operator,
}

impl Bench {
    fn new() -> Bench {
        let simulator = Simulator::from_yaml(SEED).expect("the seed is sound");
        let simulator = Arc::new(Mutex::new(simulator));
        let http = in_process(Arc::clone(&simulator), LATENCY);
        let credentials = || Credentials::new(format!("AKIASIMU{MANAGEMENT}"), "any", None, None, "test");
        let iam = aws_sdk_iam::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials())
            .http_client(http.clone());
        let sts = aws_sdk_sts::Config::builder()
            .behavior_version(aws_sdk_sts::config::BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials())
            .http_client(http);
        let operator = Operator {
            partition: "aws".to_owned(),
            account: MANAGEMENT.parse().expect("an account id"),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            iam: aws_sdk_iam::Client::from_conf(iam.build()),
            access_role: "OrganizationAccountAccessRole".parse().expect("a role name"),
        };
        Bench { simulator, operator }
    }

    async fn look(
        &self,
        roles: &BTreeMap<AccountId, RoleName>,
        at_once: usize,
    ) -> BTreeMap<AccountId, Found> {
        let concurrency = NonZeroUsize::new(at_once).expect("not zero");
        look_for_roles(RoleSearch { operator: &self.operator, roles, concurrency }).await
    }

    /// Whether the role `Audit` is gone from these accounts, with the evidence.
    async fn absence(
        &self,
        accounts: &[u64],
        settling: Duration,
    ) -> BTreeMap<AccountId, (CheckOutcome, String)> {
        let role: RoleName = "Audit".parse().expect("a role name");
        let target = |&number| AbsenceTarget { account: id(number), role: role.clone(), settling };
        let targets: Vec<AbsenceTarget> = accounts.iter().map(target).collect();
        // Room for every event: nobody receives before the end.
        let (events, mut received) = mpsc::channel(accounts.len() + 1);
        let (stop, rollout) = (CancellationToken::new(), "demo".parse().expect("a rollout name"));
        verify_absence(Absence {
            operator: &self.operator,
            rollout: &rollout,
            targets: &targets,
            timeout: Duration::from_secs(300),
            concurrency: NonZeroUsize::new(4).expect("not zero"),
            events: &events,
            stop: &stop,
        })
        .await;
        drop(events);
        let mut verdicts = BTreeMap::new();
        while let Some(event) = received.recv().await {
            if let RolloutEvent::Verify(VerifyEvent::Account { account, verdict, .. }) = event {
                let result = verdict.checks.into_iter().next().expect("one check");
                verdicts.insert(account, (result.outcome, result.evidence.join("; ")));
            }
        }
        verdicts
    }

    /// As the owner of an account could.
    async fn delete_role(&self, account: u64) {
        let credentials = Credentials::new(format!("AKIASIMU{account:012}"), "any", None, None, "test");
        let config = self.operator.iam.config().to_builder().credentials_provider(credentials).build();
        let iam = aws_sdk_iam::Client::from_conf(config);
        iam.delete_role().role_name("Audit").send().await.expect("an owner may delete a role");
    }

    fn calls(&self) -> Vec<(String, u64)> {
        let simulator = self.simulator.lock().expect("nothing panics while it holds this lock");
        simulator.calls().iter().map(|(call, count)| (call.clone(), *count)).collect()
    }
}

fn id(number: u64) -> AccountId {
    format!("{number:012}").parse().expect("twelve digits")
}

fn everywhere(name: &str) -> BTreeMap<AccountId, RoleName> {
    let role: RoleName = name.parse().expect("a role name");
    [1, 2, 3, 4, 999_999_999_999].map(|number| (id(number), role.clone())).into()
}

fn taken(account: u64, path: &str, description: Option<&str>, mark: Option<&str>) -> Found {
    Found::Taken(TakenRole {
        arn: format!("arn:aws:iam::{account:012}:role{path}Audit"),
        // The simulated time starts with the year 2026, and what is in the seed is a year old by then.
        created: "2025-01-01".to_owned(),
        description: description.map(str::to_owned),
        mark: mark.map(str::to_owned),
        trust: Some(PolicyDocument::parse(TRUST).expect("the policy is sound")),
    })
}

#[tokio::test(start_paused = true)]
async fn a_name_is_free_or_taken_or_not_seen_account_by_account() {
    let found = Bench::new().look(&everywhere("Audit"), 4).await;
    assert_eq!(found.len(), 5);
    assert_eq!(found[&id(1)], Found::Free);
    assert_eq!(found[&id(2)], taken(2, "/team/", Some("The team's own"), None));
    assert_eq!(found[&id(3)], taken(3, "/", None, Some("demo")));
    let Found::NotSeen(why) = &found[&id(4)] else { panic!("{:?}", found[&id(4)]) };
    assert!(why.starts_with("could not enter the access role arn:aws:iam::000000000004:role/"), "{why}");
    assert!(why.contains("AccessDenied"), "{why}");
    assert_eq!(found[&id(999_999_999_999)], taken(999_999_999_999, "/", None, None));
}

#[tokio::test(start_paused = true)]
async fn an_account_costs_one_call_to_enter_and_one_to_look_and_home_only_the_latter() {
    let bench = Bench::new();
    let mut roles = everywhere("Audit");
    roles.remove(&id(4));
    bench.look(&roles, 4).await;
    assert_eq!(bench.calls(), [("iam:GetRole".to_owned(), 4), ("sts:AssumeRole".to_owned(), 3)]);
}

#[tokio::test(start_paused = true)]
async fn each_account_is_asked_for_the_name_that_is_wanted_there() {
    let mut roles = everywhere("Unheard-of");
    roles.insert(id(1), "Auditor".parse().expect("a role name"));
    let found = Bench::new().look(&roles, 4).await;
    let taken: Vec<_> = found.iter().filter(|(_, found)| matches!(found, Found::Taken(_))).collect();
    assert!(matches!(taken.as_slice(), [(account, _)] if **account == id(1)), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn no_more_accounts_are_asked_at_once_than_was_said() {
    let mut roles = everywhere("Audit");
    // Of the others each takes two round trips: one to enter and one to look.
    roles.retain(|account, _| (1..=3).map(id).any(|entered| *account == entered));
    for (at_once, round_trips) in [(1, 6), (2, 4), (3, 2)] {
        let bench = Bench::new();
        let began = Instant::now();
        bench.look(&roles, at_once).await;
        // The paused clock ticks in whole milliseconds.
        let late = began.elapsed().checked_sub(LATENCY * round_trips).expect("not sooner");
        assert!(late < LATENCY, "{at_once} at once: {late:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_that_is_dropped_asks_nobody_any_more() {
    let bench = Bench::new();
    timeout(LATENCY * 3, bench.look(&everywhere("Audit"), 1)).await.expect_err("there are more accounts");
    let asked = bench.calls();
    sleep(LATENCY * 20).await;
    assert_eq!(bench.calls(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_role_is_gone_or_there_or_nobody_knows() {
    let verdicts = Bench::new().absence(&[1, 2, 3, 4], Duration::ZERO).await;
    let outcome = |number| verdicts[&id(number)].0;
    use CheckOutcome::{Fail, Pass, Unknown};
    assert_eq!([1, 2, 3, 4].map(outcome), [Pass, Fail, Fail, Unknown], "{verdicts:#?}");
    assert!(verdicts[&id(2)].1.ends_with("of no stack of this rollout"), "{verdicts:#?}");
    assert!(verdicts[&id(3)].1.ends_with("its stack left it behind, or is still there"), "{verdicts:#?}");
    assert!(verdicts[&id(4)].1.contains("AccessDenied"), "{verdicts:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_was_deleted_moments_ago_may_still_be_seen_and_is_looked_for_again() {
    let bench = Bench::new();
    let going = async {
        sleep(Duration::from_secs(5)).await;
        bench.delete_role(2).await;
    };
    let (verdicts, ()) = tokio::join!(bench.absence(&[2, 3], Duration::from_secs(60)), going);
    assert_eq!(verdicts[&id(2)].0, CheckOutcome::Pass);
    assert_eq!(verdicts[&id(3)].0, CheckOutcome::Fail, "waiting ends");
}
