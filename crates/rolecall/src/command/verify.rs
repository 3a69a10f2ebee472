//! `verify`: the proof alone.

use rollout_model::{RolloutEvent, RunEvent};

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::prepare::{Request, prepare};
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
    let (mut reporter, _) = prepared.begin("verify", planned)?;
    verify_targets(&mut prepared, &callers, &mut reporter).await;
    if prepared.interrupt.stop.is_cancelled() {
        reporter.record(prepared.clock.now(), &RolloutEvent::Run(RunEvent::Interrupted));
    }
    super::finish(arguments, &mut reporter, &prepared)
}
