//! IAM actions that were tried by making their calls.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::AwsFailure;

/// An action and what its call showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// As policies name it, for example `cloudformation:DescribeStackSet`.
    pub action: &'static str,
    /// What is known of the permission.
    pub permission: Permission,
}

/// What a call showed of the permission that it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// The caller has it.
    Granted,
    /// The caller lacks it.
    Denied,
    /// The call failed for another reason, which is this.
    Unknown(String),
}

impl Tried {
    /// Reads the answer to the call of `action`. That what was asked for is not there is only told to whoever may
    /// ask.
    pub fn new<T, E>(action: &'static str, answer: Result<T, SdkError<E, HttpResponse>>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let permission = match answer.map_err(|error| AwsFailure::new(&error)) {
            Ok(_) => Permission::Granted,
            Err(failure) if failure.is_access_denied() => Permission::Denied,
            Err(failure) if is_of_something_absent(&failure) => Permission::Granted,
            // The action says which call it was.
            Err(failure) => Permission::Unknown(failure.answer()),
        };
        Tried { action, permission }
    }
}

/// A missing stack is an untyped `ValidationError`, known only by its message (aws-facts C1).
fn is_of_something_absent(failure: &AwsFailure) -> bool {
    let is_named = |code: &str| code.contains("NotFound") || code.starts_with("NoSuchEntity");
    failure.code().is_some_and(is_named) || failure.message().contains("does not exist")
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;
    use crate::testing::refused;

    fn tried(code: &str, message: &str) -> Permission {
        let metadata = ErrorMetadata::builder().code(code).message(message).build();
        Tried::new::<(), _>("a:B", Err(refused(400, metadata))).permission
    }

    #[test]
    fn what_is_absent_was_looked_for_and_what_broke_proves_nothing() {
        assert_eq!(tried("AccessDenied", "no"), Permission::Denied);
        assert_eq!(tried("AccessDeniedException", "no"), Permission::Denied);
        assert_eq!(tried("StackSetNotFoundException", ""), Permission::Granted);
        assert_eq!(tried("NoSuchEntity", ""), Permission::Granted);
        assert_eq!(tried("ValidationError", "Stack with id x does not exist"), Permission::Granted);
        assert_eq!(
            tried("ValidationError", "CallAs"),
            Permission::Unknown("ValidationError: CallAs".to_owned())
        );
        assert!(matches!(tried("Throttling", "Rate exceeded"), Permission::Unknown(_)));
    }
}
