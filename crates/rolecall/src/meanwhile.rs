//! Looks at the organization once more after a roll-out. Automatic deployment went on meanwhile, and whom it brought
//! the role is to be proven as well.

use std::collections::BTreeMap;

use rollout_model::{AccountId, AccountPlan, Organization, RolloutEvent, RunEvent};
use rollout_planner::{Meanwhile, meanwhile};
use rollout_report::Reporter;
use tokio::sync::mpsc::Sender;

use crate::aws::Aws;
use crate::config::Rollout;
use crate::prepare::{Prepared, with_wanted_tags};
use crate::run::Run;
use crate::{phase, print};

/// Gives whoever joined since the plan was made a row, and says which accounts left. What cannot be read is told
/// and stops nothing: the accounts that were planned for are proven in any case.
pub(crate) async fn look_again(
    prepared: &mut Prepared,
    planned: &BTreeMap<AccountId, AccountPlan>,
    run: &mut Run,
) {
    let spec = &prepared.rollout.spec;
    // Without it nobody gets the role whom the plan did not mean; and who tries again what failed touches nobody else.
    if !spec.stack_set.auto_deployment.enabled || spec.scope.only_failed {
        return;
    }
    let stop = prepared.interrupt.stop.clone();
    // Of the events of this look none belongs to the roll-out.
    let mut aside = Reporter::new(print::progress(), None);
    let Prepared { aws, rollout, organization, clock, interrupt, .. } = prepared;
    let found = phase::record(&mut aside, clock, interrupt, async |events| {
        tokio::select! {
            () = stop.cancelled() => None,
            found = changes(aws, rollout, organization, planned, &events) => Some(found),
        }
    });
    let found = found.await;
    aside.finish();
    match found {
        None => {}
        Some(Ok(Meanwhile { joined, left })) if joined.is_empty() && left.is_empty() => {}
        Some(Ok(Meanwhile { joined, left })) => {
            run.record(&prepared.clock, RunEvent::OrganizationChanged { joined, left });
        }
        Some(Err(error)) => print::message(&format!(
            "warning: {error:#}; accounts that joined since the plan was made are not verified"
        )),
    }
}

async fn changes(
    aws: &Aws,
    rollout: &Rollout,
    before: &Organization,
    planned: &BTreeMap<AccountId, AccountPlan>,
    events: &Sender<RolloutEvent>,
) -> anyhow::Result<Meanwhile> {
    let organization = org_discovery::discover_again(&aws.organizations, before, events).await?;
    let organization = with_wanted_tags(aws, rollout, organization, events).await?;
    rollout.explained(meanwhile(&rollout.spec, planned, &organization))
}
