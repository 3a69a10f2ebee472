//! Verifies the targets of a rollout: who tries, what is expected where, and for how long to wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use iam_policy::{Caller as TrustCaller, Decision, PolicyDocument, TrustRequest, admits};
use role_template::RoleSpecification;
use role_verifier::{Callers, Expected, Target, Verification, verify};
use rollout_model::{AccountId, DeploymentStatus, ExternalId, RolloutEvent, VerifyEvent};
use rollout_report::{AccountRow, Reporter};

use crate::phase;
use crate::prepare::Prepared;

/// Verifies every target that has its stack; the others get a row that says why they were not verified.
pub(crate) async fn verify_targets(prepared: &mut Prepared, reporter: &mut Reporter) -> anyhow::Result<()> {
    let callers = callers(prepared).await?;
    let (targets, left_out) = targets(prepared, reporter.state().accounts())?;
    for (account, reason) in left_out {
        let event = RolloutEvent::Verify(VerifyEvent::NotVerified { account, reason });
        reporter.record(prepared.clock.now(), &event);
    }
    let concurrency = prepared.rollout.verify.concurrency;
    let stop = prepared.interrupt.stop.clone();
    phase::record(reporter, &prepared.clock, &mut prepared.interrupt, async |events| {
        let (callers, targets) = (&callers, targets.as_slice());
        verify(Verification { callers, targets, concurrency, events: &events, stop: &stop }).await;
    })
    .await;
    Ok(())
}

async fn callers(prepared: &Prepared) -> anyhow::Result<Callers> {
    let Prepared { aws, caller, rollout, .. } = prepared;
    Ok(Callers {
        partition: caller.partition.clone(),
        trusted: match &rollout.verify.from {
            Some(role) => aws.sts_as(role).await?,
            None => aws.sts.clone(),
        },
        operator: aws.sts.clone(),
        operator_account: caller.account.clone(),
        operator_iam: aws.iam.clone(),
        access_role: rollout.verify.access_role.clone(),
    })
}

type LeftOut = Vec<(AccountId, String)>;

fn targets(
    prepared: &Prepared,
    rows: &BTreeMap<AccountId, AccountRow>,
) -> anyhow::Result<(Vec<Target>, LeftOut)> {
    let (mut targets, mut left_out) = (Vec::new(), Vec::new());
    let mut known: Vec<Arc<Expected>> = Vec::new();
    for (account, row) in rows.iter().filter(|(_, row)| row.is_target()) {
        match &row.deployment {
            Some(status) if !status.is_done() => {
                left_out.push((account.clone(), format!("deployment {status}")))
            }
            status => {
                let expected = expected(prepared, account)?;
                // Nearly always the same role everywhere: kept once.
                let shared = known.iter().find(|known| known.role == expected.role).cloned();
                let expected = shared.unwrap_or_else(|| {
                    let expected = Arc::new(expected);
                    known.push(expected.clone());
                    expected
                });
                let touched = matches!(status, Some(DeploymentStatus::Deployed));
                let settling = if touched { prepared.rollout.verify.propagation } else { Duration::ZERO };
                targets.push(Target { account: account.clone(), expected, settling });
            }
        }
    }
    Ok((targets, left_out))
}

/// The role as the template makes it, with the tags that a stack passes on to it (aws-facts A7).
fn expected(prepared: &Prepared, account: &AccountId) -> anyhow::Result<Expected> {
    let spec = &prepared.rollout.spec;
    let role = prepared.rollout.deployable.role_in(account, &spec.home_region, &prepared.caller.partition);
    let mut role = role
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("could not tell what the role is to be in account {account}"))?;
    for (key, value) in &spec.stack_set.tags {
        role.tags.entry(key.clone()).or_insert_with(|| value.clone());
    }
    let external_id = external_id(&role, trusted_arn(prepared).as_deref())?;
    Ok(Expected { role, external_id })
}

/// The ARN of the principal that tries the role.
fn trusted_arn(prepared: &Prepared) -> Option<String> {
    match &prepared.rollout.verify.from {
        Some(role) => Some(role.to_string()),
        None => Some(prepared.caller.arn.clone()),
    }
}

/// The external ID by which our principal gets in. Of several, the one that the trust policy gives to us;
/// when we cannot tell, the first, and STS has the last word.
fn external_id(role: &RoleSpecification, caller: Option<&str>) -> anyhow::Result<Option<ExternalId>> {
    let ids = role.trust.external_ids();
    let ours = caller.and_then(|arn| ids.iter().copied().find(|id| is_admitted(&role.trust, arn, id)));
    let chosen = ours.or_else(|| ids.first().copied());
    chosen.map(str::parse).transpose().context("the external ID of the trust policy")
}

fn is_admitted(trust: &PolicyDocument, arn: &str, external_id: &str) -> bool {
    let Ok(caller) = TrustCaller::from_arn(arn) else { return false };
    let request = TrustRequest::new(caller).with_external_id(external_id);
    matches!(admits(trust, &request), Decision::Allow { .. })
}
