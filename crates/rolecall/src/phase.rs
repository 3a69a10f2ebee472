//! Runs one phase while its events are recorded: the producer and the one owner of the run's state, side by
//! side.

use std::time::Duration;

use rollout_model::RolloutEvent;
use rollout_report::Reporter;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::interrupt::{Interrupt, Interrupted};

/// Events that may wait to be recorded. A full channel slows the producer, which is wanted: recording is far
/// faster than any answer from AWS, and what is not yet in the ledger is lost in a crash.
const WAITING_EVENTS: usize = 64;

/// Often enough that a run looks alive. The time is that of the runtime: on a paused clock this waits no more than
/// everything else, and wakes nobody for nothing once the producer has ended.
const TICK: Duration = Duration::from_secs(1);

/// Runs `producer` to its end and records every event that it sends. A signal is handled before anything
/// else, so that the producer is never polled without knowing of it.
pub(crate) async fn record<Output>(
    reporter: &mut Reporter,
    clock: &Clock,
    interrupt: &mut Interrupt,
    producer: impl AsyncFnOnce(Sender<RolloutEvent>) -> Output,
) -> Output {
    let mut recorded = std::pin::pin!(record_all(reporter, clock, producer));
    loop {
        tokio::select! {
            biased;
            () = interrupt.signalled() => interrupt.handle(),
            output = &mut recorded => return output,
        }
    }
}

/// As `record`, for a phase that changes nothing: the first signal ends it.
pub(crate) async fn look<Output>(
    reporter: &mut Reporter,
    clock: &Clock,
    interrupt: &mut Interrupt,
    producer: impl AsyncFnOnce(Sender<RolloutEvent>) -> Output,
) -> Result<Output, Interrupted> {
    let output = interrupt.ends(record_all(reporter, clock, producer)).await;
    // Whatever is on the screen would stand in the way of the message.
    reporter.finish();
    output
}

async fn record_all<Output>(
    reporter: &mut Reporter,
    clock: &Clock,
    producer: impl AsyncFnOnce(Sender<RolloutEvent>) -> Output,
) -> Output {
    let (sender, mut events) = channel(WAITING_EVENTS);
    let mut producer = std::pin::pin!(producer(sender));
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let output = loop {
        tokio::select! {
            // What was sent is recorded before the producer goes on.
            biased;
            Some(event) = events.recv() => reporter.record(clock.now(), &event),
            output = &mut producer => break output,
            _ = ticks.tick() => reporter.tick(clock.now()),
        }
    };
    record_the_rest(reporter, clock, &mut events);
    output
}

/// The producer has ended, so whatever it sent is in the channel by now.
fn record_the_rest(reporter: &mut Reporter, clock: &Clock, events: &mut Receiver<RolloutEvent>) {
    while let Ok(event) = events.try_recv() {
        reporter.record(clock.now(), &event);
    }
}
