//! Whether StackSets may use AWS Organizations at all.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::OrganizationStatus;
use rollout_model::CallAs;

use crate::calls::failure;
use crate::error::DeployError;
use crate::translate;

/// The state of trusted access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedAccess {
    /// Service-managed StackSets work.
    Enabled,
    /// They do not; the management account can switch it on with `ActivateOrganizationsAccess`.
    Disabled,
    /// A value that this version does not know, taken as not enabled.
    Unrecognized(String),
}

/// Asks StackSets itself: what AWS Organizations lists as trusted proves nothing (aws-facts A2, K15).
///
/// # Errors
/// When the call is refused or gets no answer.
pub async fn trusted_access(client: &Client, call_as: CallAs) -> Result<TrustedAccess, DeployError> {
    let answer =
        client.describe_organizations_access().call_as(translate::call_as(call_as)).send().await.map_err(
            |error| DeployError::Call {
                doing: "ask whether StackSets has trusted access to the organization".to_owned(),
                source: failure(error),
            },
        )?;
    Ok(match answer.status() {
        Some(OrganizationStatus::Enabled) => TrustedAccess::Enabled,
        Some(OrganizationStatus::Disabled | OrganizationStatus::DisabledPermanently) | None => {
            TrustedAccess::Disabled
        }
        Some(other) => TrustedAccess::Unrecognized(other.as_str().to_owned()),
    })
}
