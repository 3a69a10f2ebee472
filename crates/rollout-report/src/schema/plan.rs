//! `rolecall.plan/1`: what a rollout would do, account by account.

use std::collections::BTreeMap;

use rollout_model::{AccountId, AccountPlan, Action, ParentId, RolloutPlan, Step};
use serde::Serialize;

use super::words::{ActionWord, VehicleWord};

/// Neither template nor parameter values are part of it: the values hold external IDs.
#[derive(Debug, Serialize)]
pub(crate) struct Plan {
    schema: &'static str,
    stack_set: String,
    management_stack: String,
    home_region: String,
    /// How many accounts have which action.
    summary: SummaryEntry,
    warnings: Vec<String>,
    /// In the order in which they are carried out; empty when AWS holds what was specified.
    steps: Vec<StepEntry>,
    /// By path of the organizational unit, then by id.
    accounts: Vec<AccountEntry>,
}

#[derive(Debug, Serialize)]
struct SummaryEntry {
    accounts: usize,
    create: usize,
    update: usize,
    keep: usize,
    leave_in_place: usize,
    blocked: usize,
    skip: usize,
}

#[derive(Debug, Serialize)]
struct StepEntry {
    /// Counted from 1.
    step: usize,
    kind: &'static str,
    title: String,
    /// The units or the root that the call names.
    organizational_units: Vec<String>,
    /// The accounts that the step visits through the StackSet.
    accounts: Vec<String>,
}

#[derive(Debug, Serialize)]
struct AccountEntry {
    id: String,
    name: String,
    organizational_unit_path: String,
    action: ActionWord,
    vehicle: VehicleWord,
    reason: String,
}

impl Plan {
    pub(crate) fn of(plan: &RolloutPlan) -> Plan {
        let mut accounts: Vec<(&AccountId, &AccountPlan)> = plan.accounts.iter().collect();
        accounts.sort_by_key(|(id, account)| (&account.unit, *id));
        Plan {
            schema: "rolecall.plan/1",
            stack_set: plan.stack_set.name.to_string(),
            management_stack: plan.management_stack.name.to_string(),
            home_region: plan.home_region.to_string(),
            summary: SummaryEntry::of(&plan.accounts),
            warnings: plan.warnings.clone(),
            steps: plan.steps().enumerate().map(|(index, step)| StepEntry::of(index + 1, step)).collect(),
            accounts: accounts.into_iter().map(|(id, account)| AccountEntry::of(id, account)).collect(),
        }
    }
}

impl SummaryEntry {
    fn of(accounts: &BTreeMap<AccountId, AccountPlan>) -> SummaryEntry {
        let with = |action| accounts.values().filter(|account| account.action == action).count();
        SummaryEntry {
            accounts: accounts.len(),
            create: with(Action::Create),
            update: with(Action::Update),
            keep: with(Action::Keep),
            leave_in_place: with(Action::LeaveInPlace),
            blocked: with(Action::Blocked),
            skip: with(Action::Skip),
        }
    }
}

impl StepEntry {
    fn of(number: usize, step: &Step) -> StepEntry {
        let (kind, targets) = match step {
            Step::CreateStack => ("create_stack", None),
            Step::UpdateStack => ("update_stack", None),
            Step::CreateStackSet => ("create_stack_set", None),
            Step::UpdateSettings => ("update_settings", None),
            Step::UpdateStackSet { targets, .. } => ("update_stack_set", targets.as_ref()),
            Step::CreateStackInstances { targets, .. } => ("create_stack_instances", Some(targets)),
            Step::UpdateStackInstances { targets, .. } => ("update_stack_instances", Some(targets)),
            Step::DeleteStackInstances { targets, .. } => ("delete_stack_instances", Some(targets)),
        };
        let units = targets.map_or(&[][..], |targets| targets.units());
        StepEntry {
            step: number,
            kind,
            title: step.to_string(),
            organizational_units: units.iter().map(ParentId::to_string).collect(),
            accounts: step.accounts().map(AccountId::to_string).collect(),
        }
    }
}

impl AccountEntry {
    fn of(id: &AccountId, plan: &AccountPlan) -> AccountEntry {
        AccountEntry {
            id: id.to_string(),
            name: plan.name.clone(),
            organizational_unit_path: plan.unit.to_string(),
            action: plan.action.into(),
            vehicle: plan.vehicle.into(),
            reason: plan.reason.clone(),
        }
    }
}
