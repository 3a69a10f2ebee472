//! `apply`: carries the plan out, then proves it.

use std::path::Path;

use anyhow::bail;
use rollout_model::{RolloutPlan, RunEvent, Scope};
use rollout_report::{Detail, PlanFile, render_plan, story_width};
use stackset_deployer::{DeployError, Ending};

use crate::arguments::{ApplyArguments, Arguments, PlanningArguments};
use crate::carry_out::carry_out;
use crate::config::Probe;
use crate::confirm::{Question, confirm};
use crate::connect::{Connected, Request, connect};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::invocation::invocation;
use crate::observed::When;
use crate::prepare::{Prepared, survey};
use crate::resume::{self, Resumed};
use crate::run::{Run, planned};
use crate::stop::stop_operations;
use crate::verification::callers;
use crate::{print, saved_plan};

pub(crate) async fn run(arguments: &Arguments, path: &Path, wanted: &ApplyArguments) -> anyhow::Result<Exit> {
    let saved = saved(arguments, path, wanted)?;
    let config = saved.as_ref().map_or(path, |saved| &saved.origin.configuration);
    let planning = saved.as_ref().map_or(wanted.planning, saved_plan::planning);
    let request = Request { config, organization: None, planning, probe: wanted.probe() };
    let mut connected = connect(arguments, request).await?;
    let mut resumed = if wanted.resume { find(&mut connected).await? } else { None };
    if let Some(Resumed { run, .. }) = &mut resumed
        && resume::take_up(&mut connected, run).await? == Ending::Interrupted
    {
        tell_how_to_go_on(run, config, planning, wanted);
        return super::finish_early(arguments, run, &connected);
    }
    connected.rollout.spec.scope = match &resumed {
        Some(resumed) => resumed.scope(),
        None => Scope { only_failed: wanted.only_failed, ..Scope::default() },
    };
    let (mut prepared, observed) = survey(connected, When::Quiet).await?;
    let plan = prepared.plan(&observed).await?;
    if let Some(saved) = &saved {
        saved_plan::require_the_same(saved, path, &plan, prepared.clock.now())?;
    }
    // What is deployed is proven: whether that will be possible is found out before anything is written.
    let callers = callers(&mut prepared).await?;
    print::warnings(&plan.warnings);
    agree(&plan, &mut prepared.interrupt, wanted, planning).await?;
    let mut run = match resumed {
        Some(resumed) => resumed.run,
        None if wanted.is_rehearsal => Run::rehearse(&prepared.rollout.spec, &prepared.clock),
        None => Run::begin(&prepared.rollout.spec, &prepared.clock, wanted.command())?,
    };
    run.record(&prepared.clock, RunEvent::Invoked(invocation(&prepared.caller)));
    let planned = planned(&prepared.organization, plan.accounts.clone(), plan.steps().count());
    resume::record_plan(&mut run, &prepared.clock, &plan, planned, &observed);
    let ended = carry_out(&mut prepared, &callers, &plan, &mut run).await;
    if close(&mut prepared, &mut run, ended, wanted).await == Closed::ThereIsMore {
        tell_how_to_go_on(&run, config, planning, wanted);
    }
    super::finish(arguments, &mut run.reporter, &prepared)
}

/// The saved plan, when one was given.
fn saved(arguments: &Arguments, path: &Path, wanted: &ApplyArguments) -> anyhow::Result<Option<PlanFile>> {
    if !PlanFile::is_meant_by(path) {
        return Ok(None);
    }
    if wanted.resume || wanted.only_failed {
        bail!(
            "a saved plan is carried out as it is: give `--resume` and `--only-failed` with the configuration"
        );
    }
    if wanted.planning.changes_the_plan() {
        bail!(
            "a saved plan holds what it may do: give `--remove`, `--adopt`, `--allow-replacement` \
             and `--converge` to `rolecall plan --out` instead"
        );
    }
    saved_plan::read(&arguments.connection, path).map(Some)
}

async fn find(connected: &mut Connected) -> anyhow::Result<Option<Resumed>> {
    let resumed = resume::find(connected).await?;
    if resumed.is_none() {
        print::message("there is no run to go on with: this is a new one");
    }
    Ok(resumed)
}

/// Asks whether the plan may be carried out, where there is something to carry out and nobody said so beforehand.
async fn agree(
    plan: &RolloutPlan,
    interrupt: &mut Interrupt,
    wanted: &ApplyArguments,
    planning: PlanningArguments,
) -> anyhow::Result<()> {
    if wanted.is_rehearsal {
        show(plan);
    } else if !plan.waves.is_empty() && !wanted.yes {
        let without_a_terminal = "look at them with `rolecall plan`, then pass `--yes`";
        confirm(plan, interrupt, Question { word: "yes", without_a_terminal }).await?;
    } else if !plan.waves.is_empty() && planning.adopt {
        // Whoever takes something over sees what becomes of it, said yes beforehand or not.
        show(plan);
    }
    Ok(())
}

fn show(plan: &RolloutPlan) {
    print::view(&render_plan(plan, Detail::Changes, story_width()));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closed {
    Complete,
    ThereIsMore,
}

/// Records why the run ended before its end, if it did.
async fn close(
    prepared: &mut Prepared,
    run: &mut Run,
    ended: Result<(), DeployError>,
    wanted: &ApplyArguments,
) -> Closed {
    if prepared.interrupt.stop.is_cancelled() {
        run.record(&prepared.clock, RunEvent::Interrupted);
        if wanted.stop_operation {
            stop_operations(prepared, run).await;
        }
        return Closed::ThereIsMore;
    }
    if let Err(error) = ended {
        run.record_stop(&prepared.clock, error);
        return Closed::ThereIsMore;
    }
    match run.reporter.state().held {
        Some(_) => Closed::ThereIsMore,
        None => Closed::Complete,
    }
}

/// A run without a ledger leaves nothing to go on with.
fn tell_how_to_go_on(run: &Run, config: &Path, planning: PlanningArguments, wanted: &ApplyArguments) {
    if run.reporter.ledger().is_none() {
        return;
    }
    let config = config.display();
    run.tell_how_to_go_on(&match wanted.without_probe {
        true => format!("verify {config} --remove-probe"),
        false => format!("apply {config} --resume{}", planning.flags()),
    });
}

impl ApplyArguments {
    fn probe(&self) -> Probe {
        if self.without_probe { Probe::Removed } else { Probe::AsConfigured }
    }

    /// The command that the ledger tells of. What is not called `apply` is not resumed.
    fn command(&self) -> &'static str {
        if self.without_probe { "verify --remove-probe" } else { "apply" }
    }
}
