//! Talks to STS and decides nothing: how the operator gets to read the roles of an account.

use rollout_model::{AccountId, RoleArn, RoleName};

use crate::attempt::{Attempt, Purpose, enter};
use crate::unread::Unread;

/// The operator's own identity, and the way from it into other accounts.
#[derive(Debug, Clone)]
pub struct Operator {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The operator's own account, which is read without an access role.
    pub account: AccountId,
    /// Enters the access role.
    pub sts: aws_sdk_sts::Client,
    /// Reads the operator's own account.
    pub iam: aws_sdk_iam::Client,
    /// The role by which the other accounts are read.
    pub access_role: RoleName,
}

impl Operator {
    /// A client that reads roles in `account`: as ourselves at home and through the access role elsewhere. The
    /// error says why there is none.
    pub(crate) async fn iam_in(
        &self,
        account: &AccountId,
        purpose: Purpose<'_>,
    ) -> Result<aws_sdk_iam::Client, Unread> {
        if *account == self.account {
            return Ok(self.iam.clone());
        }
        let access_role = RoleArn {
            partition: self.partition.clone(),
            account: account.clone(),
            path: "/".to_owned(),
            name: self.access_role.clone(),
        };
        match enter(&self.sts, &access_role, None, purpose).await {
            (Attempt::Entered, Some(session)) => {
                let config = self.iam.config().to_builder().credentials_provider(session).build();
                Ok(aws_sdk_iam::Client::from_conf(config))
            }
            (Attempt::Entered, None) => Err(Unread::odd(format!("{access_role} gave no credentials"))),
            (Attempt::Refused(failure) | Attempt::Failed(failure), _) => {
                Err(Unread::new(&format!("could not enter the access role {access_role}"), &failure))
            }
        }
    }
}
