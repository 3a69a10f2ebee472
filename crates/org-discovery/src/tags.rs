//! Asks for the tags of accounts.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::Client;
use futures::{StreamExt, stream};
use rollout_model::{AccountId, DiscoveryEvent, Organization, RolloutEvent};
use tokio::sync::mpsc::Sender;

use crate::error::{DiscoveryError, Reading};
use crate::events::tell;
use crate::pages::Pages;

/// AWS allows ten of these calls a second (aws-facts D4): eight in flight use that up even when each takes most
/// of a second.
const IN_FLIGHT: usize = 8;

/// Reads the tags of `accounts`, and of no others: it takes a call for each, a second for every ten.
///
/// An account whose tags cannot be read, having left the organization perhaps, keeps none and is recorded in
/// [`Organization::problems`]: nobody may decide as if it had none.
///
/// # Errors
///
/// When no account's tags can be read, for lack of permission or because there is no organization any more.
pub async fn read_tags(
    client: &Client,
    accounts: &BTreeSet<AccountId>,
    organization: &mut Organization,
    events: &Sender<RolloutEvent>,
) -> Result<(), DiscoveryError> {
    let mut problems = BTreeMap::new();
    let of_all = stream::iter(accounts.clone()).map(|account| tags_of(client, account));
    let mut of_all = of_all.buffer_unordered(IN_FLIGHT).enumerate();
    while let Some((before, (account, tags))) = of_all.next().await {
        match tags {
            Ok(tags) => {
                organization.accounts.entry(account).and_modify(|account| account.tags = Some(tags));
            }
            Err(error) if error.is_of_every_call() => return Err(error),
            Err(error) => _ = problems.insert(account, error.on_one_line()),
        }
        tell(events, DiscoveryEvent::Tags { read: before + 1, of: accounts.len() }).await;
    }
    organization.problems.extend(problems.into_values());
    Ok(())
}

async fn tags_of(
    client: &Client,
    account: AccountId,
) -> (AccountId, Result<BTreeMap<String, String>, DiscoveryError>) {
    let tags = list_tags(client, &account).await;
    (account, tags)
}

/// The one list of the service whose pages have no size to ask for (aws-facts D1).
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
