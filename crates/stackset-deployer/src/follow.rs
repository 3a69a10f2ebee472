//! Follows one operation to its end, and tells how every account of it fared.

use rollout_model::{AccountId, AccountIds, DeployEvent, DeploymentStatus, OperationId, RolloutEvent};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::calls::StackSets;
use crate::error::DeployError;
use crate::outcome::outcomes;
use crate::purpose::Purpose;
use crate::tell::tell;
use crate::watch::{Watched, watch};

pub(crate) async fn follow(
    sets: &StackSets<'_>,
    operation: &OperationId,
    accounts: &AccountIds,
    purpose: Purpose,
    events: &Sender<RolloutEvent>,
    stop: &CancellationToken,
) -> Result<Watched, DeployError> {
    let mut watched = watch(sets, operation, accounts, purpose, events, stop).await?;
    if let Watched::Ended { told, beyond, .. } = &mut watched {
        let outcomes = outcomes(sets, operation, accounts, purpose).await?;
        let is_news = |(account, status): &(AccountId, DeploymentStatus)| told.get(account) != Some(status);
        *beyond = outcomes.beyond;
        for (account, status) in outcomes.of_step.into_iter().filter(is_news) {
            tell(events, DeployEvent::Account { account, status }).await;
        }
    }
    Ok(watched)
}
