//! Asks for the organization itself and for its root.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::Root;

use crate::error::{DiscoveryError, Reading};
use crate::pages::{PAGE_SIZE, Pages};
use crate::readings::RootReading;

pub(crate) async fn describe_organization(client: &Client) -> Result<(String, String), DiscoveryError> {
    let described = client.describe_organization().send().await;
    let described = described.map_err(|error| DiscoveryError::of_call(Reading::Organization, &error))?;
    let organization = described.organization;
    let id = organization.as_ref().and_then(|organization| organization.id.clone());
    let management_account = organization.and_then(|organization| organization.master_account_id);
    Ok((id.unwrap_or_default(), management_account.unwrap_or_default()))
}

/// Organizations have exactly one root, but its page too may come after an empty one.
pub(crate) async fn list_root(client: &Client) -> Result<RootReading, DiscoveryError> {
    let mut pages = Pages::default();
    loop {
        let call = client.list_roots().max_results(PAGE_SIZE).set_next_token(pages.token());
        let page = call.send().await.map_err(|error| DiscoveryError::of_call(Reading::Roots, &error))?;
        if let Some(root) = page.roots.into_iter().flatten().next() {
            return Ok(root_reading(root));
        }
        if !pages.turn(page.next_token, &Reading::Roots)? {
            return Err(DiscoveryError::NoRoot);
        }
    }
}

fn root_reading(root: Root) -> RootReading {
    let policy_types = root.policy_types.into_iter().flatten().filter_map(|summary| summary.r#type);
    RootReading {
        id: root.id.unwrap_or_default(),
        name: root.name.unwrap_or_default(),
        policy_types: policy_types.map(|policy_type| policy_type.as_str().to_owned()).collect(),
    }
}
