//! The rate of one API as its answers teach it: a function of the times it is given.
//!
//! Of requests that come at a rate above the limit, AWS refuses the excess. So the share that it refused in a
//! round says where the limit is, however far away, and the rate goes there in one or two steps. It stays a
//! little below, then gropes upward, the faster the longer nothing was refused: slowly past a limit that still
//! holds, soon back to the documented rate when it is lifted.

use std::time::Duration;

use tokio::time::Instant;

/// How long answers are counted before they are judged, and how many there have to be: enough to tell a share, at
/// a few requests a second as at some hundred.
const ROUND: Duration = Duration::from_secs(1);
const ANSWERS: f64 = 16.0;

/// So many refusals are judged at once: the next ones would say the same.
const ENOUGH: f64 = 4.0;

/// The limit is not met to the last request: this much below it, AWS's own bucket fills again.
const BELOW_LIMIT: f64 = 0.99;

/// What each second without a refusal adds to the share by which the rate grows in a second. From below a limit
/// it is reached after a second and a half and overstepped by two or three in a hundred before that shows; twelve
/// times the rate is won within half a minute.
const ACCELERATION: f64 = 0.01;

/// The rate grows by a quarter a second at most.
const FASTEST_GROWTH: f64 = 0.25;

/// Never below this share of the documented rate, so that requests still go out to find the limit lifted.
const FLOOR: f64 = 1.0 / 16.0;

/// More refusals than this are never taken for such as have nothing to do with the rate.
const MOST_UNAVOIDABLE: f64 = 0.25;

/// The rate, and what has been seen at it.
#[derive(Debug)]
pub(crate) struct Pace {
    documented: f64,
    rate: f64,
    /// When the rate was last set. What happened to a request from before says nothing about the rate since.
    set: Option<Instant>,
    round: Round,
    /// Where the rate was before the slowing down that goes on.
    slowing: Option<Slowing>,
    /// The share of requests that is refused at any rate.
    unavoidable: f64,
}

#[derive(Debug)]
struct Round {
    began: Instant,
    answered: f64,
    refused: f64,
}

#[derive(Debug, Clone, Copy)]
struct Slowing {
    from: f64,
    most_refused: f64,
}

impl Pace {
    pub(crate) fn new(documented: f64, now: Instant) -> Self {
        let round = Round::new(now);
        Pace { documented, rate: documented, set: None, round, slowing: None, unavoidable: 0.0 }
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.rate
    }

    /// Whether nothing holds the rate down, or is about to.
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.rate >= self.documented && self.round.refused == 0.0
    }

    /// AWS took a request that was sent at `sent`.
    pub(crate) fn accepted(&mut self, sent: Instant, now: Instant) {
        if self.is_outdated(sent) {
            return;
        }
        self.round.answered += 1.0;
        let undisturbed = self.set.map_or(0.0, |set| now.saturating_duration_since(set).as_secs_f64());
        // So many requests are accepted in a second as the rate is: each adds its part of the growth.
        let growth = (ACCELERATION * undisturbed).min(FASTEST_GROWTH);
        self.rate = (self.rate + growth).min(self.documented);
        self.judge(now);
    }

    /// AWS threw back a request that was sent at `sent`.
    pub(crate) fn refused(&mut self, sent: Instant, now: Instant) {
        if self.is_outdated(sent) {
            return;
        }
        self.round.answered += 1.0;
        self.round.refused += 1.0;
        self.judge(now);
    }

    fn is_outdated(&self, sent: Instant) -> bool {
        self.set.is_some_and(|set| sent < set)
    }

    fn judge(&mut self, now: Instant) {
        let Round { began, answered, refused } = self.round;
        let excess = refused - self.unavoidable * answered;
        let is_over = answered >= ANSWERS && now.saturating_duration_since(began) >= ROUND;
        if excess < ENOUGH && !is_over {
            return;
        }
        if refused == 0.0 {
            (self.slowing, self.unavoidable) = (None, 0.0);
        } else if excess > refused / 3.0 {
            // As if one more had been taken: a few answers do not say that everything is refused.
            self.slow_down(refused / (answered + 1.0));
            self.set = Some(now);
        }
        self.round = Round::new(now);
    }

    /// Goes to where `refused`, a share of the requests, says that the limit is; or back, where slowing down did
    /// not help.
    fn slow_down(&mut self, refused: f64) {
        let slowing = self.slowing.get_or_insert(Slowing { from: self.rate, most_refused: 0.0 });
        if slowing.is_in_vain(self.rate, refused) {
            (self.rate, self.unavoidable) = (slowing.from, refused);
            self.slowing = None;
            return;
        }
        slowing.most_refused = slowing.most_refused.max(refused);
        // More is refused than at any rate: so it is for the rate after all.
        self.unavoidable = 0.0;
        self.rate = (self.rate * (1.0 - refused) * BELOW_LIMIT).max(self.documented * FLOOR);
    }
}

impl Round {
    fn new(began: Instant) -> Self {
        Round { began, answered: 0.0, refused: 0.0 }
    }
}

impl Slowing {
    /// Whether about as much is refused at half the rate as was at the whole. Then it is not for the rate that
    /// requests are refused, and slowing down further would only make the run longer.
    fn is_in_vain(self, rate: f64, refused: f64) -> bool {
        let as_much = (self.most_refused / 2.0..=self.most_refused * 2.0).contains(&refused);
        rate <= self.from / 2.0 && as_much && refused <= MOST_UNAVOIDABLE
    }
}

#[cfg(test)]
mod tests;
