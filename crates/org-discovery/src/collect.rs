//! Asks the service for everything of one organization. Decides nothing.

use aws_sdk_organizations::Client;
use futures::{FutureExt, StreamExt, stream, try_join};
use rollout_model::{RolloutEvent, RootId};
use tokio::sync::mpsc::{Sender, channel};

use crate::accounts::{children_of, list_accounts};
use crate::error::DiscoveryError;
use crate::needed::{Frontier, ListedUnits, Units};
use crate::pages::IN_FLIGHT;
use crate::placement::paths_place_all;
use crate::readings::{AccountReading, Readings};
use crate::root::{describe_organization, list_root};
use crate::units::list_units;

/// AWS has at most 2,000 organizational units (aws-facts D4), so that at most as many parents of one can be
/// needed, and the list of accounts never waits for the slower lists of units.
const MOST_NEEDED: usize = 2_000;

/// Reads the organization, its root, its accounts and its units, and, where the accounts do not say where
/// they sit, the accounts of the root and of each unit.
pub(crate) async fn collect(
    client: &Client,
    units: Units,
    events: &Sender<RolloutEvent>,
) -> Result<Readings, DiscoveryError> {
    let (organization, management_account) = describe_organization(client).await?;
    let root = list_root(client).await?;
    let mut frontier = Frontier::new(&root.id);
    let (needed, needs) = channel(MOST_NEEDED);
    if let Some(first) = frontier.begin(units) {
        // The channel is new, so there is room and somebody listens.
        let _ = needed.send(first).await;
    }
    let accounts = list_accounts(client, frontier, needed, events);
    let listed = list_units(client, &root.id, needs, events);
    // Without the accounts there is no snapshot, so nobody waits for the units then.
    let (accounts, listed) = try_join!(accounts, listed.map(Ok))?;
    let ListedUnits { units, mut gaps, .. } = listed;
    let mut children = Vec::new();
    if !paths_place_all(&accounts, &root.id) {
        let mut parents = vec![root.id.clone()];
        parents.extend(units.iter().map(|unit| unit.id.clone()));
        let mut listed = stream::iter(parents).map(|parent| children_of(client, parent)).buffered(IN_FLIGHT);
        while let Some((found, gap)) = listed.next().await {
            children.extend(found);
            gaps.extend(gap);
        }
    }
    Ok(Readings { organization, management_account, root, accounts, units, children, gaps })
}

/// Reads which accounts there are, and nothing else.
pub(crate) async fn accounts_alone(
    client: &Client,
    root: &RootId,
    events: &Sender<RolloutEvent>,
) -> Result<Vec<AccountReading>, DiscoveryError> {
    // Nobody lists units, so that nobody hears which are needed.
    let (needed, _) = channel(1);
    list_accounts(client, Frontier::new(root.as_str()), needed, events).await
}
