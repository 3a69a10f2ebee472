//! What every command that works on a rollout does first: read the configuration, find out who we are, and
//! read the organization.

use std::path::Path;

use anyhow::{Context, bail};
use jiff::Timestamp;
use org_discovery::Units;
use rollout_model::{
    CallAs, ManagementAccount, Organization, RolloutEvent, RolloutPlan, RunEvent, RunId, StackSetSnapshot,
};
use rollout_planner::{Obstacles, tags_wanted};
use rollout_report::{LedgerWriter, Reporter};
use stackset_deployer::{TrustedAccess, Wanted, observe, trusted_access};

use crate::arguments::{Arguments, ConnectionArguments, PlanningArguments};
use crate::aws::{Aws, Caller};
use crate::clock::Clock;
use crate::config::{self, Rollout};
use crate::interrupt::Interrupt;
use crate::obstacles::Look;
use crate::{phase, print, snapshot};

/// Where ledgers are kept, below the working directory.
pub(crate) const LEDGER_DIRECTORY: &str = ".rolecall";

/// A rollout with everything at hand.
pub(crate) struct Prepared {
    pub(crate) aws: Aws,
    pub(crate) caller: Caller,
    pub(crate) clock: Clock,
    pub(crate) interrupt: Interrupt,
    pub(crate) organization: Organization,
    pub(crate) rollout: Rollout,
    /// Whether a plan looks into the accounts for what would stand in its way.
    look_into_accounts: bool,
}

/// What a command works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The configuration.
    pub(crate) config: &'a Path,
    /// A snapshot to take the organization from; without it AWS is asked.
    pub(crate) organization: Option<&'a Path>,
    /// What the plan may do and look at.
    pub(crate) planning: PlanningArguments,
}

/// Nothing is written to AWS.
pub(crate) async fn prepare(arguments: &Arguments, request: Request<'_>) -> anyhow::Result<Prepared> {
    let mut rollout = read_config(&arguments.connection, request.config)?;
    rollout.spec.consent = request.planning.consent();
    let aws = Aws::connect(&arguments.connection, &rollout.spec.home_region).await?;
    let (clock, mut interrupt) = (Clock::start(), Interrupt::listen()?);
    let caller = interrupt.ends(aws.caller()).await??;
    let organization = match request.organization {
        Some(path) => snapshot::read(path, clock.now())?.organization,
        None => discover(&aws, &rollout, &clock, &mut interrupt).await?,
    };
    print::message(&caller.in_words(&organization));
    require_the_right_account(&rollout, &organization, &caller)?;
    let look_into_accounts = !request.planning.no_account_checks;
    Ok(Prepared { aws, caller, clock, interrupt, organization, rollout, look_into_accounts })
}

/// The organization as far as this rollout needs it: the tags of those accounts whose tags decide.
async fn discover(
    aws: &Aws,
    rollout: &Rollout,
    clock: &Clock,
    interrupt: &mut Interrupt,
) -> anyhow::Result<Organization> {
    let mut reporter = Reporter::new(print::progress(), None);
    let mut organization = phase::look(&mut reporter, clock, interrupt, async |events| {
        org_discovery::discover(&aws.organizations, Units::Inhabited, &events).await
    })
    .await??;
    let wanted = rollout.explained(tags_wanted(&rollout.spec, &organization))?;
    if !wanted.is_empty() {
        phase::look(&mut reporter, clock, interrupt, async |events| {
            org_discovery::read_tags(&aws.organizations, &wanted, &mut organization, &events).await
        })
        .await??;
    }
    Ok(organization)
}

/// In a simulation nothing is secret, so a variable that is not set gets a made-up value.
pub(crate) fn read_config(connection: &ConnectionArguments, path: &Path) -> anyhow::Result<Rollout> {
    let made_up =
        |name: &str| connection.simulate.is_some().then(|| format!("simulated-{}", name.to_lowercase()));
    read_with(path, &made_up)
}

/// For a command that asks AWS nothing: whoever reviews a configuration need not have its secrets.
pub(crate) fn read_config_offline(path: &Path) -> anyhow::Result<Rollout> {
    read_with(path, &|name| Some(format!("offline-{}", name.to_lowercase())))
}

fn read_with(path: &Path, instead: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Rollout> {
    let environment = |name: &str| match std::env::var_os(name) {
        Some(value) => value.into_string().ok(),
        None => instead(name),
    };
    config::read(path, &environment)
}

fn require_the_right_account(
    rollout: &Rollout,
    organization: &Organization,
    caller: &Caller,
) -> anyhow::Result<()> {
    let is_management = caller.account == organization.management_account;
    let (account, management) = (&caller.account, &organization.management_account);
    match (rollout.spec.stack_set.call_as, is_management) {
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
        (CallAs::DelegatedAdmin, false)
            if rollout.spec.targets.management_account == ManagementAccount::Include =>
        {
            bail!(
                "a delegated administrator cannot deploy to the management account\n  set \
                 `targets.management_account: exclude`, or use credentials of the management account {management}"
            )
        }
        _ => Ok(()),
    }
}

/// What AWS holds of the rollout.
async fn observed(
    aws: &Aws,
    rollout: &Rollout,
    organization: &Organization,
) -> anyhow::Result<StackSetSnapshot> {
    let spec = &rollout.spec;
    let client = &aws.cloudformation;
    match trusted_access(client, &spec.home_region, spec.stack_set.call_as).await? {
        TrustedAccess::Enabled => {}
        TrustedAccess::Disabled => bail!(
            "StackSets has no trusted access to the organization {}\n  switch it on from the management \
             account with `aws cloudformation activate-organizations-access`",
            organization.id
        ),
        TrustedAccess::Unrecognized(status) => {
            bail!("trusted access of StackSets to the organization has the unknown status `{status}`")
        }
    }
    // Looked at even when the management account is no target: a stack that stays there has to be told. Only
    // the management account itself can see it.
    let is_management = spec.stack_set.call_as == CallAs::Myself;
    let wanted = Wanted {
        stack_set: &spec.stack_set.name,
        region: &spec.home_region,
        call_as: spec.stack_set.call_as,
        management_stack: is_management.then_some(&spec.management_stack.name),
    };
    Ok(observe(client, wanted).await?)
}

impl Prepared {
    /// Looks at what AWS holds and plans. Writes nothing, and ends at the first signal.
    pub(crate) async fn plan(&mut self) -> anyhow::Result<RolloutPlan> {
        let Prepared { aws, caller, rollout, organization, interrupt, .. } = self;
        let look = Look { aws, caller, rollout, organization, into_accounts: self.look_into_accounts };
        let planning = async {
            let observed = observed(aws, rollout, organization).await?;
            let spec = &rollout.spec;
            let plan = |obstacles: &Obstacles| {
                rollout.explained(rollout_planner::plan(spec, organization, &observed, obstacles))
            };
            // Planned twice: only the first plan tells where something would be created, and so where to look.
            let obstacles = look.for_obstacles(&plan(&Obstacles::default())?).await;
            plan(&obstacles)
        };
        interrupt.ends(planning).await?
    }

    /// Opens the ledger of a new run and writes its first lines, before anything is done.
    pub(crate) fn begin(&self, command: &str, planned: RunEvent) -> anyhow::Result<(Reporter, RunId)> {
        let spec = &self.rollout.spec;
        let run = new_run_id(self.clock.now());
        let ledger = LedgerWriter::create(Path::new(LEDGER_DIRECTORY), &spec.rollout, &run)
            .context("could not open the ledger")?;
        let mut reporter = Reporter::new(print::progress(), Some(ledger));
        let started = RunEvent::Started {
            run: run.clone(),
            rollout: spec.rollout.clone(),
            command: command.to_owned(),
            home_region: spec.home_region.clone(),
        };
        for event in [started, planned] {
            reporter.record(self.clock.now(), &RolloutEvent::Run(event));
        }
        Ok((reporter, run))
    }
}

/// Begins with the time, so that runs sort by it; what follows keeps two runs of one second apart.
fn new_run_id(now: Timestamp) -> RunId {
    use std::hash::{BuildHasher, Hasher};
    let random = std::hash::RandomState::new().build_hasher().finish();
    let id = format!("{}-{:04x}", now.strftime("%Y%m%dT%H%M%SZ"), random & 0xffff);
    id.parse().expect("digits, letters and a hyphen make a run id")
}
