//! Whether everything is there that a roll-out needs.

use rollout_model::{Checkup, CheckupRow, CheckupState, Readiness};

use super::escape::escaped;
use super::layout::paragraph;
use super::style::{Style, dressed, styled};
use super::words::counted;

/// A checkup as text: a row for everything that was looked at, what mends it below, and whether one may begin.
pub fn render_checkup(checkup: &Checkup, width: Option<u16>) -> String {
    let mut output = String::new();
    let longest = checkup.rows.iter().map(|row| row.subject.to_string().len()).max().unwrap_or_default();
    for CheckupRow { subject, state, found, remedy, .. } in &checkup.rows {
        let word = word(*state);
        let lead = format!("{subject:longest$}  {word:9}  ");
        let indent = " ".repeat(lead.len());
        let lead = lead.replacen(&word, &styled(style(*state), &word), 1);
        paragraph(&mut output, &lead, &indent, &escaped(found), width);
        if let Some(remedy) = remedy {
            let (first, rest) = (format!("{indent}-> "), format!("{indent}   "));
            paragraph(&mut output, &first, &rest, &styled(Style::Remedy, &escaped(remedy)), width);
        }
    }
    output.push('\n');
    for (what, readiness) in [("read-only commands", checkup.looking()), ("deploying", checkup.deploying())] {
        let told = styled(readiness_style(readiness), &in_words(readiness));
        paragraph(&mut output, "", "  ", &format!("{what}: {told}"), width);
    }
    dressed(&output, None)
}

/// What is not well is easy to find without colours.
fn word(state: CheckupState) -> String {
    match state {
        CheckupState::Ok => state.to_string(),
        CheckupState::Warning | CheckupState::NotReady | CheckupState::Unknown => {
            state.to_string().to_uppercase()
        }
    }
}

fn style(state: CheckupState) -> Style {
    match state {
        CheckupState::Ok => Style::Good,
        CheckupState::NotReady => Style::Bad,
        CheckupState::Warning | CheckupState::Unknown => Style::Doubtful,
    }
}

fn readiness_style(readiness: Readiness) -> Style {
    match readiness {
        Readiness::Ready => Style::Good,
        Readiness::NotReady(_) => Style::Bad,
        Readiness::Unknown(_) => Style::Doubtful,
    }
}

fn in_words(readiness: Readiness) -> String {
    match readiness {
        Readiness::Ready => "ready".to_owned(),
        Readiness::NotReady(items) => format!("not ready ({})", counted(items, "item")),
        Readiness::Unknown(items) => format!("not known ({})", counted(items, "item")),
    }
}
