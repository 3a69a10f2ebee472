//! The ARNs of roles and stacks.

use std::fmt;
use std::str::FromStr;

use crate::{AccountId, InvalidId, Region, RoleName};

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

/// `arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/ID`, by which a stack is known in other accounts too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackArn {
    /// The account that the stack is in.
    pub account: AccountId,
    /// The Region that the stack is in.
    pub region: Region,
    arn: String,
}

impl FromStr for StackArn {
    type Err = InvalidId;

    fn from_str(input: &str) -> Result<Self, InvalidId> {
        let read = || {
            let parts: Vec<&str> = input.splitn(6, ':').collect();
            let &["arn", _, "cloudformation", region, account, resource] = parts.as_slice() else {
                return None;
            };
            let (name, id) = resource.strip_prefix("stack/")?.split_once('/')?;
            (!name.is_empty() && !id.is_empty() && !id.contains('/')).then_some(())?;
            Some(StackArn {
                account: account.parse().ok()?,
                region: region.parse().ok()?,
                arn: input.to_owned(),
            })
        };
        read().ok_or_else(|| InvalidId {
            input: input.to_owned(),
            expected: "the ARN of a stack (`arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/ID`)",
        })
    }
}

impl fmt::Display for StackArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.arn)
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
    fn the_arn_of_a_stack_says_where_it_is() {
        let arn = "arn:aws:cloudformation:eu-west-1:012345678901:stack/audit/7f2a";
        let read: StackArn = arn.parse().unwrap();
        assert_eq!((read.account.as_str(), read.region.as_str()), ("012345678901", "eu-west-1"));
        assert_eq!(read.to_string(), arn);
        for input in [
            "audit",
            "arn:aws:cloudformation:eu-west-1:012345678901:stack/audit",
            "arn:aws:cloudformation:eu-west-1:012345678901:stack/audit/",
            "arn:aws:cloudformation:eu-west-1:012345678901:stack//7f2a",
            "arn:aws:cloudformation:eu-west-1:012345678901:stack/audit/7f2a/more",
            "arn:aws:cloudformation:eu-west-1:012345678901:stackset/audit:7f2a",
            "arn:aws:cloudformation:eu-west-1:1:stack/audit/7f2a",
            "arn:aws:iam::012345678901:stack/audit/7f2a",
        ] {
            assert!(input.parse::<StackArn>().is_err(), "`{input}` was accepted");
        }
    }

    #[test]
    fn what_is_no_role_arn_is_refused() {
        for input in ["arn:aws:iam::012345678901:user/x", "arn:aws:iam::1:role/x", "role/x", ""] {
            assert!(input.parse::<RoleArn>().is_err(), "`{input}` was accepted");
        }
    }
}
