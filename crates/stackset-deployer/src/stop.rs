//! Stops an operation in AWS.

use aws_sdk_cloudformation::Client;
use rollout_model::OperationId;

use crate::calls::StackSets;
use crate::error::DeployError;
use crate::observe::Wanted;

/// Asks AWS to stop an operation: what it has not begun is cancelled, what it works on is finished (aws-facts A6).
/// Answers whether there was anything to stop.
///
/// # Errors
/// When AWS refuses.
pub async fn stop_operation(
    client: &Client,
    wanted: Wanted<'_>,
    operation: &OperationId,
) -> Result<bool, DeployError> {
    let sets = StackSets::new(client, wanted.stack_set, wanted.region, wanted.call_as);
    match sets.stop_operation(operation).await {
        Ok(()) => Ok(true),
        // It has ended, or was never submitted.
        Err(refusal)
            if matches!(
                refusal.code(),
                Some(
                    "InvalidOperationException" | "OperationNotFoundException" | "StackSetNotFoundException"
                )
            ) =>
        {
            Ok(false)
        }
        Err(source) => Err(sets.failed(&format!("stop operation {operation} of"), source)),
    }
}
