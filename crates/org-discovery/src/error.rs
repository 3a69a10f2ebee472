//! Why an organization could not be read.

use std::error::Error;
use std::fmt;

use aws_failure::AwsFailure;
use aws_sdk_organizations::error::{ProvideErrorMetadata, SdkError};
use rollout_model::{AccountId, InvalidId};

/// What was being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The organization itself.
    Organization,
    /// Its root.
    Roots,
    /// All of its accounts.
    Accounts,
    /// The organizational units directly below a parent.
    UnitsBelow(String),
    /// The accounts directly below a parent.
    AccountsBelow(String),
    /// One account.
    Account(AccountId),
    /// The tags of an account.
    Tags(AccountId),
    /// The service control policies.
    Policies,
    /// One policy.
    Policy(String),
    /// What one policy is attached to.
    PolicyTargets(String),
    /// What is attached to the root, a unit or an account.
    PoliciesAt(String),
    /// The accounts that administer StackSets.
    DelegatedAdministrators,
}

impl Reading {
    /// The IAM action that it takes.
    pub fn action(&self) -> &'static str {
        match self {
            Reading::Organization => "organizations:DescribeOrganization",
            Reading::Roots => "organizations:ListRoots",
            Reading::Accounts => "organizations:ListAccounts",
            Reading::UnitsBelow(_) => "organizations:ListOrganizationalUnitsForParent",
            Reading::AccountsBelow(_) => "organizations:ListAccountsForParent",
            Reading::Account(_) => "organizations:DescribeAccount",
            Reading::Tags(_) => "organizations:ListTagsForResource",
            Reading::Policies => "organizations:ListPolicies",
            Reading::Policy(_) => "organizations:DescribePolicy",
            Reading::PolicyTargets(_) => "organizations:ListTargetsForPolicy",
            Reading::PoliciesAt(_) => "organizations:ListPoliciesForTarget",
            Reading::DelegatedAdministrators => "organizations:ListDelegatedAdministrators",
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reading::Organization => formatter.write_str("describe the organization"),
            Reading::Roots => formatter.write_str("list the root of the organization"),
            Reading::Accounts => formatter.write_str("list the accounts of the organization"),
            Reading::UnitsBelow(parent) => write!(formatter, "list the organizational units below {parent}"),
            Reading::AccountsBelow(parent) => write!(formatter, "list the accounts below {parent}"),
            Reading::Account(account) => write!(formatter, "describe account {account}"),
            Reading::Tags(account) => write!(formatter, "list the tags of account {account}"),
            Reading::Policies => formatter.write_str("list the service control policies"),
            Reading::Policy(policy) => write!(formatter, "read the service control policy {policy}"),
            Reading::PolicyTargets(policy) => {
                write!(formatter, "list what the service control policy {policy} is attached to")
            }
            Reading::DelegatedAdministrators => {
                formatter.write_str("list the delegated administrators for StackSets")
            }
            Reading::PoliciesAt(target) => {
                write!(formatter, "list the service control policies attached to {target}")
            }
        }
    }
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// The caller's account is in no organization.
    #[error(
        "could not {reading}: the account of these credentials is in no organization; use credentials of the \
         management account of the organization to roll out to"
    )]
    NoOrganization {
        /// What was being read.
        reading: Reading,
        /// AWS's answer.
        source: AwsFailure,
    },
    /// The caller is a member that is no delegated administrator, or lacks the permission.
    #[error(
        "could not {reading}: access denied; use credentials of the management account or of a delegated \
         administrator of the organization, and allow them {}",
        .reading.action()
    )]
    AccessDenied {
        /// What was being read.
        reading: Reading,
        /// AWS's answer.
        source: AwsFailure,
    },
    /// The call failed for another reason.
    #[error("could not {reading}")]
    Call {
        /// What was being read.
        reading: Reading,
        /// The service's answer, or why there is none.
        source: AwsFailure,
    },
    /// A list that leads back to one of its earlier pages. Ending it there would lose accounts silently.
    #[error("could not {reading}: the service repeated a page token, so the list has no end")]
    RepeatedToken {
        /// What was being read.
        reading: Reading,
    },
    /// An organization without a root.
    #[error("could not list the root of the organization: the service named none")]
    NoRoot,
    /// An id that is none.
    #[error("could not {reading}: the service answered with an id that cannot be used")]
    UnusableId {
        /// What was being read.
        reading: Reading,
        /// What was wrong.
        source: InvalidId,
    },
}

impl DiscoveryError {
    pub(crate) fn of_call<E>(reading: Reading, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let source = AwsFailure::new(error);
        match source.code() {
            Some("AWSOrganizationsNotInUseException") => DiscoveryError::NoOrganization { reading, source },
            Some("AccessDeniedException") => DiscoveryError::AccessDenied { reading, source },
            _ => DiscoveryError::Call { reading, source },
        }
    }

    /// Whether the same call for something else would end alike.
    pub(crate) fn is_of_every_call(&self) -> bool {
        matches!(self, DiscoveryError::NoOrganization { .. } | DiscoveryError::AccessDenied { .. })
    }

    /// The error and its causes on one line, for a problem that is recorded instead of returned.
    pub(crate) fn on_one_line(&self) -> String {
        let causes = std::iter::successors(Some(self as &dyn Error), |&error| error.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }
}
