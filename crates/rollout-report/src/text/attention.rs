//! Every account that is not as specified, with everything known about it, under its cause.
//!
//! AWS's reasons differ between accounts by the account's own id and by request ids. Both are taken out of
//! the cause, so that one cause in five hundred accounts is shown once; what was taken out is shown with the
//! account, so that nothing is lost.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rollout_model::{AccountId, CheckResult, Conclusion, VerdictCause};

use super::escape::escaped;
use super::layout::paragraph;
use super::next::{Trouble, command};
use super::run::RunFiles;
use super::style::{self, Style, styled};
use super::words::counted;
use crate::account_row::{AccountRow, Standing, Verification};
use crate::cause::{Cause, Diagnosis, diagnose};
use crate::state::RunState;
use crate::verdict_cause;

/// On a terminal a cause is shown by some of its accounts; whatever is not a terminal gets them all.
const MOST_EXAMPLES: usize = 5;

/// Appends the section, or nothing when all is well.
pub(super) fn push_attention(
    output: &mut String,
    state: &RunState,
    files: &RunFiles<'_>,
    width: Option<u16>,
) {
    let groups = groups(state);
    if groups.is_empty() {
        return;
    }
    let (of_others, own): (Vec<&Group>, Vec<&Group>) = groups.iter().partition(|group| group.is_collateral());
    let number = |groups: &[&Group]| groups.iter().map(|group| group.accounts()).sum::<usize>();
    let heading = match (own.is_empty(), number(&of_others)) {
        (true, cancelled) => format!("NEEDS ATTENTION: {} cancelled", counted(cancelled, "account")),
        (false, cancelled) => {
            let causes = format!("{}, {}", counted(number(&own), "account"), counted(own.len(), "cause"));
            let cancelled =
                if cancelled == 0 { String::new() } else { format!(", and {cancelled} cancelled") };
            format!("NEEDS ATTENTION: {causes}{cancelled}")
        }
    };
    output.push('\n');
    paragraph(output, "", "  ", &styled(Style::Heading, &heading), width);
    for group in own.into_iter().chain(of_others) {
        output.push('\n');
        group.push(output, width);
        let accounts: Vec<&AccountId> = group.known.values().flatten().map(|(id, _)| id).collect();
        if let Some(command) = command(state, files, group.trouble, &accounts) {
            push_command(output, "    next: ", &command);
        }
    }
}

/// A command is never broken, however narrow the terminal is: it is there to be copied.
pub(super) fn push_command(output: &mut String, lead: &str, command: &str) {
    paragraph(output, lead, "", &styled(Style::Remedy, command), None);
}

/// Accounts that are not as specified for the same cause.
struct Group {
    standing: Standing,
    trouble: Trouble,
    /// `None` where the lines say all there is.
    class: Option<Class>,
    /// What is known, and of which accounts.
    known: BTreeMap<Vec<String>, Vec<(AccountId, String)>>,
}

impl Group {
    fn is_collateral(&self) -> bool {
        self.class.as_ref().is_some_and(|class| class.is_collateral)
    }

    fn accounts(&self) -> usize {
        self.known.values().map(Vec::len).sum()
    }

    fn push(&self, output: &mut String, width: Option<u16>) {
        let heading =
            |what: &str| styled(Style::Heading, &format!("{}: {what}", counted(self.accounts(), "account")));
        if let Some(Class { words, remedy, .. }) = &self.class {
            paragraph(output, "  ", "    ", &heading(words), width);
            if let Some(remedy) = remedy {
                paragraph(output, "    -> ", "       ", &styled(Style::Remedy, remedy), width);
            }
        }
        let mut left = if width.is_some() { MOST_EXAMPLES } else { usize::MAX };
        for (lines, accounts) in &self.known {
            if left == 0 {
                break;
            }
            let mut lines = lines.iter();
            if self.class.is_none() {
                let first = lines.next().map_or("", String::as_str);
                paragraph(output, "  ", "    ", &heading(first), width);
            }
            for line in lines {
                // What belongs to the line above it is indented, and stays so where it is wrapped.
                let text = line.trim_start();
                let indent = " ".repeat(4 + line.len() - text.len());
                paragraph(output, &indent, &format!("{indent}  "), text, width);
            }
            for (_, account) in accounts.iter().take(left) {
                paragraph(output, "    - ", "      ", account, width);
            }
            left = left.saturating_sub(accounts.len());
        }
        let hidden = self.accounts().saturating_sub(MOST_EXAMPLES);
        if width.is_some() && hidden > 0 {
            let hidden =
                format!("and {hidden} more: what is piped, as by `rolecall status | less`, is complete");
            paragraph(output, "    ", "      ", &styled(Style::Quiet, &hidden), width);
        }
    }
}

/// A cause that accounts have in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Class {
    words: &'static str,
    remedy: Option<String>,
    is_collateral: bool,
    /// Whether it says what is the matter, so that accounts with other details belong to it too.
    is_known: bool,
}

impl Class {
    /// What is the matter with an account: its deployment, and where that is well, its verdict.
    fn of(row: &AccountRow) -> Option<Class> {
        if let Some(Diagnosis { cause, remedy }) = row.deployment.as_ref().and_then(diagnose) {
            return Some(Class {
                words: cause.in_words(),
                remedy,
                is_collateral: cause.is_collateral(),
                is_known: cause != Cause::Unclassified,
            });
        }
        let Verification::Done(verdict) = &row.verification else { return None };
        verdict.cause().map(|cause| Class {
            words: verdict_cause::in_words(cause),
            remedy: verdict_cause::remedy(cause).map(str::to_owned),
            is_collateral: false,
            is_known: cause != VerdictCause::Unknown,
        })
    }
}

/// What accounts of one group have in common: the lines only where no class is known.
type Alike = (Reverse<Standing>, Trouble, Option<Class>, Vec<String>);

/// The causes, the most frequent first, each with its accounts. What is known by nothing but its words is told
/// from what has other words.
fn groups(state: &RunState) -> Vec<Group> {
    let mut groups: BTreeMap<Alike, Group> = BTreeMap::new();
    for (id, row) in state.accounts() {
        let standing = row.standing();
        if matches!(standing, Standing::AsSpecified | Standing::NotTargeted) {
            continue;
        }
        let mut taken_out = Vec::new();
        let lines: Vec<String> =
            cause(row).iter().map(|line| generalized(line, id, &mut taken_out)).collect();
        let class = Class::of(row);
        let is_known = class.as_ref().is_some_and(|class| class.is_known);
        let own_words = if is_known { Vec::new() } else { lines.clone() };
        let trouble = Trouble::of(row);
        let group = groups
            .entry((Reverse(standing), trouble, class.clone(), own_words))
            .or_insert_with(|| Group { standing, trouble, class, known: BTreeMap::new() });
        group.known.entry(lines).or_default().push((id.clone(), account_line(id, row, &taken_out)));
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    // Failures stay before findings; the sort is stable within a number of accounts.
    groups.sort_by_key(|group| (Reverse(group.standing), Reverse(group.accounts())));
    groups
}

fn account_line(id: &AccountId, row: &AccountRow, taken_out: &[String]) -> String {
    let mut line = style::account(id);
    match row.unit() {
        Some(unit) => line.push_str(&format!(" {}, in {}", escaped(row.name()), escaped(&unit.to_string()))),
        None => line.push_str(" (not in the plan: it joined meanwhile)"),
    }
    if !taken_out.is_empty() {
        line.push_str(&format!(" (<id>: {})", taken_out.join(", ")));
    }
    line
}

/// What is wrong with an account: a heading, then everything that is known.
fn cause(row: &AccountRow) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(plan) = row.plan.as_ref().filter(|_| row.is_blocked()) {
        lines.push(format!("blocked: {}", escaped(&plan.reason)));
    }
    if let Some(status) = &row.deployment {
        match status.reason() {
            Some(reason) => lines.push(format!("{status}: {}", escaped(reason))),
            None if status.is_open() => lines.push(format!("deployment {status}")),
            None => {}
        }
    }
    match &row.verification {
        Verification::NotAsked => {}
        Verification::Pending => lines.push("verification pending".to_owned()),
        Verification::NotVerified(reason) => lines.push(format!("not verified: {}", escaped(reason))),
        Verification::Done(verdict) => {
            if verdict.conclusion() == Conclusion::NotProven && verdict.open_checks().next().is_none() {
                lines.push("not proven: no check was made".to_owned());
            }
            // What only follows from another check says nothing beside it.
            let is_told = |result: &&CheckResult| result.cause.is_some() || verdict.cause().is_none();
            for result in verdict.open_checks().filter(is_told) {
                lines.push(format!("{}: {}", result.check, result.outcome));
                lines.extend(result.evidence.iter().map(|evidence| format!("  {}", escaped(evidence))));
            }
        }
    }
    lines
}

/// `text` without the account's own id and without request ids, which are added to `taken_out`.
pub(crate) fn generalized(text: &str, account: &AccountId, taken_out: &mut Vec<String>) -> String {
    let mut rest = text;
    let mut general = String::with_capacity(text.len());
    while let Some(first) = rest.chars().next() {
        let previous = general.chars().next_back();
        if rest.starts_with(account.as_str()) {
            general.push_str("<account>");
            rest = &rest[account.as_str().len()..];
        } else if !previous.is_some_and(|before| before.is_ascii_alphanumeric()) && starts_with_uuid(rest) {
            let (uuid, after) = rest.split_at(UUID_LENGTH);
            general.push_str("<id>");
            if !taken_out.iter().any(|known| known == uuid) {
                taken_out.push(uuid.to_owned());
            }
            rest = after;
        } else {
            general.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    general
}

const UUID_LENGTH: usize = 36;

/// Request ids, and the ends of stack names and stack ids, are UUIDs.
fn starts_with_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= UUID_LENGTH
        && bytes[..UUID_LENGTH].iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, expected_taken_out: &[&str]) {
        let mut taken_out = Vec::new();
        let account = "111122223333".parse().unwrap();
        assert_eq!(generalized(text, &account, &mut taken_out), expected);
        assert_eq!(taken_out, expected_taken_out);
    }

    #[test]
    fn a_cause_loses_what_differs_between_accounts_and_nothing_else() {
        let uuid = "0f3a1c52-8a7e-4a54-9e0e-3a1a0b5c7d11";
        check("role of 111122223333 exists", "role of <account> exists", &[]);
        check("role of 444455556666 exists", "role of 444455556666 exists", &[]);
        check(&format!("(Request ID: {uuid})"), "(Request ID: <id>)", &[uuid]);
        check(&format!("{uuid} {uuid}"), "<id> <id>", &[uuid]);
        check("StackSet-é-0f3a1c52-8a7e", "StackSet-é-0f3a1c52-8a7e", &[]);
        check("東京 0f3a1c52-8a7e-4a54-9e0e-3a1a0b5é", "東京 0f3a1c52-8a7e-4a54-9e0e-3a1a0b5é", &[]);
    }
}
