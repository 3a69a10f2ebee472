//! Why an account is a target or none.

use rollout_model::{Account, AccountPlan, EntryExplanation, Explanation, Organization, Region};

use super::escape::escaped;
use super::layout::paragraph;
use super::style::{self, Style, dressed, styled};

/// An explanation as text. `plan` is what happens in the account, when AWS was asked what it holds; `home` is
/// where the StackSet lives.
pub fn render_explanation(
    organization: &Organization,
    account: &Account,
    explanation: &Explanation,
    plan: Option<&AccountPlan>,
    home: &Region,
    width: Option<u16>,
) -> String {
    let mut output = String::new();
    let title = format!("{} {}", style::account(&account.id), escaped(&account.name));
    paragraph(&mut output, "", "      ", &styled(Style::Heading, &title), width);
    let mut push = |first: &str, text: &str| paragraph(&mut output, first, "      ", &escaped(text), width);
    push("  ", &format!("organizational unit: {}", organization.path(&account.parent)));
    push("  ", &format!("state: {}", account.state));
    push("  ", &format!("target: {}", verdict(account, explanation)));
    if let Some(wave) = explanation.wave.as_ref().filter(|_| plan.is_none()) {
        push("  ", &format!("wave: {wave}"));
    }
    if let Some(plan) = plan {
        let wave = plan.wave.as_ref().map(|wave| format!(", in wave {wave}")).unwrap_or_default();
        push("  ", &format!("plan: {}{wave}: {}", plan.action, plan.reason));
    }
    for entry in &explanation.entries {
        push(&format!("  {} ", mark(entry)), &in_words(entry));
    }
    dressed(&output, Some(home))
}

fn verdict(account: &Account, explanation: &Explanation) -> String {
    let reason = &explanation.reason;
    match explanation.selected {
        Some(true) if !account.state.is_deployable() => {
            format!("no, because the account is {} (otherwise {reason})", account.state)
        }
        Some(true) => format!("yes, {reason}"),
        Some(false) => format!("no, {reason}"),
        None => format!("not known: {reason}"),
    }
}

/// An entry that matches is neither good nor bad: it may be one that excludes.
fn mark(entry: &EntryExplanation) -> String {
    match entry.matches {
        Some(true) => styled(Style::Heading, "+"),
        Some(false) => styled(Style::Quiet, "-"),
        None => styled(Style::Doubtful, "?"),
    }
}

fn in_words(entry: &EntryExplanation) -> String {
    let EntryExplanation { key, entry: written, matches, unmatched } = entry;
    match matches {
        Some(true) => format!("{key} `{written}` matches"),
        Some(false) if unmatched.len() == 1 && unmatched[0] == *written => {
            format!("{key} `{written}` does not match")
        }
        Some(false) => format!("{key} `{written}` does not match: not `{}`", unmatched.join("`, not `")),
        None => format!("{key} `{written}` depends on tags that were not read"),
    }
}
