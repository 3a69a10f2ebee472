//! Decides at the gate behind a wave, from what came of its accounts: whether the next wave may begin, and when.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use rollout_model::{AccountId, Action, DeploymentStatus, GateClosed, ProceedWhen, RolloutPlan, Wave};
use rollout_report::{AccountRow, RunState};

/// Whoever is to have the role and belongs to the wave, in its way or not: a canary that nobody could enter has shown
/// nothing.
pub(crate) fn meant_by<'a>(plan: &'a RolloutPlan, wave: &Wave) -> BTreeSet<&'a AccountId> {
    let of_wave = plan.accounts.iter().filter(|(_, account)| account.wave.as_ref() == Some(&wave.name));
    let is_meant = |action: Action| action.is_target() || action == Action::Blocked;
    of_wave.filter(|(_, account)| is_meant(account.action)).map(|(id, _)| id).collect()
}

/// Why the next wave may not begin, if it may not.
pub(crate) fn closed(wave: &Wave, accounts: &BTreeSet<&AccountId>, state: &RunState) -> Option<GateClosed> {
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

/// How long to wait at the open gate: not at all unless this run has changed something in the wave, and a run that
/// goes on for what is left.
pub(crate) fn left_to_soak(
    wave: &Wave,
    accounts: &BTreeSet<&AccountId>,
    state: &RunState,
    now: Timestamp,
) -> Duration {
    let is_changed = |id: &&AccountId| {
        state.accounts().get(*id).is_some_and(|row| row.deployment == Some(DeploymentStatus::Deployed))
    };
    if !accounts.iter().any(is_changed) {
        return Duration::ZERO;
    }
    let since = state.soaking.get(&wave.name).copied();
    let soaked = since.map_or(Duration::ZERO, |since| now.duration_since(since).unsigned_abs());
    wave.gate.soak.saturating_sub(soaked)
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
