//! The plain stack in the management account, which service-managed StackSets never reach (aws-facts A3, C).

use aws_failure::AwsFailure;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Capability, OnFailure, Stack, Tag, TemplateStage};
use rollout_model::{DeploymentStatus, ObservedStack, OperationId, StackDefinition, StackName};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::calls::failure;
use crate::error::DeployError;
use crate::observe::read_parameter;
use crate::stack_step::{StackNext, StackSnapshot, StackWatch};
use crate::translate;

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
    }))
}

/// Creates the stack and waits for it. A failed creation is deleted by AWS, so that the name stays free; the
/// stack is protected against deletion from the start (aws-facts C5). `None` as in [`settle`].
pub(crate) async fn create(
    client: &Client,
    wanted: &StackDefinition,
    token: &OperationId,
    stop: &CancellationToken,
) -> Result<Option<DeploymentStatus>, DeployError> {
    let created = client
        .create_stack()
        .stack_name(wanted.name.as_str())
        .template_body(&wanted.template)
        .set_parameters(Some(translate::parameters(&wanted.parameters)))
        .set_tags(Some(translate::tags(&wanted.tags)))
        .capabilities(Capability::CapabilityNamedIam)
        .on_failure(OnFailure::Delete)
        .enable_termination_protection(true)
        .client_request_token(token.as_str())
        .send()
        .await;
    match created {
        Ok(answer) => settle(client, &wanted.name, answer.stack_id(), stop).await,
        Err(error) => Ok(Some(refused(&failure(error)))),
    }
}

/// Updates the stack and waits for it. "No updates" is success (aws-facts C3). `None` as in [`settle`].
pub(crate) async fn update(
    client: &Client,
    wanted: &StackDefinition,
    token: &OperationId,
    stop: &CancellationToken,
) -> Result<Option<DeploymentStatus>, DeployError> {
    let updated = client
        .update_stack()
        .stack_name(wanted.name.as_str())
        .template_body(&wanted.template)
        .set_parameters(Some(translate::parameters(&wanted.parameters)))
        .set_tags(Some(translate::tags(&wanted.tags)))
        .capabilities(Capability::CapabilityNamedIam)
        .client_request_token(token.as_str())
        .send()
        .await;
    match updated.map_err(failure) {
        Ok(answer) => settle(client, &wanted.name, answer.stack_id(), stop).await,
        Err(refusal) if refusal.message().contains("No updates are to be performed") => {
            Ok(Some(DeploymentStatus::Deployed))
        }
        Err(refusal) => Ok(Some(refused(&refusal))),
    }
}

/// The management account alone is refused; the others can still go on.
fn refused(refusal: &AwsFailure) -> DeploymentStatus {
    DeploymentStatus::Failed(refusal.to_string())
}

/// Waits until the stack is in no transitional status. Asked by id, a deleted stack is still described.
/// `None` when the operator asked to stop first: the stack goes on in AWS.
async fn settle(
    client: &Client,
    name: &StackName,
    id: Option<&str>,
    stop: &CancellationToken,
) -> Result<Option<DeploymentStatus>, DeployError> {
    let stack_id = id.unwrap_or(name.as_str());
    let began = Instant::now();
    let mut watch = StackWatch::default();
    loop {
        let Some(stack) = describe(client, stack_id).await? else {
            return Ok(Some(DeploymentStatus::Failed("the stack is gone".to_owned())));
        };
        let status = status(&stack);
        let newest_event = newest_event(client, stack_id).await;
        let seen = StackSnapshot { status: status.to_owned(), newest_event };
        match watch.step(seen, began.elapsed()) {
            StackNext::Deployed => return Ok(Some(DeploymentStatus::Deployed)),
            StackNext::Failed => {
                return Ok(Some(DeploymentStatus::Failed(why(client, stack_id, status, &stack).await)));
            }
            StackNext::Stuck { unchanged_for } => {
                let (stack, status) = (name.clone(), status.to_owned());
                return Err(DeployError::StackStuck { stack, status, minutes: unchanged_for.as_secs() / 60 });
            }
            StackNext::PollAfter(pause) => tokio::select! {
                () = stop.cancelled() => return Ok(None),
                () = sleep(pause) => {}
            },
        }
    }
}

/// The newest event shows that a stack still moves. Without it there is the status alone, so a refusal does
/// no harm.
async fn newest_event(client: &Client, stack_id: &str) -> Option<String> {
    let events = client.describe_stack_events().stack_name(stack_id).send().await.ok()?;
    events.stack_events().first()?.event_id().map(str::to_owned)
}

/// The first failed event says why; what follows it is only the consequence.
async fn why(client: &Client, stack_id: &str, status: &str, stack: &Stack) -> String {
    let events = client.describe_stack_events().stack_name(stack_id).into_paginator().items().send();
    let events = events.collect::<Result<Vec<_>, _>>().await.unwrap_or_default();
    let failed = |event: &&aws_sdk_cloudformation::types::StackEvent| {
        event.resource_status().is_some_and(|status| status.as_str().ends_with("_FAILED"))
    };
    // Newest first.
    let first = events.iter().rev().find(failed).and_then(|event| event.resource_status_reason());
    let reason = first.or(stack.stack_status_reason()).unwrap_or("AWS gives no reason");
    format!("the stack is in {status}: {reason}")
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
