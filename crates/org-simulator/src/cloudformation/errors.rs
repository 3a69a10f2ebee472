//! The errors of CloudFormation, with the wire codes and statuses of its service model (aws-facts B, C1).

use crate::call::ApiError;

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", 400, message)
}

pub(super) fn stack_set_not_found(name: &str) -> ApiError {
    ApiError::new("StackSetNotFoundException", 404, format!("StackSet {name} not found"))
}

pub(super) fn operation_not_found(operation: &str) -> ApiError {
    ApiError::new("OperationNotFoundException", 404, format!("Operation {operation} not found"))
}

pub(super) fn stack_instance_not_found(stack_set: &str, account: &str, region: &str) -> ApiError {
    ApiError::new(
        "StackInstanceNotFoundException",
        404,
        format!("Stack instance not found for StackSet {stack_set}, account {account} and region {region}"),
    )
}

/// The message names the set, not always the operation that is in the way (aws-facts A6).
pub(super) fn operation_in_progress(stack_set_arn: &str) -> ApiError {
    ApiError::new(
        "OperationInProgressException",
        409,
        format!("Another Operation on StackSet {stack_set_arn} is in progress"),
    )
}

pub(super) fn operation_id_already_exists(operation: &str) -> ApiError {
    ApiError::new(
        "OperationIdAlreadyExistsException",
        409,
        format!("Operation with ID {operation} already exists"),
    )
}

pub(super) fn invalid_operation(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidOperationException", 400, message)
}

pub(super) fn name_already_exists(name: &str) -> ApiError {
    ApiError::new("NameAlreadyExistsException", 409, format!("StackSet {name} already exists"))
}

pub(super) fn created_but_modified(name: &str) -> ApiError {
    ApiError::new(
        "CreatedButModifiedException",
        409,
        format!("StackSet {name} was created with this request token and has been modified since"),
    )
}

pub(super) fn stack_set_not_empty(name: &str) -> ApiError {
    ApiError::new("StackSetNotEmptyException", 409, format!("StackSet {name} is not empty"))
}

pub(super) fn insufficient_capabilities(capability: &str) -> ApiError {
    ApiError::new("InsufficientCapabilitiesException", 400, requires_capabilities(capability))
}

/// Also the reason of a stack instance whose StackSet lacks the capability (aws-facts A15).
pub(super) fn requires_capabilities(capability: &str) -> String {
    format!("Requires capabilities : [{capability}]")
}

/// Of a call that is about somebody's stack; the plain stack calls have an error of their own.
pub(super) fn stack_not_found(id: &str) -> ApiError {
    ApiError::new("StackNotFoundException", 404, format!("Stack {id} not found"))
}

pub(super) fn limit_exceeded(message: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceededException", 400, message)
}

pub(super) fn stack_does_not_exist(name: &str) -> ApiError {
    validation(format!("Stack with id {name} does not exist"))
}

pub(super) fn stack_already_exists(name: &str) -> ApiError {
    ApiError::new("AlreadyExistsException", 400, format!("Stack [{name}] already exists"))
}

pub(super) fn change_set_not_found(name: &str) -> ApiError {
    ApiError::new("ChangeSetNotFound", 404, format!("ChangeSet [{name}] does not exist"))
}

pub(super) fn invalid_change_set_status(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidChangeSetStatus", 400, message)
}

/// A value that is none of the members of an enum, worded by AWS's request validation.
pub(super) fn not_in_enum(member: &str, value: &str, allowed: &[&str]) -> ApiError {
    validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy \
         enum value set: [{}]",
        allowed.join(", ")
    ))
}
