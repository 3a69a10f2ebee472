//! One API call after decoding, and its answer before encoding: what every service handler sees.

use std::borrow::Cow;

use serde_json::Value;

/// The services that the simulated organization offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Service {
    CloudFormation,
    Iam,
    Organizations,
    Sts,
}

impl Service {
    /// The prefix of the service's action names in policies, for example `iam` in `iam:CreateRole`.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Service::CloudFormation => "cloudformation",
            Service::Iam => "iam",
            Service::Organizations => "organizations",
            Service::Sts => "sts",
        }
    }

    /// The version of the API, as its Query or JSON protocol spells it.
    pub(crate) fn api_version(self) -> &'static str {
        match self {
            Service::CloudFormation => "2010-05-15",
            Service::Iam => "2010-05-08",
            Service::Organizations => "20161128",
            Service::Sts => "2011-06-15",
        }
    }
}

/// Who is calling, after the credentials were looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The account that the credentials belong to.
    pub(crate) account: String,
    /// What `GetCallerIdentity` shows: a user, an assumed-role session, or the account's root.
    pub(crate) arn: String,
    /// What `GetCallerIdentity` shows as `UserId`.
    pub(crate) user_id: String,
    pub(crate) kind: CallerKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallerKind {
    Root,
    User {
        name: String,
    },
    /// A role session. `session_policies` are the documents given to `AssumeRole`; they only subtract.
    RoleSession {
        role: String,
        session_policies: Vec<Value>,
    },
    /// An AWS service acting by itself: no identity policy binds it.
    Service {
        principal: String,
    },
}

/// A decoded call. Query lists (`X.member.N`) and JSON lists both arrive as JSON arrays; Query scalars
/// arrive as strings, so read numbers and booleans leniently.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) service: Service,
    pub(crate) operation: String,
    /// The Region of the credential scope; Organizations and IAM ignore it.
    pub(crate) region: String,
    pub(crate) caller: Caller,
    pub(crate) input: Value,
}

impl Call {
    /// As in policies, for example `cloudformation:CreateStackSet`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.service.prefix(), self.operation)
    }
}

/// External ids and session policies travel in inputs: the members are named, their values are not shown.
impl std::fmt::Debug for Call {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let members: Vec<&String> =
            self.input.as_object().into_iter().flat_map(|input| input.keys()).collect();
        formatter
            .debug_struct("Call")
            .field("service", &self.service)
            .field("operation", &self.operation)
            .field("region", &self.region)
            .field("caller", &self.caller.arn)
            .field("input", &members)
            .finish()
    }
}

/// The members of the operation's output shape. The Query front writes arrays as `<member>` elements;
/// timestamps are given in the form the protocol wants by the service that answers.
pub(crate) type Answer = Result<Value, ApiError>;

/// An error as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// The wire code, for example `ValidationError` or `StackSetNotFoundException`. A fault brings its own.
    pub(crate) code: Cow<'static, str>,
    pub(crate) status: u16,
    pub(crate) message: String,
    /// Further members of the error shape, for example `Reason` of `InvalidInputException`.
    pub(crate) members: Vec<(&'static str, String)>,
}

impl ApiError {
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, status: u16, message: impl Into<String>) -> Self {
        ApiError { code: code.into(), status, message: message.into(), members: Vec::new() }
    }

    /// What AWS answers to an operation that does not exist. One that AWS has and this world does not answers
    /// the same, and is logged, so that nobody searches for long.
    pub(crate) fn unknown_operation(call: &Call) -> Self {
        tracing::warn!(
            service = call.service.prefix(),
            operation = call.operation,
            "operation is not simulated"
        );
        match call.service {
            Service::Organizations => ApiError::new("UnknownOperationException", 400, ""),
            service => {
                let (operation, version) = (&call.operation, service.api_version());
                let message = format!("Could not find operation {operation} for version {version}");
                ApiError::new("InvalidAction", 400, message)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_shown_without_the_values_of_its_input() {
        let caller = Caller {
            account: "111111111111".to_owned(),
            arn: "arn:aws:iam::111111111111:root".to_owned(),
            user_id: "111111111111".to_owned(),
            kind: CallerKind::Root,
        };
        let call = Call {
            service: Service::Sts,
            operation: "AssumeRole".to_owned(),
            region: "us-east-1".to_owned(),
            caller,
            input: json!({"ExternalId": "open-sesame"}),
        };
        let shown = format!("{call:?}");
        assert!(shown.contains("ExternalId") && !shown.contains("open-sesame"), "{shown}");
    }
}
