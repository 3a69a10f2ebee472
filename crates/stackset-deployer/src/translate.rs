//! Our nouns to the SDK's types.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{
    AccountFilterType, AutoDeployment as SdkAutoDeployment, CallAs as SdkCallAs,
    ConcurrencyMode as SdkConcurrencyMode, DeploymentTargets as SdkTargets, ManagedExecution, Parameter,
    PermissionModels, StackSetOperationPreferences, Tag,
};
use rollout_model::{
    AccountIds, AutoDeployment, CallAs, ConcurrencyMode, DeploymentTargets, OperationPreferences, Owner,
    ParameterValue, ParentId, PermissionModel, Share, StackSetDefinition,
};

/// Nothing for oneself: it is AWS's default, and self-managed sets have no other (aws-facts A2).
pub(crate) fn call_as(call_as: CallAs) -> Option<SdkCallAs> {
    match call_as {
        CallAs::Myself => None,
        CallAs::DelegatedAdmin => Some(SdkCallAs::DelegatedAdmin),
    }
}

/// `DeploymentTargets`, of a service-managed set only (aws-facts A3). The filter is always stated: with both
/// lists it is mandatory on create, and its documented default is not allowed there.
pub(crate) fn deployment_targets(targets: &DeploymentTargets) -> Option<SdkTargets> {
    let units = |units: &[ParentId]| Some(units.iter().map(ToString::to_string).collect());
    let builder = SdkTargets::builder().set_organizational_unit_ids(units(targets.units()));
    let filtered = match targets {
        DeploymentTargets::Accounts(_) => return None,
        DeploymentTargets::Units(_) => builder.account_filter_type(AccountFilterType::None),
        DeploymentTargets::UnitsExcept(_, accounts) => {
            builder.set_accounts(Some(listed(accounts))).account_filter_type(AccountFilterType::Difference)
        }
        DeploymentTargets::Only(_, accounts) => {
            builder.set_accounts(Some(listed(accounts))).account_filter_type(AccountFilterType::Intersection)
        }
    };
    Some(filtered.build())
}

/// `Accounts`, of a self-managed set only (aws-facts A3).
pub(crate) fn accounts(targets: &DeploymentTargets) -> Option<Vec<String>> {
    match targets {
        DeploymentTargets::Accounts(accounts) => Some(listed(accounts)),
        _ => None,
    }
}

fn listed(accounts: &AccountIds) -> Vec<String> {
    accounts.0.iter().map(ToString::to_string).collect()
}

/// The members of `CreateStackSet` and `UpdateStackSet` that are different in the two permission models: one has
/// automatic deployment and refuses roles, the other the reverse (aws-facts A1).
pub(crate) struct OfTheModel {
    pub(crate) permission_model: PermissionModels,
    pub(crate) auto_deployment: Option<SdkAutoDeployment>,
    pub(crate) administration_role_arn: Option<String>,
    pub(crate) execution_role_name: Option<String>,
}

impl OfTheModel {
    pub(crate) fn of(wanted: &StackSetDefinition, owner: &Owner) -> Self {
        match &wanted.permission_model {
            PermissionModel::ServiceManaged => OfTheModel {
                permission_model: PermissionModels::ServiceManaged,
                auto_deployment: Some(auto_deployment(wanted.auto_deployment)),
                administration_role_arn: None,
                execution_role_name: None,
            },
            PermissionModel::SelfManaged { administration_role, execution_role } => OfTheModel {
                permission_model: PermissionModels::SelfManaged,
                auto_deployment: None,
                administration_role_arn: Some(administration_role.arn(owner).to_string()),
                execution_role_name: Some(execution_role.to_string()),
            },
        }
    }
}

pub(crate) fn preferences(preferences: &OperationPreferences) -> StackSetOperationPreferences {
    let builder = StackSetOperationPreferences::builder();
    let builder = match preferences.max_concurrent {
        Share::Count(count) => builder.max_concurrent_count(clamped(count)),
        Share::Percent(percent) => builder.max_concurrent_percentage(percent.into()),
    };
    let builder = match preferences.failure_tolerance {
        Share::Count(count) => builder.failure_tolerance_count(clamped(count)),
        Share::Percent(percent) => builder.failure_tolerance_percentage(percent.into()),
    };
    builder
        .concurrency_mode(match preferences.concurrency_mode {
            ConcurrencyMode::Strict => SdkConcurrencyMode::StrictFailureTolerance,
            ConcurrencyMode::Soft => SdkConcurrencyMode::SoftFailureTolerance,
        })
        .build()
}

fn clamped(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

pub(crate) fn parameters(parameters: &BTreeMap<String, ParameterValue>) -> Vec<Parameter> {
    let parameter = |(key, value): (&String, &ParameterValue)| {
        Parameter::builder().parameter_key(key).parameter_value(&value.0).build()
    };
    parameters.iter().map(parameter).collect()
}

/// Every parameter keeps its value: one that is not listed would fall back to its default (aws-facts A8).
pub(crate) fn unchanged_parameters(parameters: &BTreeMap<String, ParameterValue>) -> Vec<Parameter> {
    let parameter = |key: &String| Parameter::builder().parameter_key(key).use_previous_value(true).build();
    parameters.keys().map(parameter).collect()
}

pub(crate) fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// `RetainStacksOnAccountRemoval` is only legal together with `Enabled` (aws-facts A4).
fn auto_deployment(auto_deployment: AutoDeployment) -> SdkAutoDeployment {
    let AutoDeployment { enabled, retain_on_removal } = auto_deployment;
    SdkAutoDeployment::builder()
        .enabled(enabled)
        .set_retain_stacks_on_account_removal(enabled.then_some(retain_on_removal))
        .build()
}

pub(crate) fn managed_execution(active: bool) -> ManagedExecution {
    ManagedExecution::builder().active(active).build()
}
