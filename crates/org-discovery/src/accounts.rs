//! Asks for accounts: all of them, those directly below a parent, and one.

use std::time::SystemTime;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::Account;
use rollout_model::{AccountId, AccountState, DiscoveryEvent, RolloutEvent};
use tokio::sync::mpsc::Sender;

use crate::assemble::state_of;
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

/// How one account stands now; `None` when it is none of the organization. For the few that turn out to be shut
/// after the organization was read: AWS takes twenty such calls a second (aws-facts D4).
///
/// # Errors
///
/// When AWS does not say.
pub async fn account_state(
    client: &Client,
    account: &AccountId,
) -> Result<Option<AccountState>, DiscoveryError> {
    match client.describe_account().account_id(account.as_str()).send().await {
        Ok(answer) => Ok(answer.account.map(|account| state_of(&account_reading(account)))),
        Err(error)
            if error.as_service_error().is_some_and(|error| error.is_account_not_found_exception()) =>
        {
            Ok(None)
        }
        Err(error) => Err(DiscoveryError::of_call(Reading::Account(account.clone()), &error)),
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
