//! What a principal of a member account asks, and whether a statement is about it.

use std::collections::BTreeSet;

use crate::condition::{self, Truth};
use crate::context::Context;
use crate::decide::action_matches;
use crate::pattern::Pattern;
use crate::{Caller, Members, Statement, Version, arn, variable};

/// An action that a principal of a member account takes on a resource.
#[derive(Debug, Clone)]
pub struct MemberRequest {
    /// Such as `iam:CreateRole`.
    pub action: String,
    /// Its ARN, or `*` for an action that has none.
    pub resource: String,
    context: Context,
}

impl MemberRequest {
    /// The keys that follow from the caller are there; a decision that hangs on any other is
    /// [`crate::Permission::Undecided`].
    pub fn new(caller: &Caller, action: &str, resource: &str) -> MemberRequest {
        let context = Context::of_caller(caller).with("aws:PrincipalIsAWSService", ["false"]);
        MemberRequest { action: action.to_owned(), resource: resource.to_owned(), context }
    }

    /// The same request with a condition key that has these values.
    pub fn with<'a>(mut self, key: &str, values: impl IntoIterator<Item = &'a str>) -> MemberRequest {
        self.context = self.context.with(key, values);
        self
    }

    /// The same request, and it is certain that it does not have this condition key.
    pub fn without(mut self, key: &str) -> MemberRequest {
        self.context = self.context.without(key);
        self
    }
}

/// Whether the statement is about the request. Organizations takes neither a principal nor the lack of a
/// resource in a service control policy, so what these would mean is unknown.
pub(crate) fn applies(statement: &Statement, version: Version, request: &MemberRequest) -> Truth {
    let principal = match statement.principal {
        None => Truth::Yes,
        Some(_) => Truth::Unknown("Principal".to_owned()),
    };
    Truth::from(action_matches(&statement.action, &request.action))
        .and(|| resource_matches(statement.resource.as_ref(), version, request))
        .and(|| condition::holds(&statement.condition, version, &request.context))
        .and(|| principal)
}

fn resource_matches(members: Option<&Members<String>>, version: Version, request: &MemberRequest) -> Truth {
    let any = |listed: &BTreeSet<String>| {
        let mut any = Truth::No;
        for name in listed {
            any = any.or(|| names_resource(name, version, request));
        }
        any
    };
    match members {
        None => Truth::Unknown("Resource".to_owned()),
        Some(Members::AnyOf(listed)) => any(listed),
        Some(Members::NoneOf(listed)) => any(listed).not(),
    }
}

/// AWS documents that a `*` does not reach over a colon. What it makes of `arn:aws:iam::*`, which would match if
/// it did, it does not say.
fn names_resource(name: &str, version: Version, request: &MemberRequest) -> Truth {
    let tokens = match variable::fill(name, version, &request.context) {
        Ok(tokens) => tokens,
        Err(key) => return Truth::Unknown(key),
    };
    if arn::matches(&tokens, &request.resource) {
        Truth::Yes
    } else if Pattern::from_tokens(tokens).matches(&request.resource) {
        Truth::Unknown("Resource".to_owned())
    } else {
        Truth::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PolicyDocument;

    #[track_caller]
    fn check(element: &str, expected: Truth) {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"iam:*",{element}}}}}"#
        );
        let document = PolicyDocument::parse(&text).unwrap();
        let caller = Caller::from_arn("arn:aws:iam::111122223333:role/Deploy").unwrap();
        let request = MemberRequest::new(&caller, "iam:CreateRole", "arn:aws:iam::111122223333:role/Vendor");
        assert_eq!(applies(&document.statements[0], document.version, &request), expected, "{element}");
    }

    #[test]
    fn resources_match_as_patterns_of_arns() {
        for (element, expected) in [
            (r#""Resource":"*""#, true),
            (r#""Resource":"arn:aws:iam::*:role/Vend?r""#, true),
            (r#""Resource":["arn:aws:iam::*:user/*","arn:*:iam::*:role/V*"]"#, true),
            (r#""Resource":"arn:aws:iam::${aws:PrincipalAccount}:role/*""#, true),
            (r#""Resource":"arn:aws:iam::*:role/vendor""#, false),
            (r#""Resource":"arn:aws:iam::444455556666:role/*""#, false),
            (r#""NotResource":"arn:aws:iam::*:role/Vendor""#, false),
            (r#""NotResource":["arn:aws:iam::*:role/Other"]"#, true),
        ] {
            check(element, expected.into());
        }
    }

    #[test]
    fn what_aws_does_not_document_is_not_guessed() {
        for (element, why) in [
            (r#""Resource":"arn:aws:iam::*""#, "Resource"),
            (r#""NotResource":"arn:aws:iam::*""#, "Resource"),
            (r#""Resource":"arn:aws:iam::*:role/${aws:PrincipalTag/team}""#, "aws:PrincipalTag/team"),
            (r#""Sid":"WithoutResource""#, "Resource"),
            (r#""Principal":"*","Resource":"*""#, "Principal"),
        ] {
            check(element, Truth::Unknown(why.to_owned()));
        }
        check(r#""Resource":["arn:aws:iam::*","arn:aws:iam::*:role/*"]"#, Truth::Yes);
    }
}
