//! `rolecall.plan/1`: what a rollout would do, wave by wave and account by account.

use std::collections::BTreeMap;

use rollout_model::{
    AccountId, AccountPlan, Action, DefinitionChange, Pace, ParentId, RolloutPlan, Step, Wave,
};
use serde::{Deserialize, Serialize};

use super::words::{ActionWord, VehicleWord};

/// Neither template nor parameter values are part of it: the values hold external IDs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    schema: String,
    stack_set: String,
    management_stack: String,
    home_region: String,
    /// How many accounts have which action.
    summary: SummaryEntry,
    warnings: Vec<String>,
    /// In what the definitions differ from those that AWS holds.
    pub(crate) changes: Vec<ChangeEntry>,
    /// `null` when no step visits an account.
    pace: Option<PaceEntry>,
    /// In the order in which they are carried out.
    waves: Vec<WaveEntry>,
    /// In the order in which they are carried out; empty when AWS holds what was specified.
    pub(crate) steps: Vec<StepEntry>,
    /// By path of the organizational unit, then by id.
    pub(crate) accounts: Vec<AccountEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SummaryEntry {
    accounts: usize,
    create: usize,
    update: usize,
    adopt: usize,
    repair: usize,
    #[serde(default)]
    recreate: usize,
    keep: usize,
    remove: usize,
    #[serde(default)]
    retain: usize,
    leave_in_place: usize,
    blocked: usize,
    skip: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangeEntry {
    of: String,
    lines: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PaceEntry {
    /// Accounts at a time, at the start of the largest operation.
    at_once: usize,
    /// By an assumed minute for each account; AWS publishes no figure.
    expected_seconds: u64,
    /// The setting that would make it faster.
    faster: Option<String>,
}

/// A wave and what has to hold before the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct WaveEntry {
    wave: String,
    /// `deployed` or `verified`.
    proceed_when: String,
    /// A number of accounts, or a share such as `5%`.
    max_failures: String,
    soak_seconds: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StepEntry {
    /// Counted from 1.
    step: usize,
    wave: String,
    kind: String,
    title: String,
    /// The units or the root that the call names.
    organizational_units: Vec<String>,
    /// The accounts that the step visits through the StackSet.
    accounts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountEntry {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) organizational_unit_path: String,
    pub(crate) action: ActionWord,
    vehicle: VehicleWord,
    /// `null` for an account that is no target.
    wave: Option<String>,
    pub(crate) reason: String,
}

impl Plan {
    pub(crate) fn of(plan: &RolloutPlan) -> Plan {
        let mut accounts: Vec<(&AccountId, &AccountPlan)> = plan.accounts.iter().collect();
        accounts.sort_by_key(|(id, account)| (&account.unit, *id));
        let steps = plan.waves.iter().flat_map(|wave| wave.steps.iter().map(move |step| (&wave.name, step)));
        Plan {
            schema: "rolecall.plan/1".to_owned(),
            stack_set: plan.stack_set.name.to_string(),
            management_stack: plan.management_stack.name.to_string(),
            home_region: plan.home_region.to_string(),
            summary: SummaryEntry::of(&plan.accounts),
            warnings: plan.warnings.clone(),
            changes: plan.changes.iter().map(ChangeEntry::of).collect(),
            pace: plan.pace.as_ref().map(PaceEntry::of),
            waves: plan.waves.iter().map(WaveEntry::of).collect(),
            steps: steps
                .enumerate()
                .map(|(index, (wave, step))| StepEntry::of(index + 1, wave.to_string(), step))
                .collect(),
            accounts: accounts.into_iter().map(|(id, account)| AccountEntry::of(id, account)).collect(),
        }
    }

    /// What is done, without what is only said about it.
    pub(crate) fn without_warnings(mut self) -> Plan {
        self.warnings.clear();
        self
    }
}

impl SummaryEntry {
    fn of(accounts: &BTreeMap<AccountId, AccountPlan>) -> SummaryEntry {
        let with = |action| accounts.values().filter(|account| account.action == action).count();
        SummaryEntry {
            accounts: accounts.len(),
            create: with(Action::Create),
            update: with(Action::Update),
            adopt: with(Action::Adopt),
            repair: with(Action::Repair),
            recreate: with(Action::Recreate),
            keep: with(Action::Keep),
            remove: with(Action::Remove),
            retain: with(Action::Retain),
            leave_in_place: with(Action::LeaveInPlace),
            blocked: with(Action::Blocked),
            skip: with(Action::Skip),
        }
    }
}

impl ChangeEntry {
    fn of(change: &DefinitionChange) -> ChangeEntry {
        ChangeEntry { of: change.of.clone(), lines: change.lines.clone() }
    }
}

impl PaceEntry {
    fn of(pace: &Pace) -> PaceEntry {
        PaceEntry {
            at_once: pace.at_once,
            expected_seconds: pace.expected.as_secs(),
            faster: pace.faster.clone(),
        }
    }
}

impl WaveEntry {
    fn of(wave: &Wave) -> WaveEntry {
        WaveEntry {
            wave: wave.name.to_string(),
            proceed_when: wave.gate.proceed_when.to_string(),
            max_failures: wave.gate.max_failures.to_string(),
            soak_seconds: wave.gate.soak.as_secs(),
        }
    }
}

impl StepEntry {
    fn of(number: usize, wave: String, step: &Step) -> StepEntry {
        let (kind, targets) = match step {
            Step::CreateStack => ("create_stack", None),
            Step::RecreateStack => ("recreate_stack", None),
            Step::UpdateStack => ("update_stack", None),
            Step::DeleteStack => ("delete_stack", None),
            Step::CreateStackSet => ("create_stack_set", None),
            Step::UpdateSettings => ("update_settings", None),
            Step::UpdateStackSet { targets, .. } => ("update_stack_set", targets.as_ref()),
            Step::CreateStackInstances { targets, .. } => ("create_stack_instances", Some(targets)),
            Step::UpdateStackInstances { targets, .. } => ("update_stack_instances", Some(targets)),
            Step::ImportStacksToStackSet { .. } => ("import_stacks_to_stack_set", None),
            Step::DeleteStackInstances { targets, .. } => ("delete_stack_instances", Some(targets)),
            Step::DeleteStackSet => ("delete_stack_set", None),
        };
        let units = targets.map_or(&[][..], |targets| targets.units());
        StepEntry {
            step: number,
            wave,
            kind: kind.to_owned(),
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
            wave: plan.wave.as_ref().map(ToString::to_string),
            reason: plan.reason.clone(),
        }
    }
}
