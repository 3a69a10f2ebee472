//! A refusal of a service.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::CallAttempt;

#[derive(Debug)]
pub(crate) struct Refused(ErrorMetadata);

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("refused")
    }
}

impl Error for Refused {}

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

pub(crate) fn refused(status: u16, metadata: ErrorMetadata) -> SdkError<Refused, HttpResponse> {
    let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
    SdkError::service_error(Refused(metadata), response)
}

/// The same, where whoever sent the request says which it was.
pub(crate) fn refused_at(
    attempt: CallAttempt,
    status: u16,
    metadata: ErrorMetadata,
) -> SdkError<Refused, HttpResponse> {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
    response.add_extension(attempt);
    SdkError::service_error(Refused(metadata), response)
}

pub(crate) fn attempt(call: &str, number: u32) -> CallAttempt {
    CallAttempt { call: call.to_owned(), region: "eu-west-1".to_owned(), number }
}
