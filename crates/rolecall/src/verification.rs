//! Verifies the targets of a rollout: who tries, whom, and for how long to wait.

use std::collections::BTreeMap;
use std::time::Duration;

use role_verifier::{Callers, Means, Target, Trusted, Verification, verify};
use rollout_model::{AccountId, DeploymentStatus, RoleArn, RolloutEvent, VerifyEvent};
use rollout_report::{AccountRow, Reporter};

use crate::config::{Verify, VerifyModeConfig};
use crate::expectation::Expectations;
use crate::obstacles::operator;
use crate::phase;
use crate::prepare::Prepared;

/// Verifies every chosen target that has its stack and was not verified before; those without a stack get a row
/// that says why they were not verified.
pub(crate) async fn verify_targets(
    prepared: &mut Prepared,
    callers: &Callers,
    reporter: &mut Reporter,
    chosen: impl Fn(&AccountId, &AccountRow) -> bool,
) {
    let (targets, left_out) = targets(prepared, callers, reporter.state().accounts(), chosen);
    for (account, reason) in left_out {
        let event = RolloutEvent::Verify(VerifyEvent::NotVerified { account, reason });
        reporter.record(prepared.clock.now(), &event);
    }
    let Verify { concurrency, timeout, .. } = prepared.rollout.verify;
    let stop = prepared.interrupt.stop.clone();
    let organizations = prepared.aws.organizations.clone();
    phase::record(reporter, &prepared.clock, &mut prepared.interrupt, async |events| {
        let targets = targets.as_slice();
        let verification =
            Verification { callers, targets, concurrency, timeout, events: &events, stop: &stop };
        verify(verification, async |account| {
            let state = org_discovery::account_state(&organizations, account).await;
            state.map_err(|error| format!("{:#}", anyhow::Error::from(error)))
        })
        .await;
    })
    .await;
}

/// Who verifies. `verify.from` has been entered when this returns; the first signal ends it.
pub(crate) async fn callers(prepared: &mut Prepared) -> anyhow::Result<Callers> {
    let Prepared { aws, caller, rollout, interrupt, .. } = prepared;
    let verify = &rollout.verify;
    let means = match verify.mode {
        VerifyModeConfig::Offline => Means::TrustPolicy,
        mode @ (VerifyModeConfig::Direct | VerifyModeConfig::Probe) => Means::Sts(Trusted {
            sts: interrupt.ends(aws.sts_as(&verify.from)).await??,
            arn: verify.principal().map_or_else(|| caller.arn.clone(), RoleArn::to_string),
            is_probe: mode == VerifyModeConfig::Probe,
        }),
    };
    Ok(Callers { means, operator: operator(aws, caller, rollout) })
}

type LeftOut = Vec<(AccountId, String)>;

fn targets(
    prepared: &Prepared,
    callers: &Callers,
    rows: &BTreeMap<AccountId, AccountRow>,
    chosen: impl Fn(&AccountId, &AccountRow) -> bool,
) -> (Vec<Target>, LeftOut) {
    let (mut targets, mut left_out) = (Vec::new(), Vec::new());
    let mut expectations = Expectations::new(prepared, callers);
    let is_meant = |(id, row): &(&AccountId, &AccountRow)| {
        row.is_target() && row.conclusion().is_none() && chosen(id, row)
    };
    for (account, row) in rows.iter().filter(is_meant) {
        match &row.deployment {
            Some(status) if !status.is_done() => {
                left_out.push((account.clone(), format!("deployment {status}")))
            }
            status => {
                let expected = match expectations.of(account) {
                    Ok(expected) => expected,
                    // What depends on the account fails for the account alone.
                    Err(error) => {
                        left_out.push((account.clone(), format!("{error:#}")));
                        continue;
                    }
                };
                let touched = matches!(status, Some(DeploymentStatus::Deployed)) || row.joined;
                let settling = if touched { prepared.rollout.verify.propagation } else { Duration::ZERO };
                targets.push(Target { account: account.clone(), expected, settling });
            }
        }
    }
    (targets, left_out)
}
