//! Reading stacks: descriptions, lists, events and resources.

use serde_json::{Value, json};

use super::stack::{Resource, Stack, StackEvent, StackStatus};
use super::stack_calls::{named, place};
use super::stack_set::optional_timestamp;
use super::{changes, errors, pages};
use crate::call::{Answer, Call};
use crate::input;
use crate::time::iso8601_millis;
use crate::world::World;

/// The service fixes the page size of these lists.
const PAGE_SIZE: usize = 100;

pub(super) fn describe(world: &World, call: &Call) -> Answer {
    if input::text(&call.input, "StackName").is_some() {
        let stack = world.cloudformation.stacks.get(named(world, call)?);
        return Ok(json!({"Stacks": [described(stack)]}));
    }
    let live = world
        .cloudformation
        .stacks
        .at(&place(call))
        .filter(|(_, stack)| stack.status != StackStatus::DeleteComplete)
        .map(|(index, stack)| (format!("{:09}", index.0), stack));
    let page = pages::page(call, &call.caller.account, PAGE_SIZE, live)?;
    Ok(with_token("Stacks", page.items.into_iter().map(described).collect(), page.next_token))
}

fn with_token(member: &str, items: Vec<Value>, token: Option<String>) -> Value {
    let mut answer = json!({});
    answer[member] = Value::Array(items);
    if let Some(token) = token {
        answer["NextToken"] = json!(token);
    }
    answer
}

fn described(stack: &Stack) -> Value {
    let mut described = json!({
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": iso8601_millis(stack.created),
        "StackStatus": stack.status.as_str(),
        "DisableRollback": stack.disable_rollback,
        "NotificationARNs": [],
        "Parameters": stack.definition.described_parameters(),
        "Capabilities": stack.definition.described_capabilities(),
        "Tags": stack.definition.described_tags(),
        "EnableTerminationProtection": stack.termination_protection,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "Outputs": changes::outputs(stack, &stack.definition),
        "RollbackConfiguration": {},
    });
    for (member, text) in [
        ("StackStatusReason", &stack.status_reason),
        ("Description", &stack.definition.template.description),
        ("RoleARN", &stack.role_arn),
        ("ChangeSetId", &stack.change_set_id),
    ] {
        if let Some(text) = text {
            described[member] = json!(text);
        }
    }
    optional_timestamp(&mut described, "LastUpdatedTime", stack.updated);
    optional_timestamp(&mut described, "DeletionTime", stack.deleted);
    described
}

pub(super) fn list(world: &World, call: &Call) -> Answer {
    let wanted = input::texts(&call.input, "StackStatusFilter");
    let shown = world
        .cloudformation
        .stacks
        .at(&place(call))
        .filter(|(_, stack)| wanted.is_empty() || wanted.iter().any(|status| status == stack.status.as_str()))
        .map(|(index, stack)| (format!("{:09}", index.0), stack));
    let page = pages::page(call, &call.caller.account, PAGE_SIZE, shown)?;
    Ok(with_token("StackSummaries", page.items.into_iter().map(summary).collect(), page.next_token))
}

fn summary(stack: &Stack) -> Value {
    let mut summary = json!({
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": iso8601_millis(stack.created),
        "StackStatus": stack.status.as_str(),
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    });
    if let Some(reason) = &stack.status_reason {
        summary["StackStatusReason"] = json!(reason);
    }
    if let Some(description) = &stack.definition.template.description {
        summary["TemplateDescription"] = json!(description);
    }
    optional_timestamp(&mut summary, "LastUpdatedTime", stack.updated);
    optional_timestamp(&mut summary, "DeletionTime", stack.deleted);
    summary
}

/// The newest event first.
pub(super) fn events(world: &World, call: &Call) -> Answer {
    let stack = world.cloudformation.stacks.get(named(world, call)?);
    let newest_first = stack
        .events
        .iter()
        .enumerate()
        .rev()
        .map(|(number, event)| (format!("{:09}", 999_999_999 - number), (number, event)));
    let page = pages::page(call, &stack.id, PAGE_SIZE, newest_first)?;
    let events =
        page.items.into_iter().map(|(number, event)| event_described(stack, number, event)).collect();
    Ok(with_token("StackEvents", events, page.next_token))
}

fn event_described(stack: &Stack, number: usize, event: &StackEvent) -> Value {
    let logical_id = event.logical_id.as_deref().unwrap_or(&stack.name);
    let mut described = json!({
        "StackId": stack.id,
        "EventId": format!("{logical_id}-{}-{number}", event.status),
        "StackName": stack.name,
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.resource_type,
        "Timestamp": iso8601_millis(event.at),
        "ResourceStatus": event.status,
    });
    if let Some(reason) = &event.reason {
        described["ResourceStatusReason"] = json!(reason);
    }
    described
}

/// The members that every description of a resource has; `changed` names the timestamp's member.
fn resource_described(logical_id: &str, resource: &Resource, changed: &str) -> Value {
    let mut described = json!({
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.resource_type.as_str(),
        "ResourceStatus": resource.status,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    });
    described[changed] = iso8601_millis(resource.changed);
    if let Some(reason) = &resource.status_reason {
        described["ResourceStatusReason"] = json!(reason);
    }
    described
}

fn of_stack(mut described: Value, stack: &Stack) -> Value {
    described["StackId"] = json!(stack.id);
    described["StackName"] = json!(stack.name);
    described
}

pub(super) fn resources(world: &World, call: &Call) -> Answer {
    let stack = world.cloudformation.stacks.get(named(world, call)?);
    let wanted = input::text(&call.input, "LogicalResourceId");
    let resources: Vec<Value> = stack
        .resources
        .iter()
        .filter(|(logical_id, _)| wanted.is_none_or(|wanted| logical_id.as_str() == wanted))
        .map(|(logical_id, resource)| of_stack(resource_described(logical_id, resource, "Timestamp"), stack))
        .collect();
    Ok(json!({"StackResources": resources}))
}

pub(super) fn resource(world: &World, call: &Call) -> Answer {
    let stack = world.cloudformation.stacks.get(named(world, call)?);
    let logical_id = input::required_text(&call.input, "LogicalResourceId")?;
    let resource = stack.resources.get(logical_id).ok_or_else(|| {
        errors::validation(format!("Resource {logical_id} does not exist for stack {}", stack.name))
    })?;
    let mut detail = of_stack(resource_described(logical_id, resource, "LastUpdatedTimestamp"), stack);
    let declared = stack.definition.template.resources.get(logical_id);
    detail["Metadata"] = json!(
        declared
            .and_then(|declared| declared.metadata.as_ref())
            .map_or_else(|| "{}".to_owned(), Value::to_string)
    );
    Ok(json!({"StackResourceDetail": detail}))
}

pub(super) fn list_resources(world: &World, call: &Call) -> Answer {
    let stack = world.cloudformation.stacks.get(named(world, call)?);
    let resources =
        stack.resources.iter().map(|(logical_id, resource)| (logical_id.clone(), (logical_id, resource)));
    let page = pages::page(call, &stack.id, PAGE_SIZE, resources)?;
    let summaries = page.items.into_iter();
    let summaries = summaries
        .map(|(logical_id, resource)| resource_described(logical_id, resource, "LastUpdatedTimestamp"));
    Ok(with_token("StackResourceSummaries", summaries.collect(), page.next_token))
}
