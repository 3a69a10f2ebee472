//! The proof that a role works and is as specified.

use std::num::NonZeroUsize;

use rollout_model::{AccountId, Check, RoleArn, RoleName, RolloutEvent, Verdict, VerifyMode};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::attempt::{Purpose, WRONG_EXTERNAL_ID, enter, identity};
use crate::fan_out::FanOut;
use crate::judge::{Observation, judge};
use crate::operator::Operator;
use crate::read::{LiveRole, read};
use crate::settling::Settling;
use crate::target::{Callers, Target};

/// What to verify, as whom, and how many accounts at a time.
#[derive(Debug, Clone, Copy)]
pub struct Verification<'a> {
    /// The identities.
    pub callers: &'a Callers,
    /// The accounts.
    pub targets: &'a [Target],
    /// How many accounts at a time.
    pub concurrency: NonZeroUsize,
    /// Where the verdicts go.
    pub events: &'a Sender<RolloutEvent>,
    /// Cancelled when the operator asks to stop: no new account is begun, those under way are finished.
    pub stop: &'a CancellationToken,
}

/// Verifies every target and tells each verdict as it is reached. An account without a verdict was not
/// begun. A failure in one account is that account's verdict and nobody else's.
pub async fn verify(verification: Verification<'_>) {
    let Verification { callers, targets, concurrency, events, stop } = verification;
    let fan_out = FanOut { concurrency, events, stop };
    let verdict = async |target| verify_settled(callers, target).await;
    fan_out.tell_verdicts(VerifyMode::Direct, targets, |target| &target.account, verdict).await;
}

/// Verifies again while the role may still be settling and something is not green that settling can mend: the
/// last verdict stands. An access role that refuses us is not mended by waiting, but IAM may for a moment not
/// know what it has just listed, so a role that cannot be read is tried a few times and not for the whole time.
async fn verify_settled(callers: &Callers, target: &Target) -> Verdict {
    const READINGS: usize = 4;
    let mut settling = Settling::within(target.settling);
    let mut attempts = 0;
    loop {
        attempts += 1;
        let seen = observe(callers, target).await;
        let verdict = judge(&target.account, &target.expected, &seen);
        let unreadable = matches!(seen.live, LiveRole::Unreadable(_)) && attempts >= READINGS;
        let mendable = verdict
            .open_checks()
            .any(|result| !(unreadable && result.check == Check::RoleEqualsSpecification));
        if !mendable || !settling.wait().await {
            return verdict;
        }
    }
}

async fn observe(callers: &Callers, target: &Target) -> Observation {
    let expected = &target.expected;
    let role = RoleArn {
        partition: callers.operator.partition.clone(),
        account: target.account.clone(),
        path: expected.role.path.clone(),
        name: role_name(&expected.role.name),
    };
    let right = expected.external_id.as_ref().map(|id| id.expose());
    let (entered, session) = enter(&callers.trusted, &role, right, Purpose::Try).await;
    let identity = match session {
        Some(session) => Some(identity(&callers.trusted, session).await),
        None => None,
    };
    let refused = async |external_id| match right {
        Some(_) => Some(enter(&callers.trusted, &role, external_id, Purpose::Try).await.0),
        None => None,
    };
    let without_external_id = refused(None).await;
    let wrong_external_id = refused(Some(WRONG_EXTERNAL_ID)).await;
    let live = live_role(&callers.operator, &target.account, &expected.role.name).await;
    Observation { entered, identity, without_external_id, wrong_external_id, live }
}

async fn live_role(operator: &Operator, account: &AccountId, role: &str) -> LiveRole {
    match operator.iam_in(account, Purpose::Read).await {
        Ok(iam) => read(&iam, role).await,
        Err(problem) => LiveRole::Unreadable(problem),
    }
}

fn role_name(name: &str) -> RoleName {
    name.parse().expect("a specification with an invalid name is refused before it gets here")
}
