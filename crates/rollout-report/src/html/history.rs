//! The last runs, and what has changed since the one before.

use std::collections::BTreeMap;

use rollout_model::AccountId;
use serde::Serialize;

use super::page::outcome_in_words;
use super::words::{at, between, took};
use crate::account_row::Standing;
use crate::past_run::PastRun;
use crate::state::RunState;
use crate::text::escaped;

#[derive(Serialize)]
pub(super) struct History {
    runs: Vec<Row>,
    newly_failing: Vec<Changed>,
    newly_fixed: Vec<Changed>,
}

#[derive(Serialize)]
struct Row {
    run: String,
    command: String,
    started: String,
    took: String,
    outcome: &'static str,
    verified: usize,
    findings: usize,
    failed: usize,
    /// Compared with the run before it, where that is known.
    newly_failing: Option<usize>,
    newly_fixed: Option<usize>,
    is_this: bool,
}

#[derive(Serialize)]
struct Changed {
    id: String,
    name: String,
}

type Standings = BTreeMap<AccountId, Standing>;

/// `None` when nothing was before.
pub(super) fn history(state: &RunState, past: &[PastRun]) -> Option<History> {
    let this = PastRun::of(state)?;
    let before = past.first()?;
    let runs: Vec<&PastRun> = std::iter::once(&this).chain(past).collect();
    let changed = |ids: Vec<&AccountId>| {
        let name = |id: &AccountId| state.accounts().get(id).map_or("", |row| row.name());
        ids.into_iter()
            .map(|id| Changed { id: id.to_string(), name: escaped(name(id)).into_owned() })
            .collect()
    };
    Some(History {
        newly_failing: changed(turned(&before.standings, &this.standings, is_bad)),
        newly_fixed: changed(turned(&before.standings, &this.standings, is_good)),
        runs: runs
            .iter()
            .enumerate()
            .map(|(index, run)| Row::of(run, runs.get(index + 1).copied(), index == 0))
            .collect(),
    })
}

impl Row {
    fn of(run: &PastRun, before: Option<&PastRun>, is_this: bool) -> Row {
        let turned = |to: fn(Standing) -> bool| {
            before.map(|before| turned(&before.standings, &run.standings, to).len())
        };
        let lasted = run.started_at.zip(run.finished_at).map(|(from, to)| took(between(from, to)));
        Row {
            run: run.run.to_string(),
            command: escaped(run.command.as_deref().unwrap_or_default()).into_owned(),
            started: run.started_at.map(at).unwrap_or_default(),
            took: lasted.unwrap_or_default(),
            outcome: outcome_in_words(run.outcome),
            verified: run.counts.verified,
            findings: run.counts.findings,
            failed: run.counts.deployments_failed()
                + run.counts.blocked
                + run.counts.not_proven
                + run.counts.not_verified,
            newly_failing: turned(is_bad),
            newly_fixed: turned(is_good),
            is_this,
        }
    }
}

fn is_bad(standing: Standing) -> bool {
    matches!(standing, Standing::Finding | Standing::Failed)
}

fn is_good(standing: Standing) -> bool {
    standing == Standing::AsSpecified
}

/// Who is so now, and was known to be the opposite. Whoever was not looked at in one of the two has not changed.
fn turned<'a>(before: &Standings, after: &'a Standings, to: fn(Standing) -> bool) -> Vec<&'a AccountId> {
    let opposite = |standing: Standing| (is_bad(standing) || is_good(standing)) && !to(standing);
    let changed = |(id, standing): &(&AccountId, &Standing)| {
        to(**standing) && before.get(*id).is_some_and(|before| opposite(*before))
    };
    after.iter().filter(changed).map(|(id, _)| id).collect()
}
