//! What a set of policy documents says about one request.

use super::condition::Context;
use super::pattern;
use crate::document::{Document, Matcher, Statement};

/// One action on one resource, as policies see it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// In small letters, for example `iam:createrole`.
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: Context,
}

/// The decision of policies of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allowed,
    ImplicitlyDenied,
    ExplicitlyDenied,
}

/// Decides by the union of documents: any matching `Deny` wins, and without a matching `Allow` the answer is no
/// (aws-facts F4).
pub(crate) fn evaluate<'a>(documents: impl IntoIterator<Item = &'a Document>, request: &Request) -> Effect {
    let mut effect = Effect::ImplicitlyDenied;
    for document in documents {
        for statement in &document.statements {
            if !applies(statement, request, document.has_variables) {
                continue;
            }
            if !statement.allows {
                return Effect::ExplicitlyDenied;
            }
            effect = Effect::Allowed;
        }
    }
    effect
}

/// Whether action, resource and conditions of a statement match; principals are the caller's business.
pub(crate) fn applies(statement: &Statement, request: &Request, has_variables: bool) -> bool {
    action_matches(&statement.actions, &request.action)
        && statement
            .resources
            .as_ref()
            .is_none_or(|resources| resource_matches(resources, request, has_variables))
        && statement.conditions.iter().all(|condition| condition.holds(&request.context, has_variables))
}

fn action_matches(actions: &Matcher, action: &str) -> bool {
    actions.patterns.iter().any(|pattern| pattern::matches(pattern, action)) != actions.negated
}

fn resource_matches(resources: &Matcher, request: &Request, has_variables: bool) -> bool {
    let is_named = resources.patterns.iter().any(|pattern| {
        if has_variables && pattern.contains("${") {
            let substituted = request.context.substitute(pattern);
            substituted.is_some_and(|pattern| pattern::matches(&pattern, &request.resource))
        } else {
            pattern::matches(pattern, &request.resource)
        }
    });
    is_named != resources.negated
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(statements: &[Value], action: &str, resource: &str, expected: Effect) {
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let document = Document::parse(&text).expect("a valid document");
        let mut context = Context::default();
        context.set("aws:username", "ann");
        let request = Request { action: action.to_ascii_lowercase(), resource: resource.to_owned(), context };
        assert_eq!(evaluate([&document], &request), expected, "{action} on {resource}");
    }

    #[test]
    fn an_explicit_deny_wins_and_silence_denies() {
        let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        let no_roles =
            json!({"Effect": "Deny", "Action": ["IAM:createRole", "iam:Delete*"], "Resource": "*"});
        check(std::slice::from_ref(&everything), "iam:CreateRole", "arn:x", Effect::Allowed);
        check(&[everything.clone(), no_roles.clone()], "iam:CreateRole", "arn:x", Effect::ExplicitlyDenied);
        check(&[no_roles.clone(), everything.clone()], "iam:DeleteRole", "arn:x", Effect::ExplicitlyDenied);
        check(&[everything, no_roles.clone()], "iam:GetRole", "arn:x", Effect::Allowed);
        check(&[no_roles], "iam:GetRole", "arn:x", Effect::ImplicitlyDenied);
    }

    #[test]
    fn not_action_and_not_resource_match_everything_else() {
        let all_but_iam = json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"});
        check(std::slice::from_ref(&all_but_iam), "sts:AssumeRole", "arn:x", Effect::Allowed);
        check(&[all_but_iam], "iam:GetRole", "arn:x", Effect::ImplicitlyDenied);
        let elsewhere = json!({"Effect": "Deny", "Action": "*", "NotResource": "arn:mine:*"});
        check(std::slice::from_ref(&elsewhere), "iam:GetRole", "arn:theirs:a", Effect::ExplicitlyDenied);
        check(&[elsewhere], "iam:GetRole", "arn:mine:a", Effect::ImplicitlyDenied);
    }

    #[test]
    fn policy_variables_in_resources_are_filled_in_from_the_request() {
        let own =
            json!({"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/${aws:username}"});
        check(
            std::slice::from_ref(&own),
            "iam:GetUser",
            "arn:aws:iam::111111111111:user/ann",
            Effect::Allowed,
        );
        check(&[own], "iam:GetUser", "arn:aws:iam::111111111111:user/bob", Effect::ImplicitlyDenied);
        let unknown = json!({"Effect": "Allow", "Action": "*", "Resource": "${aws:nothing}*"});
        check(&[unknown], "iam:GetUser", "arn:x", Effect::ImplicitlyDenied);
    }
}
