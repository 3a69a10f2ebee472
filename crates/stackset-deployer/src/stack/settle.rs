//! Waits until a stack stands still.

use aws_sdk_cloudformation::Client;
use rollout_model::StackName;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::step::{StackNext, StackSnapshot, StackWatch};
use super::{describe, status, why};
use crate::error::DeployError;

/// How a stack stands when it stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Settled {
    Deployed,
    /// Deleted, or never there.
    Gone,
    /// With AWS's words.
    Failed(String),
    /// The operator asked to stop first: the stack goes on in AWS.
    Left,
}

/// Waits until the stack is in no transitional status. Asked by id, a deleted stack is still described.
pub(crate) async fn settle(
    client: &Client,
    name: &StackName,
    id: &str,
    stop: &CancellationToken,
) -> Result<Settled, DeployError> {
    let began = Instant::now();
    let mut watch = StackWatch::default();
    loop {
        let Some(stack) = describe(client, id).await? else { return Ok(Settled::Gone) };
        let status = status(&stack);
        let newest_event = newest_event(client, id).await;
        let seen = StackSnapshot { status: status.to_owned(), newest_event };
        match watch.step(seen, began.elapsed()) {
            StackNext::Deployed => return Ok(Settled::Deployed),
            StackNext::Deleted => return Ok(Settled::Gone),
            StackNext::Failed => return Ok(Settled::Failed(why(client, id, status, &stack).await)),
            StackNext::Stuck { unchanged_for } => {
                let (stack, status) = (name.clone(), status.to_owned());
                return Err(DeployError::StackStuck { stack, status, minutes: unchanged_for.as_secs() / 60 });
            }
            StackNext::PollAfter(pause) => tokio::select! {
                () = stop.cancelled() => return Ok(Settled::Left),
                () = sleep(pause) => {}
            },
        }
    }
}

/// Waits until nothing is under way with the stack of that name, whoever began it. One that is only reviewed waits
/// for a change set of ours (aws-facts C2), and one that is not there for nothing.
pub(crate) async fn wait_until_settled(
    client: &Client,
    name: &StackName,
    stop: &CancellationToken,
) -> Result<(), DeployError> {
    match describe(client, name.as_str()).await? {
        Some(stack) if status(&stack) != "REVIEW_IN_PROGRESS" && status(&stack).ends_with("_IN_PROGRESS") => {
            settle(client, name, stack.stack_id().unwrap_or(name.as_str()), stop).await.map(drop)
        }
        _ => Ok(()),
    }
}

/// The newest event shows that a stack still moves. Without it there is the status alone, so a refusal does
/// no harm.
async fn newest_event(client: &Client, stack_id: &str) -> Option<String> {
    let events = client.describe_stack_events().stack_name(stack_id).send().await.ok()?;
    events.stack_events().first()?.event_id().map(str::to_owned)
}
