//! The endpoints that AWS does not have: counting calls, stepping the clock, listing the accounts, faults.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::credentials::admin_key;
use crate::faults::FaultList;
use crate::serve::Front;
use crate::wire::{WireRequest, WireResponse};

/// No AWS service has a path that begins like this.
pub(crate) const PREFIX: &str = "/_simulator/";

/// Answers a request for a path below [`PREFIX`].
pub(crate) fn handle(front: &Front, request: &WireRequest) -> WireResponse {
    let resource = request.uri().path().trim_start_matches(PREFIX);
    match (request.method(), resource) {
        (&Method::GET, "calls") => answer(StatusCode::OK, &json!(front.simulator().calls())),
        (&Method::DELETE, "calls") => {
            front.simulator().reset_calls();
            answer(StatusCode::OK, &json!({}))
        }
        (&Method::GET, "throttled") => answer(StatusCode::OK, &json!(front.simulator().throttled())),
        (&Method::GET, "denied") => answer(StatusCode::OK, &json!(front.simulator().denied())),
        (&Method::POST, "advance") => advance(front, request.body()),
        (&Method::GET, "accounts") => answer(StatusCode::OK, &accounts(front)),
        (&Method::GET, "held") => answer(StatusCode::OK, &json!(front.held.count())),
        (&Method::GET, "faults") => answer(StatusCode::OK, &front.simulator().faults()),
        (&Method::POST, "faults") => add_faults(front, request.body()),
        (&Method::DELETE, "faults") => {
            front.simulator().remove_faults();
            answer(StatusCode::OK, &json!({}))
        }
        (_, "calls" | "throttled" | "denied" | "advance" | "accounts" | "held" | "faults") => {
            answer(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": "this endpoint has no such method"}))
        }
        _ => answer(StatusCode::NOT_FOUND, &json!({"error": "there is no such endpoint"})),
    }
}

fn advance(front: &Front, body: &[u8]) -> WireResponse {
    let seconds = serde_json::from_slice::<Value>(body).ok().and_then(|body| body.get("seconds")?.as_u64());
    let Some(seconds) = seconds.and_then(|seconds| u32::try_from(seconds).ok()) else {
        let error = json!({"error": "expected {\"seconds\": N}, with N a whole number"});
        return answer(StatusCode::BAD_REQUEST, &error);
    };
    front.clock.step(seconds);
    answer(StatusCode::OK, &json!({"now": front.clock.now().to_string()}))
}

fn add_faults(front: &Front, body: &[u8]) -> WireResponse {
    let list = String::from_utf8_lossy(body).parse::<FaultList>();
    let list = match list {
        Ok(list) => list,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            let told = format!("{error}{}", cause.unwrap_or_default());
            return answer(StatusCode::BAD_REQUEST, &json!({"error": told}));
        }
    };
    let mut simulator = front.simulator();
    simulator.add_faults(list);
    simulator.advance(front.clock.now());
    answer(StatusCode::OK, &simulator.faults())
}

fn accounts(front: &Front) -> Value {
    let shape = |account: crate::simulator::AccountSummary| {
        json!({
            "id": account.id,
            "name": account.name,
            "state": account.state,
            "access_key_id": admin_key(&account.id),
        })
    };
    front.simulator().accounts().into_iter().map(shape).collect()
}

fn answer(status: StatusCode, body: &Value) -> WireResponse {
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .expect("status and headers are well-formed")
}
