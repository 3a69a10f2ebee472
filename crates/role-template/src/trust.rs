//! Whom a role trusts, in the words of a configuration file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use iam_policy::{AnyCase, Effect, MASK, Members, PolicyDocument, Principal, Statement, Version};

/// The principals that may assume a role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustSpecification {
    /// At least one, or nobody can assume the role.
    pub entries: Vec<TrustEntry>,
}

/// One principal and what it has to bring.
#[derive(Clone, PartialEq, Eq)]
pub struct TrustEntry {
    /// Who.
    pub principal: TrustedPrincipal,
    /// What a third party has to send along (aws-facts F5).
    pub external_id: Option<String>,
}

/// Who may assume the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedPrincipal {
    /// Whomever the account lets, by its id.
    Account(String),
    /// One role, by its ARN. The role must exist, or IAM refuses the policy; recreated, it is no longer
    /// trusted (aws-facts F3).
    Role(String),
    /// One user, by its ARN, with the same caveats.
    User(String),
    /// An AWS service, such as `ec2.amazonaws.com`.
    Service(String),
    /// Whomever the accounts of an organization let, by its id.
    Organization(String),
    /// Sessions of one role, by its ARN, that are let in for the sake of a proof: by a condition on its account, so
    /// that the role may be made later, or anew.
    Probe(String),
}

/// Tells people what the statement of a probe is there for.
const PROBE_SID: &str = "RolecallProbe";

impl TrustSpecification {
    /// The trust policy. Principals that bring the same share a statement; those with different external IDs
    /// cannot, or each could come in with the other's. Without entries there are no statements, which
    /// [`crate::RoleSpecification::problems`] tells.
    pub fn to_policy(&self) -> PolicyDocument {
        let mut statements: BTreeMap<Demands<'_>, BTreeSet<Principal>> = BTreeMap::new();
        for entry in &self.entries {
            let mut demands = Demands { external_id: entry.external_id.as_deref(), ..Demands::default() };
            let principal = match &entry.principal {
                TrustedPrincipal::Account(name)
                | TrustedPrincipal::Role(name)
                | TrustedPrincipal::User(name) => Principal::aws(name),
                TrustedPrincipal::Service(name) => Principal::Service(name.clone()),
                TrustedPrincipal::Organization(id) => {
                    demands.organization = Some(id);
                    Principal::Anyone
                }
                TrustedPrincipal::Probe(arn) => {
                    demands.probe = Some(arn);
                    Principal::aws(arn.split(':').nth(4).unwrap_or(arn))
                }
            };
            statements.entry(demands).or_default().insert(principal);
        }
        let statements = statements.iter().map(|(demands, principals)| statement(demands, principals));
        PolicyDocument { version: Version::V2012, id: None, statements: statements.collect() }
    }
}

/// What a statement asks of its principals.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Demands<'a> {
    probe: Option<&'a str>,
    organization: Option<&'a str>,
    external_id: Option<&'a str>,
}

fn statement(demands: &Demands<'_>, principals: &BTreeSet<Principal>) -> Statement {
    let mut equals = BTreeMap::new();
    if let Some(id) = demands.organization {
        equals.insert(AnyCase::from("aws:PrincipalOrgID"), BTreeSet::from([id.to_owned()]));
    }
    if let Some(external_id) = demands.external_id {
        equals.insert(AnyCase::from("sts:ExternalId"), BTreeSet::from([external_id.to_owned()]));
    }
    let mut condition = BTreeMap::new();
    if !equals.is_empty() {
        condition.insert(AnyCase::from("StringEquals"), equals);
    }
    if let Some(arn) = demands.probe {
        let is_role = (AnyCase::from("aws:PrincipalArn"), BTreeSet::from([arn.to_owned()]));
        condition.insert(AnyCase::from("ArnEquals"), BTreeMap::from([is_role]));
    }
    Statement {
        sid: demands.probe.map(|_| PROBE_SID.to_owned()),
        effect: Effect::Allow,
        principal: Some(Members::AnyOf(principals.clone())),
        action: Members::AnyOf(BTreeSet::from([AnyCase::from("sts:AssumeRole")])),
        resource: None,
        condition,
    }
}

/// The external ID is masked.
impl fmt::Debug for TrustEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let external_id = self.external_id.as_ref().map(|_| MASK);
        formatter
            .debug_struct("TrustEntry")
            .field("principal", &self.principal)
            .field("external_id", &external_id)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(principal: TrustedPrincipal, external_id: Option<&str>) -> TrustEntry {
        TrustEntry { principal, external_id: external_id.map(str::to_owned) }
    }

    fn check(entries: Vec<TrustEntry>, statements: &str) {
        let expected = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
        let expected = PolicyDocument::parse(&expected).unwrap();
        assert_eq!(TrustSpecification { entries }.to_policy(), expected);
    }

    #[test]
    fn an_account_with_an_external_id_is_the_statement_that_vendors_ask_for() {
        check(
            vec![entry(TrustedPrincipal::Account("111122223333".into()), Some("abc"))],
            r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
                "Condition":{"StringEquals":{"sts:ExternalId":"abc"}}}"#,
        );
    }

    #[test]
    fn principals_with_different_external_ids_do_not_share_a_statement() {
        let one = entry(TrustedPrincipal::Account("111122223333".into()), Some("one"));
        let two = entry(TrustedPrincipal::Role("arn:aws:iam::444455556666:role/Hub".into()), Some("two"));
        let three = entry(TrustedPrincipal::Account("777788889999".into()), Some("one"));
        let policy =
            TrustSpecification { entries: vec![one.clone(), two.clone(), three.clone()] }.to_policy();
        assert_eq!(policy.statements.len(), 2);
        check(
            vec![three, two, one],
            r#"[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["111122223333","777788889999"]},
                "Condition":{"StringEquals":{"sts:ExternalId":"one"}}},
               {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::444455556666:role/Hub"},
                "Condition":{"StringEquals":{"sts:ExternalId":"two"}}}]"#,
        );
    }

    #[test]
    fn an_organization_is_anyone_behind_its_fence() {
        check(
            vec![
                entry(TrustedPrincipal::Organization("o-abcdefghij".into()), None),
                entry(TrustedPrincipal::Service("ec2.amazonaws.com".into()), None),
            ],
            r#"[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*",
                "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abcdefghij"}}},
               {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]"#,
        );
    }

    #[test]
    fn a_probe_is_its_account_behind_a_condition_that_names_the_role() {
        let hub = "arn:aws:iam::444455556666:role/ops/Hub";
        let vendor = entry(TrustedPrincipal::Account("111122223333".into()), Some("abc"));
        let probe = entry(TrustedPrincipal::Probe(hub.into()), Some("abc"));
        let policy = TrustSpecification { entries: vec![vendor.clone(), probe.clone()] }.to_policy();
        let sids: Vec<_> = policy.statements.iter().map(|statement| statement.sid.as_deref()).collect();
        assert_eq!(sids, [None, Some("RolecallProbe")]);
        check(
            vec![probe, vendor],
            r#"[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"},
                "Condition":{"StringEquals":{"sts:ExternalId":"abc"}}},
               {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"444455556666"},
                "Condition":{"StringEquals":{"sts:ExternalId":"abc"},
                             "ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/ops/Hub"}}}]"#,
        );
    }

    #[test]
    fn an_external_id_is_not_shown() {
        let entry = entry(TrustedPrincipal::Account("111122223333".into()), Some("tell-nobody"));
        let trust = TrustSpecification { entries: vec![entry] };
        assert!(!format!("{trust:?} {:?}", trust.to_policy()).contains("nobody"));
    }
}
