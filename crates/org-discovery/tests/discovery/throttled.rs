//! A service that is asked too often: the reading slows down and loses nobody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_organizations::config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use org_discovery::{DiscoveryError, Units, discover, read_tags, service_control_policies};
use org_simulator::{Simulator, in_process};
use rollout_model::{Organization, ServiceControlPolicy};
use tokio::time::Instant;

use crate::altered::{altered, without_paths};
use crate::client::{as_account, heard};
use crate::simulated::{LATENCY, seed, shared};

/// The attempts of each request, by operation and input.
type Attempts = BTreeMap<(String, Vec<u8>), usize>;

/// Refuses each request the first few times, and then leaves it to the service behind.
#[derive(Debug, Clone)]
struct Throttled<Behind> {
    behind: Behind,
    refusals: usize,
    attempts: Arc<Mutex<Attempts>>,
}

impl HttpClient for Throttled<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let behind = self.behind.http_connector(settings, components);
        let attempts = Arc::clone(&self.attempts);
        SharedHttpConnector::new(Throttled { behind, refusals: self.refusals, attempts })
    }
}

impl HttpConnector for Throttled<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").expect("an operation").to_owned();
        let body = request.body().bytes().expect("a body").to_vec();
        let mut attempts = self.attempts.lock().expect("nothing panics while it holds this lock");
        let attempt = attempts.entry((target, body)).or_default();
        *attempt += 1;
        if *attempt > self.refusals {
            return self.behind.call(request);
        }
        let refusal = r#"{"__type":"TooManyRequestsException","Message":"too many requests"}"#;
        let status = 400_u16.try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(refusal))))
    }
}

/// All that is read of an organization, with the retries of the program.
async fn read(
    account: &str,
    http: impl HttpClient + 'static,
) -> Result<(Organization, Vec<ServiceControlPolicy>), DiscoveryError> {
    let client = as_account(account, http, RetryConfig::standard().with_max_attempts(8));
    let mut organization = heard(async |events| discover(&client, Units::Inhabited, &events).await).await.0?;
    let accounts = organization.accounts.keys().cloned().collect();
    let reading = heard(async |events| read_tags(&client, &accounts, &mut organization, &events).await);
    reading.await.0?;
    let policies = service_control_policies(&client, &organization).await?;
    Ok((organization, policies))
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_refused_five_times_is_made_six_times_and_nobody_is_lost() {
    let guard = r#"
service_control_policies:
  - name: guard
    document: { Version: "2012-10-17", Statement: [ { Effect: Deny, Action: "iam:*", Resource: "*" } ] }
    targets: [ Workloads ]
"#;
    let simulator = shared(Simulator::from_yaml(&(seed() + guard)).unwrap());
    let http = altered(in_process(simulator, LATENCY), without_paths);
    let unhindered = read("999999999999", http.clone()).await.unwrap();
    let attempts = Arc::new(Mutex::new(Attempts::new()));
    let throttled = Throttled { behind: http, refusals: 5, attempts: Arc::clone(&attempts) };
    let before = Instant::now();
    let found = read("999999999999", throttled).await.unwrap();
    assert!(found == unhindered, "something was lost: {:?}", found.0.problems);
    assert_eq!(found.0.problems, Vec::<String>::new());
    // Five waits, which double from a second and of which a random part is waited for: a quarter of a minute on
    // average, and twenty requests follow one another.
    assert!(before.elapsed() > Duration::from_secs(60), "it took only {:?}", before.elapsed());
    check_attempts(&attempts.lock().unwrap());
}

/// Each kind of list was refused, and each request was made six times. That for the root is made for the policies
/// once more.
#[track_caller]
fn check_attempts(attempts: &Attempts) {
    let mut range: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for ((target, _), number) in attempts {
        let operation = target.split('.').nth(1).expect("service and operation");
        let (least, most) = range.entry(operation).or_insert((*number, *number));
        (*least, *most) = ((*least).min(*number), (*most).max(*number));
    }
    let expected = [
        ("DescribeOrganization", (6, 6)),
        ("DescribePolicy", (6, 6)),
        ("ListAccounts", (6, 6)),
        ("ListAccountsForParent", (6, 6)),
        ("ListOrganizationalUnitsForParent", (6, 6)),
        ("ListPolicies", (6, 6)),
        ("ListPoliciesForTarget", (6, 6)),
        ("ListRoots", (7, 7)),
        ("ListTagsForResource", (6, 6)),
        ("ListTargetsForPolicy", (6, 6)),
    ];
    assert_eq!(range, expected.into());
}
