//! Everything that the page shows, in the order in which it does.

use std::collections::BTreeMap;
use std::path::Path;

use rollout_model::{AccountId, Invocation};
use serde::Serialize;

use super::account::Account;
use super::cause::{self, Group};
use super::drift::{self, Matrix};
use super::history::{History, history};
use super::proof::{Proof, proofs};
use super::status::Status;
use super::timing::{Timing, timing};
use super::unit::{self, Unit};
use super::words::{at, between, counted, took};
use crate::account_row::AccountRow;
use crate::format::RunReport;
use crate::state::RunState;
use crate::summary::{Outcome, Summary};
use crate::text::{RunFiles, escaped, part_in_words};

#[derive(Serialize)]
pub(super) struct Page<'a> {
    rollout: String,
    command: String,
    verdict: Verdict,
    facts: Vec<Fact>,
    numbers: Vec<Number>,
    targets: usize,
    proven: usize,
    groups: Vec<Group>,
    tree: Unit,
    units: Vec<String>,
    waves: Vec<String>,
    causes: Vec<(String, String)>,
    statuses: Vec<(Status, &'static str)>,
    accounts: Vec<Account>,
    matrix: Option<Matrix>,
    timing: Option<Timing>,
    history: Option<History>,
    others: Vec<Others>,
    proofs: Vec<Proof>,
    shards: Vec<String>,
    command_line: Option<&'a str>,
}

#[derive(Serialize)]
struct Verdict {
    /// `good`, `warning`, `bad` or `unknown`: what colour goes with the words.
    tone: &'static str,
    outcome: &'static str,
    sentence: String,
}

#[derive(Serialize)]
struct Fact {
    what: &'static str,
    is: String,
}

#[derive(Serialize)]
struct Number {
    status: Status,
    words: &'static str,
    count: usize,
    /// Where its part of the bar begins, in thousandths.
    x: usize,
    width: usize,
}

/// Accounts that the run was not about, for one reason.
#[derive(Serialize)]
struct Others {
    reason: String,
    accounts: Vec<(String, String)>,
}

impl<'a> Page<'a> {
    pub(super) fn of(report: &RunReport<'a>) -> Page<'a> {
        let state = report.state;
        let mut rows: Vec<(&AccountId, &AccountRow)> = state.accounts().iter().collect();
        rows.sort_by_key(|(id, row)| (Status::of(row), row.unit(), row.name(), *id));
        let accounts: Vec<Account> = rows.iter().map(|(id, row)| Account::of(id, row)).collect();
        let tree = unit::tree(state);
        let mut waves: Vec<String> = accounts.iter().map(|account| account.wave.clone()).collect();
        waves.sort();
        waves.dedup();
        waves.retain(|wave| !wave.is_empty());
        let causes: BTreeMap<String, String> = rows
            .iter()
            .filter_map(|(_, row)| cause::Cause::of(row).map(|cause| (cause.slug, cause.words)))
            .collect();
        let targets = state.accounts().values().filter(|row| is_about(row)).count();
        let typed = state.invocation.as_ref().and_then(Invocation::configuration);
        let files = RunFiles {
            ledger: report.ledger,
            configuration: Some(Path::new(typed.unwrap_or("ROLLOUT.yaml"))),
        };
        Page {
            rollout: state.rollout.as_ref().map_or("unnamed rollout".to_owned(), ToString::to_string),
            command: escaped(state.command.as_deref().unwrap_or("run")).into_owned(),
            verdict: Verdict::of(state, targets),
            facts: facts(report),
            numbers: numbers(state),
            targets,
            proven: state.counts().verified,
            groups: cause::groups(state, &files),
            units: unit::paths(&tree),
            tree,
            waves,
            causes: causes.into_iter().collect(),
            statuses: Status::ALL.into_iter().map(|status| (status, status.in_words())).collect(),
            accounts,
            matrix: drift::matrix(state, report.past),
            timing: timing(state),
            history: history(state, report.past),
            others: others(state),
            proofs: proofs(state),
            shards: state.shards.iter().map(shard).collect(),
            command_line: state.invocation.as_ref().map(|invocation| invocation.command_line.as_str()),
        }
    }
}

/// Whether the run had to come to something in the account.
fn is_about(row: &AccountRow) -> bool {
    !matches!(Status::of(row), Status::NotTargeted | Status::NotLookedAt)
}

impl Verdict {
    fn of(state: &RunState, targets: usize) -> Verdict {
        let Summary { counts, outcome } = Summary::of(state);
        let needing = state.accounts().values().filter(|row| Status::of(row).needs_action()).count();
        let need = match needing {
            1 => "1 account needs action".to_owned(),
            _ => format!("{needing} accounts need action"),
        };
        let sentence = match (outcome, &state.held, &state.stopped) {
            (Outcome::AsSpecified, ..) if counts.verified == targets && counts.to_remove > 0 => {
                format!("The role is gone from {}", counted(targets, "account"))
            }
            (Outcome::AsSpecified, ..) if counts.verified == targets => match state.narrowing.as_ref() {
                Some(narrowing) => format!(
                    "{} of {} looked at, and all of them verified",
                    narrowing.chosen,
                    counted(narrowing.targets, "target")
                ),
                None => format!("The role is proven in {}", counted(targets, "account")),
            },
            (Outcome::AsSpecified, ..) => {
                format!("Done as planned; {} of {} proven", counts.verified, counted(targets, "account"))
            }
            (Outcome::SomeFailed, Some((wave, problem)), _) => {
                format!("Held back after wave {wave}: {}; {need}", escaped(problem))
            }
            (Outcome::SomeFailed | Outcome::Findings, ..) => match state.missing_shards().count() {
                0 => need,
                missing => format!("{} missing; {need}", counted(missing, "shard")),
            },
            (Outcome::Stopped | Outcome::Interrupted, _, Some(problem)) => {
                format!("The run could not go on: {}", escaped(problem))
            }
            (Outcome::Stopped, ..) => "The run ended before it knew any account".to_owned(),
            (Outcome::Interrupted, ..) if state.interrupted => format!("Ended early by its operator; {need}"),
            (Outcome::Interrupted, ..) => {
                "The record breaks off here: the run was killed, or is still going on".to_owned()
            }
        };
        Verdict {
            tone: tone(outcome, counts.verified == targets),
            outcome: outcome_in_words(outcome),
            sentence,
        }
    }
}

fn tone(outcome: Outcome, is_proven: bool) -> &'static str {
    match outcome {
        Outcome::AsSpecified if is_proven => "good",
        Outcome::AsSpecified | Outcome::Interrupted => "unknown",
        Outcome::Findings => "warning",
        Outcome::SomeFailed | Outcome::Stopped => "bad",
    }
}

pub(super) fn outcome_in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::AsSpecified => "as specified",
        Outcome::SomeFailed => "some accounts failed",
        Outcome::Findings => "complete, with findings",
        Outcome::Stopped => "stopped",
        Outcome::Interrupted => "not finished",
    }
}

fn facts(report: &RunReport<'_>) -> Vec<Fact> {
    let state = report.state;
    let lasted = state.started_at.zip(state.finished_at).map(|(from, to)| took(between(from, to)));
    let invocation = state.invocation.as_ref();
    let ledger = report.ledger.map(|path| path.display().to_string());
    let facts = [
        ("Run", state.run.as_ref().map(ToString::to_string)),
        ("Started", state.started_at.map(at)),
        ("Took", lasted),
        ("Organization", state.organization.as_ref().map(ToString::to_string)),
        ("Management account", state.management_account.as_ref().map(ToString::to_string)),
        ("Home Region", state.home_region.as_ref().map(ToString::to_string)),
        ("Carried out by", invocation.map(|invocation| invocation.caller.clone())),
        ("About", state.narrowing.as_ref().map(part_in_words)),
        ("rolecall", invocation.map(|invocation| invocation.version.clone())),
        ("Ledger", ledger),
    ];
    let told =
        facts.into_iter().filter_map(|(what, is)| is.map(|is| Fact { what, is: escaped(&is).into_owned() }));
    told.collect()
}

/// Only what there is any of, the worst first.
fn numbers(state: &RunState) -> Vec<Number> {
    let mut counts: BTreeMap<Status, usize> = BTreeMap::new();
    for row in state.accounts().values() {
        *counts.entry(Status::of(row)).or_default() += 1;
    }
    let all = state.accounts().len().max(1);
    let mut before = 0;
    let number = |(status, count): (Status, usize)| {
        let x = before * 1000 / all;
        before += count;
        Number { status, words: status.in_words(), count, x, width: before * 1000 / all - x }
    };
    counts.into_iter().map(number).collect()
}

fn others(state: &RunState) -> Vec<Others> {
    let mut reasons: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for (id, row) in state.accounts().iter().filter(|(_, row)| !is_about(row)) {
        let reason = row.plan.as_ref().map_or("not in the plan: it joined meanwhile", |plan| &plan.reason);
        reasons.entry(reason).or_default().push((id.to_string(), escaped(row.name()).into_owned()));
    }
    let other = |(reason, accounts)| Others { reason: escaped(reason).into_owned(), accounts };
    let mut others: Vec<Others> = reasons.into_iter().map(other).collect();
    others.sort_by_key(|others| std::cmp::Reverse(others.accounts.len()));
    others
}

fn shard(shard: &crate::merge::ShardRun) -> String {
    let run = match &shard.run {
        None => return format!("shard {}: missing", shard.shard),
        Some(run) => run,
    };
    let ended = if shard.is_finished { "" } else { ", did not come to its end" };
    format!("shard {}: run {run}{ended}", shard.shard)
}
