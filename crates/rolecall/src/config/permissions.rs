//! By which permissions the StackSet deploys, and which keys go with them (aws-facts A1, A2).

use rollout_model::{AdministrationRole, PermissionModel};

use super::file::{PermissionModelConfig, StackSetConfig};
use super::problems::Problems;

pub(super) fn permission_model(config: &StackSetConfig, problems: &mut Problems) -> Option<PermissionModel> {
    match config.permission_model {
        Some(PermissionModelConfig::SelfManaged) => self_managed(config, problems),
        Some(PermissionModelConfig::ServiceManaged) | None => {
            let roles = [
                ("administration_role", config.administration_role.is_some()),
                ("execution_role", config.execution_role.is_some()),
            ];
            for (key, _) in roles.iter().filter(|(_, is_given)| *is_given) {
                let message = "a service-managed StackSet makes its roles itself; leave this out, or write \
                               `permission_model: self-managed`";
                problems.add(format!("stack_set.{key}"), message);
            }
            Some(PermissionModel::ServiceManaged)
        }
    }
}

fn self_managed(config: &StackSetConfig, problems: &mut Problems) -> Option<PermissionModel> {
    if config.auto_deployment.is_some() {
        let message = "only service-managed StackSets deploy to accounts that join by themselves; leave this \
                       out, and run `apply` on a schedule";
        problems.add("stack_set.auto_deployment", message);
    }
    if config.call_as.is_some() {
        let message = "a self-managed StackSet belongs to the account whose credentials are used, and has no \
                       delegated administrators; leave this out";
        problems.add("stack_set.call_as", message);
    }
    let role = config.administration_role.as_deref();
    let role = role.unwrap_or(PermissionModel::DEFAULT_ADMINISTRATION_ROLE);
    let administration_role = problems.take("stack_set.administration_role", administration_role(role));
    let role = config.execution_role.as_deref().unwrap_or(PermissionModel::DEFAULT_EXECUTION_ROLE);
    let execution_role = problems.take("stack_set.execution_role", role.parse());
    Some(PermissionModel::SelfManaged {
        administration_role: administration_role?,
        execution_role: execution_role?,
    })
}

fn administration_role(text: &str) -> Result<AdministrationRole, rollout_model::InvalidId> {
    match text.starts_with("arn:") {
        true => text.parse().map(AdministrationRole::At),
        false => text.parse().map(AdministrationRole::Named),
    }
}
