//! Asks for the service control policies and what they are attached to.

use std::collections::BTreeSet;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{PolicyTargetSummary, PolicyType, TargetType};
use futures::{StreamExt, TryStreamExt, stream};
use iam_policy::{Effect, PolicyDocument, Statement};
use rollout_model::{PolicyTarget, PolicyTargets, ServiceControlPolicy};

use crate::error::{DiscoveryError, Reading};
use crate::pages::{IN_FLIGHT, PAGE_SIZE, Pages};

/// The policy that AWS attaches to everything, and that allows everything.
const FULL_ACCESS: &str = "p-FullAWSAccess";

/// Every service control policy of the organization; none where they are not in use.
///
/// Asked for by policy and not by account, so that the calls grow with the policies: to ask for those of 10,000
/// accounts would take half an hour (aws-facts D4). To what AWS's own policy of full access is attached takes a
/// page for every twenty accounts and units, and is asked only where another policy allows anything: where all
/// others deny, nothing would work without it, so it is attached everywhere.
///
/// # Errors
///
/// When a policy cannot be read, or the caller may not read them: a delegated administrator often may not.
pub async fn service_control_policies(client: &Client) -> Result<Vec<ServiceControlPolicy>, DiscoveryError> {
    let listed = list(client).await?;
    let (full, own): (Vec<_>, Vec<_>) = listed.into_iter().partition(|(id, _)| id == FULL_ACCESS);
    let own = stream::iter(own).map(|policy| read(client, policy, targets)).buffered(IN_FLIGHT);
    let mut policies: Vec<ServiceControlPolicy> = own.try_collect().await?;
    let is_listed = policies.iter().any(|policy| allows_something(&policy.document));
    for policy in full {
        policies.push(match is_listed {
            true => read(client, policy, targets).await?,
            false => read(client, policy, everywhere).await?,
        });
    }
    Ok(policies)
}

async fn read(
    client: &Client,
    (id, name): (String, String),
    targets: impl AsyncFn(&Client, &str) -> Result<PolicyTargets, DiscoveryError>,
) -> Result<ServiceControlPolicy, DiscoveryError> {
    let (document, targets) = futures::try_join!(document(client, &id), targets(client, &id))?;
    Ok(ServiceControlPolicy { id, name, document, targets })
}

/// A document that cannot be read may.
fn allows_something(document: &str) -> bool {
    let allows = |statement: &Statement| statement.effect == Effect::Allow;
    PolicyDocument::parse(document).map_or(true, |document| document.statements.iter().any(allows))
}

async fn everywhere(_: &Client, _: &str) -> Result<PolicyTargets, DiscoveryError> {
    Ok(PolicyTargets::Everywhere)
}

/// Ids and names. That the type is not switched on is no error: then there are none that bind.
async fn list(client: &Client) -> Result<Vec<(String, String)>, DiscoveryError> {
    let mut policies = Vec::new();
    let mut pages = Pages::default();
    loop {
        let call = client.list_policies().filter(PolicyType::ServiceControlPolicy).max_results(PAGE_SIZE);
        let page = match call.set_next_token(pages.token()).send().await {
            Ok(page) => page,
            Err(error) if is_not_in_use(error.as_service_error().and_then(|error| error.meta().code())) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(DiscoveryError::of_call(Reading::Policies, &error)),
        };
        let found = page.policies.into_iter().flatten();
        policies.extend(found.filter_map(|policy| Some((policy.id?, policy.name.unwrap_or_default()))));
        if !pages.turn(page.next_token, &Reading::Policies)? {
            return Ok(policies);
        }
    }
}

/// An organization without all features has no policies, and says so in one of these ways (aws-facts D2).
fn is_not_in_use(code: Option<&str>) -> bool {
    matches!(code, Some("PolicyTypeNotEnabledException" | "PolicyTypeNotAvailableForOrganizationException"))
}

async fn document(client: &Client, policy: &str) -> Result<String, DiscoveryError> {
    let reading = Reading::Policy(policy.to_owned());
    let answer = client.describe_policy().policy_id(policy).send().await;
    let answer = answer.map_err(|error| DiscoveryError::of_call(reading, &error))?;
    Ok(answer.policy.and_then(|policy| policy.content).unwrap_or_default())
}

async fn targets(client: &Client, policy: &str) -> Result<PolicyTargets, DiscoveryError> {
    let reading = Reading::PolicyTargets(policy.to_owned());
    let mut targets = BTreeSet::new();
    let mut pages = Pages::default();
    loop {
        let call = client.list_targets_for_policy().policy_id(policy).max_results(PAGE_SIZE);
        let page = call.set_next_token(pages.token()).send().await;
        let page = page.map_err(|error| DiscoveryError::of_call(reading.clone(), &error))?;
        for target in page.targets.into_iter().flatten() {
            targets.extend(policy_target(&target, &reading)?);
        }
        if !pages.turn(page.next_token, &reading)? {
            return Ok(PolicyTargets::At(targets));
        }
    }
}

/// A kind of target that this version does not know is none that an account sits in.
fn policy_target(
    target: &PolicyTargetSummary,
    reading: &Reading,
) -> Result<Option<PolicyTarget>, DiscoveryError> {
    let id = target.target_id().unwrap_or_default();
    let target = match target.r#type() {
        Some(TargetType::Account) => id.parse().map(PolicyTarget::Account),
        Some(TargetType::Root | TargetType::OrganizationalUnit) => id.parse().map(PolicyTarget::Parent),
        _ => return Ok(None),
    };
    target.map(Some).map_err(|source| DiscoveryError::UnusableId { reading: reading.clone(), source })
}
