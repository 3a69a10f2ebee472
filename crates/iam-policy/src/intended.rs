//! What those would ask whom a trust policy is meant to admit: so that another policy can be asked whether it admits
//! them, too.

use std::fmt;

use thiserror::Error;

use crate::decide::action_matches;
use crate::entrance::{ENTERING, principals};
use crate::fitting::fitting_request;
use crate::{Decision, Effect, PolicyDocument, Principal, Statement, TrustRequest, admits};

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
    let is_entrance = |statement: &&Statement| {
        statement.effect == Effect::Allow
            && ENTERING.iter().any(|action| action_matches(&statement.action, action))
    };
    let statements = trust.statements.iter().filter(is_entrance);
    let named =
        statements.flat_map(|statement| principals(statement).into_iter().map(move |one| (statement, one)));
    named
        .map(|(statement, principal)| {
            let not_told = |why| NotTold { principal: principal.clone(), why };
            told(trust, statement, &principal).map_err(not_told)
        })
        .collect()
}

fn told(trust: &PolicyDocument, statement: &Statement, principal: &Principal) -> Result<Intended, String> {
    let request = fitting_request(trust, statement, principal).map_err(|key| match key.as_str() {
        "Principal" => "it is nobody who could ask".to_owned(),
        _ => format!("it depends on {key}"),
    })?;
    match admits(trust, &request) {
        Decision::Allow { .. } => {
            let external_id = request.value(EXTERNAL_ID).map(str::to_owned);
            let request = request.without(EXTERNAL_ID);
            Ok(Intended { principal: principal.clone(), external_id, request })
        }
        Decision::Unknown { key } => Err(format!("it depends on {key}")),
        Decision::Deny { statement } => Err(format!("statement {} denies it", statement + 1)),
        // The statement itself admits it, so it is what the request brings besides.
        Decision::ImplicitDeny => {
            Err("no statement allows the tags or source identity that it has to bring".to_owned())
        }
    }
}

const EXTERNAL_ID: &str = "sts:ExternalId";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_about_tags_alone_is_meant_for_nobody() {
        check(r#"{"Effect":"Allow","Action":"sts:TagSession","Principal":"*"}"#, &[]);
    }

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
            let statement = allow(&format!(r#""Principal":"*","Condition":{condition}"#));
            // Whoever has to bring a source identity has to be allowed to (aws-facts E1).
            let actions = r#"["sts:AssumeRole","sts:SetSourceIdentity"]"#;
            check(&statement.replace(r#""sts:AssumeRole""#, actions), &["* (anyone)"]);
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
        let tagged = allow(r#""Principal":"*","Condition":{"StringLike":{"aws:RequestTag/team":"*"}}"#);
        let why = "no statement allows the tags or source identity that it has to bring";
        check(&tagged, &[&format!("what * (anyone) would ask cannot be told: {why}")]);
        let tagging = r#"{"Effect":"Allow","Action":"sts:TagSession","Principal":"*"}"#;
        check(&format!("{tagged},{tagging}"), &["* (anyone)"]);
        // Tags that nobody may bring are left away where the condition holds without.
        check(&tagged.replace("StringLike", "StringLikeIfExists"), &["* (anyone)"]);
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

    fn trust(elements: &str) -> PolicyDocument {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["sts:AssumeRole*","sts:TagSession"],{elements}}}}}"#
        );
        PolicyDocument::parse(&text).unwrap()
    }

    /// The one intended caller has this, or cannot be told for this reason.
    #[track_caller]
    fn meets(elements: &str, expected: Result<&str, &str>) {
        let trust = trust(elements);
        let [one] = &intended(&trust)[..] else { panic!("not one: {trust}") };
        match (one, expected) {
            (Ok(one), Ok(part)) => {
                let shown = format!("{:?}", one.request(one.external_id()));
                assert!(shown.contains(part), "{shown}");
            }
            (Err(not_told), Err(why)) => assert!(not_told.why.ends_with(why), "{not_told}"),
            (found, _) => panic!("{found:?} for {trust}"),
        }
    }

    #[test]
    fn each_kind_of_principal_has_a_caller() {
        for (principal, expected) in [
            (r#"{"AWS":"111122223333"}"#, Ok("arn:aws:iam::111122223333:role/Intended")),
            (r#"{"AWS":"arn:aws:iam::111122223333:role/ops/Hub"}"#, Ok("role/ops/Hub")),
            (r#"{"AWS":"arn:aws:iam::111122223333:user/Ann"}"#, Ok("user/Ann")),
            (
                r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/run"}"#,
                Ok("session_name: Some(\"run\")"),
            ),
            (r#"{"AWS":"*"}"#, Ok("000000000000")),
            (r#"{"Service":"ec2.amazonaws.com"}"#, Ok("Service(\"ec2.amazonaws.com\")")),
            (r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/I"}"#, Ok("sts:AssumeRoleWithSAML")),
            (r#"{"Federated":"cognito-identity.amazonaws.com"}"#, Ok("sts:AssumeRoleWithWebIdentity")),
            (r#"{"AWS":"AROAEXAMPLEEXAMPLE123"}"#, Err("nobody who could ask")),
            (r#"{"AWS":"arn:aws:sts::111122223333:federated-user/Ann"}"#, Err("nobody who could ask")),
            (r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbaced"}"#, Err("nobody who could ask")),
        ] {
            meets(&format!(r#""Principal":{principal}"#), expected);
        }
        meets(r#""NotPrincipal":{"AWS":"000000000000"}"#, Ok("000000000001"));
        meets(r#""NotPrincipal":{"AWS":"111122223333"}"#, Ok("000000000000"));
    }

    #[test]
    fn the_caller_has_what_the_statement_asks_for() {
        for (condition, expected) in [
            (r#"{"StringEquals":{"aws:PrincipalOrgID":["o-b","o-a"]}}"#, Ok(r#"["o-a"]"#)),
            (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a/r-?/*"}}"#, Ok("o-a/r-0/Intended")),
            (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ops/Hub*"}}"#, Ok("/ops/HubIntended")),
            (
                r#"{"ArnLike":{"aws:PrincipalArn":["arn:*:iam::444455556666:role/A","arn:aws:iam::*:user/B"]}}"#,
                Ok("user/B"),
            ),
            (
                r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/A"}}"#,
                Err("aws:PrincipalArn"),
            ),
            (r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}"#, Ok("user/Intended")),
            (r#"{"StringEquals":{"aws:PrincipalType":"Account"}}"#, Ok("Root")),
            (r#"{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#, Err("aws:PrincipalAccount")),
            (r#"{"StringEquals":{"aws:SourceAccount":"444455556666"}}"#, Err("aws:SourceAccount")),
            (r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}"#, Ok("aws:PrincipalOrgID: None")),
            (
                r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-1"},"Null":{"aws:SourceVpc":"false"}}"#,
                Ok(r#"aws:SourceVpc: Some(["Intended"])"#),
            ),
            (r#"{"Null":{"aws:SourceVpc":"true"}}"#, Ok("aws:SourceVpc: None")),
            (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, Ok(r#"Present: Some(["true"])"#)),
            (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#, Ok(r#"Present: Some(["false"])"#)),
            (r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}}"#, Ok(r#"["299"]"#)),
            (r#"{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01"}}"#, Ok(r#"["1893456001"]"#)),
            (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, Ok(r#"["203.0.113.0"]"#)),
            (
                r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["b","a"]},"ForAnyValue:StringLike":{"aws:TagKeys":"b"}}"#,
                Ok(r#"["b"]"#),
            ),
            (
                r#"{"StringEquals":{"aws:RequestTag/a":"${aws:RequestTag/b}","aws:RequestTag/b":"x"}}"#,
                Ok(r#"aws:RequestTag/a: Some(["x"])"#),
            ),
            (r#"{"StringEquals":{"aws:RequestTag/a":"${aws:SourceVpc}"}}"#, Err("aws:SourceVpc")),
            (
                r#"{"StringEquals":{"aws:SourceVpc":"a"},"StringNotEquals":{"aws:SourceVpc":"a"}}"#,
                Err("aws:SourceVpc"),
            ),
            (r#"{"StringResembles":{"aws:SourceVpc":"a"}}"#, Err("aws:SourceVpc")),
        ] {
            meets(&format!(r#""Principal":{{"AWS":"111122223333"}},"Condition":{condition}"#), expected);
        }
    }

    #[test]
    fn anyone_is_somebody_of_the_account_that_is_asked_for() {
        for (condition, expected) in [
            (r#"{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#, "444455556666:role/Intended"),
            (r#"{"StringNotEquals":{"aws:PrincipalAccount":"000000000000"}}"#, "000000000001:role"),
            (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/Hub"}}"#, "role/Hub"),
        ] {
            meets(&format!(r#""Principal":"*","Condition":{condition}"#), Ok(expected));
        }
    }
}
