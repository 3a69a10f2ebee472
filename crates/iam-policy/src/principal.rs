//! Whom a statement is about.

use std::fmt;

/// One principal, in the one form that all its spellings share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// `"*"` and `{"AWS": "*"}`.
    Anyone,
    /// `"123456789012"` and `"arn:aws:iam::123456789012:root"` in any partition: a policy works in one
    /// partition only, and an account id says the same in each (aws-facts F3).
    Account(String),
    /// Any other `AWS` principal: the ARN of a role, user or session, or the unique id that IAM shows in place
    /// of a deleted one.
    Aws(String),
    /// A service, such as `ec2.amazonaws.com`.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// A canonical user id of S3.
    CanonicalUser(String),
}

impl Principal {
    /// Reads one value of `{"AWS": …}`, in any of its spellings.
    pub fn aws(text: &str) -> Principal {
        if text == "*" {
            return Principal::Anyone;
        }
        match account_of(text) {
            Some(account) => Principal::Account(account.to_owned()),
            None => Principal::Aws(text.to_owned()),
        }
    }

    /// The account that it names, or whose role, user or session it names.
    pub fn account(&self) -> Option<&str> {
        match self {
            Principal::Account(id) => Some(id),
            Principal::Aws(name) => account_part(name),
            Principal::Federated(provider) => account_part(provider),
            Principal::Anyone | Principal::Service(_) | Principal::CanonicalUser(_) => None,
        }
    }

    /// The unique id, such as `AROA…`, where the policy shows one.
    pub fn unique_id(&self) -> Option<&str> {
        match self {
            Principal::Aws(name) if is_unique_id(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it is what is left of a principal that was deleted: IAM shows the ARN of one that exists, however
    /// the policy was written (aws-facts F3).
    pub fn is_deleted(&self) -> bool {
        self.unique_id().is_some()
    }

    /// Whether it names everybody of its kind, or would if AWS took it so: of a star among services or identity
    /// providers, AWS does not say.
    pub fn is_wildcard(&self) -> bool {
        match self {
            Principal::Anyone => true,
            Principal::Service(name) | Principal::Federated(name) => name == "*",
            Principal::Account(_) | Principal::Aws(_) | Principal::CanonicalUser(_) => false,
        }
    }

    /// The key under which a `Principal` element lists it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Principal::Anyone | Principal::Account(_) | Principal::Aws(_) => "AWS",
            Principal::Service(_) => "Service",
            Principal::Federated(_) => "Federated",
            Principal::CanonicalUser(_) => "CanonicalUser",
        }
    }

    /// The value under that key.
    pub(crate) fn value(&self) -> &str {
        match self {
            Principal::Anyone => "*",
            Principal::Account(value)
            | Principal::Aws(value)
            | Principal::Service(value)
            | Principal::Federated(value)
            | Principal::CanonicalUser(value) => value,
        }
    }
}

/// Reads well after the word "principal".
impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Principal::Anyone => formatter.write_str("* (anyone)"),
            Principal::Account(id) => write!(formatter, "account {id}"),
            _ => write!(formatter, "{} {}", self.kind(), self.value()),
        }
    }
}

/// The account, if the text names a whole account.
fn account_of(text: &str) -> Option<&str> {
    if is_account_id(text) {
        return Some(text);
    }
    let mut parts = text.split(':');
    let (scheme, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = (scheme, service, region, resource) == ("arn", "iam", "", "root") && parts.next().is_none();
    (whole && is_account_id(account)).then_some(account)
}

/// The account in an ARN.
fn account_part(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let account = parts.nth(4)?;
    (arn.starts_with("arn:") && parts.next().is_some() && is_account_id(account)).then_some(account)
}

/// The kinds of principals, by the prefix of their unique ids: user, role, user group, instance profile and
/// managed policy (AWS's page `reference_identifiers`). IAM admits the first two only; what is left of the others
/// is a stranger as well.
const UNIQUE_ID_PREFIXES: &[&str] = &["AIDA", "AROA", "AGPA", "AIPA", "ANPA"];

fn is_unique_id(text: &str) -> bool {
    UNIQUE_ID_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_knows_its_account_and_whether_it_was_deleted() {
        for (principal, account, deleted) in [
            (Principal::aws("*"), None, false),
            (Principal::aws("arn:aws:iam::111122223333:root"), Some("111122223333"), false),
            (Principal::aws("arn:aws:iam::111122223333:role/ops/Hub"), Some("111122223333"), false),
            (Principal::aws("arn:aws:sts::111122223333:assumed-role/Hub/run"), Some("111122223333"), false),
            (Principal::aws("AROAEXAMPLEEXAMPLE123"), None, true),
            (Principal::aws("AIDAEXAMPLEEXAMPLE123"), None, true),
            (Principal::aws("AGPAEXAMPLEEXAMPLE123"), None, true),
            (Principal::aws("ANPAEXAMPLEEXAMPLE123"), None, true),
            (Principal::aws("AROAexample"), None, false),
            (Principal::aws("arn:aws:iam::AROAEXAMPLE"), None, false),
            (Principal::Service("AROAEXAMPLEEXAMPLE123".into()), None, false),
            (
                Principal::Federated("arn:aws:iam::111122223333:saml-provider/Idp".into()),
                Some("111122223333"),
                false,
            ),
            (Principal::Federated("cognito-identity.amazonaws.com".into()), None, false),
        ] {
            assert_eq!((principal.account(), principal.is_deleted()), (account, deleted), "{principal}");
        }
    }

    #[test]
    fn every_spelling_of_an_account_is_the_account() {
        for text in ["123456789012", "arn:aws:iam::123456789012:root", "arn:aws-cn:iam::123456789012:root"] {
            assert_eq!(Principal::aws(text), Principal::Account("123456789012".into()), "{text}");
        }
    }

    #[test]
    fn a_unique_id_is_all_that_is_left_of_a_deleted_principal() {
        for (text, expected) in [
            ("AROAEXAMPLEEXAMPLE123", true),
            ("AIDAEXAMPLEEXAMPLE123", true),
            ("AROA:session", false),
            ("arn:aws:iam::123456789012:role/AROAEXAMPLE", false),
            ("*", false),
        ] {
            assert_eq!(Principal::aws(text).is_deleted(), expected, "{text}");
        }
        assert!(!Principal::Service("AROAEXAMPLEEXAMPLE123".into()).is_deleted());
    }

    #[test]
    fn what_only_resembles_an_account_stays_what_it_is() {
        for text in [
            "12345678901",
            "AROAEXAMPLEEXAMPLE123",
            "arn:aws:iam::123456789012:role/root",
            "arn:aws:sts::123456789012:root",
            "arn:aws:iam::123456789012:root:more",
        ] {
            assert_eq!(Principal::aws(text), Principal::Aws(text.into()), "{text}");
        }
    }
}
