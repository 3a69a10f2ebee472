//! `report diff`: what changed between two runs.

use std::path::Path;

use anyhow::{Context, bail};
use rollout_model::RolloutName;
use rollout_report::{
    Ledger, RunDifference, RunState, render_run_difference, require_one_story, run_difference_json,
    terminal_width,
};

use crate::arguments::{Arguments, DiffArguments};
use crate::earlier::{LOOKED_THROUGH, since_before};
use crate::exit::Exit;
use crate::print;
use crate::recorded::{Recorded, RunWord, ledgers};
use crate::run::LEDGER_DIRECTORY;

pub(crate) fn run(arguments: &Arguments, wanted: &DiffArguments) -> anyhow::Result<Exit> {
    let (difference, before, after) = match &wanted.before {
        None => last_two(wanted.rollout.as_ref())?,
        Some(word) => {
            let (before, after) = named(word, wanted)?;
            (RunDifference::between(&before, &after), before, after)
        }
    };
    print::result(&match arguments.output.is_text() {
        true => render_run_difference(&difference, &before, &after, terminal_width()),
        false => run_difference_json(&difference, &before, &after),
    })?;
    Ok(match (difference.is_worse(), difference.is_incomplete()) {
        (true, _) => Exit::Findings,
        (false, true) => Exit::SomeFailed,
        (false, false) => Exit::AsSpecified,
    })
}

/// The runs that the operator names; where only the earlier one is named, the last one of its rollout.
fn named(before: &RunWord, wanted: &DiffArguments) -> anyhow::Result<(RunState, RunState)> {
    let before = Recorded::find(before, wanted.rollout.as_ref())?.state;
    let after = match &wanted.after {
        Some(after) => Recorded::find(after, wanted.rollout.as_ref())?.state,
        None => {
            let own = before.rollout.as_ref().filter(|_| !wanted.across_rollouts);
            let after = Recorded::find(&RunWord::Latest(0), wanted.rollout.as_ref().or(own))?.state;
            if let Some(run) = before.run.as_ref().filter(|_| before.run == after.run) {
                bail!("{run} is the last run: there is no later one to compare it with");
            }
            after
        }
    };
    for (state, which) in [(&before, "earlier"), (&after, "later")] {
        if state.accounts().is_empty() {
            bail!("the {which} run came to its end before it knew an account: there is nothing to compare");
        }
    }
    if !wanted.across_rollouts {
        require_one_story(&before, &after)
            .context("runs of different things are only compared with `--across-rollouts`")?;
    }
    Ok((before, after))
}

/// The newest run that there is one before to tell it from. Newer ones are named, so that nobody takes it for the last.
fn last_two(rollout: Option<&RolloutName>) -> anyhow::Result<(RunDifference, RunState, RunState)> {
    for ledger in ledgers(rollout)?.into_iter().take(LOOKED_THROUGH) {
        let problem = match Ledger::read(&ledger.path) {
            Ok(after) => {
                if let Some((difference, before)) = since_before(Path::new(LEDGER_DIRECTORY), &after) {
                    return Ok((difference, before, after));
                }
                match after.looked_for() {
                    Some(_) => "no run before it looked at an account".to_owned(),
                    None => "it did not come to look at an account".to_owned(),
                }
            }
            Err(error) => format!("{:#}", anyhow::Error::from(error)),
        };
        print::message(&format!("run {} is left out: {problem}", ledger.run));
    }
    bail!("there are no two runs here to compare")
}
