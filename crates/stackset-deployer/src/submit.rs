//! Submits an operation under an id of our own, however often it takes.

use std::future::Future;

use aws_failure::AwsFailure;
use rollout_model::{DeployEvent, ObservedOperation, OperationId, RolloutEvent};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::calls::StackSets;
use crate::error::DeployError;
use crate::limits::{PATIENCE_WITH_OTHERS, poll_pause};
use crate::observe::unfinished_operations;
use crate::step::{holder, named};
use crate::tell::tell;

/// Whether AWS has the operation now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Submitted {
    Yes,
    /// The operator asked to stop before AWS accepted; nothing was submitted.
    Stopped,
}

/// Calls until AWS accepts. Every attempt carries the same operation id, so a lost answer does no harm: a
/// second attempt is told that the id exists already, or that the set is busy with this very operation, and
/// both mean that the first one arrived (aws-facts A6). While somebody else's operation holds the set we wait
/// and say whose it is.
pub(crate) async fn submit<Call, Answer>(
    sets: &StackSets<'_>,
    doing: &str,
    operation: &OperationId,
    events: &Sender<RolloutEvent>,
    stop: &CancellationToken,
    call: Call,
) -> Result<Submitted, DeployError>
where
    Call: Fn() -> Answer,
    Answer: Future<Output = Result<(), AwsFailure>>,
{
    let began = Instant::now();
    let mut polls = 0;
    let mut shown: Option<ObservedOperation> = None;
    loop {
        if stop.is_cancelled() {
            return Ok(Submitted::Stopped);
        }
        let Err(failure) = call().await else { return Ok(Submitted::Yes) };
        match failure.code() {
            Some("OperationIdAlreadyExistsException") => return Ok(Submitted::Yes),
            Some("OperationInProgressException") => {}
            _ => return Err(sets.failed(doing, failure).of_a_beginning()),
        }
        let unfinished = unfinished_operations(sets).await?;
        if unfinished.iter().any(|unfinished| unfinished.id == *operation) {
            return Ok(Submitted::Yes);
        }
        let holder = holder(operation, unfinished);
        if let Some(holder) = &holder
            && shown.as_ref() != Some(holder)
        {
            tell(events, DeployEvent::Waiting(holder.clone())).await;
            shown = Some(holder.clone());
        }
        if began.elapsed() >= PATIENCE_WITH_OTHERS {
            let (holder, minutes) = (named(holder.as_ref()), began.elapsed().as_secs() / 60);
            return Err(DeployError::Busy { stack_set: sets.name.clone(), holder, minutes });
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(Submitted::Stopped),
            () = sleep(poll_pause(polls)) => polls += 1,
        }
    }
}
