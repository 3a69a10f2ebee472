//! Waits until nothing is under way: a plan that is made in the middle of an operation is outdated when it ends.

use aws_sdk_cloudformation::Client;
use rollout_model::{DeployEvent, ObservedOperation, RolloutEvent};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::calls::StackSets;
use crate::error::DeployError;
use crate::limits::{PATIENCE_WITH_OTHERS, poll_pause};
use crate::observe::{Wanted, unfinished_operations};
use crate::stack::wait_until_settled;
use crate::step::named;
use crate::tell::tell;

/// Waits until neither the StackSet nor the management account's stack is at work, and tells whose operation it
/// is that is waited for. Changes nothing, so that it can be dropped at any moment.
///
/// # Errors
/// When AWS refuses to tell, or the operation does not end.
pub async fn wait_until_quiet(
    client: &Client,
    wanted: Wanted<'_>,
    events: &Sender<RolloutEvent>,
) -> Result<(), DeployError> {
    let sets = StackSets::new(client, wanted.stack_set, wanted.region, wanted.call_as);
    if let Some(stack) = wanted.management_stack {
        wait_until_settled(client, stack, &CancellationToken::new()).await?;
    }
    let began = Instant::now();
    let mut shown: Option<ObservedOperation> = None;
    for polls in 0.. {
        let Some(holder) = holder(&sets).await? else { break };
        if shown.as_ref() != Some(&holder) {
            tell(events, DeployEvent::Waiting(holder.clone())).await;
            shown = Some(holder.clone());
        }
        if began.elapsed() >= PATIENCE_WITH_OTHERS {
            let minutes = began.elapsed().as_secs() / 60;
            return Err(DeployError::Busy {
                stack_set: sets.name.clone(),
                holder: named(Some(&holder)),
                minutes,
            });
        }
        sleep(poll_pause(polls)).await;
    }
    Ok(())
}

/// The operation that is waited for; none when the set is not there yet.
async fn holder(sets: &StackSets<'_>) -> Result<Option<ObservedOperation>, DeployError> {
    match unfinished_operations(sets).await {
        Err(DeployError::Call { source, .. }) if source.code() == Some("StackSetNotFoundException") => {
            Ok(None)
        }
        unfinished => Ok(unfinished?.into_iter().min_by_key(ObservedOperation::precedence)),
    }
}
