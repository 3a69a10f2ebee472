//! The calls that change something.

use aws_sdk_cloudformation::types::Capability;
use rollout_model::{
    DeploymentTargets, OperationId, OperationPreferences, Owner, StackArn, StackSetDefinition,
};

use super::{Called, StackSets, failure};
use crate::translate::{self, OfTheModel};

/// Whether a StackSet is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deleted {
    Yes,
    /// It has instances, with which AWS deletes no set (aws-facts A10).
    NotEmpty,
}

impl StackSets<'_> {
    /// The token makes a repeated call answer with the same set instead of a name conflict.
    pub(crate) async fn create(
        &self,
        wanted: &StackSetDefinition,
        owner: &Owner,
        token: &OperationId,
    ) -> Called<()> {
        let of_the_model = OfTheModel::of(wanted, owner);
        self.client
            .create_stack_set()
            .stack_set_name(self.name.as_str())
            .description(&wanted.description)
            .template_body(&wanted.template)
            .set_parameters(Some(translate::parameters(&wanted.parameters)))
            .capabilities(Capability::CapabilityNamedIam)
            .set_tags(Some(translate::tags(&wanted.tags)))
            .permission_model(of_the_model.permission_model)
            .set_auto_deployment(of_the_model.auto_deployment)
            .set_administration_role_arn(of_the_model.administration_role_arn)
            .set_execution_role_name(of_the_model.execution_role_name)
            .managed_execution(translate::managed_execution(wanted.managed_execution))
            .client_request_token(token.as_str())
            .set_call_as(self.call_as())
            .send()
            .await
            .map(drop)
            .map_err(failure)
    }

    /// Capabilities and every parameter have to be passed again (aws-facts A8), and so has an administration
    /// role (aws-facts A1).
    pub(crate) async fn update(
        &self,
        wanted: &StackSetDefinition,
        owner: &Owner,
        targets: Option<&DeploymentTargets>,
        preferences: &OperationPreferences,
        operation: &OperationId,
    ) -> Called<()> {
        let of_the_model = OfTheModel::of(wanted, owner);
        let regions = targets.map(|_| vec![self.region.to_string()]);
        self.client
            .update_stack_set()
            .stack_set_name(self.name.as_str())
            .description(&wanted.description)
            .template_body(&wanted.template)
            .set_parameters(Some(translate::parameters(&wanted.parameters)))
            .capabilities(Capability::CapabilityNamedIam)
            .set_tags(Some(translate::tags(&wanted.tags)))
            .operation_preferences(translate::preferences(preferences))
            .set_administration_role_arn(of_the_model.administration_role_arn)
            .set_execution_role_name(of_the_model.execution_role_name)
            .set_deployment_targets(targets.and_then(translate::deployment_targets))
            .set_accounts(targets.and_then(translate::accounts))
            .set_regions(regions)
            .operation_id(operation.as_str())
            .set_call_as(self.call_as())
            .send()
            .await
            .map(drop)
            .map_err(failure)
    }

    /// Must not be combined with targets (aws-facts A4).
    pub(crate) async fn update_settings(
        &self,
        wanted: &StackSetDefinition,
        owner: &Owner,
        preferences: &OperationPreferences,
        operation: &OperationId,
    ) -> Called<()> {
        let of_the_model = OfTheModel::of(wanted, owner);
        self.client
            .update_stack_set()
            .stack_set_name(self.name.as_str())
            .description(&wanted.description)
            .use_previous_template(true)
            .set_parameters(Some(translate::unchanged_parameters(&wanted.parameters)))
            .capabilities(Capability::CapabilityNamedIam)
            .operation_preferences(translate::preferences(preferences))
            .set_auto_deployment(of_the_model.auto_deployment)
            .set_administration_role_arn(of_the_model.administration_role_arn)
            .set_execution_role_name(of_the_model.execution_role_name)
            .managed_execution(translate::managed_execution(wanted.managed_execution))
            .operation_id(operation.as_str())
            .set_call_as(self.call_as())
            .send()
            .await
            .map(drop)
            .map_err(failure)
    }

    pub(crate) async fn create_instances(
        &self,
        targets: &DeploymentTargets,
        preferences: &OperationPreferences,
        operation: &OperationId,
    ) -> Called<()> {
        self.client
            .create_stack_instances()
            .stack_set_name(self.name.as_str())
            .set_deployment_targets(translate::deployment_targets(targets))
            .set_accounts(translate::accounts(targets))
            .regions(self.region.as_str())
            .operation_preferences(translate::preferences(preferences))
            .operation_id(operation.as_str())
            .set_call_as(self.call_as())
            .send()
            .await
            .map(drop)
            .map_err(failure)
    }

    pub(crate) async fn update_instances(
        &self,
        targets: &DeploymentTargets,
        preferences: &OperationPreferences,
        operation: &OperationId,
    ) -> Called<()> {
        self.client
            .update_stack_instances()
            .stack_set_name(self.name.as_str())
            .set_deployment_targets(translate::deployment_targets(targets))
            .set_accounts(translate::accounts(targets))
            .regions(self.region.as_str())
            .operation_preferences(translate::preferences(preferences))
            .operation_id(operation.as_str())
            .set_call_as(self.call_as())
            .send()
            .await
            .map(drop)
            .map_err(failure)
    }

    /// By stacks and not by targets: they say where they are.
    pub(crate) async fn import_stacks(
        &self,
        stacks: &[StackArn],
        preferences: &OperationPreferences,
        operation: &OperationId,
    ) -> Called<()> {
        self.client
            .import_stacks_to_stack_set()
            .stack_set_name(self.name.as_str())
            .set_stack_ids(Some(stacks.iter().map(ToString::to_string).collect()))
            .operation_preferences(translate::preferences(preferences))
            .operation_id(operation.as_str())
            .set_call_as(self.call_as())
            .send()
            .await
            .map(drop)
            .map_err(failure)
    }

    /// With their stacks, or with the stacks left behind, unmanaged (aws-facts A10).
    pub(crate) async fn delete_instances(
        &self,
        targets: &DeploymentTargets,
        retain_stacks: bool,
        preferences: &OperationPreferences,
        operation: &OperationId,
    ) -> Called<()> {
        self.client
            .delete_stack_instances()
            .stack_set_name(self.name.as_str())
            .set_deployment_targets(translate::deployment_targets(targets))
            .set_accounts(translate::accounts(targets))
            .regions(self.region.as_str())
            .retain_stacks(retain_stacks)
            .operation_preferences(translate::preferences(preferences))
            .operation_id(operation.as_str())
            .set_call_as(self.call_as())
            .send()
            .await
            .map(drop)
            .map_err(failure)
    }

    /// A set that is not there any more was deleted by an earlier attempt whose answer was lost. Whether AWS
    /// minds is not documented: the model of the call has no such error.
    pub(crate) async fn delete(&self) -> Called<Deleted> {
        let call =
            self.client.delete_stack_set().stack_set_name(self.name.as_str()).set_call_as(self.call_as());
        match call.send().await.map_err(failure) {
            Ok(_) => Ok(Deleted::Yes),
            Err(refusal) => match refusal.code() {
                Some("StackSetNotFoundException") => Ok(Deleted::Yes),
                Some("StackSetNotEmptyException") => Ok(Deleted::NotEmpty),
                _ => Err(refusal),
            },
        }
    }

    pub(crate) async fn stop_operation(&self, operation: &OperationId) -> Called<()> {
        self.client
            .stop_stack_set_operation()
            .stack_set_name(self.name.as_str())
            .operation_id(operation.as_str())
            .set_call_as(self.call_as())
            .send()
            .await
            .map(drop)
            .map_err(failure)
    }
}
