//! Whether an answer says that requests come too fast.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use crate::budgets::Answer;

/// The codes that the SDK retries as throttling (aws-facts J2), without `LimitExceededException`: that one
/// reports a full quota of things, and asking for them more slowly does not help.
const THROTTLING_CODES: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

/// A response as it was, and what it says.
#[derive(Debug)]
pub(crate) struct Examined {
    pub(crate) response: HttpResponse,
    /// What it says of the rate.
    pub(crate) answer: Answer,
    /// AWS's error code, where it is a refusal.
    pub(crate) code: Option<String>,
}

/// Reads what a response says. Only the bodies of refusals are read, which are short.
pub(crate) async fn examine(mut response: HttpResponse) -> Result<Examined, ConnectorError> {
    let status = response.status().as_u16();
    if status < 400 {
        return Ok(Examined { response, answer: Answer::Accepted, code: None });
    }
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let read = ByteStream::new(body).collect().await;
    let bytes = read.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let said = response.headers().get("x-amzn-errortype").map(str::to_owned).or_else(|| error_code(&bytes));
    let code = said.map(|code| bare(&code).to_owned());
    *response.body_mut() = SdkBody::from(bytes);
    Ok(Examined { response, answer: judge(status, code.as_deref()), code })
}

fn judge(status: u16, code: Option<&str>) -> Answer {
    let is_throttling = code.is_some_and(|code| THROTTLING_CODES.contains(&code));
    match status {
        429 => Answer::Throttled,
        400 | 503 if is_throttling => Answer::Throttled,
        500.. => Answer::Inconclusive,
        _ => Answer::Accepted,
    }
}

/// The error code of a JSON 1.1 or a Query answer.
fn error_code(body: &[u8]) -> Option<String> {
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) {
        return ["__type", "code"].iter().find_map(|name| json.get(name)?.as_str().map(str::to_owned));
    }
    // Query answers escape `<` in texts, so the first element of this name is the code.
    let (_, rest) = std::str::from_utf8(body).ok()?.split_once("<Code>")?;
    rest.split_once("</Code>").map(|(code, _)| code.trim().to_owned())
}

/// `Code` of `namespace#Code` or `Code:address`.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(status: u16, error_type: Option<&'static str>, body: &'static str, expected: Answer) {
        let status_code = status.try_into().expect("a status");
        let mut response = HttpResponse::new(status_code, SdkBody::from(body));
        if let Some(error_type) = error_type {
            response.headers_mut().insert("x-amzn-errortype", error_type);
        }
        let Examined { response, answer, .. } = examine(response).await.expect("the body can be read");
        assert_eq!(answer, expected, "{status} {body}");
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.body().bytes(), Some(body.as_bytes()), "the body is put back");
    }

    #[tokio::test]
    async fn throttling_is_told_in_json_in_xml_in_a_header_and_by_status() {
        let json = r#"{"__type":"TooManyRequestsException","Message":"AWS Organizations can't complete it"}"#;
        check(400, None, json, Answer::Throttled).await;
        check(400, None, r#"{"__type":"com.amazonaws#ThrottlingException"}"#, Answer::Throttled).await;
        let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded\
                   </Message></Error></ErrorResponse>";
        check(400, None, xml, Answer::Throttled).await;
        check(503, None, "<Response><Errors><Error><Code>SlowDown</Code>", Answer::Throttled).await;
        check(400, Some("ThrottlingException:http://internal/"), "{}", Answer::Throttled).await;
        check(429, None, "", Answer::Throttled).await;
    }

    #[tokio::test]
    async fn other_answers_are_no_throttling() {
        check(200, None, r#"{"__type":"TooManyRequestsException"}"#, Answer::Accepted).await;
        check(400, None, r#"{"__type":"AccessDeniedException"}"#, Answer::Accepted).await;
        check(400, None, "<Error><Code>LimitExceededException</Code></Error>", Answer::Accepted).await;
        check(403, None, "<Error><Code>AccessDenied</Code></Error>", Answer::Accepted).await;
        check(400, None, "no code at all", Answer::Accepted).await;
    }

    #[tokio::test]
    async fn a_refusal_tells_its_code() {
        for (status, body, expected) in [
            (403, "<Error><Code>AccessDenied</Code></Error>", Some("AccessDenied")),
            (400, r#"{"__type":"com.amazonaws#TooManyRequestsException"}"#, Some("TooManyRequestsException")),
            (502, "<html>Bad Gateway</html>", None),
            (200, "<Code>AccessDenied</Code>", None),
        ] {
            let response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body));
            let examined = examine(response).await.expect("the body can be read");
            assert_eq!(examined.code.as_deref(), expected, "{status} {body}");
        }
    }

    #[tokio::test]
    async fn a_failing_service_says_nothing_of_the_rate() {
        check(500, None, "<Error><Code>ServiceFailure</Code></Error>", Answer::Inconclusive).await;
        check(503, None, "<Error><Code>ServiceUnavailable</Code></Error>", Answer::Inconclusive).await;
    }
}
