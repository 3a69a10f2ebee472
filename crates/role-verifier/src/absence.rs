//! The fan-out of the proof that a role is gone: accounts side by side, one verdict each.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use rollout_model::{AccountId, RoleName, RolloutEvent, RolloutName, Verdict, VerifyEvent, VerifyMode};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::found::Found;
use crate::look::look;
use crate::operator::Operator;

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
    /// Where the verdicts go.
    pub events: &'a Sender<RolloutEvent>,
    /// Cancelled when the operator asks to stop: no new account is begun, those under way are finished.
    pub stop: &'a CancellationToken,
}

/// Looks in every account and tells each verdict as it is reached: green is IAM's own word that there is no such
/// role. An account without a verdict was not begun. Writes nothing.
pub async fn verify_absence(absence: Absence<'_>) {
    let Absence { targets, concurrency, events, stop, .. } = absence;
    let tell = async |event| {
        // The receiver lives as long as the run; without it nobody is left to be told.
        let _ = events.send(RolloutEvent::Verify(event)).await;
    };
    let accounts = targets.iter().map(|target| target.account.clone()).collect();
    tell(VerifyEvent::Started { accounts, mode: VerifyMode::Absence }).await;
    let mut verdicts = pin!(
        stream::iter(targets)
            .take_until(stop.cancelled())
            .map(|target| async move { (target.account.clone(), absence.verdict(target).await) })
            .buffer_unordered(concurrency.get())
    );
    while let Some((account, verdict)) = verdicts.next().await {
        tell(VerifyEvent::Account { account, verdict }).await;
    }
}

impl Absence<'_> {
    /// The last look stands.
    async fn verdict(&self, AbsenceTarget { account, role, settling }: &AbsenceTarget) -> Verdict {
        const FIRST_PAUSE: Duration = Duration::from_secs(1);
        const LONGEST_PAUSE: Duration = Duration::from_secs(15);
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let found = look(self.operator, account, role).await;
            let left = settling.saturating_sub(began.elapsed());
            if !matches!(found, Found::Taken(_)) || left.is_zero() {
                return found.absence(role, self.rollout);
            }
            sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
