//! Asks for organizational units.

use std::collections::HashSet;

use aws_sdk_organizations::Client;
use futures::{StreamExt, stream};
use rollout_model::{DiscoveryEvent, RolloutEvent};
use tokio::sync::mpsc::Sender;

use crate::error::{DiscoveryError, Reading};
use crate::events::tell;
use crate::pages::{IN_FLIGHT, PAGE_SIZE, Pages};
use crate::readings::{Gap, UnitReading};

/// The tree of units, level by level. A unit that is listed twice is descended into once.
pub(crate) async fn walk_units(
    client: &Client,
    root: &str,
    events: &Sender<RolloutEvent>,
) -> (Vec<UnitReading>, Vec<Gap>) {
    let mut units: Vec<UnitReading> = Vec::new();
    let mut gaps = Vec::new();
    let mut seen = HashSet::new();
    let mut level = vec![root.to_owned()];
    while !level.is_empty() {
        let mut listed = stream::iter(level).map(|parent| units_of(client, parent)).buffered(IN_FLIGHT);
        let mut next_level = Vec::new();
        while let Some((found, gap)) = listed.next().await {
            next_level
                .extend(found.iter().map(|unit| unit.id.clone()).filter(|unit| seen.insert(unit.clone())));
            gaps.extend(gap);
            if !found.is_empty() {
                units.extend(found);
                tell(events, DiscoveryEvent::Units { read: units.len() }).await;
            }
        }
        level = next_level;
    }
    (units, gaps)
}

async fn units_of(client: &Client, parent: String) -> (Vec<UnitReading>, Option<Gap>) {
    let mut units = Vec::new();
    let outcome = list_units(client, &parent, &mut units).await;
    (units, Gap::of(parent, outcome))
}

/// Keeps what was read before a page failed.
async fn list_units(
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
