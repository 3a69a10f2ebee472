//! What AWS takes without a word, and an operator should think twice about.

use iam_policy::{Effect, Entrance, Members, PolicyDocument, Principal, Statement, entrances};

use crate::{Problem, RoleSpecification};

/// The console's Switch Role takes no longer path and name together (aws-facts F1).
const MAX_SWITCH_ROLE: usize = 64;

impl RoleSpecification {
    /// Everything that is unwise, all at once (aws-facts F1, F3, F5, K26).
    ///
    /// `own` tells of an account id whether the account belongs to the organization: whoever else is trusted
    /// is a third party.
    pub fn cautions(&self, own: &dyn Fn(&str) -> bool) -> Vec<Problem> {
        let trust = entrances(&self.trust);
        let trust = trust.iter().flat_map(|entrance| entrance_cautions(entrance, own));
        let trust = trust.map(|message| Problem::unwise("role.trust", message));
        trust.chain(self.power_cautions()).chain(self.switch_role_caution()).collect()
    }

    fn power_cautions(&self) -> impl Iterator<Item = Problem> {
        let administrator =
            self.managed_policies.iter().filter(|arn| arn.ends_with(":iam::aws:policy/AdministratorAccess"));
        let attached = administrator.map(|_| {
            Problem::unwise("role.managed_policies", "AdministratorAccess allows everything in every account")
        });
        let unlimited = self.inline_policies.iter().filter(|(_, document)| allows_everything(document));
        attached.chain(unlimited.map(|(name, _)| {
            let message = "allows every action on every resource in every account";
            Problem::unwise(format!("role.inline_policies.{name}"), message)
        }))
    }

    fn switch_role_caution(&self) -> Option<Problem> {
        let length = self.path.len() + self.name.len();
        (self.path != "/" && length > MAX_SWITCH_ROLE).then(|| {
            let message = format!(
                "path and name have {length} characters, and the console's Switch Role takes \
                 {MAX_SWITCH_ROLE} at most"
            );
            Problem::unwise("role.path", message)
        })
    }
}

fn entrance_cautions(entrance: &Entrance, own: &dyn Fn(&str) -> bool) -> Vec<String> {
    let place = format!("statement {}", entrance.statement + 1);
    match &entrance.principal {
        Principal::Anyone => {
            anyone(entrance).map(|who| format!("{place} lets in {who}")).into_iter().collect()
        }
        Principal::Account(id) => third_party(&place, id, entrance, own).into_iter().collect(),
        Principal::Aws(name) => {
            let party = account_of(name).and_then(|id| third_party(&place, id, entrance, own));
            identity(&place, name).into_iter().chain(party).collect()
        }
        Principal::Service(_) | Principal::Federated(_) | Principal::CanonicalUser(_) => Vec::new(),
    }
}

/// An external ID is no secret (aws-facts F5), so it does not make a stranger less of a stranger.
fn anyone(entrance: &Entrance) -> Option<&'static str> {
    match (entrance.fenced, entrance.asks_external_id) {
        (true, _) => None,
        (false, true) => Some(
            "anyone who knows the external ID, which is no secret; name the account, or add a condition on \
             aws:PrincipalOrgID",
        ),
        (false, false) => {
            Some("anyone in any AWS account; name the account, or add a condition on aws:PrincipalOrgID")
        }
    }
}

fn third_party(place: &str, id: &str, entrance: &Entrance, own: &dyn Fn(&str) -> bool) -> Option<String> {
    (!entrance.asks_external_id && !own(id)).then(|| {
        format!(
            "{place} trusts account {id}, which is none of the organization, without sts:ExternalId: another \
             customer of a third party could have it enter this role"
        )
    })
}

/// IAM keeps the unique id behind an ARN and shows it when role or user are gone (aws-facts F3, K26).
fn identity(place: &str, name: &str) -> Option<String> {
    let resource = name.splitn(6, ':').nth(5).unwrap_or_default();
    let kind = ["role", "user"].into_iter().find(|kind| resource.starts_with(&format!("{kind}/")));
    match kind {
        Some(kind) => Some(format!(
            "{place} trusts {name}: IAM keeps the unique id of that {kind}, so once deleted and created again it \
             is no longer trusted; the account and a condition on aws:PrincipalArn stay true"
        )),
        None if name.starts_with("AROA") || name.starts_with("AIDA") => Some(format!(
            "{place} trusts the unique id {name}, which IAM shows in place of a deleted role or user: nobody can \
             enter by it"
        )),
        None => None,
    }
}

fn account_of(arn: &str) -> Option<&str> {
    arn.starts_with("arn:").then(|| arn.split(':').nth(4)).flatten()
}

/// Conditions are not looked at: they may narrow when, but hardly what.
fn allows_everything(document: &PolicyDocument) -> bool {
    let everything = |statement: &Statement| {
        statement.effect == Effect::Allow
            && has(&statement.action, |action| matches!(action.as_str(), "*" | "*:*"))
            && statement.resource.as_ref().is_some_and(|resource| has(resource, |name| name == "*"))
    };
    document.statements.iter().any(everything)
}

fn has<T: Ord>(members: &Members<T>, wanted: impl Fn(&T) -> bool) -> bool {
    matches!(members, Members::AnyOf(listed) if listed.iter().any(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "111122223333";

    fn document(statement: &str) -> PolicyDocument {
        PolicyDocument::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).unwrap()
    }

    fn trusting(elements: &str) -> RoleSpecification {
        let statement = format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole",{elements}}}"#);
        RoleSpecification::new("Vendor", document(&statement))
    }

    /// Key, and the beginning of the message after the statement.
    #[track_caller]
    fn check(role: &RoleSpecification, expected: &[(&str, &str)]) {
        let found = role.cautions(&|account| account == OWN);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (problem, (key, message)) in found.iter().zip(expected) {
            assert_eq!(problem.severity, crate::Severity::Unwise);
            assert_eq!(problem.key, *key);
            assert!(problem.message.contains(message), "{problem:?}");
            assert!(!problem.message.contains("tell-nobody"), "{problem:?}");
        }
    }

    const ASKED: &str = r#""Condition":{"StringEquals":{"sts:ExternalId":"tell-nobody"}}"#;

    #[test]
    fn anyone_is_told_unless_the_organization_is_a_fence() {
        check(&trusting(r#""Principal":"*""#), &[("role.trust", "statement 1 lets in anyone in any AWS")]);
        check(
            &trusting(&format!(r#""Principal":{{"AWS":"*"}},{ASKED}"#)),
            &[("role.trust", "statement 1 lets in anyone who knows the external ID")],
        );
        check(
            &trusting(
                r#""Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abcdefghij"}}"#,
            ),
            &[],
        );
    }

    #[test]
    fn a_third_party_has_to_send_an_external_id_and_an_account_of_ours_need_not() {
        check(&trusting(r#""Principal":{"AWS":"111122223333"}"#), &[]);
        check(
            &trusting(r#""Principal":{"AWS":"999988887777"}"#),
            &[("role.trust", "statement 1 trusts account 999988887777, which is none")],
        );
        check(&trusting(&format!(r#""Principal":{{"AWS":"999988887777"}},{ASKED}"#)), &[]);
        check(&trusting(r#""Principal":{"Service":"ec2.amazonaws.com"}"#), &[]);
    }

    #[test]
    fn a_role_or_user_that_is_trusted_may_be_recreated() {
        check(
            &trusting(r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/ops/Hub"}"#),
            &[("role.trust", "the unique id of that role")],
        );
        check(
            &trusting(r#""Principal":{"AWS":"arn:aws:iam::999988887777:user/Ann"}"#),
            &[
                ("role.trust", "the unique id of that user"),
                ("role.trust", "account 999988887777, which is none"),
            ],
        );
        check(
            &trusting(r#""Principal":{"AWS":"AROAEXAMPLEEXAMPLE123"}"#),
            &[("role.trust", "in place of a deleted role or user")],
        );
        check(&trusting(r#""Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/run"}"#), &[]);
    }

    #[test]
    fn a_role_that_may_do_everything_is_told() {
        let mut role = trusting(r#""Principal":{"AWS":"111122223333"}"#);
        role.managed_policies.insert("arn:aws-cn:iam::aws:policy/AdministratorAccess".into());
        role.managed_policies.insert("arn:aws:iam::111122223333:policy/AdministratorAccess".into());
        for (name, statement) in [
            ("all", r#"{"Effect":"Allow","Action":["s3:Get*","*"],"Resource":"*"}"#),
            ("some", r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#),
            ("there", r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::logs/*"}"#),
            ("none", r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#),
            ("most", r#"{"Effect":"Allow","NotAction":"*","Resource":"*"}"#),
        ] {
            role.inline_policies.insert(name.into(), document(statement));
        }
        check(
            &role,
            &[("role.managed_policies", "AdministratorAccess"), ("role.inline_policies.all", "every action")],
        );
    }

    #[test]
    fn a_long_path_keeps_people_from_switching_to_the_role() {
        let mut role = trusting(r#""Principal":{"AWS":"111122223333"}"#);
        role.name = "r".repeat(64);
        check(&role, &[]);
        role.path = "/service/".into();
        check(&role, &[("role.path", "have 73 characters")]);
    }
}
