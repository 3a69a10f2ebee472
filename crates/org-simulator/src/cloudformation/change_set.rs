//! Change sets of plain stacks, which `aws cloudformation deploy` goes by.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::agenda::Due;
use super::changes::{self, PlannedChange};
use super::definition::Definition;
use super::stack::{Stack, StackIndex, StackStatus};
use super::stack_run::{self, OnFailure, Step};
use super::{errors, pages, stack_calls};
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::time::iso8601_millis;
use crate::world::World;

/// How long computing a change set takes, in seconds.
const COMPUTING_SECONDS: i64 = 3;
const PAGE_SIZE: usize = 100;
const DELETED: &str = "DELETE_COMPLETE";
const AVAILABLE: &str = "AVAILABLE";
const EXECUTED: &str = "EXECUTE_COMPLETE";
const NO_CHANGES: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

/// One change set.
#[derive(Debug)]
pub(super) struct ChangeSet {
    id: String,
    name: String,
    description: Option<String>,
    created: Timestamp,
    /// `CREATE_PENDING`, `CREATE_COMPLETE`, `FAILED` or `DELETE_COMPLETE`.
    status: &'static str,
    /// `UNAVAILABLE`, `AVAILABLE`, `EXECUTE_COMPLETE` or `OBSOLETE`.
    execution_status: &'static str,
    reason: Option<String>,
    target: Definition,
    changes: Vec<PlannedChange>,
}

impl ChangeSet {
    /// One that was executed is not listed any more, and another may have its name; it can still be described.
    fn holds_its_name(&self) -> bool {
        self.status != DELETED && self.execution_status != EXECUTED
    }

    fn summary(&self, stack: &Stack) -> Value {
        let mut summary = json!({
            "StackId": stack.id,
            "StackName": stack.name,
            "ChangeSetId": self.id,
            "ChangeSetName": self.name,
            "ExecutionStatus": self.execution_status,
            "Status": self.status,
            "CreationTime": iso8601_millis(self.created),
        });
        for (member, text) in [("StatusReason", &self.reason), ("Description", &self.description)] {
            if let Some(text) = text {
                summary[member] = json!(text);
            }
        }
        summary
    }
}

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let input = &call.input;
    let stack_name = input::required_text(input, "StackName")?;
    let name = input::required_text(input, "ChangeSetName")?.to_owned();
    stack_calls::check_name("changeSetName", &name)?;
    let existing = world.cloudformation.stacks.find(&stack_calls::place(call), stack_name);
    let index = match (input::text(input, "ChangeSetType").unwrap_or("UPDATE"), existing) {
        ("CREATE", None) => review(world, call, stack_name)?,
        ("CREATE", Some(index))
            if world.cloudformation.stacks.get(index).status == StackStatus::ReviewInProgress =>
        {
            index
        }
        ("CREATE", Some(_)) => {
            return Err(errors::validation(format!(
                "Stack [{stack_name}] already exists and cannot be created again with the changeSet [{name}]."
            )));
        }
        ("UPDATE", Some(index)) => index,
        ("UPDATE", None) => return Err(errors::validation(format!("Stack [{stack_name}] does not exist"))),
        (other, _) => return Err(errors::not_in_enum("changeSetType", other, &["CREATE", "UPDATE"])),
    };
    let stack = world.cloudformation.stacks.get(index);
    let target = if stack.status == StackStatus::ReviewInProgress {
        stack_calls::definition_to_create(input)?
    } else {
        stack_calls::check_updatable(stack)?;
        stack_calls::definition_to_update(stack, input)?
    };
    if stack.change_sets.iter().any(|other| other.name == name && other.holds_its_name()) {
        return Err(crate::call::ApiError::new(
            "AlreadyExistsException",
            400,
            format!("ChangeSet {name} cannot be created due to a mismatch with existing attribute Name"),
        ));
    }
    let change_set = ChangeSet {
        id: format!(
            "arn:aws:cloudformation:{}:{}:changeSet/{name}/{}",
            stack.region,
            stack.account,
            world.ids.uuid()
        ),
        name,
        description: input::text(input, "Description").map(str::to_owned),
        created: world.now,
        status: "CREATE_PENDING",
        execution_status: "UNAVAILABLE",
        reason: None,
        target,
        changes: Vec::new(),
    };
    let now = world.now;
    let stack = world.cloudformation.stacks.get_mut(index);
    let answer = json!({"Id": change_set.id, "StackId": stack.id});
    stack.change_sets.push(change_set);
    let due = Due::ChangeSet { stack: index, change_set: stack.change_sets.len() - 1 };
    world.cloudformation.agenda.after(now, COMPUTING_SECONDS, due);
    Ok(answer)
}

/// A stack that exists for its first change set only.
fn review(world: &mut World, call: &Call, name: &str) -> Result<StackIndex, ApiError> {
    stack_calls::check_name("stackName", name)?;
    let definition = stack_calls::definition_to_create(&call.input)?;
    let uuid = world.ids.uuid();
    let mut stack = Stack::begun(&stack_calls::place(call), name.to_owned(), &uuid, world.now, definition);
    stack.role_arn = input::text(&call.input, "RoleARN").map(str::to_owned);
    stack.enter(StackStatus::ReviewInProgress, Some("User Initiated".to_owned()), world.now);
    Ok(world.cloudformation.stacks.add(stack))
}

/// The change set is computed: complete, or failed for want of changes.
pub(super) fn computed(world: &mut World, stack: StackIndex, change_set: usize) {
    let state = world.cloudformation.stacks.get_mut(stack);
    let target = state.change_sets[change_set].target.clone();
    let outcome = changes::plan(state, &target).and_then(|planned| {
        let is_new = state.status == StackStatus::ReviewInProgress;
        if is_new || changes::is_update(state, &target)? { Ok(planned) } else { Err(NO_CHANGES.to_owned()) }
    });
    let computed = &mut state.change_sets[change_set];
    if computed.status != "CREATE_PENDING" {
        return;
    }
    match outcome {
        Ok(planned) => {
            computed.status = "CREATE_COMPLETE";
            computed.execution_status = AVAILABLE;
            computed.changes = planned;
        }
        Err(reason) => {
            computed.status = "FAILED";
            computed.reason = Some(reason);
        }
    }
}

/// An update that came about in another way leaves no change set of the stack fit to be executed.
pub(super) fn make_obsolete(stack: &mut Stack) {
    let available = |change_set: &&mut ChangeSet| change_set.execution_status == AVAILABLE;
    for change_set in stack.change_sets.iter_mut().filter(available) {
        change_set.execution_status = "OBSOLETE";
    }
}

/// The change set that the call names: by ARN, or by name together with the stack.
pub(super) fn find(world: &World, call: &Call) -> Result<(StackIndex, usize), ApiError> {
    let name = input::required_text(&call.input, "ChangeSetName")?;
    let stack_name = input::text(&call.input, "StackName");
    let place = stack_calls::place(call);
    if let Some(stack_name) = stack_name {
        world
            .cloudformation
            .stacks
            .find(&place, stack_name)
            .ok_or_else(|| errors::validation(format!("Stack [{stack_name}] does not exist")))?;
    }
    let fits = |stack: &Stack, change_set: &ChangeSet| {
        change_set.status != DELETED
            && (change_set.id == name
                || change_set.name == name
                    && stack_name.is_some_and(|known| stack.name == known || stack.id == known))
    };
    world
        .cloudformation
        .stacks
        .at(&place)
        .rev()
        .find_map(|(index, stack)| {
            Some((index, stack.change_sets.iter().rposition(|change_set| fits(stack, change_set))?))
        })
        .ok_or_else(|| errors::change_set_not_found(name))
}

/// The template of a change set.
pub(super) fn template_of(
    world: &World,
    call: &Call,
) -> Result<std::sync::Arc<super::template::Template>, ApiError> {
    let (stack, change_set) = find(world, call)?;
    Ok(std::sync::Arc::clone(&world.cloudformation.stacks.get(stack).change_sets[change_set].target.template))
}

pub(super) fn describe(world: &World, call: &Call) -> Answer {
    let (stack, change_set) = find(world, call)?;
    let stack = world.cloudformation.stacks.get(stack);
    let change_set = &stack.change_sets[change_set];
    let numbered =
        change_set.changes.iter().enumerate().map(|(number, change)| (format!("{number:09}"), change));
    let page = pages::page(call, &change_set.id, PAGE_SIZE, numbered)?;
    let mut described = change_set.summary(stack);
    described["Parameters"] = change_set.target.described_parameters();
    described["Capabilities"] = change_set.target.described_capabilities();
    described["Tags"] = change_set.target.described_tags();
    described["NotificationARNs"] = json!([]);
    described["RollbackConfiguration"] = json!({});
    described["Changes"] = page.items.into_iter().map(PlannedChange::described).collect();
    if let Some(token) = page.next_token {
        described["NextToken"] = json!(token);
    }
    Ok(described)
}

pub(super) fn execute(world: &mut World, call: &Call) -> Answer {
    let (index, number) = find(world, call)?;
    let disable_rollback = input::boolean(&call.input, "DisableRollback")?.unwrap_or(false);
    let stack = world.cloudformation.stacks.get_mut(index);
    let change_set = &stack.change_sets[number];
    if change_set.execution_status != AVAILABLE {
        return Err(errors::invalid_change_set_status(format!(
            "ChangeSet [{}] cannot be executed in its current status of [{}]",
            change_set.id, change_set.status
        )));
    }
    let is_new = stack.status == StackStatus::ReviewInProgress;
    if !is_new {
        stack_calls::check_updatable(stack)?;
    }
    let target = change_set.target.clone();
    stack.change_set_id = Some(change_set.id.clone());
    // Executing one deletes all the others of the stack, which are about a stack that is no more.
    for (_, other) in stack.change_sets.iter_mut().enumerate().filter(|(other, _)| *other != number) {
        if other.execution_status != EXECUTED {
            other.status = DELETED;
        }
    }
    stack.change_sets[number].execution_status = EXECUTED;
    if is_new {
        stack.definition = target;
        stack.disable_rollback = disable_rollback;
        let now = world.now;
        stack.enter(StackStatus::CreateInProgress, Some("User Initiated".to_owned()), now);
        let actor = stack_calls::actor(call, stack.role_arn.as_deref());
        let on_failure = if disable_rollback { OnFailure::DoNothing } else { OnFailure::Rollback };
        stack_run::schedule(world, index, actor, Step::Create { on_failure });
    } else {
        stack_calls::begin_update(world, call, index, target, disable_rollback);
    }
    Ok(json!({}))
}

/// Deleting a change set that does not exist succeeds.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    match find(world, call) {
        Ok((stack, change_set)) => {
            world.cloudformation.stacks.get_mut(stack).change_sets[change_set].status = DELETED;
            Ok(json!({}))
        }
        Err(error) if error.code == "ChangeSetNotFound" => Ok(json!({})),
        Err(error) => Err(error),
    }
}

pub(super) fn list(world: &World, call: &Call) -> Answer {
    let stack = world.cloudformation.stacks.get(stack_calls::named(world, call)?);
    let shown = stack.change_sets.iter().enumerate().filter(|(_, change_set)| change_set.holds_its_name());
    let keyed = shown.map(|(number, change_set)| (format!("{number:09}"), change_set));
    let page = pages::page(call, &stack.id, PAGE_SIZE, keyed)?;
    let mut answer = json!({"Summaries": page.items.into_iter().map(|change_set| change_set.summary(stack)).collect::<Vec<_>>()});
    if let Some(token) = page.next_token {
        answer["NextToken"] = json!(token);
    }
    Ok(answer)
}
