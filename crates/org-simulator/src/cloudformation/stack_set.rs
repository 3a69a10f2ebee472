//! StackSets: what is known of each.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::definition::Definition;
use super::drift::SetDrift;
use super::operation::{Operation, OperationIndex};
use super::past::Instances;
use super::stack::Place;
use super::template::Template;
use crate::time::iso8601_millis;

/// Where a StackSet is in the list of all. Deleted sets stay listable (aws-facts A15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SetIndex(pub(super) usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PermissionModel {
    ServiceManaged,
    SelfManaged,
}

impl PermissionModel {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            PermissionModel::ServiceManaged => "SERVICE_MANAGED",
            PermissionModel::SelfManaged => "SELF_MANAGED",
        }
    }
}

/// `AutoDeployment`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AutoDeployment {
    pub(super) enabled: bool,
    pub(super) retain_stacks_on_account_removal: bool,
    pub(super) depends_on: Vec<String>,
}

impl AutoDeployment {
    fn described(&self) -> Value {
        let mut described = json!({"Enabled": self.enabled});
        if self.enabled {
            described["RetainStacksOnAccountRemoval"] = json!(self.retain_stacks_on_account_removal);
        }
        if !self.depends_on.is_empty() {
            described["DependsOn"] = json!(self.depends_on);
        }
        described
    }
}

/// One StackSet. It lives in one Region of its owner.
#[derive(Debug)]
pub(super) struct StackSet {
    pub(super) name: String,
    /// `name:uuid`.
    pub(super) id: String,
    /// Always the management account for service-managed sets, whoever created them (aws-facts A1).
    pub(super) owner: String,
    pub(super) region: String,
    pub(super) description: Option<String>,
    pub(super) is_deleted: bool,
    pub(super) permission_model: PermissionModel,
    pub(super) auto_deployment: AutoDeployment,
    pub(super) administration_role_arn: Option<String>,
    pub(super) execution_role_name: Option<String>,
    pub(super) managed_execution: bool,
    pub(super) definition: Definition,
    pub(super) client_request_token: Option<String>,
    /// Whether anything changed since creation, which ends the idempotency of the creation's token.
    pub(super) is_modified: bool,
    pub(super) instances: Instances,
    /// Targeted organizational units and the Regions of each: what automatic deployment goes by.
    pub(super) targets: BTreeMap<String, BTreeSet<String>>,
    pub(super) operations: Vec<Operation>,
    pub(super) operation_ids: BTreeMap<String, OperationIndex>,
    /// The last completed drift detection.
    pub(super) drift: Option<SetDrift>,
}

impl StackSet {
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:cloudformation:{}:{}:stackset/{}", self.region, self.owner, self.id)
    }

    pub(super) fn operation(&self, index: OperationIndex) -> &Operation {
        &self.operations[index.0]
    }

    pub(super) fn operation_mut(&mut self, index: OperationIndex) -> &mut Operation {
        &mut self.operations[index.0]
    }

    /// Operations that are not over yet, the oldest first.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = OperationIndex> {
        let is_open = |(_, operation): &(usize, &Operation)| !operation.status.is_terminal();
        self.operations.iter().enumerate().filter(is_open).map(|(index, _)| OperationIndex(index))
    }

    fn status(&self) -> &'static str {
        if self.is_deleted { "DELETED" } else { "ACTIVE" }
    }

    /// The `StackSet` of `DescribeStackSet`.
    pub(super) fn described(&self) -> Value {
        let regions: BTreeSet<&str> = self.instances.keys().map(|place| place.region.as_str()).collect();
        let mut described = json!({
            "StackSetName": self.name,
            "StackSetId": self.id,
            "Status": self.status(),
            "TemplateBody": self.definition.template.body,
            "Parameters": self.definition.described_parameters(),
            "Capabilities": self.definition.described_capabilities(),
            "Tags": self.definition.described_tags(),
            "StackSetARN": self.arn(),
            "PermissionModel": self.permission_model.as_str(),
            "ManagedExecution": {"Active": self.managed_execution},
            "Regions": regions,
            "StackSetDriftDetectionDetails": self.drift.as_ref().map_or_else(
                SetDrift::never,
                SetDrift::described,
            ),
        });
        if let Some(description) = &self.description {
            described["Description"] = json!(description);
        }
        match self.permission_model {
            PermissionModel::ServiceManaged => {
                described["AutoDeployment"] = self.auto_deployment.described();
                described["OrganizationalUnitIds"] = self.targets.keys().map(String::as_str).collect();
            }
            PermissionModel::SelfManaged => {
                if let Some(arn) = &self.administration_role_arn {
                    described["AdministrationRoleARN"] = json!(arn);
                }
                let role =
                    self.execution_role_name.as_deref().unwrap_or(super::execution::DEFAULT_EXECUTION_ROLE);
                described["ExecutionRoleName"] = json!(role);
            }
        }
        described
    }

    /// The entry of `ListStackSets`.
    pub(super) fn summary(&self) -> Value {
        let mut summary = json!({
            "StackSetName": self.name,
            "StackSetId": self.id,
            "Status": self.status(),
            "PermissionModel": self.permission_model.as_str(),
            "DriftStatus": self.drift.as_ref().map_or("NOT_CHECKED", SetDrift::status),
            "ManagedExecution": {"Active": self.managed_execution},
        });
        if let Some(description) = &self.description {
            summary["Description"] = json!(description);
        }
        if self.permission_model == PermissionModel::ServiceManaged {
            summary["AutoDeployment"] = self.auto_deployment.described();
        }
        if let Some(at) = self.drift.as_ref().map(|drift| drift.at) {
            summary["LastDriftCheckTimestamp"] = iso8601_millis(at);
        }
        summary
    }

    /// Whether a new template and values make up a definition that a set may have; the service-managed model
    /// refuses transforms (aws-facts A1).
    pub(super) fn check_template(template: &Template, model: PermissionModel) -> Result<(), String> {
        match template.transforms.first() {
            None => Ok(()),
            Some(transform) if model == PermissionModel::ServiceManaged => {
                Err(format!("Transforms are not supported for service managed stack sets: {transform}"))
            }
            Some(transform) => {
                Err(format!("No transform named {transform} is available in the simulated organization"))
            }
        }
    }
}

/// The key by which instances and results are paged.
pub(super) fn page_key(place: &Place) -> String {
    format!("{}/{}", place.account, place.region)
}

/// A timestamp member that is absent while the thing has not happened.
pub(super) fn optional_timestamp(described: &mut Value, member: &str, at: Option<Timestamp>) {
    if let Some(at) = at {
        described[member] = iso8601_millis(at);
    }
}
