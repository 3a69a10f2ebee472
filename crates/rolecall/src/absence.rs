//! Proves that the role of a rollout is gone: which name nobody may have where, and for how long to wait.

use std::collections::BTreeMap;
use std::time::Duration;

use role_verifier::{Absence, AbsenceTarget, verify_absence};
use rollout_model::{AccountId, AccountPlan, Action, DeploymentStatus, RoleName, RolloutEvent, VerifyEvent};

use crate::config::Verify;
use crate::obstacles::operator;
use crate::phase;
use crate::prepare::Prepared;
use crate::run::Run;

/// Looks in every account in which the role has to be gone, as `rollout_planner::absence` says, but for those in
/// which the run failed to take it away: their rows say so already.
pub(crate) async fn verify_gone(
    prepared: &mut Prepared,
    to_be_gone: &BTreeMap<AccountId, AccountPlan>,
    run: &mut Run,
) {
    let mut targets = Vec::new();
    for (account, _) in to_be_gone.iter().filter(|(_, plan)| plan.action == Action::Remove) {
        let deployment = run.reporter.state().accounts().get(account).and_then(|row| row.deployment.clone());
        if deployment.as_ref().is_some_and(|status| !status.is_done()) {
            continue;
        }
        let removed = deployment == Some(DeploymentStatus::Removed);
        let settling = if removed { prepared.rollout.verify.propagation } else { Duration::ZERO };
        match role(prepared, account) {
            Ok(role) => targets.push(AbsenceTarget { account: account.clone(), role, settling }),
            // What depends on the account fails for the account alone.
            Err(reason) => {
                let event = VerifyEvent::NotVerified { account: account.clone(), reason };
                run.reporter.record(prepared.clock.now(), &RolloutEvent::Verify(event));
            }
        }
    }
    let Prepared { aws, caller, clock, interrupt, rollout, .. } = prepared;
    let operator = operator(aws, caller, rollout);
    let (Verify { concurrency, timeout, .. }, stop) = (&rollout.verify, interrupt.stop.clone());
    phase::record(&mut run.reporter, clock, interrupt, async |events| {
        let (operator, targets, rollout) = (&operator, targets.as_slice(), &rollout.spec.rollout);
        let (concurrency, timeout, events, stop) = (*concurrency, *timeout, &events, &stop);
        verify_absence(Absence { operator, rollout, targets, concurrency, timeout, events, stop }).await;
    })
    .await;
}

fn role(prepared: &Prepared, account: &AccountId) -> Result<RoleName, String> {
    let Prepared { rollout, caller, .. } = prepared;
    let role = rollout.deployable.role_in(account, &rollout.spec.home_region, &caller.partition)?;
    role.name.parse().map_err(|error| format!("the name of the role is no role name: {error}"))
}
