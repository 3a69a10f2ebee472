//! `discover`: the organization as a tree, saved to a file, or compared with a saved one.

use jiff::Timestamp;
use org_discovery::Units;
use request_budget::Budgets;
use rollout_model::Region;
use rollout_report::{
    OrganizationDifference, OrganizationSnapshot, Reporter, difference_json, organization_json,
    render_difference, render_organization, terminal_width,
};

use crate::arguments::{Arguments, DiscoverArguments};
use crate::aws::Aws;
use crate::clock::Clock;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::{phase, print, snapshot};

pub(crate) async fn run(arguments: &Arguments, asked: &DiscoverArguments) -> anyhow::Result<Exit> {
    let clock = Clock::start();
    let found = match &asked.organization.file {
        Some(path) => snapshot::read(path, clock.now())?,
        None => discover(arguments, asked, &clock).await?,
    };
    let OrganizationSnapshot { organization, taken_at } = &found;
    if let Some(path) = &asked.save {
        snapshot::write(path, &organization_json(organization, *taken_at))?;
        print::message(&format!("saved to {}", path.display()));
    }
    if let Some(path) = &asked.compare {
        return compare(arguments, asked, &snapshot::read(path, clock.now())?, &found);
    }
    print::result(&match arguments.output.is_text() {
        true => render_organization(organization, region(asked), terminal_width()),
        false => organization_json(organization, *taken_at),
    })?;
    // What could not be read makes the result incomplete.
    Ok(if organization.problems.is_empty() { Exit::AsSpecified } else { Exit::SomeFailed })
}

async fn discover(
    arguments: &Arguments,
    asked: &DiscoverArguments,
    clock: &Clock,
) -> anyhow::Result<OrganizationSnapshot> {
    let aws = Aws::connect(&arguments.connection, &asked.region, Budgets::default()).await?;
    let mut interrupt = Interrupt::listen()?;
    let caller = interrupt.ends(aws.caller()).await??;
    let mut reporter = Reporter::new(print::progress(), None);
    let mut organization = phase::look(&mut reporter, clock, &mut interrupt, async |events| {
        org_discovery::discover(&aws.organizations, Units::All, &events).await
    })
    .await??;
    if asked.tags {
        let accounts = organization.accounts.keys().cloned().collect();
        phase::look(&mut reporter, clock, &mut interrupt, async |events| {
            org_discovery::read_tags(&aws.organizations, &accounts, &mut organization, &events).await
        })
        .await??;
    }
    print::message(&caller.in_words(&organization));
    if arguments.logging.verbose > 0 {
        print::message(&aws.calls());
    }
    Ok(OrganizationSnapshot { taken_at: clock.now(), organization })
}

/// A Region of the organization's partition. A snapshot may come from another one than that of `--region`.
fn region(asked: &DiscoverArguments) -> Option<&Region> {
    asked.organization.file.is_none().then_some(&asked.region)
}

fn compare(
    arguments: &Arguments,
    asked: &DiscoverArguments,
    before: &OrganizationSnapshot,
    after: &OrganizationSnapshot,
) -> anyhow::Result<Exit> {
    let (earlier, later): (Timestamp, Timestamp) = (before.taken_at, after.taken_at);
    let (before, after) = (&before.organization, &after.organization);
    let difference = OrganizationDifference::between(before, after);
    print::result(&match arguments.output.is_text() {
        true => render_difference(&difference, before, after, region(asked), terminal_width()),
        false => difference_json(&difference, earlier, later),
    })?;
    Ok(match (before.problems.is_empty() && after.problems.is_empty(), difference.is_empty()) {
        // Whoever could not be read is neither there nor gone.
        (false, _) => Exit::SomeFailed,
        (true, true) => Exit::AsSpecified,
        (true, false) => Exit::Findings,
    })
}
