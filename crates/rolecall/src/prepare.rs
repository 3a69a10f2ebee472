//! Reads what a command needs to know before it can decide anything: the organization, and for a plan what AWS
//! holds.

use anyhow::bail;
use org_discovery::Units;
use rollout_model::{CallAs, ManagementAccount, Organization, RolloutEvent, RolloutPlan, StackSetSnapshot};
use rollout_planner::{Obstacles, tags_wanted};
use rollout_report::Reporter;
use tokio::sync::mpsc::Sender;

use crate::arguments::Arguments;
use crate::aws::{Aws, Caller};
use crate::clock::Clock;
use crate::config::Rollout;
use crate::connect::{Connected, Request, connect};
use crate::interrupt::Interrupt;
use crate::observed::{Observed, When};
use crate::obstacles::Look;
use crate::{phase, print, snapshot};

/// A rollout with everything at hand.
pub(crate) struct Prepared {
    pub(crate) aws: Aws,
    pub(crate) caller: Caller,
    pub(crate) clock: Clock,
    pub(crate) interrupt: Interrupt,
    pub(crate) organization: Organization,
    pub(crate) rollout: Rollout,
    look_into_accounts: bool,
}

/// For a command that does without a plan. Nothing is written to AWS.
pub(crate) async fn prepare(arguments: &Arguments, request: Request<'_>) -> anyhow::Result<Prepared> {
    let mut connected = connect(arguments, request).await?;
    let organization = match request.organization {
        Some(path) => snapshot::read(path, connected.clock.now())?.organization,
        None => {
            let Connected { aws, rollout, clock, interrupt, .. } = &mut connected;
            let mut reporter = Reporter::new(print::progress(), None);
            phase::look(&mut reporter, clock, interrupt, async |events| discover(aws, rollout, &events).await)
                .await??
        }
    };
    Prepared::of(connected, organization)
}

/// For a command that makes a plan: the organization and what AWS holds of the rollout are read side by side, as
/// neither depends on the other. Nothing is written to AWS.
pub(crate) async fn survey(
    mut connected: Connected,
    when: When,
) -> anyhow::Result<(Prepared, StackSetSnapshot)> {
    let Connected { aws, rollout, clock, interrupt, .. } = &mut connected;
    let observed = Observed { aws, spec: &rollout.spec, when };
    let mut reporter = Reporter::new(print::progress(), None);
    let (organization, observed) = phase::look(&mut reporter, clock, interrupt, async |events| {
        futures::join!(discover(aws, rollout, &events), observed.read(&events))
    })
    .await?;
    // Whoever asks as the wrong account is told that, and not what such an account cannot see.
    let prepared = Prepared::of(connected, organization?)?;
    let mut observed = observed?.of(&prepared.organization)?;
    if prepared.caller.account != prepared.organization.management_account {
        // What a member account has under that name is its own.
        observed.management_stack = None;
    }
    Ok((prepared, observed))
}

/// The organization as far as this rollout needs it: the tags of those accounts whose tags decide.
pub(crate) async fn discover(
    aws: &Aws,
    rollout: &Rollout,
    events: &Sender<RolloutEvent>,
) -> anyhow::Result<Organization> {
    let organization = org_discovery::discover(&aws.organizations, Units::Inhabited, events).await?;
    with_wanted_tags(aws, rollout, organization, events).await
}

/// The same organization with the tags of those accounts whose tags decide.
pub(crate) async fn with_wanted_tags(
    aws: &Aws,
    rollout: &Rollout,
    mut organization: Organization,
    events: &Sender<RolloutEvent>,
) -> anyhow::Result<Organization> {
    let wanted = rollout.explained(tags_wanted(&rollout.spec, &organization))?;
    if !wanted.is_empty() {
        org_discovery::read_tags(&aws.organizations, &wanted, &mut organization, events).await?;
    }
    Ok(organization)
}

fn require_the_right_account(
    rollout: &Rollout,
    organization: &Organization,
    caller: &Caller,
) -> anyhow::Result<()> {
    let is_management = caller.account == organization.management_account;
    let (account, management) = (&caller.account, &organization.management_account);
    let includes_it = rollout.spec.targets.management_account == ManagementAccount::Include;
    match (rollout.spec.stack_set.call_as, is_management) {
        // A self-managed set lives in whichever account makes it (aws-facts A1).
        (CallAs::Myself, false) if !rollout.spec.stack_set.permission_model.is_service_managed() => {
            match includes_it {
                true => bail!(
                    "the management account gets the role by a stack that only itself can make, and these \
                     credentials ({}) are of account {account}\n  set `targets.management_account: exclude`, or \
                     use credentials of the management account {management}",
                    caller.arn
                ),
                false => Ok(()),
            }
        }
        (CallAs::Myself, false) => bail!(
            "these credentials ({}) are of account {account}, not of the management account {management}\n  \
             use credentials of the management account, or, if {account} is a delegated administrator for \
             StackSets, set `stack_set.call_as: delegated-admin`",
            caller.arn
        ),
        (CallAs::DelegatedAdmin, true) => bail!(
            "`stack_set.call_as: delegated-admin` is for delegated administrators, and these credentials are of \
             the management account {management}\n  leave `call_as` out"
        ),
        (CallAs::DelegatedAdmin, false) if includes_it => {
            bail!(
                "a delegated administrator cannot deploy to the management account\n  set \
                 `targets.management_account: exclude`, or use credentials of the management account {management}"
            )
        }
        _ => Ok(()),
    }
}

impl Prepared {
    fn of(connected: Connected, organization: Organization) -> anyhow::Result<Prepared> {
        let Connected { aws, caller, clock, interrupt, rollout, look_into_accounts } = connected;
        print::message(&caller.in_words(&organization));
        require_the_right_account(&rollout, &organization, &caller)?;
        Ok(Prepared { aws, caller, clock, interrupt, organization, rollout, look_into_accounts })
    }

    /// Plans, and looks for what would stand in the way. Writes nothing, and ends at the first signal.
    pub(crate) async fn plan(&mut self, observed: &StackSetSnapshot) -> anyhow::Result<RolloutPlan> {
        let Prepared { aws, caller, rollout, organization, interrupt, .. } = self;
        let look = Look { aws, caller, rollout, organization, into_accounts: self.look_into_accounts };
        let spec = &rollout.spec;
        let plan = |obstacles: &Obstacles| {
            rollout.explained(rollout_planner::plan(spec, organization, observed, obstacles))
        };
        // Planned twice: only the first plan tells where something would be created, and so where to look.
        let first = plan(&Obstacles::default())?;
        let obstacles = interrupt.ends(look.for_obstacles(&first)).await?;
        plan(&obstacles)
    }
}
