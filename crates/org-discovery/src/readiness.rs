//! What has to be so before anything is rolled out: the kind of organization, who administers StackSets in it, and
//! what the caller may read.

use std::collections::BTreeSet;

use aws_failure::Tried;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Account, AccountState, OrganizationFeatureSet, PolicyType};
use rollout_model::AccountId;

use crate::error::{DiscoveryError, Reading};
use crate::full_access::FULL_ACCESS;
use crate::pages::{PAGE_SIZE, Pages};

/// The service principal by which StackSets is known to Organizations, for trusted access and for delegation
/// (aws-facts A2).
pub const STACK_SETS_PRINCIPAL: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// An organization, as any of its members may ask for it (aws-facts D1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationIdentity {
    /// Begins with `o-`.
    pub id: String,
    /// The account that owns it.
    pub management_account: AccountId,
    /// Whether it has all features, which service-managed StackSets need (aws-facts A1).
    pub has_all_features: bool,
}

/// Asks which organization the caller is in.
///
/// # Errors
/// When the caller is in none, or may not ask.
pub async fn identify(client: &Client) -> Result<OrganizationIdentity, DiscoveryError> {
    let reading = Reading::Organization;
    let described = client.describe_organization().send().await;
    let described = described.map_err(|error| DiscoveryError::of_call(reading.clone(), &error))?;
    let organization = described.organization();
    let management_account = organization.and_then(|organization| organization.master_account_id());
    let management_account = management_account.unwrap_or_default().parse();
    Ok(OrganizationIdentity {
        id: organization.and_then(|organization| organization.id()).unwrap_or_default().to_owned(),
        management_account: management_account
            .map_err(|source| DiscoveryError::UnusableId { reading, source })?,
        has_all_features: organization.and_then(|organization| organization.feature_set())
            == Some(&OrganizationFeatureSet::All),
    })
}

/// The accounts that administer StackSets beside the management account.
///
/// # Errors
/// When they cannot be listed: members that administer nothing may not ask (aws-facts D1).
pub async fn delegated_administrators(client: &Client) -> Result<BTreeSet<AccountId>, DiscoveryError> {
    let reading = Reading::DelegatedAdministrators;
    let mut administrators = BTreeSet::new();
    let mut pages = Pages::default();
    loop {
        let call = client.list_delegated_administrators().service_principal(STACK_SETS_PRINCIPAL);
        let page = call.max_results(PAGE_SIZE).set_next_token(pages.token()).send().await;
        let page = page.map_err(|error| DiscoveryError::of_call(reading.clone(), &error))?;
        for administrator in page.delegated_administrators() {
            let id = administrator.id().unwrap_or_default().parse();
            administrators.insert(
                id.map_err(|source| DiscoveryError::UnusableId { reading: reading.clone(), source })?,
            );
        }
        if !pages.turn(page.next_token, &reading)? {
            return Ok(administrators);
        }
    }
}

/// An account of the organization that is in use and not `ours`, from the first page of accounts; to try something in.
pub async fn another_account(client: &Client, ours: &AccountId) -> Option<AccountId> {
    let page = client.list_accounts().max_results(PAGE_SIZE).send().await.ok()?;
    // Whether every answer carries the newer `State` is [unsure] (aws-facts D3).
    let is_active = |account: &&Account| account.state().is_none_or(|state| *state == AccountState::Active);
    let ids = page.accounts().iter().filter(is_active).filter_map(|account| account.id()?.parse().ok());
    ids.into_iter().find(|id| id != ours)
}

/// Tries every action that reading an organization takes, once. `account` is one of it.
pub async fn try_reads(client: &Client, account: &AccountId) -> Vec<Tried> {
    let account = account.as_str();
    let scp = PolicyType::ServiceControlPolicy;
    let roots = client.list_roots().send().await;
    let root = roots.as_ref().ok().and_then(|answer| answer.roots().first()?.id().map(str::to_owned));
    // Of a root that is not there: whoever may ask is told so, and whoever may not is not.
    let root = root.unwrap_or_else(|| "r-0000".to_owned());
    vec![
        Tried::new("organizations:DescribeOrganization", client.describe_organization().send().await),
        Tried::new(
            "organizations:DescribeAccount",
            client.describe_account().account_id(account).send().await,
        ),
        Tried::new("organizations:ListRoots", roots),
        Tried::new("organizations:ListAccounts", client.list_accounts().send().await),
        Tried::new(
            "organizations:ListAccountsForParent",
            client.list_accounts_for_parent().parent_id(&root).send().await,
        ),
        Tried::new(
            "organizations:ListOrganizationalUnitsForParent",
            client.list_organizational_units_for_parent().parent_id(&root).send().await,
        ),
        Tried::new(
            "organizations:ListTagsForResource",
            client.list_tags_for_resource().resource_id(account).send().await,
        ),
        Tried::new("organizations:ListPolicies", client.list_policies().filter(scp.clone()).send().await),
        Tried::new(
            "organizations:ListPoliciesForTarget",
            client.list_policies_for_target().target_id(account).filter(scp).send().await,
        ),
        Tried::new(
            "organizations:ListTargetsForPolicy",
            client.list_targets_for_policy().policy_id(FULL_ACCESS).send().await,
        ),
        Tried::new(
            "organizations:DescribePolicy",
            client.describe_policy().policy_id(FULL_ACCESS).send().await,
        ),
    ]
}
