//! The HTTP client that makes requests wait for their budget.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;
use tokio::time::Instant;

use crate::api_call::identify;
use crate::budgets::{Answer, Budgets};
use crate::throttling::examine;

/// `inner`, with every request waiting for its API's budget first. Timeouts of a connection pass to `inner`
/// and begin when it is given the request.
pub fn budgeted(inner: SharedHttpClient, budgets: Budgets) -> SharedHttpClient {
    SharedHttpClient::new(BudgetedClient { inner, budgets })
}

#[derive(Debug)]
struct BudgetedClient {
    inner: SharedHttpClient,
    budgets: Budgets,
}

impl HttpClient for BudgetedClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(BudgetedConnector { inner, budgets: self.budgets.clone() })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        HttpClient::validate_base_client_config(&self.inner, components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        HttpClient::validate_final_config(&self.inner, components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Debug)]
struct BudgetedConnector {
    inner: SharedHttpConnector,
    budgets: Budgets,
}

impl HttpConnector for BudgetedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some((call, caller)) = identify(&request) else {
            return self.inner.call(request);
        };
        let BudgetedConnector { inner, budgets } = self;
        let (inner, budgets) = (inner.clone(), budgets.clone());
        HttpConnectorFuture::new(async move {
            let asked = Instant::now();
            let admission = budgets.admit(call.clone(), caller).await;
            let sent = Instant::now();
            let examined = match inner.call(request).await {
                Ok(response) => examine(response).await,
                Err(error) => Err(error),
            };
            let answer = examined.as_ref().map_or(Answer::Inconclusive, |(_, answer)| *answer);
            // Neither bodies nor headers: they carry external IDs and credentials.
            tracing::debug!(
                %call,
                waited_ms = (sent - asked).as_millis(),
                took_ms = sent.elapsed().as_millis(),
                status = examined.as_ref().ok().map(|(response, _)| response.status().as_u16()),
                throttled = answer == Answer::Throttled,
                "AWS call"
            );
            budgets.record(admission, answer);
            examined.map(|(response, _)| response)
        })
    }
}
