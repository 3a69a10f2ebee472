//! What AWS holds: the StackSet, its instances, operations under way, and the management account's stack.

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Parameter, PermissionModels, StackInstanceDetailedStatus, StackInstanceStatus, StackInstanceSummary,
    StackSet, StackSetOperationSummary, StackSetStatus,
};
use rollout_model::{
    AdministrationRole, AutoDeployment, CallAs, InstanceStatus, ObservedInstance, ObservedOperation,
    ObservedStackSet, ParameterValue, PermissionModel, Region, StackInstance, StackName, StackSetName,
    StackSetSnapshot,
};

use crate::calls::StackSets;
use crate::error::DeployError;
use crate::stack;

/// What to look at.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The StackSet.
    pub stack_set: &'a StackSetName,
    /// The Region that it and its instances live in.
    pub region: &'a Region,
    /// In whose name.
    pub call_as: CallAs,
    /// The plain stack in the management account; `None` when that account is no target, or when we do not
    /// speak as the management account and so cannot see it.
    pub management_stack: Option<&'a StackName>,
}

/// Reads everything that a plan depends on. Writes nothing.
///
/// # Errors
/// When a call is refused or gets no answer.
pub async fn observe(client: &Client, wanted: Wanted<'_>) -> Result<StackSetSnapshot, DeployError> {
    let sets = StackSets::new(client, wanted.stack_set, wanted.region, wanted.call_as);
    let management_stack = match wanted.management_stack {
        Some(name) => stack::observe(client, name).await?,
        None => None,
    };
    let found = sets.describe().await.map_err(|source| sets.failed("describe the StackSet", source))?;
    let Some(stack_set) = found.filter(|set| set.status() != Some(&StackSetStatus::Deleted)) else {
        return Ok(StackSetSnapshot { management_stack, ..StackSetSnapshot::default() });
    };
    Ok(StackSetSnapshot {
        stack_set: Some(read_stack_set(&stack_set)),
        instances: instances(&sets).await?,
        operations: unfinished_operations(&sets).await?,
        management_stack,
    })
}

/// Every instance of the set.
pub(crate) async fn instances(
    sets: &StackSets<'_>,
) -> Result<BTreeMap<StackInstance, ObservedInstance>, DeployError> {
    let listed = sets.instances().await.map_err(|why| sets.unlisted("the instances of", why))?;
    Ok(listed.iter().filter_map(read_instance).collect())
}

/// The operations that run, wait or are being stopped.
pub(crate) async fn unfinished_operations(
    sets: &StackSets<'_>,
) -> Result<Vec<ObservedOperation>, DeployError> {
    let listed = sets.operations().await.map_err(|why| sets.unlisted("the operations of", why))?;
    Ok(listed.iter().filter_map(unfinished).collect())
}

fn read_stack_set(set: &StackSet) -> ObservedStackSet {
    let tag = |tag: &aws_sdk_cloudformation::types::Tag| {
        Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))
    };
    let auto_deployment = set.auto_deployment();
    ObservedStackSet {
        template: set.template_body().unwrap_or_default().to_owned(),
        parameters: set.parameters().iter().filter_map(read_parameter).collect(),
        tags: set.tags().iter().filter_map(tag).collect(),
        auto_deployment: AutoDeployment {
            enabled: auto_deployment.and_then(|auto| auto.enabled()).unwrap_or(false),
            retain_on_removal: auto_deployment
                .and_then(|auto| auto.retain_stacks_on_account_removal())
                .unwrap_or(false),
        },
        managed_execution: set.managed_execution().and_then(|managed| managed.active()).unwrap_or(false),
        permission_model: read_permission_model(set),
        description: set.description().unwrap_or_default().to_owned(),
    }
}

/// `None` for a model that this version does not know. Whether AWS names the roles that it takes when none was
/// given is not documented, so both will do; its own ARNs and names are trusted to be valid.
fn read_permission_model(set: &StackSet) -> Option<PermissionModel> {
    match set.permission_model()? {
        PermissionModels::ServiceManaged => Some(PermissionModel::ServiceManaged),
        PermissionModels::SelfManaged => {
            let mut found = PermissionModel::self_managed();
            if let PermissionModel::SelfManaged { administration_role, execution_role } = &mut found {
                if let Some(arn) = set.administration_role_arn().and_then(|arn| arn.parse().ok()) {
                    *administration_role = AdministrationRole::At(arn);
                }
                if let Some(name) = set.execution_role_name().and_then(|name| name.parse().ok()) {
                    *execution_role = name;
                }
            }
            Some(found)
        }
        _ => None,
    }
}

/// AWS answers asterisks for the value of a `NoEcho` parameter (aws-facts A8).
pub(crate) fn read_parameter(parameter: &Parameter) -> Option<(String, Option<ParameterValue>)> {
    let value = parameter.parameter_value().filter(|value| value.bytes().any(|byte| byte != b'*'));
    Some((parameter.parameter_key()?.to_owned(), value.map(|value| ParameterValue(value.to_owned()))))
}

/// An instance without a valid account or Region cannot exist; AWS's own ids are trusted that far.
fn read_instance(summary: &StackInstanceSummary) -> Option<(StackInstance, ObservedInstance)> {
    let instance =
        StackInstance { account: summary.account()?.parse().ok()?, region: summary.region()?.parse().ok()? };
    let detailed = summary.stack_instance_status().and_then(|status| status.detailed_status());
    let observed = ObservedInstance {
        status: instance_status(summary.status(), detailed),
        reason: summary.status_reason().map(str::to_owned),
        has_stack: summary.stack_id().is_some_and(|id| !id.is_empty()),
        unit: summary.organizational_unit_id().and_then(|unit| unit.parse().ok()),
        last_operation: summary.last_operation_id().and_then(|operation| operation.parse().ok()),
    };
    Some((instance, observed))
}

/// Reads the pair of statuses as aws-facts A13 does.
fn instance_status(
    status: Option<&StackInstanceStatus>,
    detailed: Option<&StackInstanceDetailedStatus>,
) -> InstanceStatus {
    match (status, detailed) {
        (_, Some(StackInstanceDetailedStatus::SkippedSuspendedAccount)) => InstanceStatus::SkippedSuspended,
        (_, Some(StackInstanceDetailedStatus::FailedImport)) => InstanceStatus::FailedImport,
        (Some(StackInstanceStatus::Current), _) => InstanceStatus::Current,
        (Some(StackInstanceStatus::Outdated), Some(StackInstanceDetailedStatus::Failed)) => {
            InstanceStatus::Failed
        }
        (Some(StackInstanceStatus::Outdated), _) => InstanceStatus::Outdated,
        (Some(StackInstanceStatus::Inoperable), _) => InstanceStatus::Inoperable,
        (Some(other), _) => InstanceStatus::Unrecognized(other.as_str().to_owned()),
        (None, _) => InstanceStatus::Unrecognized("no status".to_owned()),
    }
}

fn unfinished(summary: &StackSetOperationSummary) -> Option<ObservedOperation> {
    let status = summary.status()?.as_str();
    matches!(status, "RUNNING" | "QUEUED" | "STOPPING").then_some(())?;
    Some(ObservedOperation {
        id: summary.operation_id()?.parse().ok()?,
        action: summary.action().map(|action| action.as_str().to_owned()).unwrap_or_default(),
        status: status.to_owned(),
        created: summary.creation_timestamp().and_then(|created| SystemTime::try_from(*created).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_statuses_of_an_instance_are_read_together() {
        use StackInstanceDetailedStatus as Detailed;
        use StackInstanceStatus as Status;
        let check = |status: &str, detailed: &str, expected: InstanceStatus| {
            let read = instance_status(Some(&Status::from(status)), Some(&Detailed::from(detailed)));
            assert_eq!(read, expected, "{status}/{detailed}");
        };
        check("CURRENT", "SUCCEEDED", InstanceStatus::Current);
        check("OUTDATED", "FAILED", InstanceStatus::Failed);
        check("OUTDATED", "CANCELLED", InstanceStatus::Outdated);
        check("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT", InstanceStatus::SkippedSuspended);
        check("INOPERABLE", "INOPERABLE", InstanceStatus::Inoperable);
        check("INOPERABLE", "FAILED_IMPORT", InstanceStatus::FailedImport);
        check("NEW_STATUS", "NEW", InstanceStatus::Unrecognized("NEW_STATUS".to_owned()));
    }
}
