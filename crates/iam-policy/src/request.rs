//! Who asks to assume a role, and what AWS knows about the request.

use thiserror::Error;

use crate::AnyCase;
use crate::context::{Context, Known};
use crate::entrance::{ENTERING, NAMING, TAGGING};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The root user of an account.
    Root {
        /// Of the account.
        partition: String,
        /// Twelve digits.
        account: String,
    },
    /// A user.
    User {
        /// With its path.
        arn: String,
        /// Twelve digits.
        account: String,
    },
    /// A session of a role.
    RoleSession {
        /// Of the role.
        partition: String,
        /// Twelve digits.
        account: String,
        /// Such as `/service/`. A session's own ARN drops it (aws-facts E1), so it may not be known.
        path: Option<String>,
        /// Unique in its account whatever its path.
        role_name: String,
        /// The caller's name for the session, where one is known.
        session_name: Option<String>,
    },
    /// An AWS service.
    Service(String),
    /// Somebody whom an identity provider has vouched for.
    Federated(String),
}

/// The ARN is none of a caller that could assume a role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not the ARN of a root user, user, role or role session")]
pub struct InvalidCaller(String);

impl Caller {
    /// Reads the ARN that `GetCallerIdentity` answers, or the ARN of a role, which then stands for some
    /// session of that role.
    pub fn from_arn(arn: &str) -> Result<Caller, InvalidCaller> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [scheme, partition, service, region, account, resource] = parts[..] else {
            return Err(InvalidCaller(arn.to_owned()));
        };
        let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
        let is_named = !name.is_empty() && !name.ends_with('/');
        let regular = scheme == "arn" && region.is_empty() && crate::principal::is_account_id(account);
        let (partition, account) = (partition.to_owned(), account.to_owned());
        match (regular, service, kind) {
            (true, "iam", _) if resource == "root" => Ok(Caller::Root { partition, account }),
            (true, "iam", "user") if is_named => Ok(Caller::User { arn: arn.to_owned(), account }),
            (true, "iam", "role") if is_named => {
                let (path, role_name) = name.rsplit_once('/').unwrap_or(("", name));
                let path = Some(if path.is_empty() { "/".to_owned() } else { format!("/{path}/") });
                let role_name = role_name.to_owned();
                Ok(Caller::RoleSession { partition, account, path, role_name, session_name: None })
            }
            (true, "sts", "assumed-role") if is_named => {
                let names = name.split_once('/').filter(|(role_name, _)| !role_name.is_empty());
                let Some((role_name, session_name)) = names else {
                    return Err(InvalidCaller(arn.to_owned()));
                };
                let (role_name, session_name) = (role_name.to_owned(), Some(session_name.to_owned()));
                Ok(Caller::RoleSession { partition, account, path: None, role_name, session_name })
            }
            _ => Err(InvalidCaller(arn.to_owned())),
        }
    }

    /// The account that the caller belongs to, if it belongs to one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Caller::Root { account, .. }
            | Caller::User { account, .. }
            | Caller::RoleSession { account, .. } => Some(account),
            Caller::Service(_) | Caller::Federated(_) => None,
        }
    }
}

/// A request to assume a role: the caller and the condition keys.
///
/// A key is present with values, absent, or not told. Of the last kind are keys that depend on what we cannot
/// see from here, such as `aws:SourceIp`; a decision that hangs on one is [`crate::Decision::Unknown`].
#[derive(Debug, Clone)]
pub struct TrustRequest {
    /// Who asks.
    pub caller: Caller,
    /// What is asked, normally `sts:AssumeRole`.
    pub action: String,
    pub(crate) context: Context,
}

impl TrustRequest {
    /// `sts:AssumeRole` without external ID, tags and source identity. The keys that follow from the caller
    /// are there; `aws:SourceAccount` and `aws:SourceArn` are absent unless a service asks (aws-facts F4).
    pub fn new(caller: Caller) -> TrustRequest {
        let context = context(&caller);
        TrustRequest { caller, action: "sts:AssumeRole".into(), context }
    }

    /// The same request with an external ID.
    pub fn with_external_id(self, external_id: &str) -> TrustRequest {
        self.with("sts:ExternalId", [external_id])
    }

    /// The same request with a condition key that has these values.
    pub fn with<'a>(mut self, key: &str, values: impl IntoIterator<Item = &'a str>) -> TrustRequest {
        self.context = self.context.with(key, values);
        self
    }

    /// What the trust policy is asked, each for itself: who brings session tags or a source identity takes an action
    /// of its own for each (aws-facts E1).
    pub(crate) fn questions(&self) -> Vec<TrustRequest> {
        let enters = ENTERING.iter().any(|action| self.action.eq_ignore_ascii_case(action));
        let brings_name = self.has(&AnyCase::from("sts:SourceIdentity"));
        let also = [(TAGGING, self.context.has_tags()), (NAMING, brings_name)];
        let also = also.into_iter().filter(|(_, brings)| enters && *brings);
        let also = also.map(|(action, _)| TrustRequest { action: action.to_owned(), ..self.clone() });
        std::iter::once(self.clone()).chain(also).collect()
    }

    /// The value of a condition key that has one.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        match self.context.look_up(&AnyCase::from(key)) {
            Known::Present([value]) => Some(value),
            _ => None,
        }
    }

    /// Whether the request is known to have this condition key.
    pub(crate) fn has(&self, key: &AnyCase) -> bool {
        matches!(self.context.look_up(key), Known::Present([_, ..]))
    }

    /// The same request, and it is certain that it does not have this condition key.
    pub fn without(mut self, key: &str) -> TrustRequest {
        self.context = self.context.without(key);
        self
    }
}

fn context(caller: &Caller) -> Context {
    // Session tags are part of the request, and this one has those that are told.
    let mut context = Context::of_caller(caller).without_other_tags();
    for key in ["sts:ExternalId", "sts:SourceIdentity", "sts:TransitiveTagKeys", "aws:TagKeys"] {
        context = context.without(key);
    }
    // STS answers over TLS only.
    context = context.with("aws:SecureTransport", ["true"]);
    match caller {
        Caller::Service(name) => {
            return context
                .with("aws:PrincipalIsAWSService", ["true"])
                .with("aws:PrincipalServiceName", [name.as_str()])
                .without("aws:PrincipalArn");
        }
        // `aws:FederatedProvider` belongs to the session that is asked for. Whether the request for it has the key
        // already, AWS does not say.
        Caller::Federated(_) => return context,
        Caller::Root { .. } | Caller::User { .. } | Caller::RoleSession { .. } => {}
    }
    for key in ["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths"] {
        context = context.without(key);
    }
    context
        .with("aws:PrincipalIsAWSService", ["false"])
        .with("aws:ViaAWSService", ["false"])
        .without("aws:PrincipalServiceName")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_read_from_the_arns_that_sts_answers() {
        for (arn, account) in [
            ("arn:aws:iam::111122223333:root", "111122223333"),
            ("arn:aws:iam::111122223333:user/division/Ann", "111122223333"),
            ("arn:aws:iam::111122223333:role/path/Deploy", "111122223333"),
            ("arn:aws-cn:sts::111122223333:assumed-role/Deploy/ci", "111122223333"),
        ] {
            assert_eq!(Caller::from_arn(arn).unwrap().account(), Some(account), "{arn}");
        }
        for arn in [
            "",
            "ann",
            "arn:aws:sts::111122223333:federated-user/ann",
            "arn:aws:iam::1111:root",
            "arn:aws:iam::111122223333:root/",
            "arn:aws:iam::111122223333:role/path/",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:sts::111122223333:assumed-role/Deploy",
            "arn:aws:sts::111122223333:assumed-role/Deploy/",
            "arn:aws:sts::111122223333:assumed-role//ci",
        ] {
            assert!(Caller::from_arn(arn).is_err(), "{arn}");
        }
    }

    #[test]
    fn an_external_id_is_not_shown() {
        let caller = Caller::from_arn("arn:aws:iam::111122223333:root").unwrap();
        let request = TrustRequest::new(caller).with("STS:externalid", ["tell-nobody"]);
        assert!(!format!("{request:?}").contains("nobody"));
    }
}
