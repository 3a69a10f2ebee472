//! Letting an event happen in the world, by the calls that somebody there would make.

use serde_json::{Value, json};

use super::events::{EventIndex, Happening, OperatorAction};
use crate::call::{ApiError, Call, Caller, CallerKind, Service};
use crate::world::World;
use crate::{cloudformation, organizations};

/// Lets an event happen now. What is in its way is kept with it.
pub(crate) fn happen(world: &mut World, event: EventIndex) {
    let happening = world.faults.happening(event);
    if let Err(problem) = carry_out(world, happening) {
        tracing::warn!(problem, "an event of the faults came to nothing");
        world.faults.event_failed(event, problem);
    }
}

fn carry_out(world: &mut World, happening: Happening) -> Result<(), String> {
    match happening {
        Happening::Move { account, to } => move_account(world, &account, &to),
        Happening::Close { account } => {
            let management = management_account(world)?;
            organizations_call(world, &management, "CloseAccount", json!({"AccountId": account}))
        }
        Happening::Suspend { account } => match organizations::suspend(world, &account) {
            true => Ok(()),
            false => Err(format!("the organization has no account {account}")),
        },
        Happening::Add { name, unit } => {
            let unit = find_parent(world, &unit)?;
            organizations::add_account(world, &name, &unit);
            Ok(())
        }
        Happening::Operation { stack_set, action, id } => operate(world, &stack_set, action, id),
        Happening::DeleteStack { account, stack_set } => delete_stack(world, &account, &stack_set),
        Happening::Call { account, service, operation, region, input } => {
            call(world, &account, service, &operation, &region, input).map(drop)
        }
    }
}

fn move_account(world: &mut World, account: &str, to: &str) -> Result<(), String> {
    let management = management_account(world)?;
    let to = find_parent(world, to)?;
    let from = world.organization.as_ref().and_then(|organization| organization.parent_of(account));
    let from = from.ok_or_else(|| format!("the organization has no account {account}"))?.to_owned();
    let input = json!({"AccountId": account, "SourceParentId": from, "DestinationParentId": to});
    organizations_call(world, &management, "MoveAccount", input)
}

fn operate(
    world: &mut World,
    stack_set: &str,
    action: OperatorAction,
    id: Option<String>,
) -> Result<(), String> {
    let (owner, region) = home(world, stack_set)?;
    let mut cloudformation = |operation: &str, mut input: Value| {
        input["StackSetName"] = json!(stack_set);
        call(world, &owner, Service::CloudFormation, operation, &region, input)
    };
    let (operation, mut input) = match action {
        OperatorAction::DetectDrift => ("DetectStackSetDrift", json!({})),
        OperatorAction::Update => {
            let described = cloudformation("DescribeStackSet", json!({}))?;
            ("UpdateStackSet", as_it_is(&described["StackSet"]))
        }
    };
    if let Some(id) = id {
        input["OperationId"] = json!(id);
    }
    cloudformation(operation, input).map(drop)
}

/// An update that changes nothing, and visits every instance all the same (aws-facts A8).
fn as_it_is(stack_set: &Value) -> Value {
    let parameters = stack_set["Parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let kept =
        |parameter: &Value| json!({"ParameterKey": parameter["ParameterKey"], "UsePreviousValue": "true"});
    json!({
        "UsePreviousTemplate": "true",
        "Parameters": parameters.iter().map(kept).collect::<Value>(),
        "Capabilities": stack_set["Capabilities"],
    })
}

fn delete_stack(world: &mut World, account: &str, stack_set: &str) -> Result<(), String> {
    let (owner, region) = home(world, stack_set)?;
    let list = json!({"StackSetName": stack_set, "StackInstanceAccount": account});
    let listed = call(world, &owner, Service::CloudFormation, "ListStackInstances", &region, list)?;
    let instances = listed["Summaries"].as_array().cloned().unwrap_or_default();
    let mut stacks = instances
        .iter()
        .filter_map(|instance| Some((instance["Region"].as_str()?, instance.get("StackId")?)));
    let (region, stack) =
        stacks.next().ok_or_else(|| format!("`{stack_set}` has no stack in account {account}"))?;
    let input = json!({"StackName": stack});
    call(world, account, Service::CloudFormation, "DeleteStack", region, input).map(drop)
}

/// Who owns a StackSet, and the Region that it lives in.
fn home(world: &World, stack_set: &str) -> Result<(String, String), String> {
    cloudformation::home(world, stack_set).ok_or_else(|| format!("there is no StackSet `{stack_set}`"))
}

fn management_account(world: &World) -> Result<String, String> {
    let organization = world.organization.as_ref().ok_or("there is no organization")?;
    Ok(organization.management_account().to_owned())
}

fn find_parent(world: &World, parent: &str) -> Result<String, String> {
    let organization = world.organization.as_ref().ok_or("there is no organization")?;
    organization.find_parent(parent).ok_or_else(|| format!("there is no organizational unit `{parent}`"))
}

fn organizations_call(
    world: &mut World,
    management: &str,
    operation: &str,
    input: Value,
) -> Result<(), String> {
    call(world, management, Service::Organizations, operation, "us-east-1", input).map(drop)
}

/// A call by somebody in the account whom no policy binds.
fn call(
    world: &mut World,
    account: &str,
    service: Service,
    operation: &str,
    region: &str,
    input: Value,
) -> Result<Value, String> {
    let caller = Caller {
        account: account.to_owned(),
        arn: format!("arn:aws:iam::{account}:user/somebody"),
        user_id: "somebody".to_owned(),
        kind: CallerKind::Service { principal: "somebody".to_owned() },
    };
    let (operation, region) = (operation.to_owned(), region.to_owned());
    let answer = world.call(&Call { service, operation, region, caller, input });
    answer.map_err(|ApiError { code, message, .. }| format!("{code}: {message}"))
}
