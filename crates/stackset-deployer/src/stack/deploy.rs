//! Brings the stack to its definition, through a change set that was looked at first.

use aws_failure::AwsFailure;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::ChangeSetType;
use rollout_model::{DeploymentStatus, OperationId, StackDefinition, StackName};
use tokio_util::sync::CancellationToken;

use super::change_set::{ChangeSet, Computed, replaced};
use super::delete::{delete, protect};
use super::describe;
use super::settle::{Settled, settle};
use crate::error::DeployError;

/// What to bring about.
#[derive(Clone, Copy)]
pub(crate) struct Bring<'a> {
    pub(crate) client: &'a Client,
    pub(crate) wanted: &'a StackDefinition,
    /// Names the change set.
    pub(crate) token: &'a OperationId,
    /// Whether the role may be deleted and made anew.
    pub(crate) may_replace: bool,
    pub(crate) stop: &'a CancellationToken,
}

/// How the stack is brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// There is none, or only one that waits for its first change set.
    Create,
    /// One whose creation failed is deleted first: nothing else can be done with it (aws-facts C2).
    CreateAnew,
    Update,
}

/// Brings the stack to its definition, waits for it, and protects it against deletion. `None` when the operator
/// asked to stop first: what was begun goes on in AWS. A refusal concerns the management account alone; the others
/// can still go on.
pub(crate) async fn bring(bring: Bring<'_>, how: How) -> Result<Option<DeploymentStatus>, DeployError> {
    let Bring { client, wanted, token, stop, .. } = bring;
    if how == How::CreateAnew {
        match delete(client, &wanted.name, token, stop).await? {
            Settled::Gone => {}
            Settled::Left => return Ok(None),
            Settled::Failed(reason) => return Ok(Some(DeploymentStatus::Failed(reason))),
            Settled::Deployed => {
                let reason = "AWS did not delete the stack that had failed to be created";
                return Ok(Some(DeploymentStatus::Failed(reason.to_owned())));
            }
        }
    }
    let settled = match begin(bring, how).await {
        Ok(Begun::Executed { stack_id }) => settle(client, &wanted.name, &stack_id, stop).await?,
        Ok(Begun::NothingToDo) => Settled::Deployed,
        Ok(Begun::Refused(reason)) => Settled::Failed(reason),
        Ok(Begun::Left) => Settled::Left,
        Err(refusal) => Settled::Failed(refusal.to_string()),
    };
    Ok(match settled {
        Settled::Left => None,
        Settled::Failed(reason) => Some(DeploymentStatus::Failed(reason)),
        Settled::Gone => Some(DeploymentStatus::Failed("the stack is gone".to_owned())),
        Settled::Deployed => Some(protected(client, &wanted.name).await?),
    })
}

/// A change set cannot ask for the protection (aws-facts C1), so it comes after the stack.
async fn protected(client: &Client, name: &StackName) -> Result<DeploymentStatus, DeployError> {
    let stack = describe(client, name.as_str()).await?;
    if stack.is_some_and(|stack| stack.enable_termination_protection() == Some(true)) {
        return Ok(DeploymentStatus::Deployed);
    }
    Ok(match protect(client, name.as_str(), true).await {
        Ok(()) => DeploymentStatus::Deployed,
        Err(refusal) => DeploymentStatus::Failed(format!(
            "the stack is there and could not be protected against deletion: {refusal}"
        )),
    })
}

enum Begun {
    Executed { stack_id: String },
    NothingToDo,
    Refused(String),
    Left,
}

async fn begin(bring: Bring<'_>, how: How) -> Result<Begun, AwsFailure> {
    let Bring { client, wanted, token, may_replace, stop } = bring;
    let change_set = ChangeSet { client, stack: wanted, token };
    let kind = if how == How::Update { ChangeSetType::Update } else { ChangeSetType::Create };
    change_set.create(kind).await?;
    let (stack_id, changes) = match change_set.computed(stop).await? {
        Computed::Ready { stack_id, changes } => (stack_id, changes),
        Computed::NothingToDo => {
            change_set.delete(String::new()).await;
            return Ok(Begun::NothingToDo);
        }
        Computed::Failed(reason) => {
            return Ok(Begun::Refused(change_set.delete(reason).await));
        }
        Computed::Left => return Ok(Begun::Left),
    };
    let lost = if may_replace { Vec::new() } else { replaced(&changes) };
    if !lost.is_empty() {
        let reason = format!(
            "nothing was changed: CloudFormation would delete and replace {}; `--allow-replacement` lets it",
            lost.join(", ")
        );
        return Ok(Begun::Refused(change_set.delete(reason).await));
    }
    change_set.execute().await?;
    Ok(Begun::Executed { stack_id })
}
