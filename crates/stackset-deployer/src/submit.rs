//! Submits an operation under an id of our own, however often it takes.

use std::future::Future;

use aws_failure::AwsFailure;
use rollout_model::{DeployEvent, ObservedOperation, RolloutEvent};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::calls::StackSets;
use crate::error::DeployError;
use crate::limits::{PATIENCE_WITH_OTHERS, poll_pause};
use crate::observe::unfinished_operations;

/// Whether AWS has the operation now.
pub(crate) enum Submitted {
    Yes,
    /// The operator asked to stop while the set was busy; nothing was submitted.
    Stopped,
}

/// Calls until AWS accepts. Every attempt carries the same operation id, so a lost answer does no harm: a
/// second attempt is told that the id exists already, which means that the first one arrived (aws-facts A6).
/// While somebody else's operation holds the set we wait and say whose it is.
pub(crate) async fn submit<Call, Answer>(
    sets: &StackSets<'_>,
    doing: &str,
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
        let Err(failure) = call().await else { return Ok(Submitted::Yes) };
        match failure.code() {
            Some("OperationIdAlreadyExistsException") => return Ok(Submitted::Yes),
            Some("OperationInProgressException") => {}
            _ => return Err(sets.failed(doing, failure)),
        }
        let holder = unfinished_operations(sets).await?.into_iter().next();
        if let Some(holder) = &holder
            && shown.as_ref() != Some(holder)
        {
            let ObservedOperation { id, action, status } = holder.clone();
            let waiting = DeployEvent::Waiting { operation: id, action, status };
            // The receiver lives as long as the run; without it nobody is left to be told.
            let _ = events.send(RolloutEvent::Deploy(waiting)).await;
            shown = Some(holder.clone());
        }
        if began.elapsed() >= PATIENCE_WITH_OTHERS {
            let holder = holder.map_or("an operation that is not listed".to_owned(), |operation| {
                format!("{} ({}, {})", operation.id, operation.action, operation.status)
            });
            let minutes = began.elapsed().as_secs() / 60;
            return Err(DeployError::Busy { stack_set: sets.name.clone(), holder, minutes });
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(Submitted::Stopped),
            () = sleep(poll_pause(polls)) => polls += 1,
        }
    }
}
