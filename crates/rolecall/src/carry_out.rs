//! Carries a plan out wave by wave, and proves what it brought about.

use std::collections::BTreeSet;

use role_verifier::Callers;
use rollout_model::{AccountId, DeployEvent, ProceedWhen, RolloutEvent, RolloutPlan, RunEvent, Wave};
use stackset_deployer::{DeployError, Deployment, Ending, execute};
use tokio::time::sleep;

use crate::gate::{closed, left_to_soak, meant_by};
use crate::meanwhile::look_again;
use crate::phase;
use crate::prepare::Prepared;
use crate::run::Run;
use crate::verification::verify_targets;

/// Carries the waves out one after another, each behind the gate of the one before, and verifies whoever was not
/// verified on the way. How every account fared is in the events.
///
/// # Errors
/// When a step cannot be carried out for anybody.
pub(crate) async fn carry_out(
    prepared: &mut Prepared,
    callers: &Callers,
    plan: &RolloutPlan,
    run: &mut Run,
) -> Result<(), DeployError> {
    for (index, wave) in plan.waves.iter().enumerate() {
        if deploy(prepared, plan, wave, run).await? == Ending::Interrupted {
            return Ok(());
        }
        let is_last = index + 1 == plan.waves.len();
        if !is_last && pass_gate(prepared, callers, plan, wave, run).await == Passed::No {
            break;
        }
        if prepared.interrupt.stop.is_cancelled() {
            return Ok(());
        }
    }
    if !plan.waves.is_empty() {
        look_again(prepared, &plan.accounts, run).await;
    }
    verify_targets(prepared, callers, &mut run.reporter, |_, _| true).await;
    Ok(())
}

/// Carries out the steps of one wave.
pub(crate) async fn deploy(
    prepared: &mut Prepared,
    plan: &RolloutPlan,
    wave: &Wave,
    run: &mut Run,
) -> Result<Ending, DeployError> {
    let stop = prepared.interrupt.stop.clone();
    let (client, owner) = (&prepared.aws.cloudformation, &prepared.caller.as_owner());
    let first_step = run.reporter.state().steps.keys().next_back().map_or(1, |last| last + 1);
    let Run { id, reporter } = run;
    phase::record(reporter, &prepared.clock, &mut prepared.interrupt, async |events| {
        let (run, events, stop) = (&*id, &events, &stop);
        execute(Deployment { client, owner, plan, wave, first_step, run, events, stop }).await
    })
    .await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passed {
    Yes,
    No,
}

async fn pass_gate(
    prepared: &mut Prepared,
    callers: &Callers,
    plan: &RolloutPlan,
    wave: &Wave,
    run: &mut Run,
) -> Passed {
    let accounts = meant_by(plan, wave);
    if wave.gate.proceed_when == ProceedWhen::Verified {
        verify_targets(prepared, callers, &mut run.reporter, |id, _| accounts.contains(id)).await;
    }
    if let Some(closed) = closed(wave, &accounts, run.reporter.state()) {
        run.record(&prepared.clock, RunEvent::Held { wave: wave.name.clone(), problem: closed.to_string() });
        return Passed::No;
    }
    soak(prepared, wave, &accounts, run).await;
    Passed::Yes
}

async fn soak(prepared: &mut Prepared, wave: &Wave, accounts: &BTreeSet<&AccountId>, run: &mut Run) {
    let now = prepared.clock.now();
    let left = left_to_soak(wave, accounts, run.reporter.state(), now);
    if left.is_zero() {
        return;
    }
    let soaking = RolloutEvent::Deploy(DeployEvent::Soaking { wave: wave.name.clone(), left });
    run.reporter.record(now, &soaking);
    let stop = prepared.interrupt.stop.clone();
    phase::record(&mut run.reporter, &prepared.clock, &mut prepared.interrupt, async |_| {
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(left) => {}
        }
    })
    .await;
}
