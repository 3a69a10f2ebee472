//! Asks for accounts: all of them, and those directly below a parent.

use std::time::SystemTime;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::Account;
use rollout_model::{DiscoveryEvent, RolloutEvent};
use tokio::sync::mpsc::Sender;

use crate::error::{DiscoveryError, Reading};
use crate::events::tell;
use crate::needed::{Frontier, Needed};
use crate::pages::{PAGE_SIZE, Pages};
use crate::readings::{AccountReading, ChildReading, Gap};

/// Lists all accounts, and passes on which lists of units they make needed.
pub(crate) async fn list_accounts(
    client: &Client,
    mut frontier: Frontier,
    needed: Sender<Needed>,
    events: &Sender<RolloutEvent>,
) -> Result<Vec<AccountReading>, DiscoveryError> {
    let mut accounts = Vec::new();
    let mut pages = Pages::default();
    loop {
        let call = client.list_accounts().max_results(PAGE_SIZE).set_next_token(pages.token());
        let page = call.send().await.map_err(|error| DiscoveryError::of_call(Reading::Accounts, &error))?;
        let page_before = accounts.len();
        accounts.extend(page.accounts.into_iter().flatten().map(account_reading));
        for next in frontier.advance(&accounts[page_before..]) {
            // Whoever lists the units does so for as long as this sender is there.
            let _ = needed.send(next).await;
        }
        tell(events, DiscoveryEvent::Accounts { read: accounts.len() }).await;
        if !pages.turn(page.next_token, &Reading::Accounts)? {
            return Ok(accounts);
        }
    }
}

pub(crate) async fn children_of(client: &Client, parent: String) -> (Vec<ChildReading>, Option<Gap>) {
    let mut children = Vec::new();
    let outcome = list_children(client, &parent, &mut children).await;
    (children, Gap::of(parent, outcome))
}

/// Keeps what was read before a page failed.
async fn list_children(
    client: &Client,
    parent: &str,
    children: &mut Vec<ChildReading>,
) -> Result<(), DiscoveryError> {
    let reading = Reading::AccountsBelow(parent.to_owned());
    let mut pages = Pages::default();
    loop {
        let call = client.list_accounts_for_parent().parent_id(parent).max_results(PAGE_SIZE);
        let page = call.set_next_token(pages.token()).send().await;
        let page = page.map_err(|error| DiscoveryError::of_call(reading.clone(), &error))?;
        let accounts = page.accounts.into_iter().flatten().map(account_reading);
        children.extend(accounts.map(|account| ChildReading { parent: parent.to_owned(), account }));
        if !pages.turn(page.next_token, &reading)? {
            return Ok(());
        }
    }
}

fn account_reading(account: Account) -> AccountReading {
    AccountReading {
        id: account.id.unwrap_or_default(),
        name: account.name.unwrap_or_default(),
        email: account.email.unwrap_or_default(),
        state: account.state.map(|state| state.as_str().to_owned()),
        status: account.status.map(|status| status.as_str().to_owned()),
        paths: account.paths.unwrap_or_default(),
        joined: account.joined_timestamp.and_then(|time| SystemTime::try_from(time).ok()),
    }
}
