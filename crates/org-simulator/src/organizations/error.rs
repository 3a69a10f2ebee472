//! The errors of Organizations, each with the text that AWS gives it (aws-facts D2).

use crate::call::ApiError;

fn error(code: &'static str, message: &str) -> ApiError {
    ApiError::new(code, 400, message)
}

pub(super) fn not_in_use() -> ApiError {
    error("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

pub(super) fn already_in_organization() -> ApiError {
    error("AlreadyInOrganizationException", "The AWS account is already a member of an organization.")
}

pub(super) fn access_denied() -> ApiError {
    error("AccessDeniedException", "You don't have permissions to access this resource.")
}

pub(super) fn account_not_found() -> ApiError {
    error("AccountNotFoundException", "You specified an account that doesn't exist.")
}

pub(super) fn parent_not_found() -> ApiError {
    error("ParentNotFoundException", "You specified parent that doesn't exist.")
}

pub(super) fn child_not_found() -> ApiError {
    error("ChildNotFoundException", "You specified a child that doesn't exist.")
}

pub(super) fn unit_not_found() -> ApiError {
    error("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
}

pub(super) fn target_not_found() -> ApiError {
    error("TargetNotFoundException", "You specified a target that doesn't exist.")
}

pub(super) fn policy_not_found() -> ApiError {
    error("PolicyNotFoundException", "You specified a policy that doesn't exist.")
}

/// Further errors that one operation alone raises.
pub(super) fn plain(code: &'static str, message: &str) -> ApiError {
    error(code, message)
}

/// `InvalidInputException` with one of the reasons of its enumeration.
pub(super) fn invalid_input(reason: &'static str, message: impl Into<String>) -> ApiError {
    let mut error = ApiError::new("InvalidInputException", 400, message);
    error.members.push(("Reason", reason.to_owned()));
    error
}

/// `ConstraintViolationException` with one of the reasons of its enumeration.
pub(super) fn constraint(reason: &'static str, message: &str) -> ApiError {
    let mut error = ApiError::new("ConstraintViolationException", 400, message);
    error.members.push(("Reason", reason.to_owned()));
    error
}
