//! The calls that only look.

use aws_failure::AwsFailure;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    StackInstanceSummary, StackSet, StackSetOperation, StackSetOperationResultSummary,
    StackSetOperationSummary, StackSetStatus, StackSetSummary,
};
use rollout_model::{CallAs, OperationId};

use super::{Called, Listed, StackSets, failure};
use crate::limits::PAGE_SIZE;
use crate::pages::every_page;
use crate::translate;

impl StackSets<'_> {
    pub(crate) async fn describe(&self) -> Called<Option<StackSet>> {
        let call =
            self.client.describe_stack_set().stack_set_name(self.name.as_str()).set_call_as(self.call_as());
        match call.send().await {
            Ok(answer) => Ok(answer.stack_set),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_stack_set_not_found_exception()) => {
                Ok(None)
            }
            Err(error) => Err(AwsFailure::new(&error)),
        }
    }

    pub(crate) async fn describe_operation(
        &self,
        operation: &OperationId,
    ) -> Called<Option<StackSetOperation>> {
        self.client
            .describe_stack_set_operation()
            .stack_set_name(self.name.as_str())
            .operation_id(operation.as_str())
            .set_call_as(self.call_as())
            .send()
            .await
            .map(|answer| answer.stack_set_operation)
            .map_err(failure)
    }

    pub(crate) async fn operation_results(
        &self,
        operation: &OperationId,
    ) -> Listed<StackSetOperationResultSummary> {
        every_page(async |token| {
            self.client
                .list_stack_set_operation_results()
                .stack_set_name(self.name.as_str())
                .operation_id(operation.as_str())
                .set_call_as(self.call_as())
                .max_results(PAGE_SIZE)
                .set_next_token(token)
                .send()
                .await
                .map(|answer| (answer.summaries, answer.next_token))
                .map_err(failure)
        })
        .await
    }

    pub(crate) async fn instances(&self) -> Listed<StackInstanceSummary> {
        every_page(async |token| {
            self.client
                .list_stack_instances()
                .stack_set_name(self.name.as_str())
                .set_call_as(self.call_as())
                .max_results(PAGE_SIZE)
                .set_next_token(token)
                .send()
                .await
                .map(|answer| (answer.summaries, answer.next_token))
                .map_err(failure)
        })
        .await
    }

    /// All of them, although only the unfinished ones are wanted: there is no filter, and that the newest come
    /// first is nowhere promised (aws-facts A16).
    pub(crate) async fn operations(&self) -> Listed<StackSetOperationSummary> {
        every_page(async |token| {
            self.client
                .list_stack_set_operations()
                .stack_set_name(self.name.as_str())
                .set_call_as(self.call_as())
                .max_results(PAGE_SIZE)
                .set_next_token(token)
                .send()
                .await
                .map(|answer| (answer.summaries, answer.next_token))
                .map_err(failure)
        })
        .await
    }
}

/// Every set that is not deleted, for a deleted one stays listed (aws-facts A15). A delegated administrator sees
/// the service-managed sets of the management account and no others (aws-facts A2, K10).
pub(crate) async fn active_stack_sets(client: &Client, call_as: CallAs) -> Listed<StackSetSummary> {
    every_page(async |token| {
        client
            .list_stack_sets()
            .status(StackSetStatus::Active)
            .set_call_as(translate::call_as(call_as))
            .max_results(PAGE_SIZE)
            .set_next_token(token)
            .send()
            .await
            .map(|answer| (answer.summaries, answer.next_token))
            .map_err(failure)
    })
    .await
}
