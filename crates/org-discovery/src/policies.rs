//! Asks for service control policies.

use std::collections::BTreeSet;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::operation::describe_policy::DescribePolicyError;
use aws_sdk_organizations::operation::list_policies_for_target::ListPoliciesForTargetError;
use aws_sdk_organizations::operation::list_targets_for_policy::ListTargetsForPolicyError;
use aws_sdk_organizations::types::PolicyType;
use futures::{StreamExt, TryStreamExt, stream};
use rollout_model::{Organization, PolicyTarget, PolicyTargets, ServiceControlPolicy};

use crate::error::{DiscoveryError, Reading};
use crate::full_access::{FULL_ACCESS, Search, everywhere_but, search};
use crate::pages::{IN_FLIGHT, PAGE_SIZE, Pages};
use crate::root::list_root;

const SERVICE_CONTROL: PolicyType = PolicyType::ServiceControlPolicy;

/// Reads the service control policies and what in `organization` each is attached to; none where the organization
/// does not use them. A policy that is attached to nothing binds nobody and is left out.
///
/// It takes two calls for each policy, one more for every 20 places that it is attached to, and one for each of
/// those to learn whether `FullAWSAccess` is attached there too: five a second (aws-facts D4). Asking what binds
/// each account would take half an hour for 10,000 of them.
///
/// # Errors
///
/// When a policy cannot be read: half of them would allow what the others deny, and deny what they allow.
pub async fn service_control_policies(
    client: &Client,
    organization: &Organization,
) -> Result<Vec<ServiceControlPolicy>, DiscoveryError> {
    let types = list_root(client).await?.policy_types;
    if !types.iter().any(|policy_type| policy_type == SERVICE_CONTROL.as_str()) {
        return Ok(Vec::new());
    }
    let (full_access, others): (Vec<_>, Vec<_>) =
        list_policies(client).await?.into_iter().partition(|policy| policy.id == FULL_ACCESS);
    let others = stream::iter(others).map(|policy| attached(client, policy)).buffered(IN_FLIGHT);
    let mut policies: Vec<_> = others.try_filter_map(async |policy| Ok(policy)).try_collect().await?;
    for policy in full_access {
        let targets = targets_of_full_access(client, &policies, organization).await?;
        policies.extend(with_document(client, policy, targets).await?);
    }
    Ok(policies)
}

/// A policy by its names.
struct Named {
    id: String,
    name: String,
}

async fn list_policies(client: &Client) -> Result<Vec<Named>, DiscoveryError> {
    let mut policies = Vec::new();
    let mut pages = Pages::default();
    loop {
        let call = client.list_policies().filter(SERVICE_CONTROL).max_results(PAGE_SIZE);
        let page = call.set_next_token(pages.token()).send().await;
        let page = page.map_err(|error| DiscoveryError::of_call(Reading::Policies, &error))?;
        policies.extend(page.policies.into_iter().flatten().map(|policy| Named {
            id: policy.id.unwrap_or_default(),
            name: policy.name.unwrap_or_default(),
        }));
        if !pages.turn(page.next_token, &Reading::Policies)? {
            return Ok(policies);
        }
    }
}

/// The policy, unless it is attached to nothing or was deleted since it was listed.
async fn attached(client: &Client, policy: Named) -> Result<Option<ServiceControlPolicy>, DiscoveryError> {
    let targets = list_targets(client, &policy.id).await?;
    match targets.is_empty() {
        true => Ok(None),
        false => with_document(client, policy, PolicyTargets::At(targets)).await,
    }
}

/// The policy, unless it was deleted since it was listed.
async fn with_document(
    client: &Client,
    policy: Named,
    targets: PolicyTargets,
) -> Result<Option<ServiceControlPolicy>, DiscoveryError> {
    let Named { id, name } = policy;
    match client.describe_policy().policy_id(&id).send().await {
        Ok(described) => {
            let document = described.policy.and_then(|policy| policy.content).unwrap_or_default();
            Ok(Some(ServiceControlPolicy { id, name, document, targets }))
        }
        Err(error)
            if error.as_service_error().is_some_and(DescribePolicyError::is_policy_not_found_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(DiscoveryError::of_call(Reading::Policy(id), &error)),
    }
}

/// What a policy is attached to; nothing if it was deleted since it was listed.
async fn list_targets(client: &Client, policy: &str) -> Result<BTreeSet<PolicyTarget>, DiscoveryError> {
    let reading = Reading::PolicyTargets(policy.to_owned());
    let mut targets = BTreeSet::new();
    let mut pages = Pages::default();
    loop {
        let call = client.list_targets_for_policy().policy_id(policy).max_results(PAGE_SIZE);
        let page = match call.set_next_token(pages.token()).send().await {
            Ok(page) => page,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(ListTargetsForPolicyError::is_policy_not_found_exception) =>
            {
                return Ok(BTreeSet::new());
            }
            Err(error) => return Err(DiscoveryError::of_call(reading, &error)),
        };
        for target in page.targets.into_iter().flatten() {
            targets.insert(policy_target(&reading, &target.target_id.unwrap_or_default())?);
        }
        if !pages.turn(page.next_token, &reading)? {
            return Ok(targets);
        }
    }
}

fn policy_target(reading: &Reading, id: &str) -> Result<PolicyTarget, DiscoveryError> {
    match (id.parse(), id.parse()) {
        (Ok(account), _) => Ok(PolicyTarget::Account(account)),
        (_, Ok(parent)) => Ok(PolicyTarget::Parent(parent)),
        (_, Err(source)) => Err(DiscoveryError::UnusableId { reading: reading.clone(), source }),
    }
}

async fn targets_of_full_access(
    client: &Client,
    others: &[ServiceControlPolicy],
    organization: &Organization,
) -> Result<PolicyTargets, DiscoveryError> {
    let doubtful = match search(others, organization, PAGE_SIZE as usize) {
        Search::List => return list_targets(client, FULL_ACCESS).await.map(PolicyTargets::At),
        Search::Ask(doubtful) => doubtful,
    };
    let asked = stream::iter(doubtful).map(|target| has_full_access(client, target)).buffered(IN_FLIGHT);
    let without = asked.try_filter_map(async |(target, has_it)| Ok((!has_it).then_some(target)));
    Ok(everywhere_but(&without.try_collect().await?, organization))
}

/// Whether `FullAWSAccess` is attached to the target itself; not if the target left since it was listed.
async fn has_full_access(
    client: &Client,
    target: PolicyTarget,
) -> Result<(PolicyTarget, bool), DiscoveryError> {
    let reading = Reading::PoliciesAt(target.as_str().to_owned());
    let mut pages = Pages::default();
    loop {
        let call = client.list_policies_for_target().target_id(target.as_str()).filter(SERVICE_CONTROL);
        let page = match call.max_results(PAGE_SIZE).set_next_token(pages.token()).send().await {
            Ok(page) => page,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(ListPoliciesForTargetError::is_target_not_found_exception) =>
            {
                return Ok((target, false));
            }
            Err(error) => return Err(DiscoveryError::of_call(reading, &error)),
        };
        if page.policies.iter().flatten().any(|policy| policy.id() == Some(FULL_ACCESS)) {
            return Ok((target, true));
        }
        if !pages.turn(page.next_token, &reading)? {
            return Ok((target, false));
        }
    }
}
