//! A run: every account in a table, the run in numbers, what needs attention, and where the ledger is.

use std::path::Path;

use jiff::{SpanRound, Timestamp, Unit};
use rollout_model::{AccountId, Conclusion, DeploymentStatus, OuPath, VerifyMode};

use super::attention::{push_attention, push_command};
use super::escape::escaped;
use super::layout::{paragraph, table};
use super::next::resume;
use super::part::{joined_from, looked_at, missing_shards, part_in_words, shard_in_words};
use super::style::{self, Style, dressed, styled, styled_words};
use super::words::{clipped, counted, listed, verdict_line};
use crate::account_row::{AccountRow, Standing, Verification};
use crate::cause::diagnose_reason;
use crate::counts::Counts;
use crate::state::{RunState, StepRow};
use crate::summary::{Outcome, Summary};

/// The files around a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunFiles<'a> {
    /// Where its events are kept.
    pub ledger: Option<&'a Path>,
    /// The configuration as the operator typed it, for the commands that go on from here; `rollout.yaml` where that
    /// is not known.
    pub configuration: Option<&'a Path>,
}

/// A run as text.
pub fn render_run(state: &RunState, files: &RunFiles<'_>, width: Option<u16>) -> String {
    let mut output = String::new();
    push_heading(&mut output, state, width);
    if !state.accounts().is_empty() {
        output.push('\n');
        output.push_str(&account_table(state, width));
    }
    output.push('\n');
    push_summary(&mut output, state, width);
    push_open_steps(&mut output, state, width);
    push_attention(&mut output, state, files, width);
    if let Some(command) = resume(state, files) {
        output.push('\n');
        push_command(&mut output, "Go on with: ", &command);
    }
    if let Some(ledger) = files.ledger {
        output.push('\n');
        paragraph(&mut output, "Ledger: ", "  ", &escaped(&ledger.display().to_string()), width);
    }
    dressed(&output, state.home_region.as_ref())
}

fn push_heading(output: &mut String, state: &RunState, width: Option<u16>) {
    let rollout = state.rollout.as_ref().map_or("unnamed rollout", |rollout| rollout.as_str());
    let mut first = rollout.to_owned();
    if let Some(command) = &state.command {
        first.push_str(&format!(": {}", escaped(command)));
    }
    if !state.shards.is_empty() {
        first.push_str(&joined_from(state));
    }
    if let Some(run) = &state.run {
        first.push_str(&format!(", run {run}"));
    }
    paragraph(output, "", "  ", &styled(Style::Heading, &first), width);
    let mut place = Vec::new();
    place.extend(state.organization.as_ref().map(|id| format!("organization {id}")));
    place.extend(state.management_account.as_ref().map(|id| format!("management account {id}")));
    place.extend(state.home_region.as_ref().map(|region| format!("home Region {region}")));
    if !place.is_empty() {
        paragraph(output, "", "  ", &place.join(", "), width);
    }
    if let Some(narrowing) = &state.narrowing {
        paragraph(output, "", "  ", &part_in_words(narrowing), width);
    }
    for shard in &state.shards {
        paragraph(output, "  ", "    ", &shard_in_words(shard), width);
    }
    if let Some(started) = state.started_at {
        let took = state.finished_at.map(|finished| format!(", took {}", duration(started, finished)));
        let text = format!("started {}{}", started.strftime("%F %T UTC"), took.unwrap_or_default());
        paragraph(output, "", "  ", &text, width);
    }
}

pub(super) fn duration(from: Timestamp, to: Timestamp) -> String {
    let rounding = SpanRound::new().smallest(Unit::Second).largest(Unit::Hour);
    match (to - from).round(rounding) {
        Ok(span) => format!("{span:#}"),
        Err(_) => format!("{:#}", to - from),
    }
}

fn account_table(state: &RunState, width: Option<u16>) -> String {
    let mut rows: Vec<(&AccountId, &AccountRow)> = state.accounts().iter().collect();
    rows.sort_by_key(|(id, row)| (row.unit().is_none(), row.unit(), row.name(), *id));
    let cells = rows.into_iter().map(|(id, row)| {
        [
            style::account(id),
            escaped(row.name()).into_owned(),
            row.unit().map(OuPath::to_string).map(|unit| escaped(&unit).into_owned()).unwrap_or_default(),
            styled_words(deployment_style(row), &deployment_word(row)),
            styled_words(verification_style(row), &verification_word(row)),
            cut(detail(row), row, width),
        ]
    });
    table(["account", "name", "organizational unit", "deployment", "verification", "detail"], cells, width)
}

fn deployment_word(row: &AccountRow) -> String {
    match &row.deployment {
        Some(status) => status.to_string(),
        None if row.joined => "automatic".to_owned(),
        None if row.is_blocked() => "blocked".to_owned(),
        None if row.is_target() || row.is_to_be_gone() => "not asked".to_owned(),
        None if row.is_of_another_run() => "not looked at".to_owned(),
        None => "not targeted".to_owned(),
    }
}

/// What was not looked at is quiet, never green.
fn deployment_style(row: &AccountRow) -> Style {
    match &row.deployment {
        Some(status) if status.is_done() => Style::Good,
        Some(DeploymentStatus::Failed(_)) => Style::Bad,
        Some(_) => Style::Doubtful,
        None if row.is_blocked() => Style::Bad,
        None if row.joined => Style::Doubtful,
        None => Style::Quiet,
    }
}

fn verification_style(row: &AccountRow) -> Style {
    match (&row.verification, row.conclusion()) {
        (Verification::NotAsked, _) => Style::Quiet,
        (_, Some(Conclusion::Verified)) => Style::Good,
        (_, Some(Conclusion::Finding)) => Style::Bad,
        (_, Some(Conclusion::NotProven) | None) => Style::Doubtful,
    }
}

/// What verification came to; what was not tried as the trusted principal itself says so.
fn verification_word(row: &AccountRow) -> String {
    let verdict = match &row.verification {
        Verification::NotAsked => return "-".to_owned(),
        Verification::Pending => return "pending".to_owned(),
        Verification::NotVerified(_) => return "not verified".to_owned(),
        Verification::Done(verdict) => verdict,
    };
    match (verdict.mode, verdict.conclusion()) {
        (VerifyMode::Absence, Conclusion::Verified) => "absent".to_owned(),
        (VerifyMode::Direct | VerifyMode::Absence, conclusion) => conclusion.to_string(),
        (mode @ (VerifyMode::Probe | VerifyMode::Offline), conclusion) => format!("{conclusion} ({mode})"),
    }
}

/// Enough to tell one cause from another on the narrowest terminal.
const SHORTEST_CUT: usize = 50;

/// On a terminal the table is an overview: what needs attention is shown in full below it.
fn cut(detail: String, row: &AccountRow, width: Option<u16>) -> String {
    let needs_attention = matches!(row.standing(), Standing::Finding | Standing::Failed);
    match width {
        Some(width) if needs_attention => {
            // CloudFormation begins with the resource, which for us is always the one role.
            let news = detail.split_once("ResourceStatusReason:").map_or(detail.as_str(), |(_, news)| news);
            clipped(news.trim(), usize::from(width / 2).max(SHORTEST_CUT))
        }
        _ => detail,
    }
}

/// Why an account is not green, on one line: AWS's reason, the evidence, or the plan's reason.
fn detail(row: &AccountRow) -> String {
    if let Some(reason) = row.deployment.as_ref().and_then(|status| status.reason()) {
        return escaped(reason).into_owned();
    }
    match &row.verification {
        Verification::NotVerified(reason) => escaped(reason).into_owned(),
        Verification::Done(_) if row.joined && row.is_verified() => {
            row.plan.as_ref().map(|plan| escaped(&plan.reason).into_owned()).unwrap_or_default()
        }
        Verification::Done(verdict) => verdict_line(verdict),
        Verification::NotAsked | Verification::Pending => match &row.plan {
            Some(plan) if !plan.action.is_target() => escaped(&plan.reason).into_owned(),
            Some(_) => String::new(),
            None => "not in the plan".to_owned(),
        },
    }
}

fn push_summary(output: &mut String, state: &RunState, width: Option<u16>) {
    let Summary { counts, outcome } = Summary::of(state);
    let sentence = styled(outcome_style(state, outcome), &outcome_sentence(state, outcome));
    paragraph(output, "", "  ", &styled(Style::Heading, &sentence), width);
    if let Some(remedy) = state.stopped.as_deref().and_then(|problem| diagnose_reason(problem).remedy) {
        paragraph(output, "  -> ", "     ", &styled(Style::Remedy, &remedy), width);
    }
    if counts.accounts == 0 {
        return;
    }
    let with_role = listed(&[
        (counts.to_remove, "to be removed"),
        (counts.to_retain, "to be retained"),
        (counts.left_in_place, "left in place"),
    ]);
    let with_role = if with_role.is_empty() { with_role } else { format!(" ({with_role})") };
    let accounts = listed(&[
        (counts.targeted, "targeted"),
        (counts.blocked, "blocked"),
        (counts.left_out, "left out"),
        (counts.other_shard, "in other shards"),
        (counts.not_targeted, &format!("not targeted{with_role}")),
        (counts.unplanned, "not in the plan"),
    ]);
    let deployment = match deployment_numbers(&counts) {
        numbers if numbers.is_empty() => "none".to_owned(),
        numbers => numbers,
    };
    let verification = match verification_numbers(&counts) {
        numbers if numbers.is_empty() => "none".to_owned(),
        numbers => numbers,
    };
    for line in [
        format!("{}: {accounts}", counted(counts.accounts, "account")),
        format!("deployment: {deployment}"),
        format!("{}: {verification}", verification_title(state)),
    ] {
        paragraph(output, "  ", "    ", &line, width);
    }
}

/// Numbers that do not rest on a trial by the trusted principal itself say so.
fn verification_title(state: &RunState) -> String {
    let mode = state.accounts().values().find_map(|row| match &row.verification {
        Verification::Done(verdict) => Some(verdict.mode),
        _ => None,
    });
    match mode {
        Some(mode @ (VerifyMode::Probe | VerifyMode::Offline)) => format!("verification ({mode})"),
        Some(VerifyMode::Direct | VerifyMode::Absence) | None => "verification".to_owned(),
    }
}

fn verification_numbers(counts: &Counts) -> String {
    styled_numbers(&[
        (Style::Good, counts.verified, "verified"),
        (Style::Bad, counts.findings, "with findings"),
        (Style::Doubtful, counts.not_proven, "not proven"),
        (Style::Doubtful, counts.not_verified, "not verified"),
        (Style::Doubtful, counts.to_verify, "to be verified"),
    ])
}

fn deployment_numbers(counts: &Counts) -> String {
    styled_numbers(&[
        (Style::Good, counts.deployed, "deployed"),
        (Style::Good, counts.removed, "removed"),
        (Style::Good, counts.retained, "retained"),
        (Style::Good, counts.unchanged, "unchanged"),
        (Style::Bad, counts.failed, "failed"),
        (Style::Doubtful, counts.cancelled, "cancelled"),
        (Style::Doubtful, counts.skipped, "skipped by AWS"),
        (Style::Doubtful, counts.not_reached, "not reached"),
        (Style::Doubtful, counts.open, "open"),
    ])
}

fn styled_numbers(numbers: &[(Style, usize, &str)]) -> String {
    let words: Vec<String> = numbers
        .iter()
        .filter(|(_, number, _)| *number > 0)
        .map(|(style, number, word)| styled(*style, &format!("{number} {word}")))
        .collect();
    words.join(", ")
}

/// Green is for a run that looked at everything.
fn outcome_style(state: &RunState, outcome: Outcome) -> Style {
    match outcome {
        Outcome::AsSpecified if state.narrowing.is_none() && !state.only_failed => Style::Good,
        Outcome::AsSpecified | Outcome::Interrupted => Style::Doubtful,
        Outcome::SomeFailed | Outcome::Findings | Outcome::Stopped => Style::Bad,
    }
}

pub(super) fn outcome_sentence(state: &RunState, outcome: Outcome) -> String {
    match (outcome, &state.stopped) {
        (Outcome::AsSpecified, _) => match &state.narrowing {
            Some(narrowing) => format!("AS SPECIFIED, as far as was looked: {}", looked_at(narrowing)),
            // Whoever did not fail before was left alone, even where the role could not be brought to him.
            None if state.only_failed => {
                "AS SPECIFIED, as far as was looked: only what had failed was tried again".to_owned()
            }
            None => "AS SPECIFIED".to_owned(),
        },
        (Outcome::SomeFailed, _) => match &state.held {
            Some((wave, problem)) => format!("HELD BACK after wave {wave}: {}", escaped(problem)),
            None => match missing_shards(state) {
                missing if missing.is_empty() => "SOME ACCOUNTS FAILED".to_owned(),
                missing => format!("INCOMPLETE: {missing}"),
            },
        },
        (Outcome::Findings, _) => "COMPLETE, WITH FINDINGS".to_owned(),
        (Outcome::Stopped, Some(problem)) => format!("STOPPED: {}", escaped(problem)),
        (Outcome::Stopped, None) => "STOPPED: the run ended before it knew any account".to_owned(),
        (Outcome::Interrupted, Some(problem)) => format!("INTERRUPTED; also: {}", escaped(problem)),
        (Outcome::Interrupted, None) if state.interrupted => "INTERRUPTED".to_owned(),
        (Outcome::Interrupted, None) => {
            "NOT FINISHED: the record breaks off here; the run was killed or is still going on".to_owned()
        }
    }
}

/// What goes on in AWS although the run does not.
fn push_open_steps(output: &mut String, state: &RunState, width: Option<u16>) {
    let open = open_steps(state);
    if open.is_empty() {
        return;
    }
    output.push('\n');
    paragraph(output, "", "  ", &styled(Style::Heading, "UNDER WAY WHEN THE RECORD ENDS"), width);
    for step in open {
        paragraph(output, "  ", "    ", &step, width);
    }
}

/// The steps that have not ended, each with its operation.
pub(super) fn open_steps(state: &RunState) -> Vec<String> {
    let in_words = |(number, step): (usize, &StepRow)| {
        let operation = match &step.operation {
            Some(operation) => format!(" (operation {operation})"),
            None => String::new(),
        };
        format!("step {number} of {}: {}{operation}", state.planned_steps, escaped(&step.title))
    };
    state.open_steps().map(in_words).collect()
}
