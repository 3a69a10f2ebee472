//! Whether StackSets may use AWS Organizations at all: trusted access.

use aws_failure::AwsFailure;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::OrganizationStatus;
use rollout_model::{CallAs, Region};

use crate::calls::failure;
use crate::error::DeployError;
use crate::regions::region_trouble;
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

/// Asks StackSets itself: what AWS Organizations lists as trusted proves nothing (aws-facts A2, K15). It is the
/// first that a plan asks of CloudFormation, so `region`, which the client is of, may turn out to be wrong.
///
/// # Errors
/// When the call is refused or gets no answer.
pub async fn trusted_access(
    client: &Client,
    region: &Region,
    call_as: CallAs,
) -> Result<TrustedAccess, DeployError> {
    let call = client.describe_organizations_access().set_call_as(translate::call_as(call_as));
    let answer = call.send().await.map_err(failure).map_err(|source| refused(region, source))?;
    Ok(match answer.status() {
        Some(OrganizationStatus::Enabled) => TrustedAccess::Enabled,
        Some(OrganizationStatus::Disabled | OrganizationStatus::DisabledPermanently) | None => {
            TrustedAccess::Disabled
        }
        Some(other) => TrustedAccess::Unrecognized(other.as_str().to_owned()),
    })
}

/// Turns trusted access on, which only the management account can. StackSets does it: what Organizations would
/// enable is something else (aws-facts A2, K15).
///
/// # Errors
/// When the call is refused or gets no answer.
pub async fn activate_trusted_access(client: &Client) -> Result<(), DeployError> {
    client.activate_organizations_access().send().await.map(drop).map_err(|error| DeployError::Call {
        doing: "activate trusted access of StackSets to the organization".to_owned(),
        source: failure(error),
    })
}

fn refused(region: &Region, source: AwsFailure) -> DeployError {
    let doing = "ask whether StackSets has trusted access to the organization";
    match region_trouble(region, &source) {
        Some(trouble) => DeployError::Region { doing, region: region.clone(), trouble, source },
        None => DeployError::Call { doing: format!("{doing} in {region}"), source },
    }
}
