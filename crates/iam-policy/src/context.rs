//! The condition keys of a request.

use std::collections::BTreeMap;
use std::fmt;

use crate::{AnyCase, Caller, MASK};

/// A key is present with values, absent, or not told. Of the last kind are keys that depend on what cannot be
/// seen from here, such as `aws:SourceIp`.
#[derive(Clone, Default)]
pub(crate) struct Context {
    keys: BTreeMap<AnyCase, Option<Vec<String>>>,
    tags_are_told: bool,
}

/// What is known about a condition key.
pub(crate) enum Known<'a> {
    Present(&'a [String]),
    Absent,
    NotTold,
}

impl Context {
    /// The keys that follow from who asks. Only callers of an account have such.
    pub(crate) fn of_caller(caller: &Caller) -> Context {
        let Some(account) = caller.account() else { return Context::default() };
        let (kind, arn) = kind_and_arn(caller);
        let context =
            Context::default().with("aws:PrincipalAccount", [account]).with("aws:PrincipalType", [kind]);
        let context = context.with_names(caller, account);
        if let Some(arn) = arn { context.with("aws:PrincipalArn", [arn.as_str()]) } else { context }
    }

    /// Only users have a name. The unique id of a user or role does not follow from its ARN.
    fn with_names(self, caller: &Caller, account: &str) -> Context {
        match caller {
            Caller::User { arn, .. } => {
                self.with("aws:username", [arn.rsplit('/').next().unwrap_or_default()])
            }
            Caller::Root { .. } => self.without("aws:username").with("aws:userid", [account]),
            _ => self.without("aws:username"),
        }
    }

    pub(crate) fn with<'a>(mut self, key: &str, values: impl IntoIterator<Item = &'a str>) -> Context {
        self.keys.insert(key.into(), Some(values.into_iter().map(str::to_owned).collect()));
        self
    }

    pub(crate) fn without(mut self, key: &str) -> Context {
        self.keys.insert(key.into(), None);
        self
    }

    /// Gives the key these values. No value at all means that it is absent.
    pub(crate) fn set(&mut self, key: &AnyCase, values: &[String]) {
        let values = (!values.is_empty()).then(|| values.to_vec());
        self.keys.insert(key.clone(), values);
    }

    /// The same, and it has no request tags but those that are told.
    pub(crate) fn without_other_tags(mut self) -> Context {
        self.tags_are_told = true;
        self
    }

    /// Whether it is told to have session tags.
    pub(crate) fn has_tags(&self) -> bool {
        let is_of_tags = |key: &AnyCase| {
            is_request_tag(key)
                || ["aws:TagKeys", "sts:TransitiveTagKeys"].iter().any(|name| *key == AnyCase::from(*name))
        };
        self.keys
            .iter()
            .any(|(key, values)| is_of_tags(key) && values.as_ref().is_some_and(|values| !values.is_empty()))
    }

    pub(crate) fn look_up(&self, key: &AnyCase) -> Known<'_> {
        match self.keys.get(key) {
            Some(Some(values)) => Known::Present(values),
            Some(None) => Known::Absent,
            None if self.tags_are_told && is_request_tag(key) => Known::Absent,
            None => Known::NotTold,
        }
    }
}

fn is_request_tag(key: &AnyCase) -> bool {
    const PREFIX: &str = "aws:RequestTag/";
    key.as_str().get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// `aws:PrincipalType`, and `aws:PrincipalArn` where it is known: of a session it is the role's, with its path.
fn kind_and_arn(caller: &Caller) -> (&'static str, Option<String>) {
    match caller {
        Caller::Root { partition, account } => {
            ("Account", Some(format!("arn:{partition}:iam::{account}:root")))
        }
        Caller::User { arn, .. } => ("User", Some(arn.clone())),
        Caller::RoleSession { partition, account, path, role_name, .. } => {
            let arn =
                path.as_ref().map(|path| format!("arn:{partition}:iam::{account}:role{path}{role_name}"));
            ("AssumedRole", arn)
        }
        Caller::Service(_) | Caller::Federated(_) => ("Unknown", None),
    }
}

/// External IDs are masked.
impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut keys = self.keys.clone();
        if let Some(Some(values)) = keys.get_mut(&AnyCase::from("sts:ExternalId")) {
            *values = vec![MASK.to_owned()];
        }
        keys.fmt(formatter)
    }
}
