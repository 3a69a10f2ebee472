//! `apply`: carries the plan out, then proves it.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Context, bail};
use rollout_model::{RolloutEvent, RolloutPlan, RunEvent};
use rollout_report::{Detail, PlanFile, Reporter, render_plan, terminal_width};
use stackset_deployer::{Deployment, Ending, execute};

use crate::arguments::{Arguments, PlanningArguments};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::prepare::{Request, prepare};
use crate::verification::{callers, verify_targets};
use crate::{phase, print, saved_plan};

pub(crate) async fn run(
    arguments: &Arguments,
    path: &Path,
    planning: PlanningArguments,
    yes: bool,
) -> anyhow::Result<Exit> {
    let saved = match PlanFile::is_meant_by(path) {
        true if planning.remove || planning.adopt => bail!(
            "a saved plan holds what it may do: give `--remove` and `--adopt` to `rolecall plan --out` instead"
        ),
        true => Some(saved_plan::read(&arguments.connection, path)?),
        false => None,
    };
    let config = saved.as_ref().map_or(path, |saved| &saved.origin.configuration);
    let planning = saved.as_ref().map_or(planning, saved_plan::planning);
    let mut prepared = prepare(arguments, Request { config, organization: None, planning }).await?;
    let plan = prepared.plan().await?;
    if let Some(saved) = &saved {
        saved_plan::require_the_same(saved, path, &plan, prepared.clock.now())?;
    }
    // What is deployed is proven: whether that will be possible is found out before anything is written.
    let callers = callers(&mut prepared).await?;
    for warning in &plan.warnings {
        print::message(&format!("warning: {warning}"));
    }
    if !plan.waves.is_empty() && !yes {
        confirm(&plan, &mut prepared.interrupt).await?;
    }
    let planned = RunEvent::Planned {
        organization: prepared.organization.id.clone(),
        management_account: prepared.organization.management_account.clone(),
        accounts: plan.accounts.clone(),
        steps: plan.steps().count(),
    };
    let (mut reporter, run) = prepared.begin("apply", planned)?;
    let stop = prepared.interrupt.stop.clone();
    let client = prepared.aws.cloudformation.clone();
    let ending = phase::record(&mut reporter, &prepared.clock, &mut prepared.interrupt, async |events| {
        execute(Deployment { client: &client, plan: &plan, run: &run, events: &events, stop: &stop }).await
    })
    .await;
    let ended = match ending {
        Ok(Ending::Complete) => {
            verify_targets(&mut prepared, &callers, &mut reporter).await;
            Ok(())
        }
        Ok(Ending::Interrupted) => {
            tell_how_to_go_on(&reporter, config);
            Ok(())
        }
        Err(error) => Err(anyhow::Error::from(error)),
    };
    if let Err(error) = ended {
        let problem = format!("{error:#}");
        reporter.record(prepared.clock.now(), &RolloutEvent::Run(RunEvent::Stopped { problem }));
    } else if stop.is_cancelled() {
        reporter.record(prepared.clock.now(), &RolloutEvent::Run(RunEvent::Interrupted));
    }
    super::finish(arguments, &mut reporter, &prepared)
}

/// A prompt only where somebody can answer; elsewhere the flag is named.
async fn confirm(plan: &RolloutPlan, interrupt: &mut Interrupt) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        bail!(
            "changes are pending and nobody can be asked: look at them with `rolecall plan`, then pass `--yes`"
        );
    }
    print::message(&render_plan(plan, Detail::Changes, terminal_width()));
    print::message("type `yes` to carry this out:");
    // A thread of its own waits for the line, so that Ctrl-C is an answer too.
    let line = tokio::task::spawn_blocking(|| std::io::stdin().lines().next().transpose());
    let answer = interrupt.ends(line).await?.context("could not wait for an answer")??;
    if answer.unwrap_or_default().trim() != "yes" {
        bail!("not confirmed; nothing was changed");
    }
    Ok(())
}

/// The operation goes on in AWS; the next run waits for it and does what is left.
fn tell_how_to_go_on(reporter: &Reporter, config: &Path) {
    for (_, step) in reporter.state().open_steps() {
        if let Some(operation) = &step.operation {
            print::message(&format!("operation {operation} goes on in AWS"));
        }
    }
    print::message(&format!("go on with: rolecall apply {}", config.display()));
}
