//! `plan`: what `apply` would do.

use std::path::Path;

use rollout_model::{Action, RolloutPlan, StackSetSnapshot};
use rollout_planner::Obstacles;
use rollout_report::{Detail, plan_json, render_plan, terminal_width};

use crate::arguments::Arguments;
use crate::clock::Clock;
use crate::connect::{Request, connect, read_config_offline};
use crate::exit::Exit;
use crate::observed::When;
use crate::prepare::survey;
use crate::{print, saved_plan, snapshot};

pub(crate) async fn run(
    arguments: &Arguments,
    request: Request<'_>,
    out: Option<&Path>,
) -> anyhow::Result<Exit> {
    let plan = match request.organization {
        Some(organization) => offline(request, organization)?,
        None => live(arguments, request, out).await?,
    };
    show(arguments, &plan)
}

/// Prints a plan that is not carried out.
pub(super) fn show(arguments: &Arguments, plan: &RolloutPlan) -> anyhow::Result<Exit> {
    let detail = if arguments.logging.verbose > 0 { Detail::Everything } else { Detail::Changes };
    print::result(&match arguments.output.is_text() {
        true => render_plan(plan, detail, terminal_width()),
        false => plan_json(plan),
    })?;
    Ok(exit(plan))
}

async fn live(
    arguments: &Arguments,
    request: Request<'_>,
    out: Option<&Path>,
) -> anyhow::Result<RolloutPlan> {
    let connected = connect(arguments, request).await?;
    let (mut prepared, observed) = survey(connected, When::Now).await?;
    let plan = prepared.plan(&observed).await?;
    if arguments.logging.verbose > 0 {
        print::message(&prepared.aws.calls());
    }
    if let Some(out) = out {
        saved_plan::write(out, &plan, request.config, &prepared.rollout, prepared.clock.now())?;
        print::message(&format!("saved to {0}; carry it out with: rolecall apply {0}", out.display()));
    }
    Ok(plan)
}

/// AWS is not asked: the plan is that of a first roll-out, and says so.
fn offline(request: Request<'_>, file: &Path) -> anyhow::Result<RolloutPlan> {
    let mut rollout = read_config_offline(request.config)?;
    rollout.spec.consent = request.planning.consent();
    let clock = Clock::start();
    let found = snapshot::read(file, clock.now())?;
    let told = format!(
        "AWS was not asked: this is the plan of a first roll-out to the organization as `{}` has it, from {} ago",
        file.display(),
        snapshot::age(found.taken_at, clock.now()),
    );
    let obstacles = Obstacles { warnings: vec![told], ..Obstacles::default() };
    let nothing = StackSetSnapshot::default();
    rollout.explained(rollout_planner::plan(&rollout.spec, &found.organization, &nothing, &obstacles))
}

/// An account that is blocked would make `apply` end with the same code.
fn exit(plan: &RolloutPlan) -> Exit {
    if plan.accounts.values().any(|account| account.action == Action::Blocked) {
        Exit::SomeFailed
    } else if plan.waves.is_empty() {
        Exit::AsSpecified
    } else {
        Exit::Findings
    }
}
