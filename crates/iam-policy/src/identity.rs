//! Whether a principal element is about a caller.

use crate::condition::Truth;
use crate::{Caller, Members, Principal};

/// A policy without principal is no trust policy and lets nobody in.
///
/// A session is its account, its role and itself at once. With `NotPrincipal`, AWS may look at any of the
/// three and advises to list all; when only some are listed, the outcome is not documented.
pub(crate) fn principal_matches(members: Option<&Members<Principal>>, caller: &Caller) -> Truth {
    match members {
        None => Truth::No,
        Some(Members::AnyOf(listed)) => {
            let identity = |principal| identities(caller).iter().any(|identity| identity.is(principal));
            match listed.iter().any(identity) {
                true => Truth::Yes,
                false if listed.iter().any(|principal| may_be(principal, caller)) => {
                    Truth::Unknown("Principal".to_owned())
                }
                false => Truth::No,
            }
        }
        Some(Members::NoneOf(listed)) => {
            let identities = identities(caller);
            let found =
                identities.iter().filter(|identity| listed.iter().any(|principal| identity.is(principal)));
            match found.count() {
                0 if !listed.iter().any(|principal| may_be(principal, caller)) => Truth::Yes,
                count if count == identities.len() => Truth::No,
                _ => Truth::Unknown("NotPrincipal".to_owned()),
            }
        }
    }
}

/// Whether it cannot be told if the principal is the caller: one session of a role whose session has no name yet, or
/// a wildcard of the caller's kind. AWS documents what `*` is under `AWS`, but not under `Service` and `Federated`.
fn may_be(principal: &Principal, caller: &Caller) -> bool {
    match (principal, caller) {
        (Principal::Service(_), Caller::Service(_)) | (Principal::Federated(_), Caller::Federated(_)) => {
            principal.is_wildcard()
        }
        (
            Principal::Aws(listed),
            Caller::RoleSession { partition, account, role_name, session_name: None, .. },
        ) => {
            let name =
                listed.strip_prefix(&format!("arn:{partition}:sts::{account}:assumed-role/{role_name}/"));
            name.is_some_and(|name| !name.contains(['*', '?']))
        }
        _ => false,
    }
}

/// What a caller is to a trust policy.
enum Identity<'a> {
    Account(&'a str),
    User(&'a str),
    Role { partition: &'a str, account: &'a str, path: Option<&'a str>, name: &'a str },
    Session(Option<String>),
    Service(&'a str),
    Federated(&'a str),
}

fn identities(caller: &Caller) -> Vec<Identity<'_>> {
    match caller {
        Caller::Root { account, .. } => vec![Identity::Account(account)],
        Caller::User { arn, account } => vec![Identity::Account(account), Identity::User(arn)],
        Caller::RoleSession { partition, account, path, role_name: name, session_name } => vec![
            Identity::Account(account),
            Identity::Role { partition, account, path: path.as_deref(), name },
            Identity::Session(session_name.as_ref().map(|session_name| {
                format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session_name}")
            })),
        ],
        Caller::Service(name) => vec![Identity::Service(name)],
        Caller::Federated(provider) => vec![Identity::Federated(provider)],
    }
}

impl Identity<'_> {
    fn is(&self, principal: &Principal) -> bool {
        match (principal, self) {
            (Principal::Anyone, _) => true,
            (Principal::Account(listed), Identity::Account(account)) => listed == account,
            (Principal::Aws(listed), Identity::User(arn)) => listed == arn,
            (Principal::Aws(listed), Identity::Session(arn)) => arn.as_ref() == Some(listed),
            (Principal::Aws(listed), Identity::Role { partition, account, path, name }) => {
                is_role(listed, partition, account, *path, name)
            }
            (Principal::Service(listed), Identity::Service(name)) => listed == name,
            (Principal::Federated(listed), Identity::Federated(provider)) => listed == provider,
            _ => false,
        }
    }
}

/// Without the path the name decides: an account has one role of a name at a time, whatever its path
/// (aws-facts F1), and a principal that names a deleted role no longer shows its ARN (F3).
fn is_role(listed: &str, partition: &str, account: &str, path: Option<&str>, name: &str) -> bool {
    let prefix = format!("arn:{partition}:iam::{account}:role");
    let Some(path_and_name) = listed.strip_prefix(&prefix) else { return false };
    match path {
        Some(path) => path_and_name == format!("{path}{name}"),
        None => {
            let last = path_and_name.rsplit_once('/').map(|(_, last)| last);
            path_and_name.starts_with('/') && last == Some(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decision, PolicyDocument, TrustRequest, admits};

    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Hub/run";
    const ROLE: &str = "arn:aws:iam::111122223333:role/ops/Hub";
    const USER: &str = "arn:aws:iam::111122223333:user/Ann";

    fn allow(statement: usize) -> Decision {
        Decision::Allow { statement }
    }

    fn request(caller: &str) -> TrustRequest {
        TrustRequest::new(Caller::from_arn(caller).unwrap())
    }

    fn check(statements: &str, request: &TrustRequest, expected: Decision) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let document = PolicyDocument::parse(&text).unwrap();
        assert_eq!(admits(&document, request), expected, "{document} for {request:?}");
    }

    /// One statement that lets this principal in.
    fn principal(principal: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole",{principal}}}"#)
    }

    #[test]
    fn principals_match_as_f3_says() {
        for (element, caller, admitted) in [
            (r#"{"AWS":"*"}"#, SESSION, true),
            (r#"{"AWS":"111122223333"}"#, SESSION, true),
            (r#"{"AWS":"111122223333"}"#, USER, true),
            (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, "arn:aws:iam::111122223333:root", true),
            (r#"{"AWS":"444455556666"}"#, SESSION, false),
            // The session's own ARN has dropped the role's path, and the name is unique without it.
            (r#"{"AWS":"arn:aws:iam::111122223333:role/ops/Hub"}"#, SESSION, true),
            (r#"{"AWS":"arn:aws:iam::111122223333:role/ops/Hub"}"#, ROLE, true),
            (r#"{"AWS":"arn:aws:iam::111122223333:role/Hub"}"#, ROLE, false),
            (r#"{"AWS":"arn:aws:iam::111122223333:role/Spoke"}"#, SESSION, false),
            (r#"{"AWS":"arn:aws:iam::111122223333:roles/Hub"}"#, SESSION, false),
            (r#"{"AWS":"arn:aws:iam::444455556666:role/ops/Hub"}"#, SESSION, false),
            (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/run"}"#, SESSION, true),
            (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/other"}"#, SESSION, false),
            (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/*"}"#, SESSION, false),
            (r#"{"AWS":"arn:aws:iam::111122223333:user/Ann"}"#, USER, true),
            (r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#, USER, false),
            // The trusted role was deleted: whoever is called so now is somebody else.
            (r#"{"AWS":"AROAEXAMPLEEXAMPLE123"}"#, SESSION, false),
            (r#"{"Service":"ec2.amazonaws.com"}"#, SESSION, false),
        ] {
            let expected = if admitted { allow(0) } else { Decision::ImplicitDeny };
            check(&principal(&format!(r#""Principal":{element}"#)), &request(caller), expected);
        }
    }

    #[test]
    fn services_and_providers_are_matched_by_name() {
        let service = TrustRequest::new(Caller::Service("ec2.amazonaws.com".into()));
        check(&principal(r#""Principal":{"Service":["ec2.amazonaws.com"]}"#), &service, allow(0));
        check(
            &principal(r#""Principal":{"Service":"lambda.amazonaws.com"}"#),
            &service,
            Decision::ImplicitDeny,
        );
        check(&principal(r#""Principal":{"AWS":"111122223333"}"#), &service, Decision::ImplicitDeny);
        let mut federated =
            TrustRequest::new(Caller::Federated("arn:aws:iam::111122223333:saml-provider/Idp".into()));
        federated.action = "sts:AssumeRoleWithSAML".into();
        let statement = r#"{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML",
            "Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/Idp"}}"#;
        check(statement, &federated, allow(0));
    }

    #[test]
    fn notprincipal_spares_whom_it_lists_in_every_form() {
        let deny = |listed: &str| {
            format!(
                r#"{},{{"Effect":"Deny","Action":"*","NotPrincipal":{{"AWS":[{listed}]}}}}"#,
                principal(r#""Principal":{"AWS":"111122223333"}"#)
            )
        };
        let all = r#""111122223333","arn:aws:iam::111122223333:role/ops/Hub",
                     "arn:aws:sts::111122223333:assumed-role/Hub/run""#;
        check(&deny(all), &request(SESSION), allow(0));
        check(&deny(r#""*""#), &request(SESSION), allow(0));
        check(&deny(r#""444455556666""#), &request(SESSION), Decision::Deny { statement: 1 });
        check(
            &deny(r#""arn:aws:iam::111122223333:role/ops/Hub""#),
            &request(SESSION),
            Decision::Unknown { key: "NotPrincipal".into() },
        );
    }
}
