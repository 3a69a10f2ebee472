//! What AWS answered when a call failed: code, message and request id, which call it was, in which Region, and how
//! often it was tried.
//!
//! The SDK's own `Display` says only "service error"; the code and the message are what an operator needs,
//! and most CloudFormation and STS codes are not modelled (aws-facts J6), so they are read from the metadata
//! that every service error carries.

mod attempt;
#[cfg(test)]
mod testing;
mod tried;

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub use attempt::{CallAttempt, Unanswered};
pub use tried::{Permission, Tried};

/// A failed call. Its `Display` is a complete sentence fragment for the end of an error chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsFailure {
    code: Option<String>,
    message: String,
    /// Boxed, because every error of ours carries a failure.
    attempt: Option<Box<CallAttempt>>,
    request_id: Option<String>,
    is_disconnected: bool,
}

impl AwsFailure {
    /// Reads what there is to know from an SDK error.
    pub fn new<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error.as_service_error() {
            Some(service) => AwsFailure {
                code: service.code().map(str::to_owned),
                message: service.message().map_or_else(|| without_message(error), str::to_owned),
                attempt: error
                    .raw_response()
                    .and_then(|response| response.extension::<CallAttempt>().cloned())
                    .map(Box::new),
                request_id: service.meta().extra("aws_request_id").map(str::to_owned),
                is_disconnected: false,
            },
            None => AwsFailure {
                code: None,
                message: causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": "),
                attempt: causes(error)
                    .find_map(|cause| cause.downcast_ref())
                    .map(|unanswered: &Unanswered| Box::new(unanswered.attempt.clone())),
                request_id: None,
                is_disconnected: matches!(error, SdkError::DispatchFailure(failure) if failure.is_io()),
            },
        }
    }

    /// AWS's error code, when the call got as far as an answer.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// AWS's message, or what went wrong on the way.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Code and message alone, for where the call is named already.
    pub fn answer(&self) -> String {
        self.code.iter().chain([&self.message]).cloned().collect::<Vec<_>>().join(": ")
    }

    /// Whether there was no connection or it broke: no such host, nobody there, no network. The SDK does not
    /// tell these apart.
    pub fn is_disconnected(&self) -> bool {
        self.is_disconnected
    }

    /// Whether AWS understood the call and refused it for lack of permission.
    pub fn is_access_denied(&self) -> bool {
        matches!(self.code(), Some("AccessDenied" | "AccessDeniedException"))
    }

    /// Whether AWS was asked too often, and still was after all retries (the codes of aws-facts J2 that the
    /// services of a roll-out use).
    pub fn is_throttled(&self) -> bool {
        matches!(
            self.code(),
            Some(
                "Throttling"
                    | "ThrottlingException"
                    | "ThrottledException"
                    | "RequestLimitExceeded"
                    | "RequestThrottled"
                    | "TooManyRequestsException"
            )
        )
    }
}

impl fmt::Display for AwsFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.answer())?;
        let attempt = self.attempt.iter().map(ToString::to_string);
        let known: Vec<_> =
            attempt.chain(self.request_id.iter().map(|id| format!("request id {id}"))).collect();
        match known.is_empty() {
            true => Ok(()),
            false => write!(formatter, " ({})", known.join(", ")),
        }
    }
}

impl Error for AwsFailure {}

/// An answer that is no error of AWS's: a proxy, or an endpoint that is something else.
fn without_message<E>(error: &SdkError<E, HttpResponse>) -> String {
    match error.raw_response() {
        Some(response) => {
            format!("HTTP status {} without an AWS error; is the endpoint AWS?", response.status().as_u16())
        }
        None => "no message".to_owned(),
    }
}

/// The whole chain, because each link alone says little ("dispatch failure").
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;
    use crate::testing::{Refused, attempt, refused, refused_at};

    #[test]
    fn a_refused_call_is_told_by_code_message_and_request_id() {
        let metadata = ErrorMetadata::builder()
            .code("AccessDenied")
            .message("not authorized to perform: iam:CreateRole")
            .custom("aws_request_id", "4f1c")
            .build();
        let failure = AwsFailure::new(&refused(403, metadata));
        assert_eq!(
            failure.to_string(),
            "AccessDenied: not authorized to perform: iam:CreateRole (request id 4f1c)"
        );
        assert!(failure.is_access_denied());
        assert!(!failure.is_throttled());
    }

    #[test]
    fn a_refused_call_is_told_with_its_operation_region_and_attempts_where_they_are_known() {
        let metadata = ErrorMetadata::builder().code("Throttling").message("Rate exceeded");
        let metadata = metadata.custom("aws_request_id", "4f1c").build();
        let attempt = attempt("sts:AssumeRole", 8);
        assert_eq!(
            AwsFailure::new(&refused_at(attempt, 400, metadata)).to_string(),
            "Throttling: Rate exceeded (sts:AssumeRole in eu-west-1, tried 8 times, request id 4f1c)"
        );
    }

    #[test]
    fn a_call_that_was_one_too_many_is_known_by_its_code() {
        for code in ["Throttling", "TooManyRequestsException"] {
            let metadata = ErrorMetadata::builder().code(code).message("Rate exceeded").build();
            assert!(AwsFailure::new(&refused(400, metadata)).is_throttled(), "{code}");
        }
    }

    #[test]
    fn an_answer_that_is_not_awss_is_told_by_its_status() {
        let metadata = ErrorMetadata::builder().build();
        let failure = AwsFailure::new(&refused(502, metadata));
        assert_eq!(failure.to_string(), "HTTP status 502 without an AWS error; is the endpoint AWS?");
    }

    #[test]
    fn a_call_without_an_answer_is_told_by_its_causes() {
        let error: SdkError<Refused, HttpResponse> = SdkError::timeout_error("30 seconds passed");
        let failure = AwsFailure::new(&error);
        assert_eq!(failure.to_string(), "request has timed out: 30 seconds passed");
        assert_eq!(failure.code(), None);
        assert!(!failure.is_disconnected());
    }

    #[test]
    fn a_call_that_got_no_answer_at_all_is_told_with_its_operation_too() {
        let unanswered =
            Unanswered { attempt: attempt("sts:AssumeRole", 1), cause: "connection reset".into() };
        let error: SdkError<Refused, HttpResponse> =
            SdkError::dispatch_failure(ConnectorError::io(unanswered.into()));
        assert_eq!(
            AwsFailure::new(&error).to_string(),
            "dispatch failure: io error: connection reset (sts:AssumeRole in eu-west-1, tried once)"
        );
    }

    #[test]
    fn a_host_that_is_not_found_is_no_connection() {
        let not_found = ConnectorError::io("dns error".into());
        let error: SdkError<Refused, HttpResponse> = SdkError::dispatch_failure(not_found);
        let failure = AwsFailure::new(&error);
        assert!(failure.is_disconnected());
        assert!(failure.to_string().ends_with("dns error"), "{failure}");
    }
}
