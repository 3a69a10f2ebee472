//! What the role is to be in an account, and what whoever tries it has to bring.

use std::sync::Arc;

use anyhow::Context;
use iam_policy::{Caller as TrustCaller, Decision, PolicyDocument, TrustRequest, admits};
use role_verifier::{Callers, Expected, Means};
use rollout_model::{AccountId, ExternalId};

use crate::prepare::Prepared;

/// What is expected of the role, account by account. Nearly always it is the same everywhere, and is kept once.
pub(crate) struct Expectations<'a> {
    prepared: &'a Prepared,
    callers: &'a Callers,
    known: Vec<Arc<Expected>>,
}

impl<'a> Expectations<'a> {
    pub(crate) fn new(prepared: &'a Prepared, callers: &'a Callers) -> Self {
        Expectations { prepared, callers, known: Vec::new() }
    }

    pub(crate) fn of(&mut self, account: &AccountId) -> anyhow::Result<Arc<Expected>> {
        let is_same_everywhere = self.prepared.rollout.deployable.is_same_everywhere();
        if let (true, Some(known)) = (is_same_everywhere, self.known.first()) {
            return Ok(known.clone());
        }
        let expected = self.work_out(account)?;
        if let Some(known) = self.known.iter().find(|known| known.role == expected.role) {
            return Ok(known.clone());
        }
        let expected = Arc::new(expected);
        self.known.push(expected.clone());
        Ok(expected)
    }

    /// The role as the template makes it, with the tags that a stack passes on to it (aws-facts A7).
    fn work_out(&self, account: &AccountId) -> anyhow::Result<Expected> {
        let Prepared { rollout, caller, .. } = self.prepared;
        let spec = &rollout.spec;
        let role = rollout.deployable.role_in(account, &spec.home_region, &caller.partition);
        let mut role = role
            .map_err(anyhow::Error::msg)
            .context("could not tell what the role is to be in this account")?;
        for (key, value) in &spec.stack_set.tags {
            role.tags.entry(key.clone()).or_insert_with(|| value.clone());
        }
        let external_id = match &self.callers.means {
            Means::Sts(trusted) => external_id(&role.trust, &trusted.arn)?,
            Means::TrustPolicy => None,
        };
        Ok(Expected { role, external_id, permissions: rollout.verify.permissions.clone() })
    }
}

/// The external ID by which our principal gets in: none when the trust policy admits us without one, as it
/// may beside others who need one. Of several, the one that it gives to us; when we cannot tell, the first,
/// and STS has the last word.
fn external_id(trust: &PolicyDocument, caller: &str) -> anyhow::Result<Option<ExternalId>> {
    if is_admitted(trust, caller, None) {
        return Ok(None);
    }
    let ids = trust.external_ids();
    let ours = ids.iter().copied().find(|id| is_admitted(trust, caller, Some(id)));
    let chosen = ours.or_else(|| ids.first().copied());
    chosen.map(str::parse).transpose().context("the external ID of the trust policy")
}

fn is_admitted(trust: &PolicyDocument, arn: &str, external_id: Option<&str>) -> bool {
    let Ok(caller) = TrustCaller::from_arn(arn) else { return false };
    let request = TrustRequest::new(caller);
    let request = match external_id {
        Some(id) => request.with_external_id(id),
        None => request,
    };
    matches!(admits(trust, &request), Decision::Allow { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VENDOR: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"999988887777"},
        "Condition":{"StringEquals":{"sts:ExternalId":"for-the-vendor"}}}"#;
    const PARTNER: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"444455556666"},
        "Condition":{"StringEquals":{"sts:ExternalId":"for-a-partner"}}}"#;
    const OURSELVES: &str =
        r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}"#;

    #[track_caller]
    fn check(statements: &[&str], caller: &str, expected: Option<&str>) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let trust = PolicyDocument::parse(&text).unwrap();
        let chosen = external_id(&trust, caller).unwrap();
        assert_eq!(chosen.as_ref().map(ExternalId::expose), expected);
    }

    #[test]
    fn the_external_id_is_the_one_that_the_trust_policy_gives_to_us() {
        let ours = "arn:aws:iam::111122223333:role/Operator";
        check(&[VENDOR, OURSELVES], ours, None);
        check(&[VENDOR, PARTNER], "arn:aws:iam::999988887777:role/Engine", Some("for-the-vendor"));
        check(&[VENDOR, PARTNER], "arn:aws:iam::444455556666:role/Engine", Some("for-a-partner"));
        check(&[OURSELVES], ours, None);
        // Nobody admits us: STS is asked with one of them and says so.
        check(&[VENDOR], ours, Some("for-the-vendor"));
    }
}
