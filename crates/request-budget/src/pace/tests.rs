//! The bucket against a service that counts too: on times of the test's own, so that nothing waits.

use std::collections::VecDeque;

use super::*;
use crate::bucket::Bucket;
use crate::limits::Rate;

const STS: Rate = Rate { per_second: 600.0, burst: 60.0 };
const LATENCIES: [Duration; 3] =
    [Duration::from_millis(5), Duration::from_millis(50), Duration::from_millis(200)];

/// AWS's end of the wire: a token bucket, of which somebody else may take a part.
struct Service {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled: Duration,
    /// Refuses every so-manieth request, whatever the rate.
    spoiled: Option<usize>,
    seen: usize,
}

impl Service {
    fn new(per_second: f64, burst: f64) -> Self {
        Service { per_second, burst, tokens: burst, filled: Duration::ZERO, spoiled: None, seen: 0 }
    }

    fn takes(&mut self, now: Duration) -> bool {
        self.tokens += now.saturating_sub(self.filled).as_secs_f64() * self.per_second;
        self.tokens = self.tokens.min(self.burst.max(1.0));
        self.filled = self.filled.max(now);
        self.seen += 1;
        if self.spoiled.is_some_and(|every| self.seen.is_multiple_of(every)) || self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

/// A caller that always has something to ask.
struct Run {
    bucket: Bucket,
    start: Instant,
    now: Duration,
    latency: Duration,
    under_way: VecDeque<(Duration, bool)>,
}

#[derive(Debug, Default)]
struct Counted {
    taken: f64,
    refused: f64,
}

impl Run {
    fn new(limit: Rate, latency: Duration) -> Self {
        let start = Instant::now();
        let under_way = VecDeque::new();
        Run { bucket: Bucket::full(limit, start), start, now: Duration::ZERO, latency, under_way }
    }

    fn asks(&mut self, service: &mut Service, seconds: u64) -> Counted {
        self.asks_until(service, self.now + Duration::from_secs(seconds))
    }

    fn asks_until(&mut self, service: &mut Service, until: Duration) -> Counted {
        let mut counted = Counted::default();
        while self.now < until {
            self.hear(self.now);
            match self.bucket.take(self.start + self.now) {
                Ok(()) => {
                    let taken = service.takes(self.now);
                    *(if taken { &mut counted.taken } else { &mut counted.refused }) += 1.0;
                    self.under_way.push_back((self.now, taken));
                }
                Err(wait) => {
                    let answer = self.under_way.front().map(|(sent, _)| *sent + self.latency);
                    self.now = answer.map_or(self.now + wait, |answer| answer.min(self.now + wait));
                }
            }
        }
        counted
    }

    fn hear(&mut self, now: Duration) {
        while let Some((sent, taken)) = self.under_way.front().copied() {
            let answered = sent + self.latency;
            if answered > now {
                return;
            }
            self.under_way.pop_front();
            let (sent, answered) = (self.start + sent, self.start + answered);
            match taken {
                true => self.bucket.accepted(sent, answered),
                false => self.bucket.throttled(sent, answered),
            }
        }
    }
}

/// At least `used` of the limit, and no more than `refused` of the requests sent back.
#[track_caller]
fn check(counted: &Counted, limit: f64, seconds: u64, used: f64, refused: f64) {
    let share = counted.refused / (counted.taken + counted.refused);
    let use_made = counted.taken / (limit * seconds as f64);
    assert!(use_made >= used && share <= refused, "used {use_made:.3}, refused {share:.4}: {counted:?}");
}

#[test]
fn a_limit_below_the_documented_one_is_found_and_used() {
    // Where requests are few, those that grope for the limit weigh more.
    for (limit, refused) in [(50.0, 0.025), (200.0, 0.02), (500.0, 0.01), (590.0, 0.01)] {
        // A second's worth, as AWS has it where it tells, and nearly none.
        for burst in [limit / 20.0, limit] {
            for latency in LATENCIES {
                let mut run = Run::new(STS, latency);
                let mut service = Service::new(limit, burst);
                // 25,000 requests, which thousands of accounts take.
                let seconds = (25_000.0 / limit) as u64;
                let counted = run.asks(&mut service, seconds);
                check(&counted, limit, seconds, 0.95, refused);
            }
        }
    }
}

#[test]
fn a_limit_above_the_documented_one_is_left_alone() {
    for latency in LATENCIES {
        let counted = Run::new(STS, latency).asks(&mut Service::new(10_000.0, 10_000.0), 60);
        check(&counted, STS.per_second, 60, 1.0, 0.0);
        assert!(counted.taken <= 60.0 * STS.per_second + STS.burst + 1.0, "{counted:?}");
    }
}

#[test]
fn a_limit_that_changes_is_followed_up_and_down() {
    let mut run = Run::new(STS, Duration::from_millis(50));
    let mut service = Service::new(500.0, 500.0);
    let steps = [(500.0, 0.95, 0.01), (100.0, 0.95, 0.03), (500.0, 0.7, 0.01), (50.0, 0.95, 0.06)];
    for (limit, used, refused) in steps {
        (service.per_second, service.burst) = (limit, limit);
        let counted = run.asks(&mut service, 40);
        check(&counted, limit, 40, used, refused);
    }
}

#[test]
fn a_lifted_limit_is_seen_within_half_a_minute() {
    let mut run = Run::new(STS, Duration::from_millis(50));
    let mut service = Service::new(50.0, 50.0);
    run.asks(&mut service, 60);
    service.per_second = 10_000.0;
    run.asks(&mut service, 30);
    check(&run.asks(&mut service, 10), STS.per_second, 10, 0.99, 0.0);
}

#[test]
fn two_processes_at_one_limit_use_it_and_neither_starves() {
    let latency = Duration::from_millis(50);
    let (mut one, mut other) = (Run::new(STS, latency), Run::new(STS, latency));
    let mut service = Service::new(500.0, 500.0);
    let (mut first, mut second) = (Counted::default(), Counted::default());
    // Side by side and in turns, so that neither is always the first to ask.
    for millisecond in 1..=60_000 {
        let until = Duration::from_millis(millisecond);
        let mut turns = [(&mut one, &mut first), (&mut other, &mut second)];
        turns.rotate_left(millisecond as usize % 2);
        for (run, counted) in turns {
            let more = run.asks_until(&mut service, until);
            counted.taken += more.taken;
            counted.refused += more.refused;
        }
    }
    let both = Counted { taken: first.taken + second.taken, refused: first.refused + second.refused };
    check(&both, 500.0, 60, 0.95, 0.04);
    let smaller = first.taken.min(second.taken);
    assert!(smaller >= both.taken / 10.0, "{first:?} beside {second:?}");
}

#[test]
fn refusals_that_have_nothing_to_do_with_the_rate_do_not_bring_it_down() {
    for limit in [STS, Rate { per_second: 8.0, burst: 12.0 }] {
        let mut run = Run::new(limit, Duration::from_millis(50));
        let mut service = Service::new(10_000.0, 10_000.0);
        service.spoiled = Some(7);
        let counted = run.asks(&mut service, 300);
        assert!(counted.taken + counted.refused >= 0.8 * limit.per_second * 300.0, "{counted:?}");
    }
}

#[test]
fn requests_that_were_in_flight_together_lower_the_rate_once() {
    let start = Instant::now();
    let mut pace = Pace::new(600.0, start);
    let answered = start + Duration::from_millis(100);
    for _ in 0..30 {
        pace.refused(start, answered);
    }
    let once = pace.per_second();
    assert!((118.0..120.0).contains(&once), "{once}");
    for _ in 0..4 {
        pace.refused(answered, answered);
    }
    assert!(pace.per_second() < once, "what was sent at the lowered rate counts again");
}

#[test]
fn the_rate_never_falls_so_low_that_nothing_is_tried() {
    let start = Instant::now();
    let mut pace = Pace::new(8.0, start);
    for second in 0..100 {
        let now = start + Duration::from_secs(second);
        pace.refused(now, now);
    }
    assert_eq!(pace.per_second(), 0.5, "a sixteenth of 8 a second");
}
