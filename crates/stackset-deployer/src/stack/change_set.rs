//! A change set: what a definition would change in the stack, before anything is changed (aws-facts C1, C3).

use aws_failure::AwsFailure;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{
    Capability, Change, ChangeAction, ChangeSetStatus, ChangeSetType, Replacement, ResourceChange,
};
use rollout_model::{OperationId, StackDefinition};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::calls::failure;
use crate::limits::{PATIENCE, poll_pause};
use crate::pages::{Unlisted, every_page};
use crate::translate;

/// The change set that goes by the id of a step.
#[derive(Clone, Copy)]
pub(super) struct ChangeSet<'a> {
    pub(super) client: &'a Client,
    pub(super) stack: &'a StackDefinition,
    pub(super) token: &'a OperationId,
}

/// What AWS computed.
pub(super) enum Computed {
    /// It can be executed.
    Ready { stack_id: String, changes: Vec<ResourceChange> },
    /// The stack holds what is specified.
    NothingToDo,
    /// It cannot be executed, in AWS's words.
    Failed(String),
    /// The operator asked to stop first.
    Left,
}

impl ChangeSet<'_> {
    /// Begins with a letter, as AWS demands of it and not of tokens.
    fn name(self) -> String {
        format!("rolecall-{}", self.token)
    }

    /// Asks for the change set. One of that name is ours: an answer to an earlier attempt was lost.
    pub(super) async fn create(self, kind: ChangeSetType) -> Result<(), AwsFailure> {
        let created = self
            .client
            .create_change_set()
            .stack_name(self.stack.name.as_str())
            .change_set_name(self.name())
            .client_token(self.token.as_str())
            .change_set_type(kind)
            .template_body(&self.stack.template)
            .set_parameters(Some(translate::parameters(&self.stack.parameters)))
            .set_tags(Some(translate::tags(&self.stack.tags)))
            .capabilities(Capability::CapabilityNamedIam)
            .send()
            .await;
        match created.map(drop).map_err(failure) {
            Err(refusal) if refusal.code() == Some("AlreadyExistsException") => Ok(()),
            created => created,
        }
    }

    /// Waits until AWS has computed it.
    pub(super) async fn computed(self, stop: &CancellationToken) -> Result<Computed, AwsFailure> {
        let (began, mut polls) = (Instant::now(), 0);
        loop {
            let described = self.describe(None).await?;
            let reason = described.status_reason().unwrap_or("AWS gives no reason").to_owned();
            match described.status() {
                Some(ChangeSetStatus::CreateComplete) => {
                    let stack_id = described.stack_id().unwrap_or(self.stack.name.as_str()).to_owned();
                    return Ok(Computed::Ready { stack_id, changes: self.changes().await? });
                }
                Some(ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress)
                    if began.elapsed() < PATIENCE => {}
                Some(ChangeSetStatus::Failed) if says_no_change(&reason) => return Ok(Computed::NothingToDo),
                status => {
                    let status = status.map_or("no status", |status| status.as_str());
                    return Ok(Computed::Failed(format!("the change set is in {status}: {reason}")));
                }
            }
            tokio::select! {
                () = stop.cancelled() => return Ok(Computed::Left),
                () = sleep(poll_pause(polls)) => polls += 1,
            }
        }
    }

    async fn changes(self) -> Result<Vec<ResourceChange>, AwsFailure> {
        let pages = every_page(async |token| {
            let page = self.describe(token).await?;
            Ok((page.changes, page.next_token))
        });
        match pages.await {
            Ok(changes) => {
                Ok(changes.into_iter().filter_map(|change: Change| change.resource_change).collect())
            }
            Err(Unlisted::Call(refusal)) => Err(refusal),
            // A list without an end is that of a service gone wrong: what was read of it is not relied on.
            Err(Unlisted::RepeatedToken) => Ok(vec![ResourceChange::builder().build()]),
        }
    }

    async fn describe(self, token: Option<String>) -> Result<DescribeChangeSetOutput, AwsFailure> {
        let call = self.client.describe_change_set().stack_name(self.stack.name.as_str());
        call.change_set_name(self.name()).set_next_token(token).send().await.map_err(failure)
    }

    /// Carries the change set out. One that is being executed, or was, has been begun by an attempt whose answer
    /// was lost.
    pub(super) async fn execute(self) -> Result<(), AwsFailure> {
        let call = self.client.execute_change_set().stack_name(self.stack.name.as_str());
        let call = call.change_set_name(self.name()).client_request_token(self.token.as_str());
        let Err(refusal) = call.send().await.map_err(failure) else { return Ok(()) };
        if refusal.code() != Some("InvalidChangeSetStatus") {
            return Err(refusal);
        }
        let described = self.describe(None).await?;
        let status = described.execution_status().map_or("", |status| status.as_str());
        if matches!(status, "EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE") { Ok(()) } else { Err(refusal) }
    }

    /// Failed change sets pile up until AWS allows no more (aws-facts C3). One that cannot be deleted does no harm
    /// yet: that is said at the end of the reason for which it is not wanted.
    pub(super) async fn delete(self, unwanted: String) -> String {
        let call = self.client.delete_change_set().stack_name(self.stack.name.as_str());
        match call.change_set_name(self.name()).send().await.map_err(failure) {
            Ok(_) => unwanted,
            Err(refusal) => {
                format!("{unwanted}; the change set {} could not be deleted: {refusal}", self.name())
            }
        }
    }
}

/// Both texts are known (aws-facts C3).
fn says_no_change(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["didn't contain changes", "no updates are to be performed"].iter().any(|text| reason.contains(text))
}

/// The resources that would be deleted, or made anew under another identity, by their logical ids.
pub(super) fn replaced(changes: &[ResourceChange]) -> Vec<String> {
    let is_lost = |change: &&ResourceChange| match change.action() {
        Some(ChangeAction::Add | ChangeAction::Import) => false,
        Some(ChangeAction::Modify) => change.replacement() != Some(&Replacement::False),
        _ => true,
    };
    let named = |change: &ResourceChange| {
        let id = change.logical_resource_id().unwrap_or("a resource without a name");
        format!("{id} ({})", change.resource_type().unwrap_or("unknown type"))
    };
    changes.iter().filter(is_lost).map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_set_without_changes_is_known_by_either_text() {
        assert!(says_no_change(
            "The submitted information didn't contain changes. Submit different information."
        ));
        assert!(says_no_change("No updates are to be performed."));
        assert!(!says_no_change("Requires capabilities : [CAPABILITY_NAMED_IAM]"));
    }

    #[test]
    fn whatever_is_not_known_to_stay_counts_as_replaced() {
        let change = |action: &str, replacement: Option<&str>| {
            let change =
                ResourceChange::builder().logical_resource_id("Role").resource_type("AWS::IAM::Role");
            let change = change.action(ChangeAction::from(action));
            change.set_replacement(replacement.map(Replacement::from)).build()
        };
        let check = |action, replacement, is_replaced| {
            assert_eq!(
                !replaced(&[change(action, replacement)]).is_empty(),
                is_replaced,
                "{action} {replacement:?}"
            );
        };
        check("Add", None, false);
        check("Modify", Some("False"), false);
        check("Modify", Some("True"), true);
        check("Modify", Some("Conditional"), true);
        check("Modify", None, true);
        check("Remove", None, true);
        check("SomethingNew", None, true);
        assert_eq!(replaced(&[change("Remove", None)]), ["Role (AWS::IAM::Role)"]);
    }
}
