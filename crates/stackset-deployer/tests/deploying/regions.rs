//! A home Region that is off for the account, or that does not exist.

use std::fmt;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use rollout_model::{CallAs, Region};
use stackset_deployer::{DeployError, RegionTrouble, trusted_access};

use crate::bench::client;

/// Gives the same answer to every request.
#[derive(Clone)]
struct Scripted(fn() -> Result<HttpResponse, ConnectorError>);

impl fmt::Debug for Scripted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Scripted")
    }
}

impl HttpConnector for Scripted {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.0())
    }
}

impl HttpClient for Scripted {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn unknown_credentials() -> Result<HttpResponse, ConnectorError> {
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The security \
                token included in the request is invalid.</Message></Error><RequestId>1</RequestId></ErrorResponse>";
    Ok(HttpResponse::new(403.try_into().expect("a status"), SdkBody::from(body)))
}

fn denied() -> Result<HttpResponse, ConnectorError> {
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>\
                <RequestId>1</RequestId></ErrorResponse>";
    Ok(HttpResponse::new(403.try_into().expect("a status"), SdkBody::from(body)))
}

fn no_such_host() -> Result<HttpResponse, ConnectorError> {
    Err(ConnectorError::io("dns error".into()))
}

async fn refusal(region: &str, answer: fn() -> Result<HttpResponse, ConnectorError>) -> DeployError {
    let client = client(SharedHttpClient::new(Scripted(answer)));
    let region: Region = region.parse().expect("a Region");
    trusted_access(&client, &region, CallAs::Myself).await.expect_err("every answer is a refusal")
}

fn trouble(error: &DeployError) -> Option<RegionTrouble> {
    match error {
        DeployError::Region { trouble, .. } => Some(*trouble),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_off_or_not_there_is_told_with_a_way_out() {
    let off = refusal("eu-south-2", unknown_credentials).await;
    assert_eq!(
        off.to_string(),
        "could not ask whether StackSets has trusted access to the organization in eu-south-2: it does not know \
         these credentials, so it is probably not enabled for their account; choose a Region that is on, such as \
         us-east-1: a role is global"
    );
    let missing = refusal("eu-wst-1", no_such_host).await;
    assert_eq!(
        missing.to_string(),
        "could not ask whether StackSets has trusted access to the organization in eu-wst-1: there is no \
         connection, so there may be no Region of that name; choose a Region that is on, such as us-east-1: a \
         role is global"
    );
    let cause = std::error::Error::source(&missing).expect("a cause").to_string();
    assert!(cause.contains("dns error"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn a_region_is_not_blamed_when_it_is_on_everywhere_or_when_it_answered() {
    assert_eq!(trouble(&refusal("eu-west-1", unknown_credentials).await), None);
    assert_eq!(trouble(&refusal("eu-west-1", no_such_host).await), None);
    assert_eq!(trouble(&refusal("us-gov-west-1", no_such_host).await), None);
    let denied = refusal("eu-south-2", denied).await;
    assert_eq!(trouble(&denied), None);
    assert!(denied.to_string().ends_with("in eu-south-2"), "{denied}");
}
