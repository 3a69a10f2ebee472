//! Stacks: what is known of each, wherever it was made from.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::change_set::ChangeSet;
use super::definition::Definition;
use super::stack_run::Pending;
use super::template::{Attributes, Pseudo, ResourceType, Scope};

/// Where a stack is in the list of all stacks. Stacks are never removed: a deleted one stays readable by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StackIndex(pub(super) usize);

/// `StackStatus` (aws-facts C2), as far as the simulated CloudFormation uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StackStatus {
    CreateInProgress,
    CreateFailed,
    CreateComplete,
    RollbackInProgress,
    RollbackFailed,
    RollbackComplete,
    DeleteInProgress,
    DeleteFailed,
    DeleteComplete,
    UpdateInProgress,
    UpdateComplete,
    UpdateFailed,
    UpdateRollbackInProgress,
    UpdateRollbackFailed,
    UpdateRollbackComplete,
    ReviewInProgress,
}

impl StackStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            StackStatus::CreateInProgress => "CREATE_IN_PROGRESS",
            StackStatus::CreateFailed => "CREATE_FAILED",
            StackStatus::CreateComplete => "CREATE_COMPLETE",
            StackStatus::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            StackStatus::RollbackFailed => "ROLLBACK_FAILED",
            StackStatus::RollbackComplete => "ROLLBACK_COMPLETE",
            StackStatus::DeleteInProgress => "DELETE_IN_PROGRESS",
            StackStatus::DeleteFailed => "DELETE_FAILED",
            StackStatus::DeleteComplete => "DELETE_COMPLETE",
            StackStatus::UpdateInProgress => "UPDATE_IN_PROGRESS",
            StackStatus::UpdateComplete => "UPDATE_COMPLETE",
            StackStatus::UpdateFailed => "UPDATE_FAILED",
            StackStatus::UpdateRollbackInProgress => "UPDATE_ROLLBACK_IN_PROGRESS",
            StackStatus::UpdateRollbackFailed => "UPDATE_ROLLBACK_FAILED",
            StackStatus::UpdateRollbackComplete => "UPDATE_ROLLBACK_COMPLETE",
            StackStatus::ReviewInProgress => "REVIEW_IN_PROGRESS",
        }
    }

    /// Whether `UpdateStack` is legal (aws-facts C2).
    pub(super) fn can_update(self) -> bool {
        matches!(
            self,
            StackStatus::CreateComplete | StackStatus::UpdateComplete | StackStatus::UpdateRollbackComplete
        )
    }
}

/// A resource that a stack made and looks after.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) resource_type: ResourceType,
    pub(super) physical_id: String,
    pub(super) attributes: Attributes,
    pub(super) status: &'static str,
    pub(super) status_reason: Option<String>,
    pub(super) changed: Timestamp,
}

/// One entry of `DescribeStackEvents`.
#[derive(Debug, Clone)]
pub(super) struct StackEvent {
    pub(super) at: Timestamp,
    /// `None` stands for the stack itself.
    pub(super) logical_id: Option<String>,
    pub(super) physical_id: String,
    pub(super) resource_type: &'static str,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
}

/// One stack.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) name: String,
    /// The ARN.
    pub(super) id: String,
    pub(super) status: StackStatus,
    pub(super) status_reason: Option<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Option<Timestamp>,
    pub(super) deleted: Option<Timestamp>,
    /// What the resources were made from; properties are resolved again from it when they are needed,
    /// instead of being kept for every stack.
    pub(super) definition: Definition,
    pub(super) resources: BTreeMap<String, Resource>,
    pub(super) events: Vec<StackEvent>,
    pub(super) termination_protection: bool,
    pub(super) role_arn: Option<String>,
    pub(super) disable_rollback: bool,
    /// What a plain stack is in the middle of.
    pub(super) pending: Option<Box<Pending>>,
    pub(super) change_sets: Vec<ChangeSet>,
    /// The change set that was executed last.
    pub(super) change_set_id: Option<String>,
}

impl Stack {
    /// A stack that exists and holds nothing yet.
    pub(super) fn begun(
        place: &Place,
        name: String,
        uuid: &str,
        now: Timestamp,
        definition: Definition,
    ) -> Self {
        Stack {
            id: format!("arn:aws:cloudformation:{}:{}:stack/{name}/{uuid}", place.region, place.account),
            account: place.account.clone(),
            region: place.region.clone(),
            name,
            status: StackStatus::CreateInProgress,
            status_reason: None,
            created: now,
            updated: None,
            deleted: None,
            definition,
            resources: BTreeMap::new(),
            events: Vec::new(),
            termination_protection: false,
            role_arn: None,
            disable_rollback: false,
            pending: None,
            change_sets: Vec::new(),
            change_set_id: None,
        }
    }

    /// Sets the status and records it as an event of the stack.
    pub(super) fn enter(&mut self, status: StackStatus, reason: Option<String>, now: Timestamp) {
        self.status = status;
        self.status_reason.clone_from(&reason);
        if status == StackStatus::DeleteComplete {
            self.deleted = Some(now);
        }
        self.events.push(StackEvent {
            at: now,
            logical_id: None,
            physical_id: self.id.clone(),
            resource_type: "AWS::CloudFormation::Stack",
            status: status.as_str(),
            reason,
        });
    }

    /// What expressions of `definition` can refer to, given the resources that exist.
    pub(super) fn scope<'a>(
        &'a self,
        definition: &'a Definition,
        resources: &BTreeMap<String, Resource>,
    ) -> Scope<'a> {
        Scope {
            template: &definition.template,
            parameters: &definition.parameters,
            pseudo: Pseudo {
                account: &self.account,
                region: &self.region,
                stack_name: &self.name,
                stack_id: &self.id,
            },
            resources: resources
                .iter()
                .map(|(id, resource)| (id.clone(), resource.attributes.clone()))
                .collect(),
        }
    }
}

/// An account and a Region: stacks of one place have unique names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) account: String,
    pub(super) region: String,
}

/// Every stack of every account.
#[derive(Debug, Default)]
pub(super) struct Stacks {
    all: Vec<Stack>,
    places: BTreeMap<Place, Vec<StackIndex>>,
}

impl Stacks {
    pub(super) fn add(&mut self, stack: Stack) -> StackIndex {
        let index = StackIndex(self.all.len());
        let place = Place { account: stack.account.clone(), region: stack.region.clone() };
        self.places.entry(place).or_default().push(index);
        self.all.push(stack);
        index
    }

    pub(super) fn get(&self, index: StackIndex) -> &Stack {
        &self.all[index.0]
    }

    pub(super) fn get_mut(&mut self, index: StackIndex) -> &mut Stack {
        &mut self.all[index.0]
    }

    /// The stacks of a place, the oldest first, deleted ones included.
    pub(super) fn at<'a>(
        &'a self,
        place: &Place,
    ) -> impl DoubleEndedIterator<Item = (StackIndex, &'a Stack)> + use<'a> {
        self.places.get(place).into_iter().flatten().map(|index| (*index, self.get(*index)))
    }

    /// Finds a stack by name or id. Deleted stacks are found by id alone (aws-facts C1).
    pub(super) fn find(&self, place: &Place, name_or_id: &str) -> Option<StackIndex> {
        let fits = |stack: &Stack| {
            stack.id == name_or_id
                || (stack.name == name_or_id && stack.status != StackStatus::DeleteComplete)
        };
        self.at(place).rev().find(|(_, stack)| fits(stack)).map(|(index, _)| index)
    }
}
