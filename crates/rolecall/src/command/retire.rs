//! `retire`: takes a rollout away in the safe order, then proves that its role is gone.

use std::path::Path;

use anyhow::bail;
use rollout_model::{AccountPlan, Action, RolloutPlan, RunEvent};
use rollout_planner::{Stacks, absence, plan_retirement};
use stackset_deployer::{DeployError, Ending};

use crate::absence::verify_gone;
use crate::arguments::{Arguments, PlanningArguments, RetireArguments};
use crate::carry_out::deploy;
use crate::config::Probe;
use crate::confirm::{Question, confirm};
use crate::connect::{Request, connect};
use crate::exit::Exit;
use crate::invocation::invocation;
use crate::observed::When;
use crate::prepare::{Prepared, survey};
use crate::print;
use crate::run::{Run, planned};

pub(crate) async fn run(
    arguments: &Arguments,
    config: &Path,
    wanted: &RetireArguments,
) -> anyhow::Result<Exit> {
    let request = Request {
        config,
        organization: None,
        planning: PlanningArguments::default(),
        probe: Probe::AsConfigured,
    };
    let connected = connect(arguments, request).await?;
    let when = if wanted.dry_run { When::Now } else { When::Quiet };
    let (mut prepared, observed) = survey(connected, when).await?;
    let Prepared { rollout, organization, .. } = &prepared;
    let stacks = if wanted.retain { Stacks::Retain } else { Stacks::Delete };
    let plan = rollout.explained(plan_retirement(&rollout.spec, organization, &observed, stacks))?;
    let mut to_be_gone = rollout.explained(absence(&rollout.spec, organization, &observed))?;
    if wanted.dry_run {
        return super::plan::show(arguments, &plan);
    }
    // Where the role stays on demand it is shown as such.
    to_be_gone.retain(|account, _| !wanted.retain || !is_left(&plan.accounts[account]));
    refuse_too_many_removals(&plan, wanted)?;
    print::warnings(&plan.warnings);
    if !plan.waves.is_empty() && !wanted.yes {
        let word = rollout.spec.rollout.as_str().to_owned();
        let without_a_terminal = "look at them with `--dry-run`, then pass `--yes --max-removals N`";
        confirm(&plan, &mut prepared.interrupt, Question { word: &word, without_a_terminal }).await?;
    }
    let mut run = Run::begin(&prepared.rollout.spec, &prepared.clock, "retire")?;
    run.record(&prepared.clock, RunEvent::Invoked(invocation(&prepared.caller)));
    let planned = planned(&prepared.organization, plan.accounts.clone(), plan.steps().count());
    run.record(&prepared.clock, planned);
    match take_away(&mut prepared, &plan, &mut run).await {
        Ok(Ending::Complete) => {
            verify_gone(&mut prepared, &to_be_gone, &mut run).await;
        }
        Ok(Ending::Interrupted) => tell_how_to_go_on(&run, config, wanted),
        Err(error) => {
            run.record_stop(&prepared.clock, error);
            tell_how_to_go_on(&run, config, wanted);
        }
    }
    if prepared.interrupt.stop.is_cancelled() {
        run.record(&prepared.clock, RunEvent::Interrupted);
    }
    super::finish(arguments, &mut run.reporter, &prepared)
}

fn is_left(account: &AccountPlan) -> bool {
    matches!(account.action, Action::Retain | Action::LeaveInPlace)
}

/// No wave waits for another: a role that cannot be taken away in one account is no reason to leave it in others.
async fn take_away(
    prepared: &mut Prepared,
    plan: &RolloutPlan,
    run: &mut Run,
) -> Result<Ending, DeployError> {
    for wave in &plan.waves {
        if deploy(prepared, plan, wave, run).await? == Ending::Interrupted {
            return Ok(Ending::Interrupted);
        }
    }
    match prepared.interrupt.stop.is_cancelled() {
        true => Ok(Ending::Interrupted),
        false => Ok(Ending::Complete),
    }
}

/// Whoever types no name says how many roles may go.
fn refuse_too_many_removals(plan: &RolloutPlan, wanted: &RetireArguments) -> anyhow::Result<()> {
    let removals = plan.accounts.values().filter(|account| account.action == Action::Remove).count();
    match wanted.max_removals {
        Some(limit) if removals > limit => bail!(
            "the plan takes the role away from {removals} account{}, more than `--max-removals` allows ({limit})\n  \
             look at it with `--dry-run`; if that is meant, pass `--max-removals {removals}`",
            if removals == 1 { "" } else { "s" },
        ),
        _ => Ok(()),
    }
}

/// What was begun goes on in AWS; the next run waits for it and does what is left. Stacks that were to stay are to
/// stay then, too.
fn tell_how_to_go_on(run: &Run, config: &Path, wanted: &RetireArguments) {
    let retain = if wanted.retain { " --retain" } else { "" };
    run.tell_how_to_go_on(&format!("retire {}{retain}", config.display()));
}
