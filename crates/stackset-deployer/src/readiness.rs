//! The quotas that a deployment lives under, and what the caller may read.

use aws_failure::Tried;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::TemplateStage;
use rollout_model::{CallAs, Region, StackName, StackSetName};

use crate::calls::active_stack_sets;
use crate::error::DeployError;
use crate::others::unlisted;
use crate::translate;

/// StackSets in one account and Region (aws-facts G).
pub const STACK_SETS_QUOTA: usize = 1_000;

/// Stack instances of one StackSet (aws-facts G).
pub const STACK_INSTANCES_QUOTA: usize = 100_000;

/// Delegated administrators for StackSets in one organization (aws-facts A2).
pub const DELEGATED_ADMINISTRATORS_QUOTA: usize = 5;

/// How many StackSets there are in the account and Region.
///
/// # Errors
/// When they cannot be listed.
pub async fn count_stack_sets(
    client: &Client,
    region: &Region,
    call_as: CallAs,
) -> Result<usize, DeployError> {
    let listed = active_stack_sets(client, call_as).await;
    listed.map(|sets| sets.len()).map_err(|why| unlisted(region, why))
}

/// Tries to read whether trusted access is on, which a service-managed StackSet alone depends on.
pub async fn try_reading_access(client: &Client, call_as: CallAs) -> Tried {
    let call_as = translate::call_as(call_as);
    Tried::new(
        "cloudformation:DescribeOrganizationsAccess",
        client.describe_organizations_access().set_call_as(call_as).send().await,
    )
}

/// Tries every other reading action that this crate takes before the first write, once. What is named need not be there:
/// whoever may ask is told so.
pub async fn try_reads(
    client: &Client,
    call_as: CallAs,
    set: &StackSetName,
    stack: &StackName,
) -> Vec<Tried> {
    let call_as = translate::call_as(call_as);
    let (set, stack) = (set.as_str(), stack.as_str());
    let template = client.get_template().stack_name(stack).template_stage(TemplateStage::Original);
    vec![
        Tried::new(
            "cloudformation:ListStackSets",
            client.list_stack_sets().set_call_as(call_as.clone()).send().await,
        ),
        Tried::new(
            "cloudformation:DescribeStackSet",
            client.describe_stack_set().stack_set_name(set).set_call_as(call_as.clone()).send().await,
        ),
        Tried::new(
            "cloudformation:ListStackInstances",
            client.list_stack_instances().stack_set_name(set).set_call_as(call_as.clone()).send().await,
        ),
        Tried::new(
            "cloudformation:ListStackSetOperations",
            client.list_stack_set_operations().stack_set_name(set).set_call_as(call_as).send().await,
        ),
        Tried::new("cloudformation:DescribeStacks", client.describe_stacks().stack_name(stack).send().await),
        Tried::new("cloudformation:GetTemplate", template.send().await),
    ]
}
