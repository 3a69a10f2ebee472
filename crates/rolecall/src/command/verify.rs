//! `verify`: the proof alone.

use std::collections::BTreeMap;

use anyhow::bail;
use rollout_model::{AccountId, AccountPlan, Action, RunEvent};
use stackset_deployer::observe;

use crate::absence::verify_gone;
use crate::arguments::{Arguments, PartArguments};
use crate::connect::Request;
use crate::exit::Exit;
use crate::invocation::invocation;
use crate::observed::wanted;
use crate::part::narrowed;
use crate::prepare::{Prepared, prepare};
use crate::run::{Run, new_run_id, planned};
use crate::verification::{callers, verify_targets};

pub(crate) async fn run(
    arguments: &Arguments,
    request: Request<'_>,
    part: &PartArguments,
) -> anyhow::Result<Exit> {
    let mut prepared = prepare(arguments, request).await?;
    let callers = callers(&mut prepared).await?;
    let Prepared { rollout, organization, .. } = &prepared;
    let accounts = rollout.explained(rollout_planner::targets(&rollout.spec, organization))?;
    let (mut run, _) = begin(&prepared, accounts, part)?;
    verify_targets(&mut prepared, &callers, &mut run.reporter, |_, _| true).await;
    if prepared.interrupt.stop.is_cancelled() {
        run.record(&prepared.clock, RunEvent::Interrupted);
    }
    super::finish(arguments, &mut run.reporter, &prepared)
}

/// `verify --absent`: the proof that the role is gone, of whoever is or was a target.
pub(crate) async fn run_absent(
    arguments: &Arguments,
    request: Request<'_>,
    part: &PartArguments,
) -> anyhow::Result<Exit> {
    let mut prepared = prepare(arguments, request).await?;
    let Prepared { aws, rollout, organization, interrupt, .. } = &mut prepared;
    // A StackSet that is there still knows of former targets.
    let observed = interrupt.ends(observe(&aws.cloudformation, wanted(&rollout.spec))).await??;
    let to_be_gone = rollout.explained(rollout_planner::absence(&rollout.spec, organization, &observed))?;
    if to_be_gone.values().all(|account| account.action != Action::Remove) {
        bail!("there is nobody to look at: the targets select no open account, and none has a stack");
    }
    let (mut run, to_be_gone) = begin(&prepared, to_be_gone, part)?;
    verify_gone(&mut prepared, &to_be_gone, &mut run).await;
    if prepared.interrupt.stop.is_cancelled() {
        run.record(&prepared.clock, RunEvent::Interrupted);
    }
    super::finish(arguments, &mut run.reporter, &prepared)
}

/// Begins a run about these accounts, or a part of them; gives them as they are planned then.
fn begin(
    prepared: &Prepared,
    accounts: BTreeMap<AccountId, AccountPlan>,
    part: &PartArguments,
) -> anyhow::Result<(Run, BTreeMap<AccountId, AccountPlan>)> {
    let id = new_run_id(prepared.clock.now());
    let (accounts, narrowing) = narrowed(prepared, accounts, part, &id)?;
    let mut run = Run::named(id, &prepared.rollout.spec, &prepared.clock, "verify")?;
    run.record(&prepared.clock, RunEvent::Invoked(invocation(&prepared.caller)));
    if let Some(narrowing) = narrowing {
        run.record(&prepared.clock, RunEvent::Narrowed(narrowing));
    }
    run.record(&prepared.clock, planned(&prepared.organization, accounts.clone(), 0));
    Ok((run, accounts))
}
