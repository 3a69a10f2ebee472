//! Tells the facts of a deployment to whoever listens.

use rollout_model::{DeployEvent, RolloutEvent};
use tokio::sync::mpsc::Sender;

/// The receiver lives as long as the run; without it nobody is left to be told.
pub(crate) async fn tell(events: &Sender<RolloutEvent>, event: DeployEvent) {
    let _ = events.send(RolloutEvent::Deploy(event)).await;
}
