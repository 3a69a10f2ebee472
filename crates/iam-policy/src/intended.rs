//! What those would ask whom a trust policy is meant to admit: so that another policy can be asked whether it admits
//! them, too.

use std::fmt;

use thiserror::Error;

use crate::condition::{Operator, Sample};
use crate::describe::flat;
use crate::entrance::caller;
use crate::{
    AnyCase, Caller, Decision, Effect, Members, PolicyDocument, Principal, Statement, TrustRequest, admits,
};

/// Somebody whom a trust policy is meant to admit.
#[derive(Clone)]
pub struct Intended {
    /// In the words of the policy.
    pub principal: Principal,
    external_id: Option<String>,
    request: TrustRequest,
}

/// Why it cannot be told what a principal would ask.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("what {principal} would ask cannot be told: {why}")]
pub struct NotTold {
    /// In the words of the policy.
    pub principal: Principal,
    why: String,
}

impl Intended {
    /// The external ID that it brings, when the policy asks for one. To be compared, never to be shown.
    pub fn external_id(&self) -> Option<&str> {
        self.external_id.as_deref()
    }

    /// What it asks when it brings this external ID, or none.
    pub fn request(&self, external_id: Option<&str>) -> TrustRequest {
        match external_id {
            Some(id) => self.request.clone().with_external_id(id),
            None => self.request.clone(),
        }
    }
}

/// The external ID is not shown.
impl fmt::Debug for Intended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Intended").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// For each principal of each statement that allows: the request of somebody who fits it, with the condition keys
/// that the statement asks for. `trust` itself admits each of these.
pub fn intended(trust: &PolicyDocument) -> Vec<Result<Intended, NotTold>> {
    let statements = trust.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let named = statements.flat_map(|statement| principals(statement).map(move |one| (statement, one)));
    named
        .map(|(statement, principal)| {
            let not_told = |why| NotTold { principal: principal.clone(), why };
            fitting(trust, statement, &principal).map_err(not_told)
        })
        .collect()
}

fn principals(statement: &Statement) -> impl Iterator<Item = Principal> {
    let listed = match &statement.principal {
        Some(Members::AnyOf(listed)) => listed.iter().cloned().collect(),
        Some(Members::NoneOf(_)) => vec![Principal::Anyone],
        None => Vec::new(),
    };
    listed.into_iter()
}

fn fitting(trust: &PolicyDocument, statement: &Statement, principal: &Principal) -> Result<Intended, String> {
    let caller = match principal {
        Principal::Service(name) => Caller::Service(name.clone()),
        Principal::Federated(provider) => Caller::Federated(provider.clone()),
        _ => caller(principal).ok_or("it is nobody who could ask")?,
    };
    let mut request = TrustRequest::new(caller);
    request.action = action(statement);
    let mut external_id = None;
    for (operator, key, values) in flat(&statement.condition) {
        let sample = values.iter().next().zip(Operator::parse(operator));
        let sample = sample.and_then(|(value, operator)| operator.sample(value));
        match (sample, is_external_id(key)) {
            (Some(Sample::Value(value)), true) => external_id = Some(value),
            (Some(Sample::Value(value)), false) => request = request.with(key.as_str(), [value.as_str()]),
            // What a principal has by itself it cannot leave out.
            (Some(Sample::Absent), false) if !request.has(key) => request = request.without(key.as_str()),
            (Some(Sample::Absent), _) => {}
            (None, _) => return Err(format!("it depends on {key}")),
        }
    }
    let intended = Intended { principal: principal.clone(), external_id, request };
    match admits(trust, &intended.request(intended.external_id())) {
        Decision::Allow { .. } => Ok(intended),
        Decision::Unknown { key } => Err(format!("it depends on {key}")),
        Decision::Deny { statement } => Err(format!("statement {} denies it", statement + 1)),
        Decision::ImplicitDeny => Err("its conditions contradict each other".to_owned()),
    }
}

/// The action by which the statement is entered: the first that is spelt out.
fn action(statement: &Statement) -> String {
    const ASSUME_ROLE: &str = "sts:AssumeRole";
    if crate::decide::action_matches(&statement.action, ASSUME_ROLE) {
        return ASSUME_ROLE.to_owned();
    }
    let spelt_out = |name: &&AnyCase| !name.as_str().contains(['*', '?']);
    let named = statement.action.listed().iter().find(spelt_out);
    named.map_or_else(|| ASSUME_ROLE.to_owned(), |name| name.as_str().to_owned())
}

fn is_external_id(key: &AnyCase) -> bool {
    key.as_str().eq_ignore_ascii_case("sts:ExternalId")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(statements: &str) -> PolicyDocument {
        PolicyDocument::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap()
    }

    fn allow(elements: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole",{elements}}}"#)
    }

    /// Who is meant to come in, and whether it brings an external ID; or why that cannot be told.
    #[track_caller]
    fn check(statements: &str, expected: &[&str]) {
        let trust = policy(statements);
        let words = |one: &Result<Intended, NotTold>| match one {
            Ok(one) => {
                let request = one.request(one.external_id());
                assert!(matches!(admits(&trust, &request), Decision::Allow { .. }), "{statements}");
                let asks = if one.external_id().is_some() { ", external ID" } else { "" };
                format!("{}{asks}", one.principal)
            }
            Err(not_told) => not_told.to_string(),
        };
        assert_eq!(intended(&trust).iter().map(words).collect::<Vec<_>>(), expected, "{statements}");
    }

    #[test]
    fn every_principal_that_is_let_in_would_ask_something_that_its_policy_admits() {
        let asked = r#""Condition":{"StringEquals":{"sts:ExternalId":"abc"}}"#;
        check(
            &allow(&format!(
                r#""Principal":{{"AWS":["111122223333","arn:aws:iam::111122223333:role/x/Hub"]}},{asked}"#
            )),
            &["account 111122223333, external ID", "AWS arn:aws:iam::111122223333:role/x/Hub, external ID"],
        );
        check(&allow(r#""Principal":{"Service":"ec2.amazonaws.com"}"#), &["Service ec2.amazonaws.com"]);
        let saml = r#"{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML",
            "Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/Idp"},
            "Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}"#;
        check(saml, &["Federated arn:aws:iam::111122223333:saml-provider/Idp"]);
    }

    #[test]
    fn conditions_are_met_by_whoever_is_meant() {
        for condition in [
            r#"{"StringEquals":{"aws:PrincipalOrgID":["o-abc","o-xyz"]}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abc/r-ab12/*"}}"#,
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Deploy-?"}}"#,
            r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-1"},"Null":{"sts:SourceIdentity":"false"}}"#,
            r#"{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
            r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
            r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}"#,
            r#"{"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}"#,
            r#"{"Null":{"aws:MultiFactorAuthAge":"true"}}"#,
        ] {
            check(&allow(&format!(r#""Principal":"*","Condition":{condition}"#)), &["* (anyone)"]);
        }
    }

    #[test]
    fn the_service_conditions_against_a_confused_deputy_are_met() {
        let condition = r#"{"StringEquals":{"aws:SourceAccount":"111122223333"},
            "ArnLike":{"aws:SourceArn":"arn:aws:proton:*:111122223333:environment/*"}}"#;
        check(
            &allow(&format!(r#""Principal":{{"Service":"proton.amazonaws.com"}},"Condition":{condition}"#)),
            &["Service proton.amazonaws.com"],
        );
    }

    #[test]
    fn what_cannot_be_told_is_said_with_the_reason() {
        check(
            &allow(r#""Principal":{"AWS":"AROAEXAMPLEEXAMPLE123"}"#),
            &["what AWS AROAEXAMPLEEXAMPLE123 would ask cannot be told: it is nobody who could ask"],
        );
        let variable =
            r#""Principal":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"${aws:PrincipalTag/b}"}}"#;
        check(
            &allow(variable),
            &["what * (anyone) would ask cannot be told: it depends on aws:PrincipalTag/b"],
        );
        let account = allow(r#""Principal":{"AWS":"111122223333"}"#);
        let deny = r#"{"Effect":"Deny","Action":"sts:*","Principal":{"AWS":"111122223333"}}"#;
        check(
            &format!("{account},{deny}"),
            &["what account 111122223333 would ask cannot be told: statement 2 denies it"],
        );
    }

    #[test]
    fn an_external_id_is_not_shown() {
        let trust = policy(&allow(
            r#""Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"tell-nobody"}}"#,
        ));
        let one = intended(&trust).remove(0).unwrap();
        assert_eq!(one.external_id(), Some("tell-nobody"));
        assert!(!format!("{one:?}").contains("nobody"));
    }
}
