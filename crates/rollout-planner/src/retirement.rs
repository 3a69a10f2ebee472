//! The plan that takes a roll-out away, and where its role has to be gone afterwards.

use std::collections::BTreeMap;

use rollout_model::{
    Account, AccountId, AccountIds, AccountPlan, Action, CallAs, Gate, InstanceStatus, ObservedInstance,
    Organization, OuPath, RolloutPlan, RolloutSpec, StackInstance, StackSetSnapshot, Step, Vehicle, Wave,
};

use crate::decide::{Decision, decision};
use crate::error::PlanError;
use crate::guards::{refuse_a_doubtful_organization, refuse_another_permission_model};
use crate::pace::pace;
use crate::select::select;
use crate::steps::Decided;
use crate::warnings::{busy, unknown_states};
use crate::wave::{LAST_WAVE, REMOVAL_WAVE, Waves, name};

/// What becomes of the stacks when a roll-out is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stacks {
    /// They are deleted where AWS can, and the roles with them.
    Delete,
    /// They stay in their accounts, unmanaged, and so do the roles.
    Retain,
}

/// Decides, for every account of the organization, how this roll-out is taken away there, and why.
///
/// The order is that of the roll-out, reversed, and what others stand on goes last: instances wave by wave, then
/// the StackSet, which AWS deletes only when it is empty (aws-facts A10), then the management account's stack.
/// Planning again after a complete retirement yields no steps.
///
/// # Errors
/// When the targets do not fit the organization, or the StackSet is not ours.
pub fn plan_retirement(
    spec: &RolloutSpec,
    organization: &Organization,
    observed: &StackSetSnapshot,
    stacks: Stacks,
) -> Result<RolloutPlan, PlanError> {
    refuse_a_doubtful_organization(organization)?;
    refuse_what_is_not_ours(spec, observed)?;
    let waves = Waves::assign(spec, organization)?;
    let retirement = Retirement { spec, organization, observed, stacks };
    let mut accounts: BTreeMap<AccountId, AccountPlan> = organization
        .accounts
        .values()
        .map(|account| (account.id.clone(), retirement.planned(account, &waves)))
        .collect();
    accounts.extend(retirement.out_of_reach().0.into_iter().map(|id| retirement.blocked(id)));
    let decided = Decided { spec, organization, observed, accounts: &accounts };
    let waves = retirement.waves(decided, &waves);
    let warnings = retirement.warnings(decided, &waves);
    Ok(RolloutPlan {
        home_region: spec.home_region.clone(),
        warnings,
        changes: Vec::new(),
        pace: pace(waves.iter().flat_map(|wave| &wave.steps), &spec.preferences),
        waves,
        accounts,
        stack_set: spec.stack_set.clone(),
        management_stack: spec.management_stack.clone(),
        preferences: spec.preferences.clone(),
        may_replace: false,
    })
}

/// Where the role has to be gone when the roll-out is taken away: in every open account that the configuration
/// means or that still has a stack of it. Those are `Remove`, everybody else is `Skip`.
///
/// # Errors
/// When the targets do not fit the organization.
pub fn absence(
    spec: &RolloutSpec,
    organization: &Organization,
    observed: &StackSetSnapshot,
) -> Result<BTreeMap<AccountId, AccountPlan>, PlanError> {
    refuse_a_doubtful_organization(organization)?;
    let memberships = select(spec, organization)?;
    let retirement = Retirement { spec, organization, observed, stacks: Stacks::Delete };
    let accounts = organization.accounts.values().map(|account| {
        let membership = &memberships[&account.id];
        let state = &account.state;
        let decision = match (membership.selected, retirement.has_stack(account)) {
            (true, _) | (_, true) if !state.is_deployable() => {
                decision(Action::Skip, format!("account is {state}: nobody can look"))
            }
            (true, _) => decision(Action::Remove, membership.reason.clone()),
            (false, true) => decision(Action::Remove, "the roll-out has a stack there"),
            (false, false) => decision(Action::Skip, membership.reason.clone()),
        };
        (account.id.clone(), retirement.row(account, decision))
    });
    Ok(accounts.collect())
}

/// Unlike a roll-out, a retirement takes nothing over.
fn refuse_what_is_not_ours(spec: &RolloutSpec, observed: &StackSetSnapshot) -> Result<(), PlanError> {
    let Some(set) = &observed.stack_set else { return Ok(()) };
    if !set.is_of(&spec.rollout) {
        let (stack_set, rollout) = (spec.stack_set.name.clone(), spec.rollout.clone());
        return Err(PlanError::NotOursToRetire { stack_set, rollout });
    }
    refuse_another_permission_model(spec, set)
}

const TAKEN_AWAY: &str = "the roll-out is taken away";
const LEFT_BEHIND: &str = "its stack and its role stay, as `--retain` asks";

#[derive(Clone, Copy)]
struct Retirement<'a> {
    spec: &'a RolloutSpec,
    organization: &'a Organization,
    observed: &'a StackSetSnapshot,
    stacks: Stacks,
}

impl<'a> Retirement<'a> {
    fn planned(self, account: &Account, waves: &Waves) -> AccountPlan {
        let is_management = account.id == self.organization.management_account;
        let decision = match is_management {
            true => self.management(),
            false => member(account, self.instance(account), self.stacks),
        };
        // An account whose wave depends on tags that were not read is no target any more: the last wave has it.
        let wave = match is_management {
            true => name(REMOVAL_WAVE),
            false => waves.of(&account.id).cloned().unwrap_or_else(|| name(LAST_WAVE)),
        };
        let wave = decision.action.is_change().then_some(wave);
        AccountPlan { wave, ..self.row(account, decision) }
    }

    fn row(self, account: &Account, decision: Decision) -> AccountPlan {
        let is_management = account.id == self.organization.management_account;
        AccountPlan {
            name: account.name.clone(),
            unit: self.organization.path(&account.parent),
            action: decision.action,
            vehicle: if is_management { Vehicle::Stack } else { Vehicle::StackSet },
            wave: None,
            reason: decision.reason,
        }
    }

    /// An account whose stack instance no call of this plan reaches: the rollout is not gone while it is there.
    fn blocked(self, id: AccountId) -> (AccountId, AccountPlan) {
        let by_hand = "delete it by hand with its stack retained, then run this again";
        let plan = match self.organization.accounts.get(&id) {
            Some(account) => {
                let reason = format!("it has a stack instance in another Region: {by_hand}");
                self.row(account, decision(Action::Blocked, reason))
            }
            None => AccountPlan {
                name: String::new(),
                unit: OuPath::default(),
                action: Action::Blocked,
                vehicle: Vehicle::StackSet,
                wave: None,
                reason: format!("it is not in the organization any more and has a stack instance: {by_hand}"),
            },
        };
        (id, plan)
    }

    fn instance(self, account: &Account) -> Option<&'a ObservedInstance> {
        self.observed.instance(&account.id, &self.spec.home_region)
    }

    fn has_stack(self, account: &Account) -> bool {
        match account.id == self.organization.management_account {
            true => {
                let stack = self.observed.management_stack.as_ref();
                stack.is_some_and(|stack| stack.is_of(&self.spec.rollout))
            }
            false => self.instance(account).is_some(),
        }
    }

    fn management(self) -> Decision {
        let name = &self.spec.management_stack.name;
        let Some(stack) = &self.observed.management_stack else {
            return decision(
                Action::Skip,
                match self.spec.stack_set.call_as {
                    CallAs::Myself => "no stack of this rollout",
                    CallAs::DelegatedAdmin => "a delegated administrator cannot see its stacks",
                },
            );
        };
        let status = &stack.status;
        if !stack.is_of(&self.spec.rollout) {
            decision(Action::Skip, format!("its stack `{name}` carries no mark of this rollout"))
        } else if self.stacks == Stacks::Retain {
            decision(Action::LeaveInPlace, LEFT_BEHIND)
        } else if status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS" {
            let reason = format!("the stack is in {status}: wait until it has ended, then run this again");
            decision(Action::Blocked, reason)
        } else {
            decision(Action::Remove, TAKEN_AWAY)
        }
    }

    fn waves(self, decided: Decided<'_>, waves: &Waves) -> Vec<Wave> {
        let mut planned: Vec<Wave> = Vec::new();
        for wave in waves.order.iter().rev() {
            let with = |action| {
                decided.through_the_set(|plan| plan.action == action && plan.wave.as_ref() == Some(wave))
            };
            let mut steps = decided.remove_instances(&with(Action::Remove));
            steps.extend(decided.retain_instances(&with(Action::Retain)));
            planned.push(Wave { name: wave.clone(), steps, gate: Gate::OPEN });
        }
        planned.push(Wave { name: name(REMOVAL_WAVE), steps: self.last_steps(decided), gate: Gate::OPEN });
        planned.retain(|wave| !wave.steps.is_empty());
        planned
    }

    fn last_steps(self, decided: Decided<'_>) -> Vec<Step> {
        let becomes_empty = self.out_of_reach().is_empty();
        let set = (self.observed.stack_set.is_some() && becomes_empty).then_some(Step::DeleteStackSet);
        let is_management = |plan: &&AccountPlan| plan.vehicle == Vehicle::Stack;
        let management = decided.accounts.values().find(is_management);
        let stack = management.filter(|plan| plan.action == Action::Remove).map(|_| Step::DeleteStack);
        set.into_iter().chain(stack).collect()
    }

    /// The accounts with an instance that no call of the plan names: they left the organization, or it is in a
    /// Region that this roll-out never deploys to.
    fn out_of_reach(self) -> AccountIds {
        let Retirement { spec, organization, observed, .. } = self;
        let is_reached = |instance: &StackInstance| {
            instance.region == spec.home_region && organization.accounts.contains_key(&instance.account)
        };
        let instances = observed.instances.keys().filter(|instance| !is_reached(instance));
        instances.map(|instance| instance.account.clone()).collect()
    }

    fn warnings(self, decided: Decided<'_>, waves: &[Wave]) -> Vec<String> {
        let mut warnings: Vec<String> = unknown_states(decided).collect();
        if !waves.is_empty() {
            warnings.extend(self.observed.operations.iter().map(busy));
        }
        let out_of_reach = self.out_of_reach();
        if !out_of_reach.is_empty() {
            warnings.push(format!(
                "the StackSet stays, since it has instances that no call reaches, of accounts that are not in the \
                 organization any more or in another Region: {out_of_reach}; their roles stay, too"
            ));
        }
        warnings
    }
}

/// A member account: everything goes through the StackSet.
fn member(account: &Account, instance: Option<&ObservedInstance>, stacks: Stacks) -> Decision {
    let Some(instance) = instance else { return decision(Action::Skip, "no stack instance") };
    let reason = instance.reason.as_deref().unwrap_or("no reason given");
    if !account.state.is_deployable() {
        let reason = format!("account is {}: AWS cannot delete its stack, which stays there", account.state);
        decision(Action::Retain, reason)
    } else if instance.status == InstanceStatus::Inoperable {
        let reason = format!(
            "the stack instance is INOPERABLE ({reason}): its stack stays; mend in the account what AWS names \
             here and delete the stack by hand"
        );
        decision(Action::Retain, reason)
    } else if stacks == Stacks::Retain {
        decision(Action::Retain, LEFT_BEHIND)
    } else {
        decision(Action::Remove, TAKEN_AWAY)
    }
}
