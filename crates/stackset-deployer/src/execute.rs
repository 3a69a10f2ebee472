//! Carries a plan out, step by step. No choices are left here.

use aws_sdk_cloudformation::Client;
use rollout_model::{
    AccountId, DeployEvent, DeploymentStatus, OperationId, RolloutEvent, RolloutPlan, RunId, StackInstance,
    Step, Vehicle,
};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::calls::StackSets;
use crate::conclude::conclude;
use crate::error::DeployError;
use crate::observe;
use crate::stack;
use crate::submit::{Submitted, submit};
use crate::watch::{Watched, watch};

/// What is needed to carry a plan out.
#[derive(Debug, Clone, Copy)]
pub struct Deployment<'a> {
    /// A client of the account that owns the StackSet, in the home Region.
    pub client: &'a Client,
    /// What to do.
    pub plan: &'a RolloutPlan,
    /// Operation ids are derived from it, so that a later run finds them.
    pub run: &'a RunId,
    /// Where the facts go.
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

/// Carries out every step in order. Idempotent: what AWS already accepted is not submitted again.
///
/// # Errors
/// When a step cannot be carried out for anybody; what single accounts suffer is told by events.
pub async fn execute(deployment: Deployment<'_>) -> Result<Ending, DeployError> {
    let Deployment { client, plan, run, stop, .. } = deployment;
    let set = &plan.stack_set;
    let sets = StackSets::new(client, &set.name, &plan.home_region, set.call_as);
    for (index, step) in plan.steps.iter().enumerate() {
        if stop.is_cancelled() {
            return Ok(Ending::Interrupted);
        }
        let number = index + 1;
        let operation = operation_id(run, number);
        deployment.tell_start(number, step, &operation).await;
        let status = match step {
            Step::CreateStack | Step::UpdateStack => deployment.management_stack(step, &operation).await?,
            Step::CreateStackSet => {
                let created = sets.create(set, &operation).await;
                created.map_err(|source| sets.failed("create the StackSet", source))?;
                "SUCCEEDED".to_owned()
            }
            _ => match deployment.stack_set_operation(&sets, step, &operation).await? {
                Some(status) => status,
                None => return Ok(Ending::Interrupted),
            },
        };
        deployment.tell(DeployEvent::StepFinished { step: number, status }).await;
    }
    Ok(Ending::Complete)
}

impl Deployment<'_> {
    async fn tell(&self, event: DeployEvent) {
        // The receiver lives as long as the run; without it nobody is left to be told.
        let _ = self.events.send(RolloutEvent::Deploy(event)).await;
    }

    async fn tell_account(&self, account: &AccountId, status: DeploymentStatus) {
        self.tell(DeployEvent::Account { account: account.clone(), status }).await;
    }

    async fn tell_start(&self, number: usize, step: &Step, operation: &OperationId) {
        let is_operation = !matches!(step, Step::CreateStackSet | Step::CreateStack | Step::UpdateStack);
        let operation = is_operation.then(|| operation.clone());
        self.tell(DeployEvent::StepStarted { step: number, title: step.to_string(), operation }).await;
    }

    async fn management_stack(&self, step: &Step, token: &OperationId) -> Result<String, DeployError> {
        let account = self.plan.accounts.iter().find(|(_, plan)| plan.vehicle == Vehicle::Stack);
        let (account, _) = account.expect("a plan with a stack step has an account with a stack");
        self.tell_account(account, DeploymentStatus::Running).await;
        let wanted = &self.plan.management_stack;
        let status = match step {
            Step::CreateStack => stack::create(self.client, wanted, token).await?,
            _ => stack::update(self.client, wanted, token).await?,
        };
        self.tell_account(account, status.clone()).await;
        Ok(if status.is_done() { "SUCCEEDED" } else { "FAILED" }.to_owned())
    }

    /// `None` when the operator asked to stop.
    async fn stack_set_operation(
        &self,
        sets: &StackSets<'_>,
        step: &Step,
        operation: &OperationId,
    ) -> Result<Option<String>, DeployError> {
        let (set, preferences) = (&self.plan.stack_set, &self.plan.preferences);
        let call = async || match step {
            Step::UpdateStackSet { targets, .. } => {
                sets.update(set, targets.as_ref(), preferences, operation).await
            }
            Step::UpdateSettings => sets.update_settings(set, preferences, operation).await,
            Step::CreateStackInstances { targets, .. } => {
                sets.create_instances(targets, preferences, operation).await
            }
            Step::UpdateStackInstances { targets, .. } => {
                sets.update_instances(targets, preferences, operation).await
            }
            Step::CreateStack | Step::UpdateStack | Step::CreateStackSet => Ok(()),
        };
        let doing = format!("{step}:");
        match submit(sets, &doing, self.events, self.stop, call).await? {
            Submitted::Stopped => return Ok(None),
            Submitted::Yes => {}
        }
        let accounts = step.accounts().count();
        match watch(sets, operation, accounts, self.events, self.stop).await? {
            Watched::Left => Ok(None),
            Watched::Ended { mut results, status } => {
                let instances = observe::instances(sets).await?;
                for account in step.accounts() {
                    let instance =
                        StackInstance { account: account.clone(), region: self.plan.home_region.clone() };
                    let concluded = conclude(results.remove(account), instances.get(&instance));
                    self.tell_account(account, concluded).await;
                }
                Ok(Some(status))
            }
        }
    }
}

/// Run and step make the id, so that a run that comes after a crash finds its operations.
fn operation_id(run: &RunId, step: usize) -> OperationId {
    let id = format!("{run}-{step}");
    id.parse().expect("a run id and a number make an operation id")
}
