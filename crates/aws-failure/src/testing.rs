//! A refusal of a service.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

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
