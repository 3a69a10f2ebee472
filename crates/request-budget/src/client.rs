//! The HTTP client that makes requests wait for their budget.

use aws_failure::{CallAttempt, Unanswered};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;
use tokio::time::Instant;

use crate::api_call::{Identified, identify};
use crate::budgets::{Answer, Budgets};
use crate::log::{Taken, log};
use crate::throttling::{Examined, examine};

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
        let Some(Identified { call, caller, attempt }) = identify(&request) else {
            return self.inner.call(request);
        };
        let BudgetedConnector { inner, budgets } = self;
        let (inner, budgets) = (inner.clone(), budgets.clone());
        HttpConnectorFuture::new(async move {
            let asked = Instant::now();
            let admission = budgets.admit(call, caller).await;
            let sent = Instant::now();
            let request_bytes = request.body().bytes().map(<[u8]>::len);
            let examined = match inner.call(request).await {
                Ok(response) => examine(response).await,
                Err(error) => Err(error),
            };
            log(&attempt, &examined, Taken { waited: sent - asked, took: sent.elapsed(), request_bytes });
            let answer = examined.as_ref().map_or(Answer::Inconclusive, |examined| examined.answer);
            budgets.record(admission, answer);
            attributed(attempt, examined)
        })
    }
}

/// An answer says which attempt it belongs to, and so does the reason why there is none: errors are told by it.
fn attributed(
    attempt: CallAttempt,
    examined: Result<Examined, ConnectorError>,
) -> Result<HttpResponse, ConnectorError> {
    match examined {
        Ok(Examined { mut response, .. }) => {
            response.add_extension(attempt);
            Ok(response)
        }
        Err(error) => Err(unanswered(attempt, error)),
    }
}

/// The same kind of error, so that the SDK retries it as it would have. Others than these two are told as they are.
fn unanswered(attempt: CallAttempt, error: ConnectorError) -> ConnectorError {
    let rebuilt = match (error.is_timeout(), error.is_io()) {
        (true, _) => ConnectorError::timeout,
        (_, true) => ConnectorError::io,
        _ => return error,
    };
    let connection = error.connection_metadata().cloned();
    let rebuilt = rebuilt(Unanswered { attempt, cause: error.into_source() }.into());
    match connection {
        Some(connection) => rebuilt.with_connection(connection),
        None => rebuilt,
    }
}
