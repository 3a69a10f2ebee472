//! Asks for organizational units.

use std::pin::pin;

use aws_sdk_organizations::Client;
use futures::{Stream, StreamExt, stream};
use rollout_model::{DiscoveryEvent, RolloutEvent};
use tokio::sync::mpsc::{Receiver, Sender};

use crate::error::{DiscoveryError, Reading};
use crate::events::tell;
use crate::needed::{ListedUnits, Needed};
use crate::pages::{IN_FLIGHT, PAGE_SIZE, Pages};
use crate::readings::{Gap, UnitReading};

/// Lists the units that are needed, while it becomes known which.
pub(crate) async fn list_units(
    client: &Client,
    root: &str,
    mut needs: Receiver<Needed>,
    events: &Sender<RolloutEvent>,
) -> ListedUnits {
    let mut listed = ListedUnits::default();
    let mut everything = false;
    let below = stream::poll_fn(|context| {
        needs.poll_recv(context).map(|needed| match needed? {
            Needed::Below(parent) => Some(parent),
            Needed::Everything => {
                everything = true;
                None
            }
        })
    });
    list_below(client, below, &mut listed, events).await;
    while everything {
        let level = listed.unlisted(root);
        everything = !level.is_empty();
        list_below(client, stream::iter(level), &mut listed, events).await;
    }
    listed
}

async fn list_below(
    client: &Client,
    parents: impl Stream<Item = String>,
    listed: &mut ListedUnits,
    events: &Sender<RolloutEvent>,
) {
    let mut lists = pin!(parents.map(|parent| units_of(client, parent)).buffered(IN_FLIGHT));
    while let Some((parent, units, gap)) = lists.next().await {
        if listed.add(parent, units, gap) {
            tell(events, DiscoveryEvent::Units { read: listed.units.len() }).await;
        }
    }
}

async fn units_of(client: &Client, parent: String) -> (String, Vec<UnitReading>, Option<Gap>) {
    let mut units = Vec::new();
    let outcome = list_direct_children(client, &parent, &mut units).await;
    let gap = Gap::of(parent.clone(), outcome);
    (parent, units, gap)
}

/// Keeps what was read before a page failed.
async fn list_direct_children(
    client: &Client,
    parent: &str,
    units: &mut Vec<UnitReading>,
) -> Result<(), DiscoveryError> {
    let reading = Reading::UnitsBelow(parent.to_owned());
    let mut pages = Pages::default();
    loop {
        let call = client.list_organizational_units_for_parent().parent_id(parent).max_results(PAGE_SIZE);
        let page = call.set_next_token(pages.token()).send().await;
        let page = page.map_err(|error| DiscoveryError::of_call(reading.clone(), &error))?;
        units.extend(page.organizational_units.into_iter().flatten().map(|unit| UnitReading {
            id: unit.id.unwrap_or_default(),
            name: unit.name.unwrap_or_default(),
            parent: parent.to_owned(),
            path: unit.path,
        }));
        if !pages.turn(page.next_token, &reading)? {
            return Ok(());
        }
    }
}
