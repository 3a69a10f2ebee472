//! The front without sockets: an HTTP client for the AWS SDK whose requests end in the simulator.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::simulator::{Reply, Simulator};
use crate::wire::WireRequest;

/// Where the virtual time of an in-process simulation starts: 1 January 2026.
const START_SECOND: i64 = 1_767_225_600;

/// An HTTP client whose every request is answered by `simulator`, `latency` and the simulator's own after it was
/// sent, whatever host it is for.
///
/// Virtual time is the time of the Tokio clock since this call: on a paused clock, hours pass in no time. As it
/// starts at a fixed date, session credentials expire at a virtual time: give the SDK no expiry for them.
#[must_use]
pub fn in_process(simulator: Arc<Mutex<Simulator>>, latency: Duration) -> SharedHttpClient {
    let start = Timestamp::from_second(START_SECOND).expect("a date of this century");
    let latency = latency + simulator.lock().unwrap_or_else(PoisonError::into_inner).latency();
    SharedHttpClient::new(InProcess { simulator, latency, start, began: Instant::now() })
}

#[derive(Debug, Clone)]
struct InProcess {
    simulator: Arc<Mutex<Simulator>>,
    latency: Duration,
    start: Timestamp,
    began: Instant,
}

impl InProcess {
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::MAX);
        self.start.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    async fn answer(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let request = in_memory(request)?;
        let now = self.now();
        let reply = self.simulator.lock().unwrap_or_else(PoisonError::into_inner).handle(&request, now);
        match reply {
            Reply::Answer(answer) => HttpResponse::try_from(answer.map(SdkBody::from))
                .map_err(|error| ConnectorError::user(error.into())),
            // As the HTTP client reports a connection that ends in the middle.
            Reply::Cut => Err(ConnectorError::io("connection closed before message completed".into())),
            Reply::Held => std::future::pending().await,
        }
    }
}

fn in_memory(request: HttpRequest) -> Result<WireRequest, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let bytes =
        body.bytes().ok_or_else(|| ConnectorError::user("a streaming body cannot be simulated".into()))?;
    Ok(WireRequest::from_parts(parts, bytes.to_vec()))
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().answer(request))
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
