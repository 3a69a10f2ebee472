//! Talks to STS and decides nothing: tries to enter a role and says what came of it.

use std::borrow::Cow;

use aws_failure::AwsFailure;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::Credentials;
use rollout_model::{RoleArn, RoleName};

/// The session name of every attempt, so that a security team can filter the denied calls in CloudTrail.
pub const SESSION_NAME: &str = "rolecall-verify";

/// The external ID that every role has to refuse.
pub(crate) const WRONG_EXTERNAL_ID: &str = "rolecall-deliberately-wrong-external-id";

/// What came of trying to enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// STS gave a session.
    Entered,
    /// STS refused. It does not say why (aws-facts E2).
    Refused(AwsFailure),
    /// STS gave no verdict: throttled, timed out, broken.
    Failed(AwsFailure),
}

/// Who a session turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) account: String,
    pub(crate) arn: String,
}

/// How to enter: the narrowest session that the purpose allows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose<'a> {
    /// Only to see whether STS lets us in. `GetCallerIdentity` works even so (aws-facts E3).
    Try,
    /// To read the role of this name.
    Read(&'a RoleName),
    /// To read the role of this name, and to have IAM simulate what it may do.
    ReadAndSimulate(&'a RoleName),
    /// To see whether there is a role of this name.
    Look(&'a RoleName),
}

impl Purpose<'_> {
    /// The policy of a session in the account of `entered`. A role of a name may have any path, and IAM knows
    /// it by name and path together.
    fn session_policy(self, entered: &RoleArn) -> Cow<'static, str> {
        const LOOK: &str = r#""iam:GetRole""#;
        const READ: &str =
            r#"["iam:GetRole","iam:GetRolePolicy","iam:ListAttachedRolePolicies","iam:ListRolePolicies"]"#;
        const READ_AND_SIMULATE: &str = r#"["iam:GetRole","iam:GetRolePolicy","iam:ListAttachedRolePolicies","iam:ListRolePolicies","iam:SimulatePrincipalPolicy"]"#;
        let (actions, name) = match self {
            Purpose::Try => {
                return r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#.into();
            }
            Purpose::Read(name) => (READ, name),
            Purpose::ReadAndSimulate(name) => (READ_AND_SIMULATE, name),
            Purpose::Look(name) => (LOOK, name),
        };
        let roles = format!("arn:{}:iam::{}:role", entered.partition, entered.account);
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{actions},"Resource":["{roles}/{name}","{roles}/*/{name}"]}}}}"#
        )
        .into()
    }
}

/// Tries to enter `role` and gives the session's credentials when it worked.
pub(crate) async fn enter(
    client: &Client,
    role: &RoleArn,
    external_id: Option<&str>,
    purpose: Purpose<'_>,
) -> (Attempt, Option<Credentials>) {
    let answer = client
        .assume_role()
        .role_arn(role.to_string())
        .role_session_name(SESSION_NAME)
        .set_external_id(external_id.map(str::to_owned))
        .policy(purpose.session_policy(role))
        // The shortest session that STS gives (aws-facts E1).
        .duration_seconds(900)
        .send()
        .await;
    match answer {
        Ok(answer) => {
            // Moved and not copied: the SDK's `Credentials` are one place in memory, overwritten when the last
            // clone is dropped, while those of its answer would be left behind.
            let session = answer.credentials.map(|given| {
                let (id, secret) = (given.access_key_id, given.secret_access_key);
                Credentials::new(id, secret, Some(given.session_token), None, "rolecall")
            });
            (Attempt::Entered, session)
        }
        Err(error) => {
            let failure = AwsFailure::new(&error);
            let attempt =
                if failure.is_access_denied() { Attempt::Refused(failure) } else { Attempt::Failed(failure) };
            (attempt, None)
        }
    }
}

/// Who the session is, as AWS sees it.
pub(crate) async fn identity(client: &Client, session: Credentials) -> Result<Identity, AwsFailure> {
    let config = client.config().to_builder().credentials_provider(session).build();
    let answer = Client::from_conf(config).get_caller_identity().send().await;
    let answer = answer.map_err(|error| AwsFailure::new(&error))?;
    Ok(Identity {
        account: answer.account().unwrap_or_default().to_owned(),
        arn: answer.arn().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(purpose: Purpose<'_>, actions: &str) {
        let entered = "arn:aws-cn:iam::000000000007:role/Access".parse().unwrap();
        let allowed = format!(
            r#"{{"Effect":"Allow","Action":{actions},"Resource":["arn:aws-cn:iam::000000000007:role/Audit","arn:aws-cn:iam::000000000007:role/*/Audit"]}}"#
        );
        let policy = purpose.session_policy(&entered);
        assert_eq!(policy, format!(r#"{{"Version":"2012-10-17","Statement":{allowed}}}"#));
    }

    #[test]
    fn a_session_may_do_what_it_is_for_to_the_one_role_and_nothing_else() {
        let name = "Audit".parse().unwrap();
        check(Purpose::Look(&name), r#""iam:GetRole""#);
        let reads =
            r#""iam:GetRole","iam:GetRolePolicy","iam:ListAttachedRolePolicies","iam:ListRolePolicies""#;
        check(Purpose::Read(&name), &format!("[{reads}]"));
        check(Purpose::ReadAndSimulate(&name), &format!(r#"[{reads},"iam:SimulatePrincipalPolicy"]"#));
    }
}
