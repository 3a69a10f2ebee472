//! Watches one operation to its end: poll, step, tell, sleep. All deciding is in `step`.

use rollout_model::{AccountIds, OperationId, RolloutEvent};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::calls::StackSets;
use crate::error::DeployError;
use crate::limits::listing_pause;
use crate::observe::unfinished_operations;
use crate::outcome::{Results, results};
use crate::purpose::Purpose;
use crate::step::{Next, OperationSnapshot, OperationStatus, Watch, holder, named};
use crate::tell::tell;

/// How watching ended.
pub(crate) enum Watched {
    /// The operation ended.
    Ended {
        /// AWS's word for the whole.
        status: String,
        /// What was told of each account meanwhile.
        told: Results,
        /// Others in which it succeeded.
        beyond: AccountIds,
    },
    /// The operator asked to stop. The operation goes on in AWS.
    Left,
}

pub(crate) async fn watch(
    sets: &StackSets<'_>,
    operation: &OperationId,
    accounts: &AccountIds,
    purpose: Purpose,
    events: &Sender<RolloutEvent>,
    stop: &CancellationToken,
) -> Result<Watched, DeployError> {
    let began = Instant::now();
    let mut watch = Watch::new(accounts.clone());
    let mut results_due = began;
    loop {
        let status = poll(sets, operation).await?;
        let holder = match status.is_queued() {
            true => holder(operation, unfinished_operations(sets).await?),
            false => None,
        };
        let mut listed = None;
        if Instant::now() >= results_due && !status.has_ended() {
            let results = results(sets, operation, purpose).await?;
            results_due = Instant::now() + listing_pause(results.len());
            listed = Some(results);
        }
        let said = status.0.clone();
        let seen = OperationSnapshot { status, results: listed, holder };
        let (told, next) = watch.step(seen, began.elapsed());
        for event in told {
            tell(events, event).await;
        }
        let (stack_set, operation) = (sets.name.clone(), operation.clone());
        match next {
            Next::Done => {
                let (told, beyond) = (watch.told(), AccountIds::default());
                return Ok(Watched::Ended { status: said, told, beyond });
            }
            Next::Stuck { unchanged_for } => {
                let minutes = unchanged_for.as_secs() / 60;
                return Err(DeployError::Stuck { stack_set, operation, minutes });
            }
            Next::StillQueued { holder, unchanged_for } => {
                let (holder, minutes) = (named(holder.as_ref()), unchanged_for.as_secs() / 60);
                return Err(DeployError::Queued { stack_set, operation, holder, minutes });
            }
            Next::PollAfter(pause) => tokio::select! {
                () = stop.cancelled() => return Ok(Watched::Left),
                () = sleep(pause) => {}
            },
        }
    }
}

async fn poll(sets: &StackSets<'_>, operation: &OperationId) -> Result<OperationStatus, DeployError> {
    let described = sets.describe_operation(operation).await;
    let described =
        described.map_err(|source| sets.failed(&format!("watch operation {operation} of"), source))?;
    let status = described.as_ref().and_then(|operation| operation.status());
    let incomplete = DeployError::Incomplete { operation: "DescribeStackSetOperation", member: "status" };
    status.map(|status| OperationStatus(status.as_str().to_owned())).ok_or(incomplete)
}
