//! The SDK's client over an HTTP client of the test's own, and what a reading tells of itself.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::retry::RetryConfig;
use aws_sdk_organizations::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::http::HttpClient;
use rollout_model::{DiscoveryEvent, RolloutEvent};
use tokio::sync::mpsc::{self, Sender};

/// A client with the credentials of the account's administrator in a simulated organization.
pub(crate) fn as_account(account: &str, http: impl HttpClient + 'static, retries: RetryConfig) -> Client {
    let config = aws_sdk_organizations::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(format!("AKIASIMU{account}"), "any", None, None, "test"))
        .http_client(http)
        // As the program has it: the bucket that the SDK shares by default runs empty under throttling
        // (aws-facts J2).
        .retry_partition(
            RetryPartition::custom("discovery")
                .token_bucket(TokenBucket::builder().capacity(100_000).build())
                .build(),
        )
        .retry_config(retries);
    Client::from_conf(config.build())
}

/// What a reading comes to, and the events that it sent.
pub(crate) async fn heard<Output>(
    reading: impl AsyncFnOnce(Sender<RolloutEvent>) -> Output,
) -> (Output, Vec<DiscoveryEvent>) {
    let (sender, mut receiver) = mpsc::channel(16);
    let listening = async {
        let mut events = Vec::new();
        while let Some(event) = receiver.recv().await {
            match event {
                RolloutEvent::Discovery(event) => events.push(event),
                other => panic!("{other:?} is no event of discovery"),
            }
        }
        events
    };
    futures::join!(reading(sender), listening)
}
