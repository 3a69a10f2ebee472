//! The runs of the shards of one verification, joined to one.
//!
//! Ledgers are what is joined, not reports: they hold every row with its evidence, whatever form is asked for in the
//! end, and say for themselves of what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::PathBuf;

use jiff::Timestamp;
use rollout_model::{AccountId, Action, CallCounts, Narrowing, Part, RunId, Shard};

use crate::account_row::{AccountRow, Verification};
use crate::state::{Ending, RunState};

/// A shard of a run that was joined from several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardRun {
    /// Which shard.
    pub shard: Shard,
    /// The run that looked at it; `None` when no ledger of it was given.
    pub run: Option<RunId>,
    /// When that run began.
    pub started_at: Option<Timestamp>,
    /// Whether that run came to its end by itself.
    pub is_finished: bool,
}

/// Why ledgers cannot be joined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// No ledger knows any account.
    #[error("there is nothing to join: none of the runs came as far as knowing an account")]
    Nothing,
    /// A run about all targets, or about a part that is no shard.
    #[error(
        "the run of {} is not of a shard, and only those of `rolecall verify --shard I/N` can be joined",
        path.display()
    )]
    NotOfAShard {
        /// Its ledger.
        path: PathBuf,
    },
    /// Runs of different things.
    #[error(
        "{} and {} do not belong together: the {what} is {one} in the first and {other} in the second",
        first.display(), second.display()
    )]
    Different {
        /// The ledger of one run.
        first: PathBuf,
        /// The ledger of another.
        second: PathBuf,
        /// In what they differ.
        what: &'static str,
        /// What it is in the first.
        one: String,
        /// What it is in the second.
        other: String,
    },
}

/// Joins the runs of the shards, each with where its ledger is. Of several runs of one shard the newest counts: a job
/// that was tried again.
///
/// Every account has the row that the run of its own shard gave it. Where there is none, it was not reached.
///
/// # Errors
/// When the runs are not of shards, or not of one rollout, organization and division into shards.
pub fn merge(ledgers: Vec<(PathBuf, RunState)>) -> Result<RunState, MergeError> {
    // A run that was killed before its plan tells nothing, not even of what it is.
    let ledgers: Vec<_> = ledgers.into_iter().filter(|(_, state)| !state.accounts().is_empty()).collect();
    let of = shard(ledgers.first().ok_or(MergeError::Nothing)?)?.of();
    for (index, ledger) in ledgers.iter().enumerate() {
        shard(ledger)?;
        // With each before it: what proves nothing goes with everything.
        ledgers[..index].iter().try_for_each(|before| require_one_story(before, ledger))?;
    }
    let mut newest: BTreeMap<Shard, RunState> = BTreeMap::new();
    for ledger in ledgers {
        let shard = shard(&ledger)?;
        if newest.get(&shard).is_none_or(|known| known.run < ledger.1.run) {
            newest.insert(shard, ledger.1);
        }
    }
    Ok(joined(&newest, of))
}

fn shard((path, state): &(PathBuf, RunState)) -> Result<Shard, MergeError> {
    let shard = state.narrowing.as_ref().and_then(|narrowing| narrowing.part.shard);
    shard.ok_or_else(|| MergeError::NotOfAShard { path: path.clone() })
}

type Told = (&'static str, String);

/// What has to be the same in all runs, in words.
fn story(state: &RunState) -> [Told; 5] {
    let shown = |value: Option<String>| value.unwrap_or_else(|| "unknown".to_owned());
    let part = state.narrowing.as_ref().map(|narrowing| &narrowing.part);
    let shards = part.and_then(|part| part.shard).map(|shard| shard.of().to_string());
    let only = part.filter(|part| !part.only.is_empty()).map(|part| part.only.join(" or "));
    [
        ("rollout", shown(state.rollout.as_ref().map(ToString::to_string))),
        ("organization", shown(state.organization.as_ref().map(ToString::to_string))),
        ("home Region", shown(state.home_region.as_ref().map(ToString::to_string))),
        ("number of shards", shown(shards)),
        ("selection by `--only`", only.unwrap_or_else(|| "everybody".to_owned())),
    ]
}

/// What a run proves; `None` of a shard that has no accounts.
fn proof(state: &RunState) -> Option<&'static str> {
    let rows = || state.accounts().values();
    match (rows().any(AccountRow::is_target), rows().any(AccountRow::is_to_be_gone)) {
        (_, true) => Some(GONE),
        (true, false) => Some("that the role works"),
        (false, false) => None,
    }
}

const GONE: &str = "that the role is gone";

fn require_one_story(
    (first, one): &(PathBuf, RunState),
    (second, other): &(PathBuf, RunState),
) -> Result<(), MergeError> {
    let proofs =
        proof(one).zip(proof(other)).map(|(one, other)| (("proof", one.to_owned()), other.to_owned()));
    let stories = story(one).into_iter().zip(story(other)).map(|(one, (_, other))| (one, other));
    for ((what, one), other) in stories.chain(proofs) {
        if one != other {
            let (first, second) = (first.clone(), second.clone());
            return Err(MergeError::Different { first, second, what, one, other });
        }
    }
    Ok(())
}

fn joined(newest: &BTreeMap<Shard, RunState>, of: NonZeroU32) -> RunState {
    // Later runs know more of the organization.
    let mut by_age: Vec<&RunState> = newest.values().collect();
    by_age.sort_by_key(|state| &state.run);
    let latest = by_age.last().copied().cloned().unwrap_or_default();
    let mut joined = RunState {
        rollout: latest.rollout,
        command: latest.command,
        home_region: latest.home_region,
        organization: latest.organization,
        management_account: latest.management_account,
        started_at: newest.values().filter_map(|state| state.started_at).min(),
        finished_at: newest.values().filter_map(|state| state.at).max(),
        at: newest.values().filter_map(|state| state.at).max(),
        invocation: latest.invocation,
        calls: newest.values().fold(CallCounts::default(), |mut all, state| {
            all.add(&state.calls);
            all
        }),
        verifying: true,
        verifications: newest.values().flat_map(|state| state.verifications.clone()).collect(),
        shards: Shard::all(of).map(|shard| shard_run(shard, newest.get(&shard))).collect(),
        ..RunState::default()
    };
    let is_absence = newest.values().find_map(proof) == Some(GONE);
    let ids: BTreeSet<&AccountId> = by_age.iter().flat_map(|state| state.accounts().keys()).collect();
    for id in ids {
        let shard = Shard::holding(id, of);
        let own = newest.get(&shard);
        let row = match own.and_then(|state| state.accounts().get(id)) {
            Some(row) => closed(row.clone(), shard),
            None => {
                let known = by_age.iter().rev().find_map(|state| state.accounts().get(id)).cloned();
                not_reached(known.unwrap_or_default(), shard, own.is_some(), is_absence)
            }
        };
        joined.put(id, row);
    }
    joined.narrowing =
        latest.narrowing.filter(|narrowing| !narrowing.part.only.is_empty()).map(|narrowing| {
            let eligible = joined.counts().targeted + joined.counts().to_remove;
            Narrowing {
                part: Part { shard: None, ..narrowing.part },
                eligible,
                chosen: eligible,
                ..narrowing
            }
        });
    joined
}

fn shard_run(shard: Shard, state: Option<&RunState>) -> ShardRun {
    ShardRun {
        shard,
        run: state.and_then(|state| state.run.clone()),
        started_at: state.and_then(|state| state.started_at),
        is_finished: state.is_some_and(|state| state.ending() == Some(Ending::Finished)),
    }
}

/// A run that was killed left rows open.
fn closed(mut row: AccountRow, shard: Shard) -> AccountRow {
    let is_open = match row.verification {
        Verification::Pending => true,
        Verification::NotAsked => row.is_target() || row.is_to_be_gone(),
        Verification::NotVerified(_) | Verification::Done(_) => false,
    };
    if is_open {
        row.verification = Verification::NotVerified(format!("the record of shard {shard} breaks off"));
    }
    row
}

/// The row of an account of which the run of its own shard says nothing, as the run of another shard has it.
fn not_reached(mut row: AccountRow, shard: Shard, is_given: bool, is_absence: bool) -> AccountRow {
    let Some(plan) = row.plan.as_mut().filter(|plan| plan.action == Action::OtherShard) else { return row };
    plan.action = if is_absence { Action::Remove } else { Action::Keep };
    row.verification = Verification::NotVerified(match is_given {
        true => format!("not reached: it joined after the run of shard {shard} had begun"),
        false => format!("not reached: shard {shard} is missing"),
    });
    row
}

#[cfg(test)]
mod tests;
