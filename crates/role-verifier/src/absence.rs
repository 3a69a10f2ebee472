//! The proof that a role is gone.

use std::num::NonZeroUsize;
use std::time::Duration;

use rollout_model::{AccountId, RoleName, RolloutEvent, RolloutName, Verdict, VerifyMode};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::fan_out::{FanOut, Turn};
use crate::found::Found;
use crate::look::look;
use crate::operator::Operator;
use crate::settling::Settling;

/// One account in which a role has to be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsenceTarget {
    /// The account.
    pub account: AccountId,
    /// The name that no role may have there.
    pub role: RoleName,
    /// For how long a role that was deleted may still be seen: IAM is eventually consistent (aws-facts E3). Zero
    /// where nothing was deleted.
    pub settling: Duration,
}

/// Where to look, as whom, and how many accounts at a time.
#[derive(Debug, Clone, Copy)]
pub struct Absence<'a> {
    /// Who looks.
    pub operator: &'a Operator,
    /// What was taken away: whose a role is that is still there.
    pub rollout: &'a RolloutName,
    /// The accounts.
    pub targets: &'a [AbsenceTarget],
    /// How many accounts at a time.
    pub concurrency: NonZeroUsize,
    /// How long one account may take, beside the time for settling.
    pub timeout: Duration,
    /// Where the verdicts go.
    pub events: &'a Sender<RolloutEvent>,
    /// Cancelled when the operator asks to stop: no new account is begun, those under way are finished.
    pub stop: &'a CancellationToken,
}

/// Looks in every account and tells each verdict as it is reached: green is IAM's own word that there is no such
/// role. An account without a verdict was not begun. Writes nothing.
pub async fn verify_absence<'a>(absence: Absence<'a>) {
    let Absence { targets, concurrency, timeout, events, stop, .. } = absence;
    let fan_out = FanOut { concurrency, events, stop };
    let verdict = async |target| absence.verdict(target).await;
    let turn =
        |target: &'a AbsenceTarget| Turn { account: &target.account, limit: target.settling + timeout };
    fan_out.tell_verdicts(VerifyMode::Absence, targets, turn, verdict).await;
}

impl Absence<'_> {
    /// The last look stands.
    async fn verdict(&self, AbsenceTarget { account, role, settling }: &AbsenceTarget) -> Verdict {
        let mut settling = Settling::within(*settling);
        loop {
            let found = look(self.operator, account, role).await;
            if !matches!(found, Found::Taken(_)) || !settling.wait().await {
                return found.absence(role, self.rollout);
            }
        }
    }
}
