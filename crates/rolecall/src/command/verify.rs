//! `verify`: the proof alone.

use rollout_model::RunEvent;

use crate::arguments::Arguments;
use crate::connect::Request;
use crate::exit::Exit;
use crate::prepare::prepare;
use crate::run::Run;
use crate::verification::{callers, verify_targets};

pub(crate) async fn run(arguments: &Arguments, request: Request<'_>) -> anyhow::Result<Exit> {
    let mut prepared = prepare(arguments, request).await?;
    let callers = callers(&mut prepared).await?;
    let planned = RunEvent::Planned {
        organization: prepared.organization.id.clone(),
        management_account: prepared.organization.management_account.clone(),
        accounts: prepared
            .rollout
            .explained(rollout_planner::targets(&prepared.rollout.spec, &prepared.organization))?,
        steps: 0,
    };
    let mut run = Run::begin(&prepared.rollout.spec, &prepared.clock, "verify")?;
    run.record(&prepared.clock, planned);
    verify_targets(&mut prepared, &callers, &mut run.reporter, |_, _| true).await;
    if prepared.interrupt.stop.is_cancelled() {
        run.record(&prepared.clock, RunEvent::Interrupted);
    }
    super::finish(arguments, &mut run.reporter, &prepared)
}
