//! Takes up what an earlier process left behind in AWS: the operations of a run that ended early or broke off.

use aws_sdk_cloudformation::Client;
use rollout_model::{AccountIds, DeployEvent, ObservedOperation, OperationId, RolloutEvent, RunId};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::calls::StackSets;
use crate::error::DeployError;
use crate::execute::{Ending, NOT_SUBMITTED};
use crate::follow::follow;
use crate::observe::{Wanted, unfinished_operations};
use crate::purpose::Purpose;
use crate::tell::tell;
use crate::watch::Watched;

/// A step whose end nobody has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenStep {
    /// Its number in the run.
    pub number: usize,
    /// The id under which AWS would know it; none for a call that is no operation.
    pub operation: Option<OperationId>,
    /// The accounts that it is about.
    pub accounts: AccountIds,
}

/// The word for a step that is no operation and whose end nobody has seen: what came of it is seen by the next
/// plan.
const RESUMED: &str = "RESUMED";

/// Follows the operation of a step to its end. One that AWS does not know was never submitted; a step that is no
/// operation is left to the next plan, which sees what came of it.
///
/// # Errors
/// When AWS refuses to tell, or the operation does not move.
pub async fn attach(
    client: &Client,
    wanted: Wanted<'_>,
    step: &OpenStep,
    events: &Sender<RolloutEvent>,
    stop: &CancellationToken,
) -> Result<Ending, DeployError> {
    let sets = StackSets::new(client, wanted.stack_set, wanted.region, wanted.call_as);
    let status = match &step.operation {
        None => RESUMED.to_owned(),
        Some(operation) => match purpose(&sets, operation).await? {
            None => NOT_SUBMITTED.to_owned(),
            Some(purpose) => match follow(&sets, operation, &step.accounts, purpose, events, stop).await? {
                Watched::Ended { status, .. } => status,
                Watched::Left => return Ok(Ending::Interrupted),
            },
        },
    };
    tell(events, DeployEvent::StepFinished { step: step.number, status }).await;
    Ok(Ending::Complete)
}

/// What the operation does; `None` when AWS does not know it, or the set.
async fn purpose(sets: &StackSets<'_>, operation: &OperationId) -> Result<Option<Purpose>, DeployError> {
    let described = match sets.describe_operation(operation).await {
        Err(refusal) if is_not_found(refusal.code()) => return Ok(None),
        described => {
            described.map_err(|source| sets.failed(&format!("look for operation {operation} of"), source))?
        }
    };
    Ok(Some(described.as_ref().map_or(Purpose::Update, Purpose::of_operation)))
}

fn is_not_found(code: Option<&str>) -> bool {
    matches!(code, Some("OperationNotFoundException" | "StackSetNotFoundException"))
}

/// A run of which AWS still carries out operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedRun {
    /// The run.
    pub run: RunId,
    /// What is under way, as steps of which nothing but the id is known.
    pub operations: Vec<ObservedOperation>,
}

/// The run whose operations are under way, as their ids tell; of several the newest. For whoever has lost the
/// ledger.
///
/// # Errors
/// When AWS refuses to tell.
pub async fn unfinished_run(
    client: &Client,
    wanted: Wanted<'_>,
) -> Result<Option<UnfinishedRun>, DeployError> {
    let sets = StackSets::new(client, wanted.stack_set, wanted.region, wanted.call_as);
    let unfinished = match unfinished_operations(&sets).await {
        Err(DeployError::Call { source, .. }) if is_not_found(source.code()) => return Ok(None),
        unfinished => unfinished?,
    };
    let newest = unfinished.iter().filter_map(|operation| operation.id.step()).map(|(run, _)| run).max();
    Ok(newest.map(|run| {
        let is_of_run = |operation: &ObservedOperation| operation.id.step().is_some_and(|(of, _)| of == run);
        UnfinishedRun { operations: unfinished.into_iter().filter(is_of_run).collect(), run }
    }))
}
