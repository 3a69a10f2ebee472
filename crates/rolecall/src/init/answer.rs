//! Single answers. Each is read by the rules of the configuration, so that what is wrong with it is said at once.

use std::fmt;
use std::str::FromStr;

use role_template::is_policy_arn;
use rollout_model::{AccountId, OrganizationId, RoleArn};

use crate::config::is_variable_name;
use crate::part::selector;

/// The word that stands for no answer.
const NONE: &str = "none";

/// An answer, or the word `none`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OrNone<T> {
    None,
    Some(T),
}

impl<T> OrNone<T> {
    pub(crate) fn into_option(self) -> Option<T> {
        match self {
            OrNone::None => None,
            OrNone::Some(answer) => Some(answer),
        }
    }
}

impl<T: FromStr> FromStr for OrNone<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        match text {
            NONE => Ok(OrNone::None),
            answer => answer.parse().map(OrNone::Some),
        }
    }
}

impl<T: fmt::Display> fmt::Display for OrNone<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OrNone::None => formatter.write_str(NONE),
            OrNone::Some(answer) => answer.fmt(formatter),
        }
    }
}

/// Somebody who may enter the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trusted {
    Account(AccountId),
    Role(RoleArn),
    Service(String),
    Organization(OrganizationId),
}

impl Trusted {
    /// As an entry of `role.trust` has it.
    pub(crate) fn entry(&self) -> (&'static str, String) {
        match self {
            Trusted::Account(id) => ("account", id.to_string()),
            Trusted::Role(arn) => ("role", arn.to_string()),
            Trusted::Service(name) => ("service", name.clone()),
            Trusted::Organization(id) => ("organization", id.to_string()),
        }
    }
}

impl FromStr for Trusted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_service = |text: &str| {
            text.contains('.')
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
        };
        if let Some(account) = account_of_root(text) {
            account.parse().map(Trusted::Account).map_err(|error: rollout_model::InvalidId| error.to_string())
        } else if text.starts_with("arn:") {
            text.parse().map(Trusted::Role).map_err(|error: rollout_model::InvalidId| error.to_string())
        } else if let Ok(id) = text.parse() {
            Ok(Trusted::Account(id))
        } else if let Ok(id) = text.parse() {
            Ok(Trusted::Organization(id))
        } else if is_service(text) {
            Ok(Trusted::Service(text.to_owned()))
        } else {
            Err(format!(
                "`{text}` is neither an account id (twelve digits), the ARN of a role, a service (such as \
                 `ec2.amazonaws.com`) nor an organization id (`o-…`)"
            ))
        }
    }
}

/// Vendors like to give their account as `arn:aws:iam::111122223333:root`, which means the whole account.
fn account_of_root(text: &str) -> Option<&str> {
    let (before, account) = text.strip_suffix(":root")?.rsplit_once(':')?;
    (before.starts_with("arn:") && before.ends_with(":iam:")).then_some(account)
}

/// An entry of the targets with one selector, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let entry = selector(text)?;
        let key = entry.selectors.first().and_then(rollout_model::Selector::key);
        let key = key.ok_or(
            "the management account is not a target as others are: say whether it is one by \
                             --management-account",
        )?;
        let after_the_word = text.strip_prefix(&*key).and_then(|rest| rest.strip_prefix(['=', ':']));
        Ok(Target { value: after_the_word.unwrap_or(text).to_owned(), key: key.into_owned() })
    }
}

/// The ARN of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManagedPolicy(pub(crate) String);

impl FromStr for ManagedPolicy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match is_policy_arn(text) {
            true => Ok(ManagedPolicy(text.to_owned())),
            false => Err(format!(
                "`{text}` is not the ARN of a managed policy (such as `arn:aws:iam::aws:policy/SecurityAudit`)"
            )),
        }
    }
}

impl fmt::Display for ManagedPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The name of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable(pub(crate) String);

/// What cannot be the name of a variable may be the secret itself, and is not quoted.
impl FromStr for Variable {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match is_variable_name(text) {
            true => Ok(Variable(text.to_owned())),
            false => Err(
                "this is not the name of an environment variable (letters, digits and `_`); the external \
                          ID itself is never written down",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_trusted_is_known_by_the_form() {
        let check = |text: &str, key: &str, value: &str| {
            assert_eq!(text.parse::<Trusted>().unwrap().entry(), (key, value.to_owned()), "{text}");
        };
        check("111122223333", "account", "111122223333");
        check("arn:aws:iam::111122223333:root", "account", "111122223333");
        check("arn:aws-us-gov:iam::111122223333:root", "account", "111122223333");
        check("arn:aws:iam::111122223333:role/a/Hub", "role", "arn:aws:iam::111122223333:role/a/Hub");
        check("ec2.amazonaws.com", "service", "ec2.amazonaws.com");
        check("o-a1b2c3d4e5", "organization", "o-a1b2c3d4e5");
        for text in [
            "",
            "11112222333",
            "arn:aws:iam::111122223333:user/ann",
            "arn:aws:iam::1:root",
            "*",
            "ec2",
            "o-x",
            "a: b.c",
        ] {
            assert!(text.parse::<Trusted>().unwrap_err().contains('`'), "{text}");
        }
    }

    #[test]
    fn targets_are_written_as_the_configuration_has_them() {
        let check = |text: &str, key: &str, value: &str| {
            let Target { key: found, value: written } = text.parse().unwrap();
            assert_eq!((found.as_str(), written.as_str()), (key, value), "{text}");
        };
        check("Workloads/**", "ou", "Workloads/**");
        check("**", "ou", "**");
        check("ou:Sandbox", "ou", "Sandbox");
        check("ou=Sandbox", "ou", "Sandbox");
        check("ou-rc42-security", "ou", "ou-rc42-security");
        check("222200003103", "account", "222200003103");
        check("shop-**-x", "ou", "shop-**-x");
        check("shop-*", "name", "shop-*");
        check("name:name: x", "name", "name: x");
        check("team=a", "name", "team=a");
        let refused = "management_account".parse::<Target>().unwrap_err();
        assert!(refused.contains("--management-account"), "{refused}");
        for text in ["", "ou:", "account:12", "ou:A//B"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_of_a_variable_is_not_quoted() {
        assert_eq!("none".parse(), Ok(OrNone::<Variable>::None));
        assert_eq!("VENDOR_ID".parse(), Ok(OrNone::Some(Variable("VENDOR_ID".into()))));
        let refused = "5ecret-5ecret".parse::<OrNone<Variable>>().unwrap_err();
        assert!(!refused.contains("5ecret"), "{refused}");
    }

    #[test]
    fn a_policy_is_an_arn_or_none() {
        let arn = "arn:aws:iam::aws:policy/SecurityAudit";
        assert_eq!(arn.parse(), Ok(OrNone::Some(ManagedPolicy(arn.into()))));
        assert_eq!("none".parse(), Ok(OrNone::<ManagedPolicy>::None));
        assert!("SecurityAudit".parse::<OrNone<ManagedPolicy>>().is_err());
    }
}
