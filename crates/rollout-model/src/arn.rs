//! The ARN of a role.

use std::fmt;
use std::str::FromStr;

use crate::{AccountId, InvalidId, RoleName};

/// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`. The path is part of the ARN, and the case of the name must
/// match exactly when the role is assumed (aws-facts E1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The account that the role lives in.
    pub account: AccountId,
    /// Begins and ends with `/`.
    pub path: String,
    /// The name without the path.
    pub name: RoleName,
}

impl FromStr for RoleArn {
    type Err = InvalidId;

    fn from_str(input: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId {
            input: input.to_owned(),
            expected: "a role ARN (`arn:aws:iam::ACCOUNT:role/NAME`)",
        };
        let parts: Vec<&str> = input.splitn(6, ':').collect();
        let &["arn", partition, "iam", "", account, resource] = parts.as_slice() else {
            return Err(invalid());
        };
        let resource = resource.strip_prefix("role").ok_or_else(invalid)?;
        let (path, name) = resource.rsplit_once('/').ok_or_else(invalid)?;
        Ok(RoleArn {
            partition: partition.to_owned(),
            account: account.parse().map_err(|_| invalid())?,
            path: format!("{path}/"),
            name: name.parse().map_err(|_| invalid())?,
        })
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RoleArn { partition, account, path, name } = self;
        write!(formatter, "arn:{partition}:iam::{account}:role{path}{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_printed_as_it_was_read() {
        for arn in ["arn:aws:iam::012345678901:role/Reader", "arn:aws-cn:iam::012345678901:role/a/b/Reader"] {
            assert_eq!(arn.parse::<RoleArn>().unwrap().to_string(), arn);
        }
    }

    #[test]
    fn what_is_no_role_arn_is_refused() {
        for input in ["arn:aws:iam::012345678901:user/x", "arn:aws:iam::1:role/x", "role/x", ""] {
            assert!(input.parse::<RoleArn>().is_err(), "`{input}` was accepted");
        }
    }
}
