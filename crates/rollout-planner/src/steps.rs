//! The calls that carry the decisions out, wave after wave.

use std::collections::BTreeMap;

use rollout_model::{
    AccountId, AccountIds, AccountPlan, Action, DeploymentTargets, Gate, InstanceStatus, ObservedInstance,
    Organization, PermissionModel, ProceedWhen, RolloutSpec, StackSetSnapshot, Step, Vehicle, Wave, WaveName,
};

use crate::compile::{Booking, compile, compile_accounts, compile_each, compile_only};
use crate::decide;
use crate::error::PlanError;
use crate::imports::{import_of, import_steps};
use crate::redefine::redefine;
use crate::wave::{REMOVAL_WAVE, Waves, name};

/// What the steps follow from.
#[derive(Clone, Copy)]
pub(crate) struct Decided<'a> {
    pub(crate) spec: &'a RolloutSpec,
    pub(crate) organization: &'a Organization,
    pub(crate) observed: &'a StackSetSnapshot,
    pub(crate) accounts: &'a BTreeMap<AccountId, AccountPlan>,
}

/// The waves in which something is to be done, in order. What concerns the StackSet as a whole comes with the
/// first wave that uses it.
pub(crate) fn waves(decided: Decided<'_>, waves: &Waves) -> Result<Vec<Wave>, PlanError> {
    let uses_the_set = |wave: &&WaveName| !decided.deployed_in(wave).is_empty();
    let first = waves.order.iter().find(uses_the_set).or(waves.order.last());
    let (of_the_set, visited) = decided.set_steps(first)?;
    let mut planned: Vec<Wave> = Vec::new();
    for wave in &waves.order {
        let mut steps: Vec<Step> = decided.management_step(wave).into_iter().collect();
        if Some(wave) == first {
            steps.extend(of_the_set.iter().cloned());
        }
        steps.extend(decided.instance_steps(wave, &visited));
        planned.push(Wave { name: wave.clone(), steps, gate: waves.gate(wave) });
    }
    planned.push(Wave { name: name(REMOVAL_WAVE), steps: decided.removal_steps(), gate: Gate::OPEN });
    Ok(without_idle_waves(planned, decided))
}

/// A wave without steps stays when its accounts have to be proven before a later wave begins: a run before this
/// one may have ended at that very gate. A run that goes on may have ended at any gate. And where nothing can be
/// done in a wave, because its accounts are blocked, its gate says whether the others have to wait.
fn without_idle_waves(mut waves: Vec<Wave>, decided: Decided<'_>) -> Vec<Wave> {
    let last = waves.iter().rposition(|wave| !wave.steps.is_empty());
    waves.truncate(last.map_or(0, |last| last + 1));
    let is_resumed = decided.spec.scope.resumed.is_some();
    let has_a_gate = |wave: &Wave| {
        let is_looked_at = is_resumed || decided.is_blocked_in(&wave.name);
        wave.gate.proceed_when == ProceedWhen::Verified || is_looked_at && wave.gate != Gate::OPEN
    };
    waves.retain(|wave| !wave.steps.is_empty() || has_a_gate(wave));
    waves
}

impl<'a> Decided<'a> {
    pub(crate) fn booking(self) -> Booking {
        if self.spec.stack_set.auto_deployment.enabled { Booking::Units } else { Booking::Nothing }
    }

    pub(crate) fn instance(self, account: &AccountId) -> Option<&'a ObservedInstance> {
        self.observed.instance(account, &self.spec.home_region)
    }

    pub(crate) fn has_stack(self, account: &AccountId) -> bool {
        self.instance(account).is_some_and(|instance| instance.has_stack)
    }

    fn is_imported(self, account: &AccountId) -> bool {
        import_of(self.spec, self.observed, account).is_some()
    }

    /// The accounts of a wave to which the StackSet brings something.
    pub(crate) fn deployed_in(self, wave: &WaveName) -> AccountIds {
        self.through_the_set(|plan| plan.action.is_deployment() && plan.wave.as_ref() == Some(wave))
    }

    fn is_blocked_in(self, wave: &WaveName) -> bool {
        let mut of_wave = self.accounts.values().filter(|plan| plan.wave.as_ref() == Some(wave));
        of_wave.any(|plan| plan.action == Action::Blocked)
    }

    /// The members that are chosen.
    pub(crate) fn through_the_set(self, chosen: impl Fn(&AccountPlan) -> bool) -> AccountIds {
        let chosen = |id: &AccountId, plan: &AccountPlan| {
            plan.vehicle == Vehicle::StackSet && chosen(plan) && !self.has_failed_in_this_run(id)
        };
        self.accounts.iter().filter(|(id, plan)| chosen(id, plan)).map(|(id, _)| id.clone()).collect()
    }

    /// Whether the run that is gone on with has tried already. Its next attempt is another run's, unless there is
    /// something new to try.
    fn has_failed_in_this_run(self, account: &AccountId) -> bool {
        let Some(run) = &self.spec.scope.resumed else { return false };
        let instance = self.instance(account).filter(|instance| instance.status == InstanceStatus::Failed);
        let last = instance.and_then(|instance| instance.last_operation.as_ref()?.step());
        let set = self.observed.stack_set.as_ref();
        last.is_some_and(|(of, _)| of == *run)
            && set.is_some_and(|set| !decide::definition_changes(set, &self.spec.stack_set))
    }

    fn management_step(self, wave: &WaveName) -> Option<Step> {
        let of_the_wave =
            |plan: &&AccountPlan| plan.vehicle == Vehicle::Stack && plan.wave.as_ref() == Some(wave);
        let (account, plan) = self.accounts.iter().find(|(_, plan)| of_the_wave(plan))?;
        if self.spec.scope.tried.0.contains(account) && !self.has_another_template() {
            return None;
        }
        match plan.action {
            Action::Create => Some(Step::CreateStack),
            Action::Repair => Some(Step::RecreateStack),
            action if action.is_deployment() => Some(Step::UpdateStack),
            _ => None,
        }
    }

    /// Whether the stack that failed is not the one that is specified now.
    fn has_another_template(self) -> bool {
        let wanted = &self.spec.management_stack.template;
        let stack = self.observed.management_stack.as_ref();
        stack.is_some_and(|stack| {
            !stack.template.is_empty() && !decide::same_template(&stack.template, wanted)
        })
    }

    /// The steps for the set as a whole, and the accounts that they visit already.
    fn set_steps(self, first: Option<&WaveName>) -> Result<(Vec<Step>, AccountIds), PlanError> {
        let Some(set) = &self.observed.stack_set else {
            let wanted = !self.through_the_set(|plan| plan.action.is_deployment()).is_empty();
            return Ok((wanted.then_some(Step::CreateStackSet).into_iter().collect(), AccountIds::default()));
        };
        let (mut steps, mut visited) = (Vec::new(), AccountIds::default());
        let wanted = &self.spec.stack_set;
        let is_redefined = decide::definition_changes(set, wanted);
        if is_redefined {
            (steps, visited) = redefine(self, first)?;
        }
        // After a new definition, so that every parameter it has can be kept by name.
        let other_settings =
            decide::settings_change(set, wanted) || (!is_redefined && decide::roles_change(set, wanted));
        if other_settings && !self.spec.scope.only_failed {
            steps.push(Step::UpdateSettings);
        }
        Ok((steps, visited))
    }

    /// Brings the accounts of a wave to the set's definition, but for those that were `visited` already.
    fn instance_steps(self, wave: &WaveName, visited: &AccountIds) -> Vec<Step> {
        let (imported, others): (Vec<AccountId>, Vec<AccountId>) =
            self.deployed_in(wave).0.into_iter().partition(|account| self.is_imported(account));
        let of_the_wave = |plan: &AccountPlan| plan.wave.as_ref() == Some(wave);
        let recreated = self.through_the_set(|plan| plan.action == Action::Recreate && of_the_wave(plan));
        let (with_stack, missing): (Vec<AccountId>, Vec<AccountId>) = others
            .into_iter()
            .filter(|account| !recreated.0.contains(account))
            .partition(|account| self.has_stack(account));
        let outdated = with_stack.into_iter().filter(|account| !visited.0.contains(account)).collect();
        let missing: AccountIds = missing.into_iter().collect();
        let mut steps = self.update_instances(&outdated);
        let created = self.calls(&missing, compile).into_iter();
        steps.extend(created.map(|(targets, accounts)| Step::CreateStackInstances { targets, accounts }));
        steps.extend(import_steps(self, &imported.into_iter().collect()));
        steps.extend(self.recreate_instances(&recreated));
        steps
    }

    /// The instances are let go of and made anew. The stacks are retained: to delete one that its owner deleted is
    /// no use, and one whose role is gone may fail to be deleted and hold everything up (aws-facts A10).
    fn recreate_instances(self, recreated: &AccountIds) -> Vec<Step> {
        let mut steps = self.by_name(recreated, |targets, accounts| Step::DeleteStackInstances {
            targets,
            accounts,
            retain_stacks: true,
        });
        steps.extend(
            self.by_name(recreated, |targets, accounts| Step::CreateStackInstances { targets, accounts }),
        );
        steps
    }

    pub(crate) fn update_instances(self, outdated: &AccountIds) -> Vec<Step> {
        self.by_name(outdated, |targets, accounts| Step::UpdateStackInstances { targets, accounts })
    }

    fn removal_steps(self) -> Vec<Step> {
        self.remove_instances(&self.through_the_set(|plan| plan.action == Action::Remove))
    }

    pub(crate) fn remove_instances(self, removed: &AccountIds) -> Vec<Step> {
        self.by_name(removed, |targets, accounts| Step::DeleteStackInstances {
            targets,
            accounts,
            retain_stacks: false,
        })
    }

    /// Suspended accounts may be among them, which no other call reaches (aws-facts A10, K5).
    pub(crate) fn retain_instances(self, retained: &AccountIds) -> Vec<Step> {
        let calls = self.calls(retained, compile_each).into_iter();
        let step =
            |(targets, accounts)| Step::DeleteStackInstances { targets, accounts, retain_stacks: true };
        calls.map(step).collect()
    }

    /// Steps that name every account, for calls that are refused whole when one has no instance, or that must
    /// not reach anybody else.
    fn by_name(self, wanted: &AccountIds, step: fn(DeploymentTargets, AccountIds) -> Step) -> Vec<Step> {
        let calls = self.calls(wanted, compile_only).into_iter();
        calls.map(|(targets, accounts)| step(targets, accounts)).collect()
    }

    /// The calls that reach exactly `wanted`, each with its part of them.
    fn calls(self, wanted: &AccountIds, by_units: ByUnits) -> Vec<(DeploymentTargets, AccountIds)> {
        let calls = match self.spec.stack_set.permission_model {
            PermissionModel::ServiceManaged => by_units(self.organization, wanted, self.booking()),
            PermissionModel::SelfManaged { .. } => compile_accounts(wanted),
        };
        let with_accounts = |targets: DeploymentTargets| {
            let accounts = self.reached(&targets, wanted);
            (targets, accounts)
        };
        calls.into_iter().map(with_accounts).collect()
    }

    fn reached(self, targets: &DeploymentTargets, wanted: &AccountIds) -> AccountIds {
        if let DeploymentTargets::Accounts(accounts) | DeploymentTargets::Only(_, accounts) = targets {
            return accounts.clone();
        }
        let is_reached = |id: &&AccountId| {
            self.organization.accounts.get(id).is_some_and(|account| {
                targets.units().iter().any(|unit| self.organization.is_below(account, unit))
            })
        };
        wanted.0.iter().filter(is_reached).cloned().collect()
    }
}

/// How accounts become units of the organization.
type ByUnits = fn(&Organization, &AccountIds, Booking) -> Vec<DeploymentTargets>;
