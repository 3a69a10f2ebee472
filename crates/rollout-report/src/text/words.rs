//! Small turns of phrase that several views share.

use std::time::Duration;

use jiff::SignedDuration;
use rollout_model::{CheckResult, Verdict, VerdictCause};

use super::escape::escaped;
use crate::verdict_cause;

/// `1 account`, `2 accounts`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// The numbers that are not zero, each with its word.
pub(crate) fn listed(numbers: &[(usize, &str)]) -> String {
    let words: Vec<String> = numbers
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    words.join(", ")
}

/// `10m`, `1h 30m`, as the configuration has it.
pub(crate) fn span(duration: Duration) -> String {
    SignedDuration::try_from(duration).map_or_else(|_| format!("{duration:?}"), |span| format!("{span:#}"))
}

/// Why a verdict is not green, on one line: the most telling cause with its evidence, or else every open check.
pub(crate) fn verdict_line(verdict: &Verdict) -> String {
    let Some(cause) = verdict.cause().filter(|cause| *cause != VerdictCause::Unknown) else {
        return verdict.open_checks().map(check_line).collect::<Vec<_>>().join("; ");
    };
    let telling = verdict.open_checks().find(|result| result.cause == Some(cause));
    let evidence = telling.map(|result| escaped(&result.evidence.join("; ")).into_owned());
    match evidence.filter(|evidence| !evidence.is_empty()) {
        Some(evidence) => format!("{}: {evidence}", verdict_cause::in_words(cause)),
        None => verdict_cause::in_words(cause).to_owned(),
    }
}

/// A check that is not green, with its evidence, on one line.
fn check_line(result: &CheckResult) -> String {
    let evidence = escaped(&result.evidence.join("; ")).into_owned();
    match evidence.as_str() {
        "" => format!("{}: {}", result.check, result.outcome),
        _ => format!("{}: {}: {evidence}", result.check, result.outcome),
    }
}

/// `text`, cut to `most` characters.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}
