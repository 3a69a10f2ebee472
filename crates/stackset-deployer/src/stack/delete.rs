//! Deletes the stack.

use aws_failure::AwsFailure;
use aws_sdk_cloudformation::Client;
use rollout_model::{DeploymentStatus, OperationId, StackName};
use tokio_util::sync::CancellationToken;

use super::describe;
use super::settle::{Settled, settle};
use crate::calls::failure;
use crate::error::DeployError;

/// Deletes the stack for good. `None` when the operator asked to stop first: the deletion goes on in AWS.
pub(crate) async fn take_away(
    client: &Client,
    name: &StackName,
    token: &OperationId,
    stop: &CancellationToken,
) -> Result<Option<DeploymentStatus>, DeployError> {
    let failed = |reason: &str| {
        let reason = format!("{reason}; mend what AWS names here, then run `rolecall retire` again");
        Some(DeploymentStatus::Failed(reason))
    };
    Ok(match delete(client, name, token, stop).await? {
        Settled::Gone => Some(DeploymentStatus::Removed),
        Settled::Left => None,
        Settled::Failed(reason) => failed(&reason),
        Settled::Deployed => failed("AWS did not delete the stack"),
    })
}

/// Deletes the stack and waits until it is gone. Its protection is lifted first: without that AWS refuses
/// (aws-facts C5). One that is not there is gone already.
pub(super) async fn delete(
    client: &Client,
    name: &StackName,
    token: &OperationId,
    stop: &CancellationToken,
) -> Result<Settled, DeployError> {
    let Some(stack) = describe(client, name.as_str()).await? else { return Ok(Settled::Gone) };
    // Asked by name, a stack that has gone looks like one that never was.
    let id = stack.stack_id().unwrap_or(name.as_str());
    let deleted = async {
        protect(client, id, false).await?;
        client
            .delete_stack()
            .stack_name(id)
            .client_request_token(token.as_str())
            .send()
            .await
            .map_err(failure)
    };
    match deleted.await {
        Ok(_) => settle(client, name, id, stop).await,
        Err(refusal) => Ok(Settled::Failed(refusal.to_string())),
    }
}

/// Whether the stack may be deleted.
pub(super) async fn protect(client: &Client, name_or_id: &str, is_protected: bool) -> Result<(), AwsFailure> {
    let call = client.update_termination_protection().stack_name(name_or_id);
    let call = call.enable_termination_protection(is_protected);
    call.send().await.map(drop).map_err(failure)
}
