//! `doctor`: whether everything is there that a roll-out needs, and what mends it.

use request_budget::Budgets;
use rollout_model::{Checkup, CheckupState, Readiness, Subject};
use rollout_report::{checkup_json, render_checkup, terminal_width};
use stackset_deployer::activate_trusted_access;

use crate::arguments::{Arguments, DoctorArguments};
use crate::aws::Aws;
use crate::clock::Clock;
use crate::config::Rollout;
use crate::connect::read_config_offline;
use crate::doctor::{Look, Position, judge};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::print;

pub(crate) async fn run(arguments: &Arguments, asked: &DoctorArguments) -> anyhow::Result<Exit> {
    let rollout = asked.config.as_deref().map(read_config_offline).transpose()?;
    let region = rollout.as_ref().map_or(&asked.region, |rollout| &rollout.spec.home_region);
    let budgets = rollout.as_ref().map_or_else(Budgets::default, Rollout::budgets);
    let aws = Aws::connect(&arguments.connection, region, budgets).await?;
    let (clock, mut interrupt) = (Clock::start(), Interrupt::listen()?);
    let look = Look { aws: &aws, region, rollout: rollout.as_ref() };
    let seen = interrupt.ends(look.at_everything()).await?;
    let mut checkup = judge(&seen, clock.now());
    if asked.fix && fix(&aws, &checkup, seen.position()).await {
        let seen = interrupt.ends(look.at_everything()).await?;
        checkup = judge(&seen, clock.now());
    }
    if arguments.logging.verbose > 0 {
        print::message(&aws.calls());
    }
    print::result(&match arguments.output.is_text() {
        true => render_checkup(&checkup, terminal_width()),
        false => checkup_json(&checkup),
    })?;
    Ok(exit(&checkup))
}

/// The one thing that is ever changed. Whether it was.
async fn fix(aws: &Aws, checkup: &Checkup, position: Position) -> bool {
    let access = checkup.rows.iter().find(|row| row.subject == Subject::TrustedAccess);
    match (access.map(|row| row.state), position) {
        (Some(CheckupState::Ok), _) => false,
        (None, _) => {
            print::message("a self-managed StackSet does without trusted access: nothing was changed");
            false
        }
        (Some(CheckupState::NotReady), Position::ManagementAccount) => {
            print::message("turning trusted access of StackSets to the organization on");
            let activated = activate_trusted_access(&aws.cloudformation).await;
            activated.map_err(|error| print::error(&error.into())).is_ok()
        }
        (_, Position::ManagementAccount) => {
            print::message("whether trusted access is on is not known: nothing was changed");
            false
        }
        _ => {
            print::message("only the management account can turn trusted access on: nothing was changed");
            false
        }
    }
}

fn exit(checkup: &Checkup) -> Exit {
    match checkup.deploying() {
        Readiness::Ready => Exit::AsSpecified,
        Readiness::NotReady(_) => Exit::SomeFailed,
        Readiness::Unknown(_) => Exit::CouldNotGoOn,
    }
}
