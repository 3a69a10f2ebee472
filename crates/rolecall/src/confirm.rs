//! Asks whoever sits at the terminal before anything is changed.

use std::io::IsTerminal;

use anyhow::{Context, bail};
use rollout_model::RolloutPlan;
use rollout_report::{Detail, render_plan, story_width};

use crate::interrupt::Interrupt;
use crate::print;

/// What somebody has to type, and what to say where nobody can.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) word: &'a str,
    pub(crate) without_a_terminal: &'a str,
}

/// A prompt only where somebody can answer; elsewhere the flag is named.
pub(crate) async fn confirm(
    plan: &RolloutPlan,
    interrupt: &mut Interrupt,
    question: Question<'_>,
) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        bail!("changes are pending and nobody can be asked: {}", question.without_a_terminal);
    }
    print::view(&render_plan(plan, Detail::Changes, story_width()));
    print::message(&format!("type `{}` to carry this out:", question.word));
    // A thread of its own waits for the line, so that Ctrl-C is an answer too.
    let line = tokio::task::spawn_blocking(|| std::io::stdin().lines().next().transpose());
    let answer = interrupt.ends(line).await?.context("could not wait for an answer")??;
    if answer.unwrap_or_default().trim() != question.word {
        bail!("not confirmed; nothing was changed");
    }
    Ok(())
}
