//! `discover`: the organization as a tree.

use rollout_model::Region;
use rollout_report::{Reporter, organization_json, render_organization, terminal_width};

use crate::arguments::{Arguments, Output};
use crate::aws::Aws;
use crate::clock::Clock;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::{phase, print};

pub(crate) async fn run(arguments: &Arguments, region: &Region) -> anyhow::Result<Exit> {
    let aws = Aws::connect(&arguments.connection, region).await?;
    let mut reporter = Reporter::new(print::progress(), None);
    let mut interrupt = Interrupt::listen()?;
    let clock = Clock::start();
    let organization = phase::look(&mut reporter, &clock, &mut interrupt, async |events| {
        org_discovery::discover(&aws.organizations, &events).await
    })
    .await??;
    print::result(&match arguments.output {
        Output::Text => render_organization(&organization, terminal_width()),
        Output::Json => organization_json(&organization, clock.now()),
    })?;
    // What could not be read makes the result incomplete.
    Ok(if organization.problems.is_empty() { Exit::AsSpecified } else { Exit::SomeFailed })
}
