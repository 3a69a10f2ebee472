//! Carries one wave of a plan out, step by step. No choices are left here.

use std::cell::Cell;

use aws_sdk_cloudformation::Client;
use rollout_model::{
    AccountId, AccountIds, DeployEvent, DeploymentStatus, OperationId, Owner, RolloutEvent, RolloutPlan,
    RunId, Step, Vehicle, Wave,
};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::calls::{Deleted, StackSets};
use crate::error::DeployError;
use crate::follow::follow;
use crate::observe;
use crate::purpose::Purpose;
use crate::stack::{self, Bring, How};
use crate::submit::{Submitted, submit};
use crate::tell::tell;
use crate::watch::Watched;

/// What is needed to carry one wave of a plan out.
#[derive(Debug, Clone, Copy)]
pub struct Deployment<'a> {
    /// A client of the account that owns the StackSet, in the home Region.
    pub client: &'a Client,
    /// That account: a self-managed set names a role of it in every update.
    pub owner: &'a Owner,
    /// What the steps bring about.
    pub plan: &'a RolloutPlan,
    /// What to do: one of the waves of the plan.
    pub wave: &'a Wave,
    /// The number of its first step in the run.
    pub first_step: usize,
    /// Operation ids are derived from it.
    pub run: &'a RunId,
    /// Where the facts go. Whoever receives them has to do so while this runs.
    pub events: &'a Sender<RolloutEvent>,
    /// Cancelled when the operator asks to stop: nothing new is started.
    pub stop: &'a CancellationToken,
}

/// How carrying out ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Every step was carried out; how each account fared is in the events.
    Complete,
    /// The operator asked to stop. An operation may go on in AWS.
    Interrupted,
}

/// The word for a step whose operation AWS never took on. AWS's own words name what it did with one.
pub const NOT_SUBMITTED: &str = "NOT_SUBMITTED";

/// How carrying out one step ended.
enum StepEnding {
    /// With this word of AWS's.
    Finished(String),
    /// The operator asked to stop before anything was submitted.
    NotSubmitted,
    /// The operator asked to stop; what was begun goes on in AWS.
    GoesOn,
}

/// Carries out every step of the wave in order.
///
/// Before AWS is called the step and its operation id are with whoever takes in the events: see
/// `Deployment::tell_start`. What a run left behind in AWS is taken up with [`attach`](crate::attach).
///
/// # Errors
/// When a step cannot be carried out for anybody; what single accounts suffer is told by events.
pub async fn execute(deployment: Deployment<'_>) -> Result<Ending, DeployError> {
    let Deployment { client, owner, plan, run, stop, .. } = deployment;
    deployment.tell(DeployEvent::WaveStarted(deployment.wave.name.clone())).await;
    let set = &plan.stack_set;
    let sets = StackSets::new(client, &set.name, &plan.home_region, set.call_as);
    for (number, step) in (deployment.first_step..).zip(&deployment.wave.steps) {
        if stop.is_cancelled() {
            return Ok(Ending::Interrupted);
        }
        let operation = OperationId::of_step(run, number);
        deployment.tell_start(number, step, &operation).await;
        let ending = match step {
            Step::CreateStack | Step::RecreateStack | Step::UpdateStack | Step::DeleteStack => {
                deployment.management_stack(step, &operation).await
            }
            Step::CreateStackSet => {
                let created = sets.create(set, owner, &operation).await;
                created
                    .map(|()| StepEnding::Finished("SUCCEEDED".to_owned()))
                    .map_err(|source| sets.failed("create the StackSet", source).of_a_beginning())
            }
            Step::DeleteStackSet => deployment.delete_stack_set(&sets, step, &operation).await,
            _ => deployment.stack_set_operation(&sets, step, &operation).await,
        };
        match ending {
            Ok(StepEnding::Finished(status)) => deployment.tell_finish(number, &status).await,
            Ok(StepEnding::GoesOn) => return Ok(Ending::Interrupted),
            Ok(StepEnding::NotSubmitted) => {
                deployment.tell_finish(number, NOT_SUBMITTED).await;
                return Ok(Ending::Interrupted);
            }
            Err(error @ (DeployError::Busy { .. } | DeployError::Refused { .. })) => {
                deployment.tell_finish(number, NOT_SUBMITTED).await;
                return Err(error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Ending::Complete)
}

impl Deployment<'_> {
    async fn tell(&self, event: DeployEvent) {
        tell(self.events, event).await;
    }

    async fn tell_account(&self, account: &AccountId, status: DeploymentStatus) {
        self.tell(DeployEvent::Account { account: account.clone(), status }).await;
    }

    async fn tell_finish(&self, step: usize, status: &str) {
        self.tell(DeployEvent::StepFinished { step, status: status.to_owned() }).await;
    }

    /// Comes back when the event was received, and everything before it: only then is the whole channel free
    /// to be reserved. A receiver that writes down what it receives before it does anything else thus has the
    /// operation id on disk before AWS gets the request.
    async fn tell_start(&self, number: usize, step: &Step, operation: &OperationId) {
        let operation = step.is_operation().then(|| operation.clone());
        let accounts = step.accounts().cloned().collect();
        self.tell(DeployEvent::StepStarted { step: number, title: step.to_string(), operation, accounts })
            .await;
        // Without a receiver there is nothing to wait for.
        let _ = self.events.reserve_many(self.events.max_capacity()).await;
    }

    async fn management_stack(&self, step: &Step, token: &OperationId) -> Result<StepEnding, DeployError> {
        let account = self.plan.accounts.iter().find(|(_, plan)| plan.vehicle == Vehicle::Stack);
        let (account, _) = account.expect("a plan with a stack step has an account with a stack");
        self.tell_account(account, DeploymentStatus::Running).await;
        let Deployment { client, plan, stop, .. } = *self;
        let (wanted, may_replace) = (&plan.management_stack, plan.may_replace);
        let bring = Bring { client, wanted, token, may_replace, stop };
        let status = match step {
            Step::DeleteStack => stack::take_away(client, &wanted.name, token, stop).await?,
            Step::CreateStack => stack::bring(bring, How::Create).await?,
            Step::RecreateStack => stack::bring(bring, How::CreateAnew).await?,
            _ => stack::bring(bring, How::Update).await?,
        };
        // An account that is left as it runs is told of as such when the run is closed.
        let Some(status) = status else { return Ok(StepEnding::GoesOn) };
        self.tell_account(account, status.clone()).await;
        let word = if status.is_done() { "SUCCEEDED" } else { "FAILED" };
        Ok(StepEnding::Finished(word.to_owned()))
    }

    /// A set that still has instances stays. The accounts of the plan have their reasons by then; one that got
    /// its instance after the plan was made is told of here.
    async fn delete_stack_set(
        &self,
        sets: &StackSets<'_>,
        step: &Step,
        operation: &OperationId,
    ) -> Result<StepEnding, DeployError> {
        let answer = Cell::new(Deleted::Yes);
        let call = async || sets.delete().await.map(|deleted| answer.set(deleted));
        let doing = format!("{step}:");
        match submit(sets, &doing, operation, self.events, self.stop, call).await? {
            Submitted::Stopped => return Ok(StepEnding::NotSubmitted),
            Submitted::Yes => {}
        }
        if answer.get() == Deleted::Yes {
            return Ok(StepEnding::Finished("SUCCEEDED".to_owned()));
        }
        let is_planned =
            |account: &AccountId| self.plan.accounts.get(account).is_some_and(|plan| plan.action.is_change());
        for instance in observe::instances(sets).await?.into_keys().filter(|it| !is_planned(&it.account)) {
            let reason = "it has a stack instance that the plan did not know, which keeps the StackSet from \
                          being deleted: run `rolecall retire` again";
            self.tell_account(&instance.account, DeploymentStatus::Failed(reason.to_owned())).await;
        }
        Ok(StepEnding::Finished("StackSetNotEmptyException".to_owned()))
    }

    /// An account that came into a unit after the plan was made got the role with that unit. One that is meant anyway
    /// has its own step, which finds the role there.
    async fn tell_who_was_not_meant(&self, reached: AccountIds) {
        let is_meant =
            |account: &AccountId| self.plan.accounts.get(account).is_some_and(|plan| plan.action.is_target());
        for account in reached.0.into_iter().filter(|account| !is_meant(account)) {
            let reason = "it came into a unit of this operation after the plan was made and has the role now, which \
                          was not meant: look at it with `rolecall plan`, and take the role away with `--remove`";
            self.tell_account(&account, DeploymentStatus::Failed(reason.to_owned())).await;
        }
    }

    async fn stack_set_operation(
        &self,
        sets: &StackSets<'_>,
        step: &Step,
        operation: &OperationId,
    ) -> Result<StepEnding, DeployError> {
        let (set, preferences) = (&self.plan.stack_set, &self.plan.preferences);
        let call = async || match step {
            Step::UpdateStackSet { targets, .. } => {
                sets.update(set, self.owner, targets.as_ref(), preferences, operation).await
            }
            Step::UpdateSettings => sets.update_settings(set, self.owner, preferences, operation).await,
            Step::CreateStackInstances { targets, .. } => {
                sets.create_instances(targets, preferences, operation).await
            }
            Step::UpdateStackInstances { targets, .. } => {
                sets.update_instances(targets, preferences, operation).await
            }
            Step::ImportStacksToStackSet { stacks, .. } => {
                sets.import_stacks(stacks, preferences, operation).await
            }
            Step::DeleteStackInstances { targets, retain_stacks, .. } => {
                sets.delete_instances(targets, *retain_stacks, preferences, operation).await
            }
            Step::CreateStack
            | Step::RecreateStack
            | Step::UpdateStack
            | Step::DeleteStack
            | Step::CreateStackSet
            | Step::DeleteStackSet => Ok(()),
        };
        let doing = format!("{step}:");
        match submit(sets, &doing, operation, self.events, self.stop, call).await? {
            Submitted::Stopped => return Ok(StepEnding::NotSubmitted),
            Submitted::Yes => {}
        }
        let accounts = AccountIds(step.accounts().cloned().collect());
        let purpose = Purpose::of_step(step, self.plan);
        match follow(sets, operation, &accounts, purpose, self.events, self.stop).await? {
            Watched::Left => Ok(StepEnding::GoesOn),
            Watched::Ended { status, beyond, .. } => {
                if purpose == Purpose::Create {
                    self.tell_who_was_not_meant(beyond).await;
                }
                Ok(StepEnding::Finished(status))
            }
        }
    }
}
