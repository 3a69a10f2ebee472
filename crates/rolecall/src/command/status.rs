//! `status`: where rollouts stand, by their ledgers.

use std::collections::BTreeSet;
use std::path::Path;

use rollout_model::RolloutName;
use rollout_report::{
    Ledger, LedgerFile, RolloutStatus, RunDifference, RunState, Summary, render_status, status_json,
    terminal_width,
};

use crate::arguments::Arguments;
use crate::clock::Clock;
use crate::earlier::since_before;
use crate::exit::Exit;
use crate::print;
use crate::recorded::ledgers;
use crate::run::LEDGER_DIRECTORY;

pub(crate) fn run(arguments: &Arguments, rollout: Option<&RolloutName>) -> anyhow::Result<Exit> {
    let ledgers = ledgers(rollout)?;
    // The newest first, so that whatever ran last is shown first.
    let mut seen = BTreeSet::new();
    let newest: Vec<&LedgerFile> =
        ledgers.iter().filter(|ledger| seen.insert(ledger.rollout.clone())).collect();
    let mut exits = Vec::new();
    let mut standing = Vec::new();
    for ledger in newest {
        match Standing::of(ledger) {
            Ok(rollout) => {
                exits.push(Summary::of(&rollout.last).outcome.into());
                standing.push(rollout);
            }
            Err(error) => {
                exits.push(Exit::CouldNotGoOn);
                print::message(&format!("{}: {error:#}", ledger.rollout));
            }
        }
    }
    let rollouts: Vec<RolloutStatus<'_>> = standing.iter().map(Standing::status).collect();
    let now = Clock::start().now();
    print::result(&match arguments.output.is_text() {
        true => {
            let rollouts = rollouts.iter().map(|rollout| render_status(rollout, now, terminal_width()));
            rollouts.collect::<Vec<_>>().join("\n")
        }
        false => status_json(&rollouts),
    })?;
    Ok(worst(&exits))
}

/// What is known of a rollout.
struct Standing {
    last: RunState,
    is_going_on: bool,
    since: Option<(RunDifference, RunState)>,
}

impl Standing {
    fn of(ledger: &LedgerFile) -> anyhow::Result<Standing> {
        let last = Ledger::read(&ledger.path)?;
        let is_going_on = last.finished_at.is_none() && Ledger::is_being_written(&ledger.path);
        let since = since_before(Path::new(LEDGER_DIRECTORY), &last);
        Ok(Standing { last, is_going_on, since })
    }

    fn status(&self) -> RolloutStatus<'_> {
        let since = self.since.as_ref().map(|(difference, before)| (difference, before));
        RolloutStatus { last: &self.last, is_going_on: self.is_going_on, since }
    }
}

fn worst(exits: &[Exit]) -> Exit {
    let by_urgency = [Exit::CouldNotGoOn, Exit::Interrupted, Exit::SomeFailed, Exit::Findings];
    by_urgency.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::AsSpecified)
}
