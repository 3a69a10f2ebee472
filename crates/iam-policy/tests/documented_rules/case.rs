//! One rule of AWS's, as a policy, a request and the decision that follows.

use iam_policy::{Caller, Decision, PolicyDocument, TrustRequest, admits};
use serde_json::Value;

/// One row of the table.
pub(crate) struct Case {
    /// The rule, as a sentence.
    pub(crate) name: &'static str,
    /// The page of the IAM User Guide that gives it, as its address ends.
    pub(crate) page: &'static str,
    policy: Policy,
    caller: By,
    action: &'static str,
    /// As JSON: a value, several, or `null` for a key that the request certainly does not have. Of all other keys
    /// nothing is told.
    keys: &'static str,
    expected: Expected,
}

enum Policy {
    /// The language of 2012.
    Statements(&'static str),
    /// One statement that lets everybody in under this condition.
    Condition(&'static str),
    /// With its version.
    Document(&'static str),
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum By {
    Arn(&'static str),
    Service(&'static str),
    Provider(&'static str),
}

/// Statements are counted from zero.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    Allowed(usize),
    Denied(usize),
    NotAllowed,
    Unknown(&'static str),
}

/// A session of a role in account 111122223333.
pub(crate) const SESSION: By = By::Arn("arn:aws:sts::111122223333:assumed-role/Hub/run");
/// That role, with its path.
pub(crate) const ROLE: By = By::Arn("arn:aws:iam::111122223333:role/ops/Hub");
pub(crate) const USER: By = By::Arn("arn:aws:iam::111122223333:user/Ann");
pub(crate) const ROOT: By = By::Arn("arn:aws:iam::111122223333:root");

/// Statements, who asks for `sts:AssumeRole`, and the decision.
pub(crate) const fn asks(
    name: &'static str,
    page: &'static str,
    statements: &'static str,
    caller: By,
    expected: Expected,
) -> Case {
    let (policy, action) = (Policy::Statements(statements), "sts:AssumeRole");
    Case { name, page, policy, caller, action, keys: "{}", expected }
}

/// A condition, what the request of a session has, and the decision.
pub(crate) const fn condition(
    name: &'static str,
    page: &'static str,
    condition: &'static str,
    keys: &'static str,
    expected: Expected,
) -> Case {
    let (policy, action) = (Policy::Condition(condition), "sts:AssumeRole");
    Case { name, page, policy, caller: SESSION, action, keys, expected }
}

/// A whole document, what the request of a session has, and the decision.
pub(crate) const fn document(
    name: &'static str,
    page: &'static str,
    document: &'static str,
    keys: &'static str,
    expected: Expected,
) -> Case {
    let (policy, action) = (Policy::Document(document), "sts:AssumeRole");
    Case { name, page, policy, caller: SESSION, action, keys, expected }
}

impl Case {
    pub(crate) const fn by(self, caller: By) -> Case {
        Case { caller, ..self }
    }

    pub(crate) const fn action(self, action: &'static str) -> Case {
        Case { action, ..self }
    }

    pub(crate) const fn keys(self, keys: &'static str) -> Case {
        Case { keys, ..self }
    }

    /// What is wrong, if the decision is not as the rule has it.
    pub(crate) fn check(&self) -> Option<String> {
        let decision = admits(&self.document(), &self.request());
        let expected = match self.expected {
            Expected::Allowed(statement) => Decision::Allow { statement },
            Expected::Denied(statement) => Decision::Deny { statement },
            Expected::NotAllowed => Decision::ImplicitDeny,
            Expected::Unknown(key) => Decision::Unknown { key: key.to_owned() },
        };
        (decision != expected)
            .then(|| format!("{} [{}]: {decision:?} instead of {expected:?}", self.name, self.page))
    }

    fn document(&self) -> PolicyDocument {
        let text = match self.policy {
            Policy::Statements(statements) => {
                format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
            }
            Policy::Condition(condition) => format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],
                    "Principal":"*","Condition":{condition}}}}}"#
            ),
            Policy::Document(text) => text.to_owned(),
        };
        PolicyDocument::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn request(&self) -> TrustRequest {
        let caller = match self.caller {
            By::Arn(arn) => Caller::from_arn(arn).unwrap(),
            By::Service(name) => Caller::Service(name.to_owned()),
            By::Provider(name) => Caller::Federated(name.to_owned()),
        };
        let mut request = TrustRequest::new(caller);
        request.action = self.action.to_owned();
        let keys: Value = serde_json::from_str(self.keys).unwrap();
        for (key, value) in keys.as_object().unwrap() {
            request = match value {
                Value::Null => request.without(key),
                Value::Array(values) => request.with(key, values.iter().map(|value| value.as_str().unwrap())),
                value => request.with(key, [value.as_str().unwrap()]),
            };
        }
        request
    }
}
