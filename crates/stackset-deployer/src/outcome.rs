//! How every account of an operation fared, once it has ended. What to make of it is decided in `conclude`.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{StackSetOperationResultStatus, StackSetOperationResultSummary};
use rollout_model::{AccountId, AccountIds, DeploymentStatus, OperationId, StackInstance};
use tokio::time::{Instant, sleep};

use crate::calls::StackSets;
use crate::conclude::{Concluded, conclude};
use crate::error::DeployError;
use crate::limits::{RESULTS_LAG, RESULTS_PAUSE, listing_pause};
use crate::observe;
use crate::purpose::Purpose;

/// The result of each account that has one so far.
pub(crate) type Results = BTreeMap<AccountId, DeploymentStatus>;

/// How an operation went.
pub(crate) struct Outcomes {
    /// Of every account that it was about.
    pub(crate) of_step: Results,
    /// The others in which it succeeded: they came into its units after the plan was made.
    pub(crate) beyond: AccountIds,
}

/// Lists results and instances until they agree for every one of `accounts`, and for a bounded time only: both
/// lists lag behind the end of the operation (aws-facts A16). Every account gets a status.
pub(crate) async fn outcomes(
    sets: &StackSets<'_>,
    operation: &OperationId,
    accounts: &AccountIds,
    purpose: Purpose,
) -> Result<Outcomes, DeployError> {
    let began = Instant::now();
    while !accounts.is_empty() {
        let mut results = results(sets, operation, purpose).await?;
        let instances = observe::instances(sets).await?;
        let rows = results.len() + instances.len();
        let concluded: BTreeMap<&AccountId, Concluded> = accounts
            .0
            .iter()
            .map(|account| {
                let instance = StackInstance { account: account.clone(), region: sets.region.clone() };
                (account, conclude(results.remove(account), instances.get(&instance), purpose))
            })
            .collect();
        let left = RESULTS_LAG.saturating_sub(began.elapsed());
        if left.is_zero() || concluded.values().all(|concluded| concluded.is_settled) {
            let status = |(account, concluded): (&AccountId, Concluded)| (account.clone(), concluded.status);
            let of_step = concluded.into_iter().map(status).collect();
            results.retain(|_, status| *status == purpose.success());
            return Ok(Outcomes { of_step, beyond: results.into_keys().collect() });
        }
        sleep(RESULTS_PAUSE.max(listing_pause(rows)).min(left)).await;
    }
    Ok(Outcomes { of_step: Results::new(), beyond: AccountIds::default() })
}

/// What the operation says of each account.
pub(crate) async fn results(
    sets: &StackSets<'_>,
    operation: &OperationId,
    purpose: Purpose,
) -> Result<Results, DeployError> {
    let listed = sets.operation_results(operation).await;
    let listed =
        listed.map_err(|why| sets.unlisted(&format!("the results of operation {operation} of"), why))?;
    let result = |summary: &StackSetOperationResultSummary| {
        Some((summary.account()?.parse().ok()?, deployment_status(summary, purpose)))
    };
    Ok(listed.iter().filter_map(result).collect())
}

fn deployment_status(summary: &StackSetOperationResultSummary, purpose: Purpose) -> DeploymentStatus {
    let reason = || summary.status_reason().unwrap_or("AWS gives no reason").to_owned();
    match summary.status() {
        Some(StackSetOperationResultStatus::Pending) => DeploymentStatus::Pending,
        Some(StackSetOperationResultStatus::Running) => DeploymentStatus::Running,
        Some(StackSetOperationResultStatus::Succeeded) => purpose.success(),
        Some(StackSetOperationResultStatus::Failed) => DeploymentStatus::Failed(reason()),
        Some(StackSetOperationResultStatus::Cancelled) => DeploymentStatus::Cancelled(reason()),
        Some(other) => DeploymentStatus::Failed(format!("unknown result {}: {}", other.as_str(), reason())),
        None => DeploymentStatus::Failed("AWS gives a result without a status".to_owned()),
    }
}
