//! The fan-out: accounts side by side, one verdict each, told as it is reached. One that hangs or breaks is one row,
//! and nobody else's trouble.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures::{FutureExt, StreamExt, stream};
use rollout_model::{
    AccountId, CheckOutcome, CheckResult, RolloutEvent, Verdict, VerdictCause, VerifyEvent, VerifyMode,
};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, info_span};

/// How many accounts at a time, whom to tell, and when no more are begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FanOut<'a> {
    pub(crate) concurrency: NonZeroUsize,
    pub(crate) events: &'a Sender<RolloutEvent>,
    pub(crate) stop: &'a CancellationToken,
}

/// An account, and for how long it may be looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) limit: Duration,
}

impl FanOut<'_> {
    /// An account without a verdict was not begun. A failure in one account is that account's verdict and nobody
    /// else's.
    pub(crate) async fn tell_verdicts<'a, Target, Judging>(
        self,
        mode: VerifyMode,
        targets: &'a [Target],
        turn: impl Fn(&'a Target) -> Turn<'a>,
        verdict: impl Fn(&'a Target) -> Judging,
    ) where
        Judging: Future<Output = Verdict>,
    {
        let accounts = targets.iter().map(|target| turn(target).account.clone()).collect();
        self.tell(VerifyEvent::Started { accounts, mode }).await;
        let (turn, verdict) = (&turn, &verdict);
        let judge = |target| async move {
            let Turn { account, limit } = turn(target);
            // The wait for a turn is not the account's.
            let began = Instant::now();
            let verdict = within(limit, mode, verdict(target)).instrument(span_of(account)).await;
            (account.clone(), verdict, began.elapsed())
        };
        let targets = stream::iter(targets).take_until(self.stop.cancelled());
        let mut verdicts = pin!(targets.map(judge).buffer_unordered(self.concurrency.get()));
        while let Some((account, verdict, took)) = verdicts.next().await {
            self.tell(VerifyEvent::Account { account, verdict, took: Some(took) }).await;
        }
    }

    /// The receiver lives as long as the run; without it nobody is left to be told.
    async fn tell(self, event: VerifyEvent) {
        let _ = self.events.send(RolloutEvent::Verify(event)).await;
    }
}

/// Around everything that is done for an account, so that each line of the log says for which.
pub(crate) fn span_of(account: &AccountId) -> Span {
    info_span!("target", %account)
}

/// The verdict, or that there is none: because the time was over, or because we broke. Nothing that a judging
/// future leaves behind is used again, so that it may be unwound.
async fn within(limit: Duration, mode: VerifyMode, judging: impl Future<Output = Verdict>) -> Verdict {
    match timeout(limit, AssertUnwindSafe(judging).catch_unwind()).await {
        Ok(Ok(verdict)) => verdict,
        // What it says may be anything, secrets among it; the panic itself has told where it was.
        Ok(Err(_)) => not_seen(
            mode,
            VerdictCause::Unknown,
            "rolecall broke off in this account: a defect of its own, please report it".to_owned(),
        ),
        Err(_) => {
            let evidence = format!("there was no verdict after {} s (verify.timeout)", limit.as_secs_f64());
            not_seen(mode, VerdictCause::TimedOut, evidence)
        }
    }
}

/// Every check of the mode, none of which was seen, for one cause.
fn not_seen(mode: VerifyMode, cause: VerdictCause, evidence: String) -> Verdict {
    let (mut cause, mut evidence) = (Some(cause), vec![evidence]);
    let unknown = |&check| CheckResult {
        check,
        outcome: CheckOutcome::Unknown,
        cause: cause.take(),
        evidence: std::mem::take(&mut evidence),
        differs: BTreeSet::new(),
    };
    Verdict { mode, checks: mode.checks().iter().map(unknown).collect() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::future::pending;

    use rollout_model::{Check, Conclusion};
    use tokio::sync::mpsc;

    use super::*;

    fn green() -> Verdict {
        let result = CheckResult {
            check: Check::RoleAbsent,
            outcome: CheckOutcome::Pass,
            cause: None,
            evidence: Vec::new(),
            differs: BTreeSet::new(),
        };
        Verdict { mode: VerifyMode::Absence, checks: vec![result] }
    }

    /// Judges accounts two at a time, each within a minute, and says how long each took.
    async fn timed<Judging: Future<Output = Verdict>>(
        accounts: &[AccountId],
        verdict: impl Fn(&AccountId) -> Judging,
    ) -> BTreeMap<String, (Verdict, Duration)> {
        let (events, mut received) = mpsc::channel(64);
        let (concurrency, stop) = (NonZeroUsize::new(2).unwrap(), CancellationToken::new());
        let fan_out = FanOut { concurrency, events: &events, stop: &stop };
        let turn = |account| Turn { account, limit: Duration::from_secs(60) };
        fan_out.tell_verdicts(VerifyMode::Direct, accounts, turn, verdict).await;
        drop(events);
        let mut verdicts = BTreeMap::new();
        while let Some(event) = received.recv().await {
            if let RolloutEvent::Verify(VerifyEvent::Account { account, verdict, took }) = event {
                verdicts.insert(account.to_string(), (verdict, took.unwrap()));
            }
        }
        verdicts
    }

    async fn judged<Judging: Future<Output = Verdict>>(
        accounts: &[AccountId],
        verdict: impl Fn(&AccountId) -> Judging,
    ) -> BTreeMap<String, Verdict> {
        let timed = timed(accounts, verdict).await;
        timed.into_iter().map(|(account, (verdict, _))| (account, verdict)).collect()
    }

    fn accounts() -> Vec<AccountId> {
        (1..=6).map(|number| format!("{number:012}").parse().unwrap()).collect()
    }

    /// The first account has no verdict, for this cause; all others are green.
    #[track_caller]
    fn only_the_first_is_unknown(verdicts: &BTreeMap<String, Verdict>, cause: VerdictCause, evidence: &str) {
        assert_eq!(verdicts.len(), 6);
        for (account, verdict) in verdicts {
            match account.as_str() {
                "000000000001" => {
                    assert_eq!(verdict.conclusion(), Conclusion::NotProven);
                    assert_eq!(verdict.cause(), Some(cause));
                    assert!(verdict.checks[0].evidence[0].contains(evidence), "{verdict:?}");
                    assert_eq!(verdict.checks.len(), VerifyMode::Direct.checks().len());
                }
                _ => assert_eq!(verdict, &green(), "{account}"),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_that_hangs_is_its_own_row_and_holds_nobody_else_up() {
        let began = tokio::time::Instant::now();
        let verdicts = judged(&accounts(), |account| {
            let hangs = account.as_str() == "000000000001";
            async move { if hangs { pending().await } else { green() } }
        })
        .await;
        only_the_first_is_unknown(&verdicts, VerdictCause::TimedOut, "after 60 s");
        assert_eq!(began.elapsed(), Duration::from_secs(60), "the others went past it");
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_took_what_it_took_itself_and_not_its_wait_for_a_turn() {
        let verdicts = timed(&accounts(), |_| async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            green()
        })
        .await;
        for (account, (_, took)) in verdicts {
            assert_eq!(took, Duration::from_secs(10), "{account}");
        }
    }

    #[tokio::test]
    async fn a_panic_in_one_account_is_its_own_row() {
        let verdicts = judged(&accounts(), |account| {
            let breaks = account.as_str() == "000000000001";
            async move {
                assert!(!breaks, "a secret");
                green()
            }
        })
        .await;
        only_the_first_is_unknown(&verdicts, VerdictCause::Unknown, "a defect of its own");
        assert!(!format!("{verdicts:?}").contains("secret"));
    }
}
