//! Asks for the tags of accounts: a call for each, so only for those whose tags decide something.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::Client;
use futures::{StreamExt, stream};
use rollout_model::{AccountId, DiscoveryEvent, Organization, RolloutEvent};
use tokio::sync::mpsc::Sender;

use crate::error::{DiscoveryError, Reading};
use crate::events::tell;
use crate::pages::Pages;

/// Ten requests a second are allowed (aws-facts D4): eight in flight use that up when each takes most of a
/// second, and more would only wait for budget.
const IN_FLIGHT: usize = 8;

/// Reads the tags of `accounts` into the organization.
///
/// What could not be read of one account is recorded in [`Organization::problems`], so that nothing is decided
/// on it.
///
/// # Errors
///
/// When the caller may not read tags at all.
pub async fn read_tags(
    client: &Client,
    accounts: &BTreeSet<AccountId>,
    organization: &mut Organization,
    events: &Sender<RolloutEvent>,
) -> Result<(), DiscoveryError> {
    let mut listed = stream::iter(accounts)
        .map(|account| async move { (account, list_tags(client, account).await) })
        .buffered(IN_FLIGHT);
    let mut read = 0;
    while let Some((account, tags)) = listed.next().await {
        match tags {
            Ok(tags) => {
                if let Some(account) = organization.accounts.get_mut(account) {
                    account.tags = Some(tags);
                }
            }
            Err(error @ DiscoveryError::AccessDenied { .. }) => return Err(error),
            Err(error) => organization.problems.push(error.on_one_line()),
        }
        read += 1;
        tell(events, DiscoveryEvent::Tags { read, of: accounts.len() }).await;
    }
    Ok(())
}

/// The one list of the service that takes no page size (aws-facts D1).
async fn list_tags(client: &Client, account: &AccountId) -> Result<BTreeMap<String, String>, DiscoveryError> {
    let reading = Reading::Tags(account.clone());
    let mut tags = BTreeMap::new();
    let mut pages = Pages::default();
    loop {
        let call = client.list_tags_for_resource().resource_id(account.as_str());
        let page = call.set_next_token(pages.token()).send().await;
        let page = page.map_err(|error| DiscoveryError::of_call(reading.clone(), &error))?;
        tags.extend(page.tags.into_iter().flatten().map(|tag| (tag.key, tag.value)));
        if !pages.turn(page.next_token, &reading)? {
            return Ok(tags);
        }
    }
}
