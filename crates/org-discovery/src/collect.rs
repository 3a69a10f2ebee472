//! Asks the service for everything of one organization. Decides nothing.

use aws_sdk_organizations::Client;
use futures::{StreamExt, stream};
use rollout_model::RolloutEvent;
use tokio::sync::mpsc::Sender;

use crate::accounts::{children_of, list_accounts};
use crate::error::DiscoveryError;
use crate::pages::IN_FLIGHT;
use crate::placement::paths_place_all;
use crate::readings::Readings;
use crate::root::{describe_organization, list_root};
use crate::units::walk_units;

/// Reads the organization, its root, its accounts and its units, and, where the accounts do not say where
/// they sit, the accounts of the root and of each unit.
pub(crate) async fn collect(
    client: &Client,
    events: &Sender<RolloutEvent>,
) -> Result<Readings, DiscoveryError> {
    let (organization, management_account) = describe_organization(client).await?;
    let root = list_root(client).await?;
    let accounts = list_accounts(client, events);
    let (accounts, (units, mut gaps)) = futures::join!(accounts, walk_units(client, &root.id, events));
    let accounts = accounts?;
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
