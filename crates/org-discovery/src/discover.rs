//! The two halves joined.

use aws_sdk_organizations::Client;
use rollout_model::{DiscoveryEvent, Organization, RolloutEvent};
use tokio::sync::mpsc::Sender;

use crate::again::{is_placed_by, readings_again};
use crate::assemble::assemble;
use crate::collect::{accounts_alone, collect};
use crate::error::DiscoveryError;
use crate::events::tell;
use crate::needed::Units;

/// Reads the organization that the client's account belongs to.
///
/// The client must act for the management account or for a delegated administrator of any service (aws-facts
/// D1). What takes time are AWS's rates (aws-facts D4): a second for every 160 accounts and, beside it, a
/// second for every five lists of [`Units`]. Where accounts do not carry their paths a second for every five
/// units follows.
///
/// Organizational units that cannot be listed are recorded in [`Organization::problems`] and the rest is
/// returned; every account that was listed is in the snapshot exactly once. Without the list of accounts
/// there is no snapshot.
///
/// # Errors
///
/// When the organization, its root or its accounts cannot be read, or AWS's answers contradict each other.
pub async fn discover(
    client: &Client,
    units: Units,
    events: &Sender<RolloutEvent>,
) -> Result<Organization, DiscoveryError> {
    let organization = assemble(collect(client, units, events).await?)?;
    let finished = DiscoveryEvent::Finished {
        units: organization.units.len(),
        accounts: organization.accounts.len(),
        problems: organization.problems.len(),
    };
    tell(events, finished).await;
    Ok(organization)
}

/// Reads again which accounts there are and where they sit. What was read before is taken for the rest: the root, the
/// units, and the tags of the accounts that were there.
///
/// That takes a call for every 20 accounts. Only when an account is in a unit that was not read, or does not carry its
/// path, the organization is read as by [`discover`].
///
/// # Errors
///
/// As [`discover`].
pub async fn discover_again(
    client: &Client,
    before: &Organization,
    events: &Sender<RolloutEvent>,
) -> Result<Organization, DiscoveryError> {
    let accounts = accounts_alone(client, &before.root.id, events).await?;
    let mut organization = match is_placed_by(before, &accounts) {
        true => assemble(readings_again(before, accounts))?,
        false => discover(client, Units::Inhabited, events).await?,
    };
    for (id, account) in &mut organization.accounts {
        account.tags = before.accounts.get(id).and_then(|known| known.tags.clone());
    }
    Ok(organization)
}
