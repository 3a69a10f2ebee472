//! One call of a plan, and whom it reaches.

use std::fmt;

use crate::{AccountId, AccountIds, ParentId, StackArn};

/// One call that changes something, and whom it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Create the plain stack in the management account.
    CreateStack,
    /// Delete the plain stack in the management account, whose creation failed, and create it anew: nothing else
    /// can be done with such a stack (aws-facts C2).
    RecreateStack,
    /// Update the plain stack in the management account.
    UpdateStack,
    /// Create the StackSet, without instances.
    CreateStackSet,
    /// Give the StackSet its new definition and bring the instances of `accounts` to it.
    UpdateStackSet {
        /// `None`: every instance of the set.
        targets: Option<DeploymentTargets>,
        /// The accounts with an instance that the operation visits.
        accounts: AccountIds,
    },
    /// Change settings of the set that no stack holds. Whether AWS visits the instances for it is not
    /// documented (aws-facts A4); their stacks would be found unchanged.
    UpdateSettings,
    /// Create the instances that are missing, and try again those whose stack never came to be.
    CreateStackInstances {
        /// What the call names.
        targets: DeploymentTargets,
        /// The accounts that it resolves to.
        accounts: AccountIds,
    },
    /// Bring instances that have a stack to the set's present definition.
    UpdateStackInstances {
        /// What the call names.
        targets: DeploymentTargets,
        /// The accounts that it resolves to.
        accounts: AccountIds,
    },
    /// Make stacks that exist instances of the set. AWS changes nothing in them (aws-facts A11).
    ImportStacksToStackSet {
        /// What the call names.
        stacks: Vec<StackArn>,
        /// The accounts that they are in.
        accounts: AccountIds,
    },
    /// Delete instances, with their stacks and so the role, or without.
    DeleteStackInstances {
        /// What the call names: always every account by its id.
        targets: DeploymentTargets,
        /// The accounts that it resolves to.
        accounts: AccountIds,
        /// Whether the stacks stay behind in their accounts, unmanaged (aws-facts A10).
        retain_stacks: bool,
    },
    /// Delete the StackSet, which has no instance any more by then.
    DeleteStackSet,
    /// Delete the plain stack in the management account, its protection against that first.
    DeleteStack,
}

impl Step {
    /// Whether AWS carries the step out as an operation of the StackSet, which has an id.
    pub fn is_operation(&self) -> bool {
        !matches!(
            self,
            Step::CreateStack
                | Step::RecreateStack
                | Step::UpdateStack
                | Step::DeleteStack
                | Step::CreateStackSet
                | Step::DeleteStackSet
        )
    }

    /// The accounts that the step visits through the StackSet.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        let accounts = match self {
            Step::UpdateStackSet { accounts, .. }
            | Step::CreateStackInstances { accounts, .. }
            | Step::UpdateStackInstances { accounts, .. }
            | Step::ImportStacksToStackSet { accounts, .. }
            | Step::DeleteStackInstances { accounts, .. } => Some(accounts),
            Step::CreateStack
            | Step::RecreateStack
            | Step::UpdateStack
            | Step::DeleteStack
            | Step::CreateStackSet
            | Step::UpdateSettings
            | Step::DeleteStackSet => None,
        };
        accounts.into_iter().flat_map(|accounts| accounts.0.iter())
    }
}

/// What is done and to how many, for plan and progress.
impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::CreateStack => formatter.write_str("create the stack in the management account"),
            Step::RecreateStack => formatter.write_str(
                "delete the stack in the management account, whose creation failed, and create it anew",
            ),
            Step::UpdateStack => formatter.write_str("update the stack in the management account"),
            Step::DeleteStack => {
                formatter.write_str("delete the stack in the management account, and its role")
            }
            Step::DeleteStackSet => formatter.write_str("delete the StackSet"),
            Step::CreateStackSet => formatter.write_str("create the StackSet"),
            Step::UpdateSettings => formatter.write_str("update the settings of the StackSet (AWS may visit its instances, and changes nothing in them)"),
            Step::UpdateStackSet { accounts, .. } if accounts.is_empty() => {
                formatter.write_str("update the StackSet")
            }
            Step::UpdateStackSet { accounts, .. } => {
                let accounts = counted(accounts.len(), "account");
                write!(formatter, "update the StackSet and its instances in {accounts}")
            }
            Step::CreateStackInstances { targets, accounts } => {
                let accounts = counted(accounts.len(), "account");
                write!(formatter, "create stack instances in {accounts} ({targets})")
            }
            Step::UpdateStackInstances { targets, accounts } => {
                let accounts = counted(accounts.len(), "account");
                write!(formatter, "update stack instances in {accounts} ({targets})")
            }
            Step::ImportStacksToStackSet { stacks, .. } => {
                write!(formatter, "import {} into the StackSet", counted(stacks.len(), "stack"))
            }
            Step::DeleteStackInstances { targets, accounts, retain_stacks } => {
                let accounts = counted(accounts.len(), "account");
                match retain_stacks {
                    false => write!(
                        formatter,
                        "delete stack instances and their roles in {accounts} ({targets})"
                    ),
                    true => write!(
                        formatter,
                        "delete stack instances in {accounts}, and leave their stacks behind ({targets})"
                    ),
                }
            }
        }
    }
}

/// The targets of one call (aws-facts A3): units and which of their accounts, as service-managed sets have them,
/// or accounts alone, as self-managed ones do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentTargets {
    /// Every account in or below the units.
    Units(Vec<ParentId>),
    /// Every account in or below the units, except these (`DIFFERENCE`).
    UnitsExcept(Vec<ParentId>, AccountIds),
    /// Only these accounts, all of which sit in or below the units (`INTERSECTION`).
    Only(Vec<ParentId>, AccountIds),
    /// These accounts, wherever they sit.
    Accounts(AccountIds),
}

impl DeploymentTargets {
    /// The units or the root that the call names; none for a self-managed set.
    pub fn units(&self) -> &[ParentId] {
        match self {
            DeploymentTargets::Accounts(_) => &[],
            DeploymentTargets::Units(units)
            | DeploymentTargets::UnitsExcept(units, _)
            | DeploymentTargets::Only(units, _) => units,
        }
    }
}

impl fmt::Display for DeploymentTargets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = counted(self.units().len(), "unit");
        match self {
            DeploymentTargets::Units(_) => write!(formatter, "every account of {units}"),
            DeploymentTargets::UnitsExcept(_, accounts) => {
                write!(formatter, "{units}, all but {}", counted(accounts.len(), "account"))
            }
            DeploymentTargets::Only(_, accounts) => {
                write!(formatter, "{} of {units}", counted(accounts.len(), "account"))
            }
            DeploymentTargets::Accounts(_) => formatter.write_str("each by its id"),
        }
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
