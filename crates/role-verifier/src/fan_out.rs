//! The fan-out: accounts side by side, one verdict each, told as it is reached.

use std::num::NonZeroUsize;
use std::pin::pin;

use futures::StreamExt;
use futures::stream;
use rollout_model::{AccountId, RolloutEvent, Verdict, VerifyEvent, VerifyMode};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

/// How many accounts at a time, whom to tell, and when no more are begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FanOut<'a> {
    pub(crate) concurrency: NonZeroUsize,
    pub(crate) events: &'a Sender<RolloutEvent>,
    pub(crate) stop: &'a CancellationToken,
}

impl FanOut<'_> {
    /// An account without a verdict was not begun. A failure in one account is that account's verdict and nobody
    /// else's.
    pub(crate) async fn tell_verdicts<'a, Target, Judging>(
        self,
        mode: VerifyMode,
        targets: &'a [Target],
        account: impl Fn(&Target) -> &AccountId,
        verdict: impl Fn(&'a Target) -> Judging,
    ) where
        Judging: Future<Output = Verdict>,
    {
        let accounts = targets.iter().map(|target| account(target).clone()).collect();
        self.tell(VerifyEvent::Started { accounts, mode }).await;
        let (account, verdict) = (&account, &verdict);
        let mut verdicts = pin!(
            stream::iter(targets)
                .take_until(self.stop.cancelled())
                .map(|target| async move { (account(target).clone(), verdict(target).await) })
                .buffer_unordered(self.concurrency.get())
        );
        while let Some((account, verdict)) = verdicts.next().await {
            self.tell(VerifyEvent::Account { account, verdict }).await;
        }
    }

    /// The receiver lives as long as the run; without it nobody is left to be told.
    async fn tell(self, event: VerifyEvent) {
        let _ = self.events.send(RolloutEvent::Verify(event)).await;
    }
}
