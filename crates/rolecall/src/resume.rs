//! Finds the run that `apply --resume` goes on with, and takes up what it left behind in AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use org_discovery::{OrganizationIdentity, identify};
use rollout_model::{
    AccountId, AccountIds, AccountPlan, Action, DeployEvent, DeploymentStatus, RolloutEvent, RolloutPlan,
    RolloutSpec, RunEvent, Scope, StackSetSnapshot, Step, Vehicle,
};
use rollout_report::{Ledger, LedgerWriter, Reporter, RunState};
use stackset_deployer::{DeployError, Ending, OpenStep, attach, unfinished_run};

use crate::clock::Clock;
use crate::connect::Connected;
use crate::observed::wanted;
use crate::run::{LEDGER_DIRECTORY, Run};
use crate::{phase, print};

/// A run that ended early or broke off.
pub(crate) struct Resumed {
    pub(crate) run: Run,
    /// Whether what failed in it is tried again: a wave that held the others back would only do so once more.
    pub(crate) retry: bool,
}

impl Resumed {
    /// What this run is about: what failed in it is left to another one, unless it is tried again.
    pub(crate) fn scope(&self) -> Scope {
        let state = self.run.reporter.state();
        let only_failed = state.only_failed;
        if self.retry {
            return Scope { only_failed, ..Scope::default() };
        }
        let tried = failed(state).into_keys().collect();
        Scope { resumed: Some(self.run.id.clone()), tried, only_failed }
    }
}

/// The accounts whose deployment failed so far, with AWS's words.
fn failed(state: &RunState) -> BTreeMap<AccountId, DeploymentStatus> {
    let failed = state.accounts().iter().filter_map(|(id, row)| {
        let status = row.deployment.as_ref()?;
        matches!(status, DeploymentStatus::Failed(_)).then(|| (id.clone(), status.clone()))
    });
    failed.collect()
}

/// The run is found by its ledger, or by the operations that AWS still carries out for it. `None` when there is
/// nothing to go on with.
pub(crate) async fn find(connected: &mut Connected) -> anyhow::Result<Option<Resumed>> {
    let Connected { aws, rollout, clock, interrupt, .. } = &mut *connected;
    let organization = interrupt.ends(identify(&aws.organizations)).await??;
    match in_ledgers(&rollout.spec, &organization, clock)? {
        InLedgers::Found(resumed) => Ok(Some(*resumed)),
        InLedgers::Ended => Ok(None),
        InLedgers::Unknown => in_aws(connected).await,
    }
}

enum InLedgers {
    Found(Box<Resumed>),
    /// The last run came to its end.
    Ended,
    /// No ledger tells.
    Unknown,
}

/// A run in another organization or another home Region deployed another StackSet, whatever its name: its accounts and
/// operations mean nothing here.
fn is_elsewhere(state: &RunState, spec: &RolloutSpec, here: &OrganizationIdentity) -> bool {
    state.organization.as_ref().is_some_and(|organization| organization.as_str() != here.id)
        || state.home_region.as_ref().is_some_and(|region| *region != spec.home_region)
}

fn in_ledgers(spec: &RolloutSpec, here: &OrganizationIdentity, clock: &Clock) -> anyhow::Result<InLedgers> {
    for path in Ledger::newest_first(Path::new(LEDGER_DIRECTORY), Some(&spec.rollout))? {
        match Ledger::read(&path) {
            Ok(state) if state.command.as_deref() != Some("apply") => {}
            Ok(state) if is_elsewhere(&state, spec, here) => {}
            Ok(state) if !state.can_go_on() => return Ok(InLedgers::Ended),
            Ok(_) => return resumed(&path, clock),
            Err(error) => {
                let error = anyhow::Error::from(error);
                // Its name is that of the run, and a new ledger of the same run may have to have it.
                let aside = path.with_extension("jsonl.unread");
                std::fs::rename(&path, &aside)
                    .with_context(|| format!("could not move the ledger to {}", aside.display()))?;
                print::message(&format!(
                    "warning: {error:#}; it is {} now, and the run is looked for in AWS instead",
                    aside.display()
                ));
                return Ok(InLedgers::Unknown);
            }
        }
    }
    Ok(InLedgers::Unknown)
}

fn resumed(path: &Path, clock: &Clock) -> anyhow::Result<InLedgers> {
    let ledger = LedgerWriter::resume(path)?;
    // Again, now that nobody else writes to it and its torn end is cut off.
    let state = Ledger::read(path)?;
    let (Some(id), retry) = (state.run.clone(), state.held.is_some() || state.retries) else {
        return Ok(InLedgers::Unknown);
    };
    let mut run = Run { id, reporter: Reporter::resumed(print::progress(), ledger, state) };
    run.record(clock, RunEvent::Resumed);
    Ok(InLedgers::Found(Box::new(Resumed { run, retry })))
}

/// Of a run without a ledger nothing is known but its id and what AWS still does for it.
async fn in_aws(connected: &mut Connected) -> anyhow::Result<Option<Resumed>> {
    let Connected { aws, rollout, clock, interrupt, .. } = connected;
    let found = interrupt.ends(unfinished_run(&aws.cloudformation, wanted(&rollout.spec))).await??;
    let Some(found) = found else { return Ok(None) };
    let mut run = Run::named(found.run, &rollout.spec, clock, "apply")?;
    for operation in found.operations {
        let Some((_, step)) = operation.id.step() else { continue };
        let title = format!("{} operation of a run whose ledger is not here", operation.action);
        let (operation, accounts) = (Some(operation.id), AccountIds::default());
        let started = DeployEvent::StepStarted { step, title, operation, accounts };
        run.reporter.record(clock.now(), &RolloutEvent::Deploy(started));
    }
    Ok(Some(Resumed { run, retry: false }))
}

/// Follows every operation whose end nobody has seen.
pub(crate) async fn take_up(connected: &mut Connected, run: &mut Run) -> Result<Ending, DeployError> {
    let Connected { aws, rollout, clock, interrupt, .. } = connected;
    let (stop, wanted) = (interrupt.stop.clone(), wanted(&rollout.spec));
    for step in open_steps(run.reporter.state()) {
        let taken_up = phase::record(&mut run.reporter, clock, interrupt, async |events| {
            attach(&aws.cloudformation, wanted, &step, &events, &stop).await
        });
        if taken_up.await? == Ending::Interrupted {
            return Ok(Ending::Interrupted);
        }
    }
    Ok(Ending::Complete)
}

/// The steps of which nobody knows how they ended.
pub(crate) fn open_steps(state: &RunState) -> Vec<OpenStep> {
    let open = |(number, step): (usize, &rollout_report::StepRow)| OpenStep {
        number,
        operation: step.operation.clone(),
        accounts: step.accounts.clone(),
    };
    state.open_steps().map(open).collect()
}

/// Records the plan. The accounts that failed earlier in this run and are not tried again keep that in their row; a
/// run without its ledger has the reason from AWS.
pub(crate) fn record_plan(
    run: &mut Run,
    clock: &Clock,
    plan: &RolloutPlan,
    planned: RunEvent,
    observed: &StackSetSnapshot,
) {
    let before = failed(run.reporter.state());
    run.record(clock, planned);
    let visited: BTreeSet<&AccountId> = plan.steps().flat_map(Step::accounts).collect();
    let visits_stack = plan.steps().any(|step| !step.is_operation() && *step != Step::CreateStackSet);
    let is_left = |id: &AccountId, account: &AccountPlan| match account.vehicle {
        Vehicle::StackSet => account.action == Action::Repair && !visited.contains(id),
        Vehicle::Stack => account.action.is_deployment() && !visits_stack,
    };
    for (account, _) in plan.accounts.iter().filter(|(id, account)| is_left(id, account)) {
        let by_aws = || {
            let instance = observed.instance(account, &plan.home_region);
            let reason = instance.and_then(|instance| instance.reason.clone());
            DeploymentStatus::Failed(reason.unwrap_or_else(|| "AWS gives no reason".to_owned()))
        };
        let status = before.get(account).cloned().unwrap_or_else(by_aws);
        let event = DeployEvent::Account { account: account.clone(), status };
        run.reporter.record(clock.now(), &RolloutEvent::Deploy(event));
    }
}
