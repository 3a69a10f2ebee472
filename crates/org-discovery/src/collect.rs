//! Asks the service and writes down what it says. Decides nothing.

use std::collections::HashSet;
use std::time::SystemTime;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::Account;
use futures::{StreamExt, stream};
use rollout_model::{DiscoveryEvent, RolloutEvent};
use tokio::sync::mpsc::Sender;

use crate::error::{DiscoveryError, Reading};
use crate::pages::Pages;
use crate::placement::paths_place_all;
use crate::readings::{AccountReading, ChildReading, Gap, Readings, RootReading, UnitReading};

/// The most that any list of the service gives at once (aws-facts D1).
const PAGE_SIZE: i32 = 20;

/// The calls below parents share five requests a second (aws-facts D4): four in flight use that up even when
/// each takes most of a second, and more would only wait for budget.
const IN_FLIGHT: usize = 4;

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

/// Sends an event. That nobody listens any more is no reason to stop reading.
pub(crate) async fn tell(events: &Sender<RolloutEvent>, event: DiscoveryEvent) {
    let _ = events.send(RolloutEvent::Discovery(event)).await;
}

async fn describe_organization(client: &Client) -> Result<(String, String), DiscoveryError> {
    let described = client.describe_organization().send().await;
    let described = described.map_err(|error| DiscoveryError::of_call(Reading::Organization, &error))?;
    let organization = described.organization;
    let id = organization.as_ref().and_then(|organization| organization.id.clone());
    let management_account = organization.and_then(|organization| organization.master_account_id);
    Ok((id.unwrap_or_default(), management_account.unwrap_or_default()))
}

/// Organizations have exactly one root, but its page too may come after an empty one.
async fn list_root(client: &Client) -> Result<RootReading, DiscoveryError> {
    let mut pages = Pages::default();
    loop {
        let call = client.list_roots().max_results(PAGE_SIZE).set_next_token(pages.token());
        let page = call.send().await.map_err(|error| DiscoveryError::of_call(Reading::Roots, &error))?;
        if let Some(root) = page.roots.into_iter().flatten().next() {
            return Ok(RootReading { id: root.id.unwrap_or_default(), name: root.name.unwrap_or_default() });
        }
        if !pages.turn(page.next_token, &Reading::Roots)? {
            return Err(DiscoveryError::NoRoot);
        }
    }
}

async fn list_accounts(
    client: &Client,
    events: &Sender<RolloutEvent>,
) -> Result<Vec<AccountReading>, DiscoveryError> {
    let mut accounts = Vec::new();
    let mut pages = Pages::default();
    loop {
        let call = client.list_accounts().max_results(PAGE_SIZE).set_next_token(pages.token());
        let page = call.send().await.map_err(|error| DiscoveryError::of_call(Reading::Accounts, &error))?;
        accounts.extend(page.accounts.into_iter().flatten().map(account_reading));
        tell(events, DiscoveryEvent::Accounts { read: accounts.len() }).await;
        if !pages.turn(page.next_token, &Reading::Accounts)? {
            return Ok(accounts);
        }
    }
}

/// The tree of units, level by level. A unit that is listed twice is descended into once.
async fn walk_units(
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
    (units, gap(parent, outcome))
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
        }));
        if !pages.turn(page.next_token, &reading)? {
            return Ok(());
        }
    }
}

async fn children_of(client: &Client, parent: String) -> (Vec<ChildReading>, Option<Gap>) {
    let mut children = Vec::new();
    let outcome = list_children(client, &parent, &mut children).await;
    (children, gap(parent, outcome))
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

fn gap(parent: String, outcome: Result<(), DiscoveryError>) -> Option<Gap> {
    outcome.err().map(|error| Gap { parent, problem: error.on_one_line() })
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
