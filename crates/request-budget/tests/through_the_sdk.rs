//! The budget under an unmodified SDK client, on a paused clock. The other end of the wire is a closure.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_failure::AwsFailure;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::retry::RetryConfig;
use aws_sdk_organizations::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use futures::future::join_all;
use request_budget::{Budgets, CallCount, budgeted};
use tokio::time::{Instant, sleep};

const ROUND_TRIP: Duration = Duration::from_millis(50);
const THROTTLED: (u16, &str) =
    (400, r#"{"__type":"TooManyRequestsException","Message":"too many requests at once"}"#);
const NO_ACCOUNTS: (u16, &str) = (200, r#"{"Accounts":[]}"#);

/// A service that answers its n-th request as told.
#[derive(Clone)]
struct Service {
    served: Arc<AtomicUsize>,
    answer: fn(usize) -> (u16, &'static str),
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Service")
    }
}

impl HttpClient for Service {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = (self.answer)(self.served.fetch_add(1, Ordering::Relaxed));
        HttpConnectorFuture::new(async move {
            sleep(ROUND_TRIP).await;
            let status = status.try_into().expect("a status");
            let mut response = HttpResponse::new(status, SdkBody::from(body));
            response.headers_mut().insert("content-type", "application/x-amz-json-1.1");
            Ok(response)
        })
    }
}

/// A network on which nobody answers.
#[derive(Debug, Clone)]
struct Silence;

impl HttpClient for Silence {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Silence {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::io("connection refused".into())))
    }
}

fn client(answer: fn(usize) -> (u16, &'static str), budgets: &Budgets, retries: RetryConfig) -> Client {
    client_of(SharedHttpClient::new(Service { served: Arc::default(), answer }), budgets, retries)
}

fn client_of(service: SharedHttpClient, budgets: &Budgets, retries: RetryConfig) -> Client {
    let config = aws_sdk_organizations::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKIAEXAMPLE", "secret", None, None, "test"))
        .http_client(budgeted(service, budgets.clone()))
        .retry_config(retries)
        .build();
    Client::from_conf(config)
}

/// The virtual seconds that `count` calls at once take.
async fn list_accounts(client: &Client, count: usize) -> f64 {
    let start = Instant::now();
    let answers = join_all((0..count).map(|_| client.list_accounts().send())).await;
    assert!(answers.iter().all(|answer| answer.is_ok()), "{answers:?}");
    start.elapsed().as_secs_f64()
}

#[track_caller]
fn check_duration(seconds: f64, expected: std::ops::Range<f64>) {
    assert!(expected.contains(&seconds), "took {seconds} s, expected {expected:?}");
}

#[tokio::test(start_paused = true)]
async fn the_burst_goes_at_once_and_the_rest_at_the_documented_rate() {
    let budgets = Budgets::default();
    let client = client(|_| NO_ACCOUNTS, &budgets, RetryConfig::disabled());
    check_duration(list_accounts(&client, 12).await, 0.05..0.1);
    // ListAccounts: 8 a second. The bucket has been refilled for the length of one round trip.
    check_duration(list_accounts(&client, 80).await, 9.8..10.3);
    assert_eq!(budgets.calls()["organizations:ListAccounts"], CallCount { attempts: 92, throttled: 0 });
}

#[tokio::test(start_paused = true)]
async fn clients_of_one_process_share_the_budget() {
    let budgets = Budgets::default();
    let clients: Vec<Client> =
        (0..4).map(|_| client(|_| NO_ACCOUNTS, &budgets, RetryConfig::disabled())).collect();
    let start = Instant::now();
    join_all(clients.iter().map(|client| list_accounts(client, 23))).await;
    check_duration(start.elapsed().as_secs_f64(), 10.0..10.3);
}

#[tokio::test(start_paused = true)]
async fn the_list_calls_for_parents_share_one_bucket_and_leave_others_alone() {
    let budgets = Budgets::default();
    let client = client(|_| (200, "{}"), &budgets, RetryConfig::disabled());
    let start = Instant::now();
    let units = (0..9).map(|_| async {
        client.list_organizational_units_for_parent().parent_id("r-ab12").send().await.map(drop).unwrap();
    });
    let accounts = (0..9).map(|_| async {
        client.list_accounts_for_parent().parent_id("r-ab12").send().await.map(drop).unwrap();
    });
    let both = async {
        futures::join!(join_all(units), join_all(accounts));
        start.elapsed().as_secs_f64()
    };
    let (for_parents, others) = futures::join!(both, list_accounts(&client, 12));
    check_duration(for_parents, 2.0..2.2);
    check_duration(others, 0.05..0.1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_longer_than_any_timeout_of_the_connection_is_no_error() {
    // 52 calls of an API that admits 2 at once and 1 a second. The SDK watches for uploads that stall, too.
    let budgets = Budgets::default();
    let client = client(|_| (200, r#"{"Roots":[]}"#), &budgets, RetryConfig::disabled());
    let start = Instant::now();
    let answers = join_all((0..52).map(|_| client.list_roots().send())).await;
    assert!(answers.iter().all(|answer| answer.is_ok()), "{answers:?}");
    check_duration(start.elapsed().as_secs_f64(), 50.0..50.3);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_answer_reaches_the_sdk_whole_and_its_retries_are_counted() {
    let budgets = Budgets::default();
    let answer = |request| if request < 2 { THROTTLED } else { NO_ACCOUNTS };
    let retrying = client(answer, &budgets, RetryConfig::standard().with_max_attempts(3));
    assert!(retrying.list_accounts().send().await.is_ok());
    assert_eq!(budgets.calls()["organizations:ListAccounts"], CallCount { attempts: 3, throttled: 2 });

    let once = client(|_| THROTTLED, &budgets, RetryConfig::disabled());
    let error = once.list_accounts().send().await.expect_err("it is throttled").into_service_error();
    assert!(error.is_too_many_requests_exception());
    assert!(error.to_string().contains("too many requests at once"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_tells_which_call_it_was_and_how_often_it_was_tried() {
    let retries = RetryConfig::standard().with_max_attempts(3);
    let refused = client(|_| THROTTLED, &Budgets::default(), retries.clone());
    let error = refused.list_accounts().send().await.expect_err("it is throttled");
    assert_eq!(
        AwsFailure::new(&error).to_string(),
        "TooManyRequestsException: too many requests at once (organizations:ListAccounts in us-east-1, tried 3 times)"
    );

    let budgets = Budgets::default();
    let unanswered = client_of(SharedHttpClient::new(Silence), &budgets, retries);
    let error = unanswered.list_accounts().send().await.expect_err("nobody answers");
    let failure = AwsFailure::new(&error);
    assert!(failure.is_disconnected(), "the kind of the error is kept");
    assert_eq!(
        failure.to_string(),
        "dispatch failure: io error: connection refused (organizations:ListAccounts in us-east-1, tried 3 times)"
    );
    assert_eq!(budgets.calls()["organizations:ListAccounts"].attempts, 3, "it is retried as before");
}

#[tokio::test(start_paused = true)]
async fn throttling_lowers_the_rate_and_use_wins_it_back() {
    let budgets = Budgets::default();
    let throttled_first = |request| if request < 4 { THROTTLED } else { NO_ACCOUNTS };
    let client = client(throttled_first, &budgets, RetryConfig::disabled());
    for _ in 0..4 {
        client.list_accounts().send().await.expect_err("the first four are throttled");
    }
    // At 8 a second and from a full bucket these would be there at once. Four of four refused leave 1.6 a second,
    // which a quarter a second, at most, makes more.
    check_duration(list_accounts(&client, 12).await, 5.0..8.0);
    list_accounts(&client, 160).await;
    check_duration(list_accounts(&client, 80).await, 9.8..10.3);
}
