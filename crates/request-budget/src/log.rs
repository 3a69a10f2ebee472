//! What is logged of every attempt: all that one asks for when a run is slow or refused, and nothing that is secret.

use std::time::Duration;

use aws_failure::CallAttempt;
use aws_smithy_runtime_api::client::result::ConnectorError;
use tracing::{Level, debug, enabled, info};

use crate::budgets::Answer;
use crate::throttling::Examined;

/// How long an attempt took, and how much was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// For the budget, before it was sent.
    pub(crate) waited: Duration,
    /// From sending to the answer.
    pub(crate) took: Duration,
    pub(crate) request_bytes: Option<usize>,
}

/// One line for an attempt: at `info` what it was and how it ended, at `debug` with the wait for the budget and the
/// sizes as well. For whom it was made stands in the span around it.
///
/// Neither bodies nor headers, but for the request id: they carry external IDs and credentials. What another machine
/// wrote is quoted, so that it cannot make up lines of its own.
pub(crate) fn log(attempt: &CallAttempt, examined: &Result<Examined, ConnectorError>, taken: Taken) {
    let CallAttempt { call, region, number } = attempt;
    let Taken { waited, took, request_bytes } = taken;
    let (waited_ms, took_ms) = (milliseconds(waited), milliseconds(took));
    let answered = examined.as_ref().ok();
    let status = answered.map(|examined| examined.response.status().as_u16());
    let request_id =
        answered.and_then(|examined| examined.response.headers().get("x-amzn-requestid")).map(quoted);
    let code = answered.and_then(|examined| examined.code.as_deref()).map(quoted);
    let throttled = answered.is_some_and(|examined| examined.answer == Answer::Throttled).then_some(true);
    let failed = examined.as_ref().err().map(in_words);
    if enabled!(Level::DEBUG) {
        let response_bytes = answered.and_then(|examined| examined.response.body().content_length());
        debug!(
            call,
            region,
            attempt = number,
            status,
            code,
            took_ms,
            waited_ms,
            request_bytes,
            response_bytes,
            request_id,
            throttled,
            failed,
            "AWS call"
        );
    } else {
        info!(
            call,
            region,
            attempt = number,
            status,
            code,
            took_ms,
            request_id,
            throttled,
            failed,
            "AWS call"
        );
    }
}

/// A duration of more milliseconds than that is not lived to see.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn quoted(text: &str) -> String {
    text.escape_debug().to_string()
}

/// The chain of causes, of which each alone says little.
fn in_words(error: &ConnectorError) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |&error| error.source());
    quoted(&causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}
