//! The AWS clients of the process: one HTTP client, one set of request budgets, one identity.

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_failure::AwsFailure;
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use org_simulator::AccessKey;
use request_budget::{Budgets, CallCount, budgeted};
use role_verifier::SESSION_NAME;
use rollout_model::{AccountId, CallCounts, Organization, Owner, Region, RoleArn};
use tokio::time::Instant;
use tracing::Span;

use crate::arguments::ConnectionArguments;
use crate::root_certificates;
use crate::session::{OneSession, SESSION_LENGTH};
use crate::sign_in::{require_credentials, unidentified};
use crate::simulated::Opened;

/// What a session that only tries roles may do.
const ONLY_ENTER: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}"#;

/// The clients, all of them for the operator's own identity.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) organizations: aws_sdk_organizations::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    region: Region,
    config: SdkConfig,
    budgets: Budgets,
    since: Instant,
}

/// Who the operator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account: AccountId,
    pub(crate) arn: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub(crate) partition: String,
}

/// The process has one identity, and whatever fails says which.
static SIGNED_IN: OnceLock<Caller> = OnceLock::new();

/// Who the operator is, once AWS has said it.
pub(crate) fn signed_in() -> Option<&'static Caller> {
    SIGNED_IN.get()
}

impl Caller {
    /// The operator's account as the owner of what is made in it.
    pub(crate) fn as_owner(&self) -> Owner {
        Owner { partition: self.partition.clone(), account: self.account.clone() }
    }

    /// As whom AWS is asked. Whoever may list accounts is one of the two (aws-facts D1).
    pub(crate) fn in_words(&self, organization: &Organization) -> String {
        let role = match self.account == organization.management_account {
            true => "the management account",
            false => "a delegated administrator",
        };
        format!("asked as {}, of {role} {}", self.arn, self.account)
    }
}

impl Aws {
    /// Builds the clients and makes sure that there are credentials, without calling AWS.
    pub(crate) async fn connect(
        connection: &ConnectionArguments,
        region: &Region,
        budgets: Budgets,
    ) -> anyhow::Result<Self> {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(aws_config::Region::new(region.to_string()))
            .retry_config(retries())
            .timeout_config(timeouts())
            // The SDK's own would keep a session of every account, each of which is used once (aws-facts J5).
            .identity_cache(OneSession::default());
        let client = match &connection.simulate {
            Some(simulated) => {
                let Opened { client, key } = simulated.open()?;
                let AccessKey { access_key_id: id, secret_access_key: secret } = key;
                loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "simulation"));
                client
            }
            None => {
                root_certificates::require(connection.endpoint_url.as_deref())?;
                https()
            }
        };
        loader = loader.http_client(budgeted(client, budgets.clone()));
        if let Some(url) = &connection.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        require_credentials(&config).await?;
        Ok(Aws::new(region.clone(), config, budgets))
    }

    fn new(region: Region, config: SdkConfig, budgets: Budgets) -> Self {
        macro_rules! client {
            ($service:ident) => {
                $service::Client::from_conf(
                    $service::config::Builder::from(&config)
                        .retry_partition(partition(stringify!($service)))
                        .build(),
                )
            };
        }
        Aws {
            cloudformation: client!(aws_sdk_cloudformation),
            iam: client!(aws_sdk_iam),
            organizations: client!(aws_sdk_organizations),
            sts: client!(aws_sdk_sts),
            region,
            config,
            budgets,
            since: Instant::now(),
        }
    }

    /// Asks AWS who we are. Needs no permission (aws-facts E3).
    pub(crate) async fn caller(&self) -> anyhow::Result<Caller> {
        let impatient = aws_sdk_sts::config::Builder::new().retry_config(first_retries());
        let call = self.sts.get_caller_identity().customize().config_override(impatient);
        let answer = call.send().await.map_err(|error| AwsFailure::new(&error));
        let answer =
            answer.map_err(|failure| unidentified(&self.region, self.config.endpoint_url(), failure))?;
        let arn = answer.arn().unwrap_or_default().to_owned();
        let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
        let account: AccountId =
            answer.account().unwrap_or_default().parse().context("AWS gave no account")?;
        Span::current().record("caller", account.as_str());
        let caller = Caller { account, arn, partition };
        // Known already, where somebody asks again.
        let _ = SIGNED_IN.set(caller.clone());
        Ok(caller)
    }

    /// An STS client that speaks as the last role of `chain`, however long the run lasts. Each role is entered from
    /// the one before, the first by ourselves.
    pub(crate) async fn sts_as(&self, chain: &[RoleArn]) -> anyhow::Result<aws_sdk_sts::Client> {
        let mut sts = self.sts.clone();
        let mut before: Option<SharedCredentialsProvider> = None;
        for role in chain {
            // Entered once by hand: a credentials provider would bury AWS's reason (aws-facts J5).
            let call = sts.assume_role().role_arn(role.to_string()).role_session_name(SESSION_NAME);
            let answer = call.policy(ONLY_ENTER).send().await.map_err(|error| AwsFailure::new(&error));
            answer.with_context(|| format!("could not enter `{role}` (verify.from)"))?;
            let session = AssumeRoleProvider::builder(role.to_string())
                .session_name(SESSION_NAME)
                .session_length(SESSION_LENGTH)
                .policy(ONLY_ENTER)
                .configure(&self.config);
            let session = SharedCredentialsProvider::new(match before {
                Some(before) => session.build_from_provider(before).await,
                None => session.build().await,
            });
            let config = self.sts.config().to_builder();
            let config = config.credentials_provider(session.clone()).identity_cache(OneSession::default());
            sts = aws_sdk_sts::Client::from_conf(config.build());
            before = Some(session);
        }
        Ok(sts)
    }

    /// What was asked of AWS so far.
    pub(crate) fn call_counts(&self) -> CallCounts {
        let calls = self.budgets.calls().into_iter();
        let count = |CallCount { attempts, throttled }| rollout_model::CallCount { attempts, throttled };
        CallCounts(calls.map(|(operation, calls)| (operation, count(calls))).collect())
    }

    /// What was asked of AWS so far and in what time, for whoever wants to know what a run costs.
    pub(crate) fn calls(&self) -> String {
        let calls = self.budgets.calls().into_iter().map(|(call, CallCount { attempts, throttled })| {
            let throttled = if throttled > 0 { format!(" ({throttled} throttled)") } else { String::new() };
            format!("{call} {attempts}{throttled}")
        });
        let seconds = self.since.elapsed().as_secs_f64();
        format!("calls in {seconds:.2} s: {}", calls.collect::<Vec<_>>().join(", "))
    }
}

/// The whole process shares one pool of connections (aws-facts J4), through the proxy that HTTPS_PROXY, HTTP_PROXY,
/// ALL_PROXY and NO_PROXY name, as the AWS CLI does.
fn https() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder();
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        let connector = connector.proxy_config(ProxyConfig::from_env());
        connector.tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc)).build()
    })
}

/// Budgets keep throttling rare; what remains is retried for minutes rather than lost.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(8)
}

/// Of the first call of all, on which nothing depends yet: an endpoint that is not there is told within seconds, where
/// the patience of a run would take a minute.
fn first_retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(4)
}

/// Per connection and per answer. There is no bound on a whole attempt: it would count the time spent
/// waiting for the request budget.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(30))
        .build()
}

/// The SDK's own retry bucket is shared by the whole process and runs empty under throttling, after which
/// calls fail at the first refusal; a partition of one's own with a large bucket does not (aws-facts J2).
fn partition(service: &'static str) -> RetryPartition {
    RetryPartition::custom(service).token_bucket(TokenBucket::builder().capacity(100_000).build()).build()
}
