//! The proof that a role works and is as specified.

use std::num::NonZeroUsize;
use std::time::Duration;

use rollout_model::{AccountId, Check, RolloutEvent, Verdict};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::fan_out::{FanOut, Turn};
use crate::judge::judge;
use crate::observe::{Standing, observe};
use crate::read::LiveRole;
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
    /// How long one account may take, beside the time for settling.
    pub timeout: Duration,
    /// Where the verdicts go.
    pub events: &'a Sender<RolloutEvent>,
    /// Cancelled when the operator asks to stop: no new account is begun, those under way are finished.
    pub stop: &'a CancellationToken,
}

/// Verifies every target and tells each verdict as it is reached. An account without a verdict was not
/// begun. A failure in one account is that account's verdict and nobody else's.
///
/// `standing` tells how an account stands now; it is asked of accounts alone that let nobody in, neither whom the
/// role is for nor the operator.
pub async fn verify<'a>(verification: Verification<'a>, standing: impl AsyncFn(&AccountId) -> Standing) {
    let Verification { callers, targets, concurrency, timeout, events, stop } = verification;
    let fan_out = FanOut { concurrency, events, stop };
    let verdict = async |target| verify_settled(callers, target, &standing).await;
    // Settling is waiting for AWS, and not for the account.
    let turn = |target: &'a Target| Turn { account: &target.account, limit: target.settling + timeout };
    fan_out.tell_verdicts(callers.means.mode(), targets, turn, verdict).await;
}

/// Verifies again while the role may still be settling and something is not green that settling can mend: the
/// last verdict stands. An access role that refuses us is not mended by waiting, but IAM may for a moment not
/// know what it has just listed, so a role that cannot be read is tried a few times and not for the whole time.
async fn verify_settled(
    callers: &Callers,
    target: &Target,
    standing: &impl AsyncFn(&AccountId) -> Standing,
) -> Verdict {
    const READINGS: usize = 4;
    let means = &callers.means;
    let mut settling = Settling::within(target.settling);
    let mut attempts = 0;
    loop {
        attempts += 1;
        let seen = observe(callers, target, standing).await;
        let verdict = judge(means.mode(), means.caller(), target, &seen);
        let unreadable = matches!(seen.live, LiveRole::Unreadable(_)) && attempts >= READINGS;
        let mendable = verdict.open_checks().any(|result| !(unreadable && is_read(result.check)));
        if !mendable || !settling.wait().await {
            return verdict;
        }
    }
}

/// Whether a check needs the access role, and nothing else.
fn is_read(check: Check) -> bool {
    !matches!(
        check,
        Check::Entered
            | Check::ExpectedAccount
            | Check::RefusedWithoutExternalId
            | Check::RefusedWithWrongExternalId
    )
}
