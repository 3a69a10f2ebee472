//! The command that tries again what failed in a run, or looks at it more closely.

use rollout_model::{AccountId, Invocation, VerifyMode};

use super::escape::escaped;
use super::run::RunFiles;
use crate::account_row::{AccountRow, Verification};
use crate::state::RunState;

/// Accounts that a command names one by one; more are for `--only-failed`.
const MOST_NAMED: usize = 5;

/// At what stage an account came to grief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// Before anything was done.
    Blocked,
    Deployment,
    Verification,
    /// In the proof that the role is gone.
    Absence,
}

impl Trouble {
    /// That of an account which is not as specified.
    pub(crate) fn of(row: &AccountRow) -> Trouble {
        if row.is_blocked() {
            return Trouble::Blocked;
        }
        if row.deployment.as_ref().is_some_and(|status| !status.is_done()) {
            return Trouble::Deployment;
        }
        match &row.verification {
            Verification::Done(verdict) if verdict.mode == VerifyMode::Absence => Trouble::Absence,
            _ if row.is_to_be_gone() => Trouble::Absence,
            _ => Trouble::Verification,
        }
    }
}

/// What to run next about these accounts; `None` after a run that leaves nothing to go on with.
pub(crate) fn command(
    state: &RunState,
    files: &RunFiles<'_>,
    trouble: Trouble,
    accounts: &[&AccountId],
) -> Option<String> {
    let configuration = configuration(state, files);
    let of_run = state.command.as_deref()?;
    Some(match (of_run, trouble) {
        ("apply" | "retire" | "verify", Trouble::Blocked) => format!("rolecall plan {configuration}"),
        ("apply", Trouble::Deployment) if state.can_go_on() => return resume(state, files),
        ("apply", Trouble::Deployment) => format!("rolecall apply {configuration} --only-failed"),
        ("retire", Trouble::Deployment) => format!("rolecall retire {configuration}"),
        ("apply" | "retire" | "verify", Trouble::Verification) => {
            format!("rolecall verify {configuration}{}", only(accounts))
        }
        ("apply" | "retire" | "verify", Trouble::Absence) => {
            format!("rolecall verify {configuration} --absent{}", only(accounts))
        }
        _ => return None,
    })
}

/// What goes on with a run that ended before it had done what was planned.
pub(super) fn resume(state: &RunState, files: &RunFiles<'_>) -> Option<String> {
    let goes_on = state.command.as_deref() == Some("apply") && state.can_go_on() && files.ledger.is_some();
    goes_on.then(|| format!("rolecall apply {} --resume", configuration(state, files)))
}

fn only(accounts: &[&AccountId]) -> String {
    match accounts.len() {
        1..=MOST_NAMED => accounts.iter().map(|account| format!(" --only {account}")).collect(),
        _ => " --only-failed".to_owned(),
    }
}

/// The path as the operator typed it, so that a shell takes it for one word.
fn configuration(state: &RunState, files: &RunFiles<'_>) -> String {
    let Some(path) = files.configuration else {
        let typed = state.invocation.as_ref().and_then(Invocation::configuration);
        return escaped(typed.unwrap_or("rollout.yaml")).into_owned();
    };
    let path = escaped(&path.display().to_string()).into_owned();
    let is_plain = |character: char| character.is_alphanumeric() || "/._-+,@".contains(character);
    match path.chars().all(is_plain) && !path.starts_with('-') {
        true => path,
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::samples;

    #[track_caller]
    fn check(command_of_run: &str, trouble: Trouble, accounts: usize, expected: Option<&str>) {
        let state = RunState {
            command: Some(command_of_run.to_owned()),
            finished_at: Some(jiff::Timestamp::UNIX_EPOCH),
            ..RunState::default()
        };
        let files = RunFiles { configuration: Some(Path::new("roles/cado.yaml")), ..RunFiles::default() };
        let ids: Vec<AccountId> = (1..=accounts).map(|n| samples::id(&format!("{n:012}"))).collect();
        let ids: Vec<&AccountId> = ids.iter().collect();
        assert_eq!(command(&state, &files, trouble, &ids).as_deref(), expected);
    }

    #[test]
    fn the_next_command_follows_from_the_run_and_from_what_went_wrong() {
        use Trouble::{Absence, Blocked, Deployment, Verification};
        check("apply", Deployment, 9, Some("rolecall apply roles/cado.yaml --only-failed"));
        check("apply", Blocked, 1, Some("rolecall plan roles/cado.yaml"));
        check(
            "verify",
            Verification,
            2,
            Some("rolecall verify roles/cado.yaml --only 000000000001 --only 000000000002"),
        );
        check("apply", Verification, 6, Some("rolecall verify roles/cado.yaml --only-failed"));
        check("retire", Absence, 1, Some("rolecall verify roles/cado.yaml --absent --only 000000000001"));
        check("retire", Deployment, 1, Some("rolecall retire roles/cado.yaml"));
        check("rehearse", Deployment, 1, None);
    }

    #[test]
    fn a_run_that_was_held_back_or_interrupted_is_gone_on_with() {
        let ledger = Some(Path::new("x.jsonl"));
        let state = samples::state(&samples::interrupted());
        let files = RunFiles { ledger, ..RunFiles::default() };
        let next = command(&state, &files, Trouble::Deployment, &[]);
        assert_eq!(next.as_deref(), Some("rolecall apply rollout.yaml --resume"));
        assert_eq!(resume(&state, &RunFiles::default()), None, "nothing tells where it was");
        assert_eq!(resume(&samples::state(&samples::all_well()), &files), None);
    }

    #[test]
    fn a_path_is_one_word_of_the_shell_whatever_it_is_called() {
        let check = |path: &str, expected: &str| {
            let files = RunFiles { configuration: Some(Path::new(path)), ..RunFiles::default() };
            assert_eq!(configuration(&RunState::default(), &files), expected);
        };
        check("config/rollout.yaml", "config/rollout.yaml");
        check("my roles/it's.yaml", "'my roles/it'\\''s.yaml'");
        check("a\u{1b}[2J;b", "'a\\u{1b}[2J;b'");
        check("-x.yaml", "'-x.yaml'");
    }
}
