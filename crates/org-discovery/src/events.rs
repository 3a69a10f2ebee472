//! Telling whoever listens.

use rollout_model::{DiscoveryEvent, RolloutEvent};
use tokio::sync::mpsc::Sender;

/// Sends an event. That nobody listens any more is no reason to stop reading.
pub(crate) async fn tell(events: &Sender<RolloutEvent>, event: DiscoveryEvent) {
    let _ = events.send(RolloutEvent::Discovery(event)).await;
}
