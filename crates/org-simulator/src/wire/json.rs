//! The JSON 1.1 protocol, which Organizations speaks.

use serde_json::{Map, Value};

use crate::call::ApiError;
use crate::wire::WireResponse;

/// What `X-Amz-Target` begins with.
const TARGET_PREFIX: &str = "AWSOrganizationsV20161128.";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The operation that an `X-Amz-Target` header names.
pub(crate) fn operation(target: &str) -> Option<&str> {
    target.strip_prefix(TARGET_PREFIX)
}

/// The input; `None` when the body is no JSON object.
pub(crate) fn input(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return Some(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).ok().filter(Value::is_object)
}

/// A successful answer; an operation without output shape answers an empty object all the same.
pub(crate) fn success(output: &Value, request_id: &str) -> WireResponse {
    let body = if output.is_null() { "{}".to_owned() } else { output.to_string() };
    respond(200, request_id, body)
}

/// An error, in the form that every client understands.
pub(crate) fn failure(error: &ApiError, request_id: &str) -> WireResponse {
    let mut body = Map::new();
    body.insert("__type".to_owned(), error.code.clone().into());
    if !error.message.is_empty() {
        body.insert("Message".to_owned(), error.message.clone().into());
    }
    for (name, value) in &error.members {
        body.insert((*name).to_owned(), value.clone().into());
    }
    respond(error.status, request_id, Value::Object(body).to_string())
}

fn respond(status: u16, request_id: &str, body: String) -> WireResponse {
    http::Response::builder()
        .status(status)
        .header("content-type", CONTENT_TYPE)
        .header("x-amzn-requestid", request_id)
        .body(body.into_bytes())
        .expect("status and headers are well-formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_names_the_operation() {
        assert_eq!(operation("AWSOrganizationsV20161128.ListRoots"), Some("ListRoots"));
        assert_eq!(operation("DynamoDB_20120810.ListTables"), None);
    }

    #[test]
    fn errors_name_their_type_message_and_reason() {
        let mut error = ApiError::new("InvalidInputException", 400, "no");
        error.members.push(("Reason", "INVALID_NEXT_TOKEN".to_owned()));
        let response = failure(&error, "id-1");
        assert_eq!(response.headers()["x-amzn-requestid"], "id-1");
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["__type"], "InvalidInputException");
        assert_eq!(body["Message"], "no");
        assert_eq!(body["Reason"], "INVALID_NEXT_TOKEN");
    }

    #[test]
    fn a_body_that_is_no_object_is_no_input() {
        assert_eq!(input(b""), Some(Value::Object(Map::new())));
        assert_eq!(input(b"[1]"), None);
        assert_eq!(input(b"{"), None);
    }
}
