//! Carries a plan out wave by wave, and proves what it brought about.

use std::collections::BTreeSet;
use std::time::Duration;

use role_verifier::Callers;
use rollout_model::{
    AccountId, Action, DeployEvent, DeploymentStatus, GateClosed, ProceedWhen, RolloutEvent, RolloutPlan,
    RunEvent, Wave,
};
use rollout_report::{AccountRow, RunState};
use stackset_deployer::{DeployError, Deployment, Ending, execute};
use tokio::time::sleep;

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

/// Whoever is to have the role and belongs to the wave, in its way or not: a canary that nobody could enter has shown
/// nothing.
fn meant_by<'a>(plan: &'a RolloutPlan, wave: &Wave) -> BTreeSet<&'a AccountId> {
    let of_wave = plan.accounts.iter().filter(|(_, account)| account.wave.as_ref() == Some(&wave.name));
    let is_meant = |action: Action| action.is_target() || action == Action::Blocked;
    of_wave.filter(|(_, account)| is_meant(account.action)).map(|(id, _)| id).collect()
}

fn closed(wave: &Wave, accounts: &BTreeSet<&AccountId>, state: &RunState) -> Option<GateClosed> {
    let gate = wave.gate;
    let rows = accounts.iter().filter_map(|id| state.accounts().get(*id));
    let failed = rows.filter(|row| falls_short(row, gate.proceed_when)).count();
    let accounts = accounts.len();
    (!gate.lets_pass(failed, accounts)).then_some(GateClosed { failed, accounts, gate })
}

/// An account that AWS skips because it was suspended meanwhile is nobody's failure (aws-facts A3, K5).
fn falls_short(row: &AccountRow, wanted: ProceedWhen) -> bool {
    let is_skipped = matches!(row.deployment, Some(DeploymentStatus::Skipped(_)));
    let is_blocked = row.plan.as_ref().is_some_and(|plan| plan.action == Action::Blocked);
    let is_deployed = !is_blocked && row.deployment.as_ref().is_none_or(DeploymentStatus::is_done);
    !is_skipped
        && match wanted {
            ProceedWhen::Deployed => !is_deployed,
            ProceedWhen::Verified => !row.is_verified(),
        }
}

/// Waits when this run has changed anything in the wave; a run that goes on waits for what is left.
async fn soak(prepared: &mut Prepared, wave: &Wave, accounts: &BTreeSet<&AccountId>, run: &mut Run) {
    let state = run.reporter.state();
    let is_changed = |id: &&AccountId| {
        state.accounts().get(*id).is_some_and(|row| row.deployment == Some(DeploymentStatus::Deployed))
    };
    if !accounts.iter().any(is_changed) {
        return;
    }
    let now = prepared.clock.now();
    let since = state.soaking.get(&wave.name).copied();
    let soaked = since.map_or(Duration::ZERO, |since| now.duration_since(since).unsigned_abs());
    let left = wave.gate.soak.saturating_sub(soaked);
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

#[cfg(test)]
mod tests {
    use rollout_model::{Gate, Share, WaveName};

    use super::*;

    #[test]
    fn whoever_is_not_deployed_falls_short_and_whoever_aws_skips_does_not() {
        let check = |deployment: Option<DeploymentStatus>, falls_short_of_deployed| {
            let row = AccountRow { deployment, ..AccountRow::default() };
            assert_eq!(falls_short(&row, ProceedWhen::Deployed), falls_short_of_deployed, "{row:?}");
        };
        check(None, false);
        check(Some(DeploymentStatus::Unchanged), false);
        check(Some(DeploymentStatus::Deployed), false);
        check(Some(DeploymentStatus::Skipped("suspended".into())), false);
        check(Some(DeploymentStatus::Failed("no".into())), true);
        check(Some(DeploymentStatus::Cancelled("no".into())), true);
        let unverified = AccountRow { deployment: Some(DeploymentStatus::Deployed), ..AccountRow::default() };
        assert!(falls_short(&unverified, ProceedWhen::Verified));
    }

    #[test]
    fn an_empty_wave_holds_nobody_back() {
        let name: WaveName = "canary".parse().unwrap();
        let gate = Gate { max_failures: Share::Count(0), ..Gate::OPEN };
        let wave = Wave { name, steps: Vec::new(), gate };
        assert_eq!(closed(&wave, &BTreeSet::new(), &RunState::default()), None);
    }
}
