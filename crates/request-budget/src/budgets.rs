//! All buckets of the process, and the count of what went through them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use crate::api_call::{ApiCall, Caller};
use crate::bucket::Bucket;
use crate::limits::{Counted, Rate, STS, limit_of};

/// So many buckets are kept before full ones are looked for and dropped: thousands of sessions each bring a
/// bucket and are soon done with it.
const BUCKETS_BEFORE_CLEARING: usize = 1024;

/// The request budgets of a process. Clones share them.
#[derive(Clone, Default)]
pub struct Budgets {
    shared: Arc<Shared>,
}

/// How often an operation was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Requests sent, retries included.
    pub attempts: u64,
    /// Of these, answered as too many.
    pub throttled: u64,
}

#[derive(Default)]
struct Shared {
    /// The rate of STS, where it is another than AWS documents.
    sts: Option<Rate>,
    apis: Mutex<Apis>,
    calls: Mutex<BTreeMap<ApiCall, CallCount>>,
}

#[derive(Default)]
struct Apis {
    by_key: HashMap<Key, Arc<Api>>,
    clear_at: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    limit: &'static str,
    /// Only where each caller counts for itself.
    caller: Option<Caller>,
}

struct Api {
    /// The head of the queue. Only who has it asks the bucket, so that waiting is first come, first served
    /// and a change of rate reaches whoever waits. It guards an order, not data; a waiter that is dropped
    /// gives its place up.
    turn: Semaphore,
    bucket: Mutex<Bucket>,
}

/// A request that may go, and whom to tell how it was answered.
pub(crate) struct Admission {
    call: ApiCall,
    api: Option<Arc<Api>>,
    sent: Instant,
}

/// What an answer says of the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    Throttled,
    /// The service's or the network's failure, which says nothing of the rate.
    Inconclusive,
}

impl Budgets {
    /// Budgets with so many requests a second to STS: fewer than AWS allows, to leave room for others, or more,
    /// where AWS has raised the quota.
    pub fn with_sts_rate(per_second: NonZeroU32) -> Self {
        let per_second = f64::from(per_second.get());
        // As large a share of a second as of the documented rate.
        let burst = (STS.rate.burst * per_second / STS.rate.per_second).max(1.0);
        let sts = Some(Rate { per_second, burst });
        Budgets { shared: Arc::new(Shared { sts, ..Shared::default() }) }
    }

    /// How often each operation was asked for, by `service:Operation`.
    pub fn calls(&self) -> BTreeMap<String, CallCount> {
        lock(&self.shared.calls).iter().map(|(call, count)| (call.to_string(), *count)).collect()
    }

    /// Waits until the request may be sent, and counts it.
    pub(crate) async fn admit(&self, call: ApiCall, caller: Caller) -> Admission {
        let api = self.api(&call, caller);
        if let Some(api) = &api {
            api.wait().await;
        }
        lock(&self.shared.calls).entry(call.clone()).or_default().attempts += 1;
        Admission { call, api, sent: Instant::now() }
    }

    /// Counts the answer and lets the rate follow it.
    pub(crate) fn record(&self, admission: Admission, answer: Answer) {
        if answer == Answer::Throttled {
            lock(&self.shared.calls).entry(admission.call).or_default().throttled += 1;
        }
        let Some(api) = admission.api else { return };
        let mut bucket = lock(&api.bucket);
        match answer {
            Answer::Accepted => bucket.accepted(admission.sent, Instant::now()),
            Answer::Throttled => bucket.throttled(admission.sent, Instant::now()),
            Answer::Inconclusive => {}
        }
    }

    fn api(&self, call: &ApiCall, caller: Caller) -> Option<Arc<Api>> {
        let limit = limit_of(&call.service, &call.operation)?;
        let caller = match limit.counted {
            Counted::Together => None,
            Counted::PerCaller => Some(caller),
        };
        let mut apis = lock(&self.shared.apis);
        apis.clear_full();
        let rate = if limit.name == STS.name { self.shared.sts.unwrap_or(limit.rate) } else { limit.rate };
        let api = apis.by_key.entry(Key { limit: limit.name, caller }).or_insert_with(|| {
            let bucket = Mutex::new(Bucket::full(rate, Instant::now()));
            Arc::new(Api { turn: Semaphore::new(1), bucket })
        });
        Some(Arc::clone(api))
    }
}

impl fmt::Debug for Budgets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Budgets").field(&self.calls()).finish()
    }
}

impl Apis {
    /// Drops what nobody uses and is as good as new, whenever the number of buckets has doubled.
    fn clear_full(&mut self) {
        if self.by_key.len() < self.clear_at.max(BUCKETS_BEFORE_CLEARING) {
            return;
        }
        let now = Instant::now();
        self.by_key.retain(|_, api| Arc::strong_count(api) > 1 || !lock(&api.bucket).is_full(now));
        self.clear_at = 2 * self.by_key.len();
    }
}

impl Api {
    async fn wait(&self) {
        let _turn = self.turn.acquire().await.expect("the semaphore is never closed");
        loop {
            let taken = lock(&self.bucket).take(Instant::now());
            match taken {
                Ok(()) => return,
                Err(wait) => sleep(wait).await,
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics while it holds this lock")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn admit(budgets: &Budgets, service: &str, operation: &str, caller: &str) -> Admission {
        let call = ApiCall { service: service.to_owned(), operation: operation.to_owned() };
        budgets.admit(call, Caller(caller.to_owned())).await
    }

    /// The virtual seconds that `calls`, one after another, wait.
    async fn seconds(budgets: &Budgets, calls: &[(&str, &str, &str)]) -> f64 {
        let start = Instant::now();
        for (service, operation, caller) in calls {
            admit(budgets, service, operation, caller).await;
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn iam_is_budgeted_for_each_account_by_itself() {
        let sessions: Vec<String> = (0..500).map(|number| format!("ASIA{number}")).collect();
        let calls: Vec<_> =
            sessions.iter().flat_map(|key| vec![("iam", "GetRole", key.as_str()); 20]).collect();
        assert_eq!(seconds(&Budgets::default(), &calls).await, 0.0, "20 calls in each of 500 accounts");
        let one = vec![("iam", "GetRole", "ASIA1"); 40];
        assert!(
            seconds(&Budgets::default(), &one).await >= 2.0,
            "40 calls in one account: 20 over the burst"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn sts_may_be_asked_more_or_less_often_than_documented() {
        let calls = vec![("sts", "AssumeRole", "AKIA"); 1000];
        for (rate, least, most) in [(100, 9.8, 10.0), (2000, 0.3, 0.5)] {
            let budgets = Budgets::with_sts_rate(NonZeroU32::new(rate).unwrap());
            let seconds = seconds(&budgets, &calls).await;
            assert!((least..=most).contains(&seconds), "{rate} a second: {seconds} s");
        }
        let others = vec![("organizations", "ListRoots", "AKIA"); 4];
        let budgets = Budgets::with_sts_rate(NonZeroU32::MAX);
        assert!(seconds(&budgets, &others).await >= 2.0, "the others have their documented rates");
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_gives_up_costs_nothing() {
        let budgets = Budgets::default();
        let roots = |count| vec![("organizations", "ListRoots", "AKIA"); count];
        seconds(&budgets, &roots(2)).await;
        for _ in 0..100 {
            let abandoned = admit(&budgets, "organizations", "ListRoots", "AKIA");
            assert!(tokio::time::timeout(Duration::from_millis(5), abandoned).await.is_err());
        }
        let waited = seconds(&budgets, &roots(1)).await;
        assert!(waited <= 1.0, "waited {waited} s behind those who had left");
    }

    #[tokio::test(start_paused = true)]
    async fn buckets_of_finished_sessions_are_dropped_and_those_of_throttled_ones_kept() {
        let budgets = Budgets::default();
        let throttled = admit(&budgets, "iam", "GetRole", "busy").await;
        budgets.record(throttled, Answer::Throttled);
        for number in 0..10 * BUCKETS_BEFORE_CLEARING {
            admit(&budgets, "iam", "GetRole", &format!("ASIA{number}")).await;
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let apis = lock(&budgets.shared.apis);
        assert!(apis.by_key.len() <= BUCKETS_BEFORE_CLEARING, "{} buckets are left", apis.by_key.len());
        assert!(apis.by_key.contains_key(&Key { limit: "iam", caller: Some(Caller("busy".to_owned())) }));
    }
}
