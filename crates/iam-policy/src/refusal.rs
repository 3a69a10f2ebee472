//! Why a trust policy does not admit a request.

use std::collections::BTreeMap;
use std::fmt;

use crate::condition::{self, Truth};
use crate::decide::{action_matches, applies, hardest};
use crate::describe::{describe_members, describe_values, flat, numbered};
use crate::document::is_external_id;
use crate::entrance::{ENTERING, NAMING, TAGGING};
use crate::identity::principal_matches;
use crate::{AnyCase, Condition, Decision, Effect, PolicyDocument, Principal, Statement, TrustRequest};

/// Why one statement does not let the request in. `Display` is one line for people, without external IDs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Counted from zero, in the order of the document. `None` if no statement allows anything of the kind.
    pub statement: Option<usize>,
    /// `statement` and its `Sid`, or its number counted from one.
    pub name: String,
    /// The first thing that does not fit.
    pub misfit: Misfit,
}

/// What does not fit, in the order in which it is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// No statement allows entering.
    NothingAllows {
        /// The action of the request.
        action: String,
    },
    /// The statement denies. An explicit deny wins over whatever allows.
    Denied {
        /// Whether it looks at `sts:ExternalId`, so that another external ID may keep it away.
        by_external_id: bool,
    },
    /// The statement is about other principals.
    Principal {
        /// These, in words.
        listed: String,
    },
    /// The statement allows other ways of entering.
    Action {
        /// These, in words.
        listed: String,
    },
    /// A condition other than on the external ID does not hold.
    Condition {
        /// Such as `StringEquals`.
        operator: String,
        /// Such as `aws:PrincipalOrgID`.
        key: String,
        /// What it compares with, in words.
        listed: String,
        /// Whether the request has the key at all.
        present: bool,
    },
    /// The external ID does not fit, and nothing else is certain not to.
    ExternalId {
        /// Whether the request has one.
        sent: bool,
    },
    /// It depends on something that the request does not tell, or that AWS does not document.
    NotTold {
        /// The condition key, or the policy element.
        key: String,
    },
}

/// Why the request is not admitted: one refusal for each statement that would have to be otherwise. Empty exactly
/// if [`crate::admits`] says [`Decision::Allow`].
///
/// Statements that deny come first, for no other statement helps against them. Statements about tags and source
/// identities alone are left out.
pub fn refusals(trust: &PolicyDocument, request: &TrustRequest) -> Vec<Refusal> {
    let (request, decision) = &hardest(trust, request);
    if matches!(decision, Decision::Allow { .. }) {
        return Vec::new();
    }
    let statements = || trust.statements.iter().enumerate();
    let mut found = Vec::new();
    for (index, statement) in statements().filter(|(_, statement)| statement.effect == Effect::Deny) {
        found.extend(denial(statement, trust, request).map(|misfit| refusal(index, statement, misfit)));
    }
    let mut none_allows = true;
    for (index, statement) in statements().filter(|(_, statement)| is_entrance(statement, request)) {
        none_allows = false;
        found.extend(misfit(statement, trust, request).map(|misfit| refusal(index, statement, misfit)));
    }
    if none_allows {
        let misfit = Misfit::NothingAllows { action: request.action.clone() };
        found.push(Refusal { statement: None, name: "the trust policy".to_owned(), misfit });
    }
    found
}

fn refusal(index: usize, statement: &Statement, misfit: Misfit) -> Refusal {
    Refusal { statement: Some(index), name: numbered(index, statement), misfit }
}

/// Whether the statement opens the role in whatever way, or allows to bring what the request brings.
fn is_entrance(statement: &Statement, request: &TrustRequest) -> bool {
    let asked = request.action.as_str();
    let ways = if [TAGGING, NAMING].contains(&asked) { &[][..] } else { &ENTERING[..] };
    let mut actions = ways.iter().copied().chain([asked]);
    statement.effect == Effect::Allow && actions.any(|action| action_matches(&statement.action, action))
}

fn denial(statement: &Statement, trust: &PolicyDocument, request: &TrustRequest) -> Option<Misfit> {
    match applies(statement, trust, request) {
        Truth::Yes => {
            let by_external_id = flat(&statement.condition).any(|(_, key, _)| is_external_id(key));
            Some(Misfit::Denied { by_external_id })
        }
        Truth::Unknown(key) => Some(Misfit::NotTold { key }),
        Truth::No => None,
    }
}

/// What is certain goes before what is not told: the latter is no use where the former keeps the caller out.
pub(crate) fn misfit(
    statement: &Statement,
    trust: &PolicyDocument,
    request: &TrustRequest,
) -> Option<Misfit> {
    let principal = principal_matches(statement.principal.as_ref(), &request.caller);
    if principal == Truth::No {
        let listed = describe_members::<Principal>(statement.principal.as_ref());
        return Some(Misfit::Principal { listed });
    }
    if !action_matches(&statement.action, &request.action) {
        return Some(Misfit::Action { listed: describe_members(Some(&statement.action)) });
    }
    let mut external_id = None;
    let mut not_told = None;
    for (operator, key, values) in flat(&statement.condition) {
        match condition::holds(&only(operator, key, statement), trust.version, &request.context) {
            Truth::Yes => {}
            Truth::Unknown(key) => _ = not_told.get_or_insert(key),
            Truth::No if is_external_id(key) => {
                external_id = Some(Misfit::ExternalId { sent: request.has(key) });
            }
            Truth::No => {
                return Some(Misfit::Condition {
                    operator: operator.to_string(),
                    key: key.to_string(),
                    listed: describe_values(operator, key, values),
                    present: request.has(key),
                });
            }
        }
    }
    if let Truth::Unknown(element) = principal {
        not_told = Some(element);
    }
    external_id.or(not_told.map(|key| Misfit::NotTold { key }))
}

/// One operator and key of the statement's condition.
fn only(operator: &AnyCase, key: &AnyCase, statement: &Statement) -> Condition {
    let values = statement.condition.get(operator).and_then(|keys| keys.get(key)).cloned();
    BTreeMap::from([(operator.clone(), BTreeMap::from([(key.clone(), values.unwrap_or_default())]))])
}

/// Reads well after "refused: ".
impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.name, self.misfit)
    }
}

/// Reads well after a statement's name.
impl fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::NothingAllows { action } => write!(formatter, "has no statement that allows {action}"),
            Misfit::Denied { by_external_id: false } => formatter.write_str("denies it"),
            Misfit::Denied { by_external_id: true } => {
                formatter.write_str("denies it, and looks at the external ID")
            }
            Misfit::Principal { listed } => write!(formatter, "is about another principal: {listed}"),
            Misfit::Action { listed } => write!(formatter, "is about another action: {listed}"),
            Misfit::Condition { operator, key, listed, present } => {
                let has = if *present { "another value" } else { "none" };
                write!(formatter, "asks for {operator} {key} {listed}, and the request has {has}")
            }
            Misfit::ExternalId { sent: true } => formatter.write_str("asks for another external ID"),
            Misfit::ExternalId { sent: false } => formatter.write_str("asks for an external ID"),
            Misfit::NotTold { key } => write!(formatter, "hangs on {key}, which is not known"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    fn request(caller: &str) -> TrustRequest {
        TrustRequest::new(Caller::from_arn(caller).unwrap()).without("aws:PrincipalOrgID")
    }

    fn session() -> TrustRequest {
        request("arn:aws:iam::111122223333:role/Hub").with_external_id("wrong-secret")
    }

    #[track_caller]
    fn check(statements: &str, request: &TrustRequest, expected: &[&str]) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let found = refusals(&PolicyDocument::parse(&text).unwrap(), request);
        let lines: Vec<String> = found.iter().map(Refusal::to_string).collect();
        assert_eq!(lines, expected, "{statements}");
        assert!(!format!("{found:?} {lines:?}").contains("secret"));
    }

    const VENDOR: &str = r#"{"Sid":"Vendor","Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":"111122223333"},"Condition":{"StringEquals":{"sts:ExternalId":"right-secret"}}}"#;

    #[test]
    fn the_principal_is_told_from_the_external_id() {
        check(VENDOR, &session(), &["statement \"Vendor\" asks for another external ID"]);
        check(
            VENDOR,
            &session().without("sts:ExternalId"),
            &["statement \"Vendor\" asks for an external ID"],
        );
        check(
            VENDOR,
            &request("arn:aws:iam::444455556666:root"),
            &["statement \"Vendor\" is about another principal: account 111122223333"],
        );
        check(VENDOR, &session().with_external_id("right-secret"), &[]);
    }

    #[test]
    fn a_condition_that_certainly_fails_goes_before_the_external_id_and_that_before_what_is_not_told() {
        let fenced = |key: &str| {
            format!(
                r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Condition":{{
                    "StringEquals":{{"sts:ExternalId":"right-secret","{key}":["o-b","o-a"]}}}}}}"#
            )
        };
        check(
            &fenced("aws:PrincipalOrgID"),
            &session(),
            &[
                "statement 1 asks for StringEquals aws:PrincipalOrgID \"o-a\" or \"o-b\", and the request has none",
            ],
        );
        check(
            &fenced("aws:PrincipalAccount"),
            &session(),
            &[
                "statement 1 asks for StringEquals aws:PrincipalAccount \"o-a\" or \"o-b\", and the request has \
               another value",
            ],
        );
        check(&fenced("aws:SourceVpc"), &session(), &["statement 1 asks for another external ID"]);
        check(
            &fenced("aws:SourceVpc"),
            &session().with_external_id("right-secret"),
            &["statement 1 hangs on aws:SourceVpc, which is not known"],
        );
    }

    #[test]
    fn every_statement_that_would_have_to_be_otherwise_has_its_line() {
        let tags = r#"{"Effect":"Allow","Action":"sts:TagSession","Principal":"*"}"#;
        let federated = r#"{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":"*"}"#;
        check(
            &format!("{tags},{federated},{VENDOR}"),
            &session(),
            &[
                "statement 2 is about another action: sts:AssumeRoleWithSAML",
                "statement \"Vendor\" asks for another external ID",
            ],
        );
        check(tags, &session(), &["the trust policy has no statement that allows sts:AssumeRole"]);
        let tagged = session().with_external_id("right-secret").with("aws:TagKeys", ["team"]);
        check(VENDOR, &tagged, &["the trust policy has no statement that allows sts:TagSession"]);
        let tags = tags.replace("\"*\"", r#"{"AWS":"444455556666"}"#);
        check(
            &format!("{tags},{VENDOR}"),
            &tagged,
            &["statement 1 is about another principal: account 444455556666"],
        );
    }

    #[test]
    fn statements_that_deny_come_first() {
        let open = r#"{"Effect":"Allow","Action":"sts:*","Principal":"*"}"#;
        let deny = |condition: &str| {
            format!(
                r#"{{"Effect":"Deny","Action":"*","Principal":"*","Condition":{{"StringNotEquals":{condition}}}}}"#
            )
        };
        check(
            &format!("{open},{VENDOR},{}", deny(r#"{"sts:ExternalId":"right-secret"}"#)),
            &session(),
            &[
                "statement 3 denies it, and looks at the external ID",
                "statement \"Vendor\" asks for another external ID",
            ],
        );
        check(
            &format!("{open},{}", deny(r#"{"aws:PrincipalOrgID":"o-a"}"#)),
            &session(),
            &["statement 2 denies it"],
        );
        check(
            &format!("{open},{}", deny(r#"{"aws:SourceIp":"o-a"}"#)),
            &session(),
            &["statement 2 hangs on aws:SourceIp, which is not known"],
        );
    }
}
