//! Watches one operation to its end: poll, step, tell, sleep. All deciding is in `step`.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{StackSetOperationResultStatus, StackSetOperationResultSummary};
use rollout_model::{AccountId, DeploymentStatus, OperationId, RolloutEvent};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::calls::StackSets;
use crate::error::DeployError;
use crate::limits::listing_pause;
use crate::step::{Next, OperationSnapshot, OperationStatus, Watch};

/// How watching ended.
pub(crate) enum Watched {
    /// The operation ended: the last result of every account that had one, and AWS's word for the whole.
    Ended { results: BTreeMap<AccountId, DeploymentStatus>, status: String },
    /// The operator asked to stop. The operation goes on in AWS.
    Left,
}

pub(crate) async fn watch(
    sets: &StackSets<'_>,
    operation: &OperationId,
    accounts: usize,
    events: &Sender<RolloutEvent>,
    stop: &CancellationToken,
) -> Result<Watched, DeployError> {
    let began = Instant::now();
    let mut watch = Watch::default();
    let mut listed_at: Option<Instant> = None;
    loop {
        let status = poll(sets, operation).await?;
        let due = listed_at.is_none_or(|at| at.elapsed() >= listing_pause(accounts));
        let results = if due || status.has_ended() {
            listed_at = Some(Instant::now());
            Some(results(sets, operation).await?)
        } else {
            None
        };
        let (told, next) = watch.step(OperationSnapshot { status, results }, began.elapsed());
        for event in told {
            // The receiver lives as long as the run; without it nobody is left to be told.
            let _ = events.send(RolloutEvent::Deploy(event)).await;
        }
        match next {
            Next::Done => {
                let (results, status) = watch.into_results();
                return Ok(Watched::Ended { results, status });
            }
            Next::Stuck { unchanged_for } => {
                let minutes = unchanged_for.as_secs() / 60;
                let (stack_set, operation) = (sets.name.clone(), operation.clone());
                return Err(DeployError::Stuck { stack_set, operation, minutes });
            }
            Next::PollAfter(pause) => tokio::select! {
                () = stop.cancelled(), if !watch.has_ended() => return Ok(Watched::Left),
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

async fn results(
    sets: &StackSets<'_>,
    operation: &OperationId,
) -> Result<BTreeMap<AccountId, DeploymentStatus>, DeployError> {
    let listed = sets.operation_results(operation).await;
    let listed = listed
        .map_err(|source| sets.failed(&format!("list the results of operation {operation} of"), source))?;
    let result = |summary: &StackSetOperationResultSummary| {
        Some((summary.account()?.parse().ok()?, deployment_status(summary)))
    };
    Ok(listed.iter().filter_map(result).collect())
}

fn deployment_status(summary: &StackSetOperationResultSummary) -> DeploymentStatus {
    let reason = || summary.status_reason().unwrap_or("AWS gives no reason").to_owned();
    match summary.status() {
        Some(StackSetOperationResultStatus::Pending) => DeploymentStatus::Pending,
        Some(StackSetOperationResultStatus::Running) => DeploymentStatus::Running,
        Some(StackSetOperationResultStatus::Succeeded) => DeploymentStatus::Deployed,
        Some(StackSetOperationResultStatus::Failed) => DeploymentStatus::Failed(reason()),
        Some(StackSetOperationResultStatus::Cancelled) => DeploymentStatus::Cancelled(reason()),
        Some(other) => DeploymentStatus::Failed(format!("unknown result {}: {}", other.as_str(), reason())),
        None => DeploymentStatus::Failed("AWS gives a result without a status".to_owned()),
    }
}
