//! A run in Markdown, for a comment on a pull request or the summary of a job: the verdict first, then what needs
//! action, and at the end, folded, what is well.

mod code;
mod rows;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, Error, UndefinedBehavior, context};

use self::code::code;
use self::rows::{Rows, past};
use crate::past_run::PastRun;
use crate::state::RunState;
use crate::summary::{Outcome, Summary};
use crate::text::{counted, listed};

/// GitHub takes 65,536 characters in a comment; bytes are never fewer.
pub(super) const COMMENT: usize = 65_536;
/// GitHub takes 1 MiB in the summary of a step:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits>.
pub(super) const JOB_SUMMARY: usize = 1024 * 1024;

const TEMPLATE: &str = include_str!("run.md.jinja");

/// As many accounts as stand beside a cause.
const MOST_EXAMPLES: usize = 5;

pub(super) fn render(state: &RunState, past_runs: &[PastRun], most: usize) -> Vec<u8> {
    let environment = environment().expect("the template is a constant, which tests render");
    let rows = Rows::of(state);
    let render = |shown: Shown| {
        let template = environment.get_template("run.md").expect("it was added");
        template.render(values(state, past_runs, &rows, shown)).expect("tests render every kind of run")
    };
    let all = Shown { well: rows.well.len(), failing: rows.failing.len(), examples: MOST_EXAMPLES };
    fitting(all, |shown| render(shown).len() <= most, render).into_bytes()
}

/// How much of each part is shown.
#[derive(Debug, Clone, Copy)]
struct Shown {
    well: usize,
    failing: usize,
    examples: usize,
}

/// As much as fits: what is well goes first, then the rows of what is not, then the examples.
fn fitting(all: Shown, fits: impl Fn(Shown) -> bool, render: impl Fn(Shown) -> String) -> String {
    let well = largest(all.well, |well| fits(Shown { well, ..all }));
    let shown = Shown { well: well.unwrap_or_default(), ..all };
    let failing = largest(all.failing, |failing| fits(Shown { failing, ..shown }));
    let shown = Shown { failing: failing.unwrap_or_default(), ..shown };
    let examples = largest(all.examples, |examples| fits(Shown { examples, ..shown }));
    render(Shown { examples: examples.unwrap_or_default(), ..shown })
}

/// The largest number up to `most` that fits, where a smaller one always does when a larger one does.
fn largest(most: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
    if fits(most) {
        return Some(most);
    }
    if !fits(0) {
        return None;
    }
    let (mut small, mut large) = (0, most);
    while large - small > 1 {
        let middle = small + (large - small) / 2;
        match fits(middle) {
            true => small = middle,
            false => large = middle,
        }
    }
    Some(small)
}

/// Whatever is not marked as ours is written as a code span, so that nothing has to remember to escape.
fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?;
    environment.set_syntax(syntax);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(|output, _, value| {
        let text = match value.as_str() {
            Some(text) if value.is_safe() => text.to_owned(),
            Some(text) => code(text),
            None => value.to_string(),
        };
        output.write_str(&text).map_err(Error::from)
    });
    environment.add_template("run.md", TEMPLATE)?;
    Ok(environment)
}

/// Words of our own: letters, digits and spaces.
fn ours(text: impl Into<String>) -> Value {
    Value::from_safe_string(text.into())
}

fn values(state: &RunState, past_runs: &[PastRun], rows: &Rows, shown: Shown) -> Value {
    let Summary { counts, outcome } = Summary::of(state);
    let written = |value: &Option<String>| value.as_deref().map(Value::from);
    let either = |text: String| ours(if text.is_empty() { "none".to_owned() } else { text });
    context! {
        verdict => ours(verdict(outcome)),
        problem => written(&problem(state)),
        rollout => state.rollout.as_ref().map_or("unnamed", |rollout| rollout.as_str()),
        command => written(&state.command),
        run => written(&state.run.as_ref().map(ToString::to_string)),
        started => written(&state.started_at.map(|at| at.to_string())),
        finished => written(&state.finished_at.map(|at| at.to_string())),
        accounts => ours(counted(counts.accounts, "account")),
        aims => either(listed(&[
            (counts.targeted, "targeted"),
            (counts.blocked, "blocked"),
            (counts.left_out, "left out"),
            (counts.other_shard, "in other shards"),
            (counts.not_targeted, "not targeted"),
            (counts.unplanned, "not in the plan"),
        ])),
        deployments => either(listed(&[
            (counts.deployed, "deployed"),
            (counts.removed, "removed"),
            (counts.retained, "retained"),
            (counts.unchanged, "unchanged"),
            (counts.failed, "failed"),
            (counts.cancelled, "cancelled"),
            (counts.skipped, "skipped by AWS"),
            (counts.not_reached, "not reached"),
            (counts.open, "open"),
        ])),
        verifications => either(listed(&[
            (counts.verified, "verified"),
            (counts.findings, "with findings"),
            (counts.not_proven, "not proven"),
            (counts.not_verified, "not verified"),
            (counts.to_verify, "to be verified"),
        ])),
        past => past(state, past_runs),
        causes => rows.causes(shown.examples),
        failing => rows.failing[..shown.failing].iter().map(rows::Row::value).collect::<Vec<_>>(),
        failing_left_out => rows.failing.len() - shown.failing,
        well => rows.well[..shown.well].iter().map(rows::Row::value).collect::<Vec<_>>(),
        well_left_out => rows.well.len() - shown.well,
        well_number => ours(counted(rows.well.len(), "account")),
        verified => counts.verified,
    }
}

fn verdict(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::AsSpecified => "As specified",
        Outcome::SomeFailed => "Some accounts failed",
        Outcome::Findings => "Complete, with findings",
        Outcome::Stopped => "Stopped",
        Outcome::Interrupted => "Interrupted",
    }
}

/// What the run could not get past.
fn problem(state: &RunState) -> Option<String> {
    let held = state.held.as_ref().map(|(wave, problem)| format!("held back after wave {wave}: {problem}"));
    let missing: Vec<String> = state.missing_shards().map(|shard| shard.to_string()).collect();
    let missing = (!missing.is_empty()).then(|| format!("missing shards: {}", missing.join(", ")));
    state.stopped.clone().or(held).or(missing)
}

#[cfg(test)]
mod tests;
