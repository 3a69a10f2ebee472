//! Verifies the targets of a rollout: who tries, what is expected where, and for how long to wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use iam_policy::{Caller as TrustCaller, Decision, PolicyDocument, TrustRequest, admits};
use role_verifier::{Callers, Expected, Means, Target, Trusted, Verification, verify};
use rollout_model::{AccountId, DeploymentStatus, ExternalId, RoleArn, RolloutEvent, VerifyEvent};
use rollout_report::{AccountRow, Reporter};

use crate::config::{Verify, VerifyModeConfig};
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
    let mut known: Vec<Arc<Expected>> = Vec::new();
    let is_meant = |(id, row): &(&AccountId, &AccountRow)| {
        row.is_target() && row.conclusion().is_none() && chosen(id, row)
    };
    for (account, row) in rows.iter().filter(is_meant) {
        match &row.deployment {
            Some(status) if !status.is_done() => {
                left_out.push((account.clone(), format!("deployment {status}")))
            }
            status => {
                let expected = match expected(prepared, callers, account) {
                    Ok(expected) => expected,
                    // What depends on the account fails for the account alone.
                    Err(error) => {
                        left_out.push((account.clone(), format!("{error:#}")));
                        continue;
                    }
                };
                // Nearly always the same role everywhere: kept once.
                let shared = known.iter().find(|known| known.role == expected.role).cloned();
                let expected = shared.unwrap_or_else(|| {
                    let expected = Arc::new(expected);
                    known.push(expected.clone());
                    expected
                });
                let touched = matches!(status, Some(DeploymentStatus::Deployed)) || row.joined;
                let settling = if touched { prepared.rollout.verify.propagation } else { Duration::ZERO };
                targets.push(Target { account: account.clone(), expected, settling });
            }
        }
    }
    (targets, left_out)
}

/// The role as the template makes it, with the tags that a stack passes on to it (aws-facts A7).
fn expected(prepared: &Prepared, callers: &Callers, account: &AccountId) -> anyhow::Result<Expected> {
    let spec = &prepared.rollout.spec;
    let role = prepared.rollout.deployable.role_in(account, &spec.home_region, &prepared.caller.partition);
    let mut role =
        role.map_err(anyhow::Error::msg).context("could not tell what the role is to be in this account")?;
    for (key, value) in &spec.stack_set.tags {
        role.tags.entry(key.clone()).or_insert_with(|| value.clone());
    }
    let external_id = match &callers.means {
        Means::Sts(trusted) => external_id(&role.trust, &trusted.arn)?,
        Means::TrustPolicy => None,
    };
    let permissions = prepared.rollout.verify.permissions.clone();
    Ok(Expected { role, external_id, permissions })
}

/// The external ID by which our principal gets in: none when the trust policy admits us without one, as it
/// may beside others who need one. Of several, the one that it gives to us; when we cannot tell, the first,
/// and STS has the last word.
fn external_id(trust: &PolicyDocument, caller: &str) -> anyhow::Result<Option<ExternalId>> {
    if is_admitted(trust, caller, None) {
        return Ok(None);
    }
    let ids = trust.external_ids();
    let ours = ids.iter().copied().find(|id| is_admitted(trust, caller, Some(id)));
    let chosen = ours.or_else(|| ids.first().copied());
    chosen.map(str::parse).transpose().context("the external ID of the trust policy")
}

fn is_admitted(trust: &PolicyDocument, arn: &str, external_id: Option<&str>) -> bool {
    let Ok(caller) = TrustCaller::from_arn(arn) else { return false };
    let request = TrustRequest::new(caller);
    let request = match external_id {
        Some(id) => request.with_external_id(id),
        None => request,
    };
    matches!(admits(trust, &request), Decision::Allow { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VENDOR: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"999988887777"},
        "Condition":{"StringEquals":{"sts:ExternalId":"for-the-vendor"}}}"#;
    const PARTNER: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"444455556666"},
        "Condition":{"StringEquals":{"sts:ExternalId":"for-a-partner"}}}"#;
    const OURSELVES: &str =
        r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}"#;

    #[track_caller]
    fn check(statements: &[&str], caller: &str, expected: Option<&str>) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let trust = PolicyDocument::parse(&text).unwrap();
        let chosen = external_id(&trust, caller).unwrap();
        assert_eq!(chosen.as_ref().map(ExternalId::expose), expected);
    }

    #[test]
    fn the_external_id_is_the_one_that_the_trust_policy_gives_to_us() {
        let ours = "arn:aws:iam::111122223333:role/Operator";
        check(&[VENDOR, OURSELVES], ours, None);
        check(&[VENDOR, PARTNER], "arn:aws:iam::999988887777:role/Engine", Some("for-the-vendor"));
        check(&[VENDOR, PARTNER], "arn:aws:iam::444455556666:role/Engine", Some("for-a-partner"));
        check(&[OURSELVES], ours, None);
        // Nobody admits us: STS is asked with one of them and says so.
        check(&[VENDOR], ours, Some("for-the-vendor"));
    }
}
