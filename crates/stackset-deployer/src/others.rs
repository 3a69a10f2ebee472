//! The StackSets that are not ours: what they make may stand in the way of what ours will make.

use std::collections::{BTreeMap, BTreeSet};

use aws_failure::AwsFailure;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::StackSetSummary;
use futures::{StreamExt, stream};
use rollout_model::{CallAs, ParameterValue, Region, StackSetName};

use crate::calls::{StackSets, active_stack_sets};
use crate::error::DeployError;
use crate::limits::{OTHERS_AT_ONCE, OTHERS_DESCRIBED};
use crate::observe::read_parameter;
use crate::pages::Unlisted;

/// The other StackSets of the account and Region. A set lives in one Region (aws-facts A15), so those of other
/// home Regions are not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherStackSets {
    /// Those that could be described, by name.
    pub described: Vec<OtherStackSet>,
    /// Those that could not, and why.
    pub not_seen: BTreeMap<StackSetName, String>,
    /// How many more there are than a plan has the time to look at.
    pub not_looked_at: usize,
}

/// What a StackSet deploys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherStackSet {
    /// Its name.
    pub name: StackSetName,
    /// As it was sent.
    pub template: String,
    /// The parameters, with the values of those that AWS does not mask.
    pub parameters: BTreeMap<String, Option<ParameterValue>>,
}

/// Describes every active StackSet but `ours`. One that cannot be described is listed as not seen: an operator
/// may well be allowed to look at the rollout's own set alone. Writes nothing.
///
/// # Errors
/// When the sets cannot be listed.
pub async fn other_stack_sets(
    client: &Client,
    ours: &StackSetName,
    region: &Region,
    call_as: CallAs,
) -> Result<OtherStackSets, DeployError> {
    let listed = active_stack_sets(client, call_as).await.map_err(|why| unlisted(region, why))?;
    let (names, not_looked_at) = to_describe(&listed, ours);
    let descriptions = stream::iter(&names)
        .map(|name| async move { (name, describe(&StackSets::new(client, name, region, call_as)).await) })
        .buffered(OTHERS_AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let mut others = OtherStackSets { not_looked_at, ..OtherStackSets::default() };
    for (name, description) in descriptions {
        match description {
            Ok(described) => others.described.extend(described),
            Err(failure) => {
                others.not_seen.insert(name.clone(), failure.to_string());
            }
        }
    }
    Ok(others)
}

/// `None` for a set that was deleted since it was listed.
async fn describe(sets: &StackSets<'_>) -> Result<Option<OtherStackSet>, AwsFailure> {
    let described = sets.describe().await?;
    Ok(described.map(|set| OtherStackSet {
        name: sets.name.clone(),
        template: set.template_body().unwrap_or_default().to_owned(),
        parameters: set.parameters().iter().filter_map(read_parameter).collect(),
    }))
}

/// The first names, and how many are left over. AWS's own names are trusted to be valid.
fn to_describe(listed: &[StackSetSummary], ours: &StackSetName) -> (Vec<StackSetName>, usize) {
    let names = listed.iter().filter_map(|set| set.stack_set_name()?.parse().ok());
    let names: BTreeSet<StackSetName> = names.filter(|name| name != ours).collect();
    let left_over = names.len().saturating_sub(OTHERS_DESCRIBED);
    (names.into_iter().take(OTHERS_DESCRIBED).collect(), left_over)
}

pub(crate) fn unlisted(region: &Region, why: Unlisted) -> DeployError {
    match why {
        Unlisted::Call(source) => {
            DeployError::Call { doing: format!("list the StackSets in {region}"), source }
        }
        Unlisted::RepeatedToken => DeployError::Endless { list: format!("the StackSets in {region}") },
    }
}
