//! Who is meant to come in through a trust policy, and what each has to bring.

use crate::condition::{Operator, Truth};
use crate::decide::{action_matches, applies};
use crate::describe::flat;
use crate::document::is_external_id;
use crate::{
    AnyCase, Caller, Condition, Effect, Members, PolicyDocument, Principal, Statement, TrustRequest,
};

/// One principal of one statement that allows entering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// Counted from zero, in the order of the document.
    pub statement: usize,
    /// `NotPrincipal` lets in everybody else, which is anyone.
    pub principal: Principal,
    /// The actions by which the statement lets it in, such as `sts:AssumeRole`.
    pub actions: Vec<&'static str>,
    /// Whether the caller has to know an external ID (aws-facts F5).
    pub asks_external_id: bool,
    /// Whether a condition keeps out callers of other accounts, organizations or networks. Tags, names and
    /// external IDs are no fence: a stranger chooses them.
    pub fenced: bool,
}

/// What is known of a principal whom nobody has specified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// A wildcard.
    Anyone,
    /// What is left of a principal that was deleted. It admits nobody, and says that the trust is broken
    /// (aws-facts F3).
    Deleted,
    /// A principal with a name.
    Named,
}

impl Entrance {
    /// What kind of stranger the principal is, to a reader who does not know it.
    pub fn stranger(&self) -> Stranger {
        match &self.principal {
            principal if principal.is_wildcard() => Stranger::Anyone,
            principal if principal.is_deleted() => Stranger::Deleted,
            _ => Stranger::Named,
        }
    }
}

/// The actions that give a session of a role (aws-facts F3).
pub(crate) const ENTERING: [&str; 3] =
    ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// What bringing session tags, and a source identity, takes besides (aws-facts E1).
pub(crate) const TAGGING: &str = "sts:TagSession";
pub(crate) const NAMING: &str = "sts:SetSourceIdentity";

/// Every way to enter the role with `sts:AssumeRole`. Conditions of the statement count, and statements that
/// deny.
pub fn entrances(trust: &PolicyDocument) -> Vec<Entrance> {
    entrances_by(trust, &ENTERING[..1])
}

/// Every principal that the policy lets in by whatever action, those of identity providers among them. As
/// [`entrances`], and whoever is not among these stays outside.
pub fn admitted(trust: &PolicyDocument) -> Vec<Entrance> {
    entrances_by(trust, &ENTERING)
}

fn entrances_by(trust: &PolicyDocument, by: &[&'static str]) -> Vec<Entrance> {
    let allowing = trust.statements.iter().enumerate();
    let allowing = allowing.filter(|(_, statement)| statement.effect == Effect::Allow);
    let mut found = Vec::new();
    for (index, statement) in allowing {
        let actions = by.iter().copied().filter(|action| action_matches(&statement.action, action));
        let actions: Vec<&str> = actions.collect();
        if actions.is_empty() {
            continue;
        }
        for principal in principals(statement) {
            found.push(entrance(trust, index, &actions, principal));
        }
    }
    found
}

pub(crate) fn principals(statement: &Statement) -> Vec<Principal> {
    match &statement.principal {
        None => Vec::new(),
        Some(Members::AnyOf(listed)) => listed.iter().cloned().collect(),
        Some(Members::NoneOf(_)) => vec![Principal::Anyone],
    }
}

fn entrance(
    trust: &PolicyDocument,
    statement: usize,
    actions: &[&'static str],
    principal: Principal,
) -> Entrance {
    let condition = &trust.statements[statement].condition;
    let request = caller(&principal).map(|caller| match principal {
        Principal::Anyone => of_nowhere(TrustRequest::new(caller)),
        _ => TrustRequest::new(caller),
    });
    let denied = |request: &TrustRequest| actions.iter().all(|action| denies(trust, request, action));
    let without_external_id = request.as_ref().is_some_and(denied);
    let with_any = request.as_ref().is_some_and(|request| {
        trust.external_ids().into_iter().all(|id| denied(&request.clone().with_external_id(id)))
    });
    Entrance {
        statement,
        actions: actions.to_vec(),
        asks_external_id: demands(condition, |key, _| is_external_id(key))
            || (without_external_id && !with_any),
        fenced: demands(condition, is_fence) || (without_external_id && with_any),
        principal,
    }
}

/// The request of somebody of no organization, from no network that a policy would name.
fn of_nowhere(request: TrustRequest) -> TrustRequest {
    const NOWHERE: [&str; 4] =
        ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceVpc", "aws:SourceVpce"];
    // An address that is for documentation.
    let request = request.with("aws:SourceIp", ["192.0.2.1"]);
    NOWHERE.into_iter().fold(request, TrustRequest::without)
}

fn denies(trust: &PolicyDocument, request: &TrustRequest, action: &str) -> bool {
    let request = TrustRequest { action: action.to_owned(), ..request.clone() };
    let mut denies = trust.statements.iter().filter(|statement| statement.effect == Effect::Deny);
    denies.any(|statement| applies(statement, trust, &request) == Truth::Yes)
}

/// Somebody whom the principal stands for. Anyone is a stranger in no organization.
pub(crate) fn caller(principal: &Principal) -> Option<Caller> {
    let session = |account: &str| Caller::RoleSession {
        partition: "aws".to_owned(),
        account: account.to_owned(),
        path: None,
        role_name: "Caller".to_owned(),
        session_name: None,
    };
    match principal {
        Principal::Anyone => Some(session("000000000000")),
        Principal::Account(id) => Some(session(id)),
        Principal::Aws(arn) => Caller::from_arn(arn).ok(),
        Principal::Service(name) => Some(Caller::Service(name.clone())),
        Principal::Federated(provider) => Some(Caller::Federated(provider.clone())),
        Principal::CanonicalUser(_) => None,
    }
}

/// The condition keys that a caller cannot choose.
const FENCES: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:userid",
];

/// An identity provider says in its key `…:sub` for whom it vouches, and in `…:aud` to which application. Where the
/// application is AWS, that is everybody: always in SAML, and for web identities where the audience is STS.
fn is_fence(key: &AnyCase, value: &str) -> bool {
    let name = key.as_str().to_ascii_lowercase();
    FENCES.iter().any(|fence| name.eq_ignore_ascii_case(fence))
        || name.ends_with(":sub")
        || (name.ends_with(":aud") && name != "saml:aud" && !value.starts_with("sts."))
}

/// Whether the condition holds only if the request has a certain value of one of the keys that are asked for.
fn demands(condition: &Condition, is_asked: fn(&AnyCase, &str) -> bool) -> bool {
    flat(condition).any(|(operator, key, values)| {
        Operator::parse(operator).is_some_and(Operator::asks_for_a_value)
            && values.iter().all(|value| is_asked(key, value) && is_certain(key, value))
    })
}

/// Whether a value leaves anyone out: `*`, `o-*`, `arn:aws:iam::*:role/Deploy` and `0.0.0.0/0` do not. What
/// counts is the account of an ARN, of a path of an organization the organization, and of `aws:userid` the role.
fn is_certain(key: &AnyCase, value: &str) -> bool {
    let is_user_id = key.as_str().eq_ignore_ascii_case("aws:userid");
    let part = match value.splitn(6, ':').collect::<Vec<_>>()[..] {
        ["arn", _, _, _, account, _] => account,
        ["arn", ..] => "",
        _ if is_user_id => value.split(':').next().unwrap_or_default(),
        _ => value.split('/').next().unwrap_or_default(),
    };
    !part.is_empty() && !part.contains(['*', '?']) && !value.ends_with("/0")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each entrance as a word for its principal, and what is asked.
    #[track_caller]
    fn check(statements: &str, expected: &[&str]) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let found = entrances(&PolicyDocument::parse(&text).unwrap());
        let words = |entrance: &Entrance| {
            let Entrance { statement, principal, asks_external_id, fenced, .. } = entrance;
            let asks = if *asks_external_id { ", external ID" } else { "" };
            let fenced = if *fenced { ", fenced" } else { "" };
            format!("{statement}: {principal}{asks}{fenced}")
        };
        assert_eq!(found.iter().map(words).collect::<Vec<_>>(), expected, "{statements}");
    }

    fn allow(elements: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole",{elements}}}"#)
    }

    fn anyone_if(condition: &str) -> String {
        allow(&format!(r#""Principal":"*","Condition":{condition}"#))
    }

    #[test]
    fn every_principal_that_may_enter_is_one_entrance() {
        let tag = r#"{"Effect":"Allow","Action":"sts:TagSession","Principal":"*"}"#;
        let hub = allow(
            r#""Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/Hub"],"Service":"ec2.amazonaws.com"}"#,
        );
        check(
            &format!("{tag},{hub}"),
            &[
                "1: account 111122223333",
                "1: AWS arn:aws:iam::111122223333:role/Hub",
                "1: Service ec2.amazonaws.com",
            ],
        );
        check(&allow(r#""NotPrincipal":{"AWS":"111122223333"}"#), &["0: * (anyone)"]);
        check(r#"{"Effect":"Deny","Action":"*","Principal":"*"}"#, &[]);
    }

    #[test]
    fn for_whom_an_identity_provider_vouches_is_a_fence() {
        let github = "token.actions.githubusercontent.com";
        for (condition, fenced) in [
            (r#"{"StringEquals":{"X:aud":"sts.amazonaws.com"}}"#, false),
            (r#"{"StringEquals":{"X:aud":"sts.cn-north-1.amazonaws.com.cn"}}"#, false),
            (r#"{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}"#, false),
            (r#"{"StringLike":{"X:sub":"*"}}"#, false),
            (r#"{"StringLike":{"X:sub":"repo:*"}}"#, false),
            (r#"{"StringNotEquals":{"X:sub":"repo:acme/site"}}"#, false),
            (r#"{"StringEquals":{"X:amr":"authenticated"}}"#, false),
            (r#"{"StringLike":{"X:sub":"repo:acme/*"}}"#, true),
            (r#"{"StringEquals":{"X:aud":"eu-west-1:pool"}}"#, true),
            (r#"{"StringEquals":{"X:aud":["eu-west-1:pool","sts.amazonaws.com"]}}"#, false),
        ] {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
                    "Principal":{{"Federated":"{github}"}},"Condition":{}}}}}"#,
                condition.replace('X', github)
            );
            let found = admitted(&PolicyDocument::parse(&text).unwrap());
            assert_eq!(found.iter().map(|one| one.fenced).collect::<Vec<_>>(), [fenced], "{condition}");
        }
    }

    #[test]
    fn what_a_stranger_cannot_choose_is_a_fence() {
        for condition in [
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abc/r-ab12/*"}}"#,
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#,
            r#"{"StringEquals":{"AWS:principalaccount":["111122223333","444455556666"]}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
            r#"{"StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE123:*"}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-abc/*"}}"#,
        ] {
            check(&anyone_if(condition), &["0: * (anyone), fenced"]);
        }
        for condition in [
            r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#,
            r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abc"}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc"}}"#,
            r#"{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-abc/*"}}"#,
            r#"{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/Deploy"]}}"#,
            r#"{"StringEquals":{"aws:PrincipalTag/team":"security"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"::/0"}}"#,
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*"}}"#,
            r#"{"StringLike":{"aws:userid":"*:session"}}"#,
            r#"{"Null":{"aws:PrincipalOrgID":"false"}}"#,
        ] {
            check(&anyone_if(condition), &["0: * (anyone)"]);
        }
    }

    #[test]
    fn an_external_id_is_asked_for_where_one_has_to_be_known() {
        let asked = r#"{"StringEquals":{"sts:ExternalId":"abc"}}"#;
        check(&anyone_if(asked), &["0: * (anyone), external ID"]);
        check(&anyone_if(r#"{"StringLike":{"sts:ExternalId":"*"}}"#), &["0: * (anyone)"]);
        check(&anyone_if(r#"{"StringEqualsIfExists":{"sts:ExternalId":"abc"}}"#), &["0: * (anyone)"]);
    }

    #[test]
    fn statements_that_deny_are_fences_and_ask_too() {
        let after = |condition: &str| {
            let deny =
                format!(r#"{{"Effect":"Deny","Action":"sts:*","Principal":"*","Condition":{condition}}}"#);
            format!("{},{deny}", allow(r#""Principal":{"AWS":["*","111122223333"]}"#))
        };
        check(
            &after(r#"{"StringNotEquals":{"sts:ExternalId":"abc"}}"#),
            &["0: * (anyone), external ID", "0: account 111122223333, external ID"],
        );
        check(
            &after(r#"{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}"#),
            &["0: * (anyone), fenced", "0: account 111122223333"],
        );
        for condition in [
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc"}}"#,
            r#"{"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"o-abc/*"}}"#,
            r#"{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24"]}}"#,
            r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#,
        ] {
            check(&after(condition), &["0: * (anyone), fenced", "0: account 111122223333"]);
        }
        check(
            &after(r#"{"StringNotEqualsIfExists":{"aws:PrincipalTag/team":"a"}}"#),
            &["0: * (anyone)", "0: account 111122223333"],
        );
    }

    #[test]
    fn services_and_providers_are_kept_out_by_statements_that_deny_too() {
        let deny = r#"{"Effect":"Deny","Action":"*","NotPrincipal":{"AWS":"111122223333"}}"#;
        let allow = allow(r#""Principal":{"Service":"ec2.amazonaws.com"}"#);
        check(&format!("{allow},{deny}"), &["0: Service ec2.amazonaws.com, fenced"]);
    }

    #[test]
    fn those_of_identity_providers_are_admitted_too() {
        let text = r#"{"Statement":[
            {"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Condition":{"Null":{"a:sub":"false"}},
             "Principal":{"Federated":"cognito-identity.amazonaws.com"}},
            {"Effect":"Allow","Action":["sts:AssumeRoleWith*","sts:TagSession"],"Principal":"*"},
            {"Effect":"Allow","Action":"STS:*","Principal":{"AWS":["AROAEXAMPLEEXAMPLE123","111122223333"]}},
            {"Effect":"Allow","Action":["sts:TagSession","sts:SetSourceIdentity"],"Principal":"*"},
            {"Effect":"Deny","Action":"sts:AssumeRoleWithSAML","Principal":"*"},
            {"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"*"}}]}"#;
        let trust = PolicyDocument::parse(text).unwrap();
        let seen: Vec<_> = admitted(&trust)
            .into_iter()
            .map(|entrance| {
                assert!(!entrance.fenced && !entrance.asks_external_id, "{entrance:?}");
                (entrance.statement, entrance.stranger(), entrance.actions.len(), entrance.principal)
            })
            .collect();
        let expected = [
            (0, Stranger::Named, 1, Principal::Federated("cognito-identity.amazonaws.com".into())),
            (1, Stranger::Anyone, 2, Principal::Anyone),
            (2, Stranger::Named, 3, Principal::Account("111122223333".into())),
            (2, Stranger::Deleted, 3, Principal::Aws("AROAEXAMPLEEXAMPLE123".into())),
            (5, Stranger::Anyone, 1, Principal::Federated("*".into())),
        ];
        assert_eq!(seen, expected);
        assert_eq!(entrances(&trust).len(), 2);
    }
}
