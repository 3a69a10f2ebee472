//! The plain stack in the management account, which service-managed StackSets never reach (aws-facts A3, C).

mod change_set;
mod delete;
mod deploy;
mod settle;
mod step;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{ResourceStatus, Stack, StackEvent, Tag, TemplateStage};
use rollout_model::{ObservedStack, StackName};

pub(crate) use delete::take_away;
pub(crate) use deploy::{Bring, How, bring};
pub(crate) use settle::wait_until_settled;

use crate::calls::failure;
use crate::error::DeployError;
use crate::observe::read_parameter;

/// The stack of that name, if there is one.
pub(crate) async fn observe(client: &Client, name: &StackName) -> Result<Option<ObservedStack>, DeployError> {
    let Some(stack) = describe(client, name.as_str()).await? else { return Ok(None) };
    let template = client.get_template().stack_name(name.as_str()).template_stage(TemplateStage::Original);
    let template = template.send().await.map_err(|error| DeployError::Call {
        doing: format!("read the template of the stack `{name}`"),
        source: failure(error),
    })?;
    let tag = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()));
    Ok(Some(ObservedStack {
        status: status(&stack).to_owned(),
        template: template.template_body().unwrap_or_default().to_owned(),
        parameters: stack.parameters().iter().filter_map(read_parameter).collect(),
        tags: stack.tags().iter().filter_map(tag).collect(),
        is_protected: stack.enable_termination_protection().unwrap_or(false),
    }))
}

/// The first failed event says why. What follows it is only the consequence, but for a deletion that failed: it
/// leaves something behind.
async fn why(client: &Client, stack_id: &str, status: &str, stack: &Stack) -> String {
    let known = stack.stack_status_reason().unwrap_or("AWS gives no reason");
    let events = client.describe_stack_events().stack_name(stack_id).into_paginator().items().send();
    let events = match events.collect::<Result<Vec<_>, _>>().await.map_err(failure) {
        Ok(events) => events,
        Err(refusal) => {
            return format!(
                "the stack is in {status}: {known}; its events, which say why, could not be read: {refusal}"
            );
        }
    };
    let failed = |event: &&StackEvent| {
        event.resource_status().is_some_and(|status| status.as_str().ends_with("_FAILED"))
    };
    // Newest first.
    let first = events.iter().rev().find(failed);
    let reason = first.and_then(|event| event.resource_status_reason()).unwrap_or(known);
    let left = events.iter().find(|event| event.resource_status() == Some(&ResourceStatus::DeleteFailed));
    let left = left.and_then(|event| event.resource_status_reason()).filter(|left| *left != reason);
    let left = left.map(|left| format!("; and it could not be taken back: {left}")).unwrap_or_default();
    format!("the stack is in {status}: {reason}{left}")
}

/// A missing stack is an untyped `ValidationError` (aws-facts C1), known only by its message.
async fn describe(client: &Client, name_or_id: &str) -> Result<Option<Stack>, DeployError> {
    match client.describe_stacks().stack_name(name_or_id).send().await.map_err(failure) {
        Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next()),
        Err(refusal) if refusal.message().contains("does not exist") => Ok(None),
        Err(source) => Err(DeployError::Call { doing: format!("describe the stack `{name_or_id}`"), source }),
    }
}

fn status(stack: &Stack) -> &str {
    stack.stack_status().map_or("no status", |status| status.as_str())
}
