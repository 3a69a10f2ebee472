//! The session that the README shows as a picture is what the program prints today, at a terminal.

use anstyle_svg::Term;

use crate::program::{Workplace, repository};

const COMMAND: [&str; 4] = ["apply", "config/rollout.yaml", "--simulate", "--yes"];
/// What differs from run to run, and what stands for it.
const RUN: &str = "20261120T080000Z-5e55104e";
const STARTED: &str = "started 2026-11-20 08:00:00 UTC";
/// So many accounts of the table are shown before some are left out.
const FIRST_ROWS: usize = 6;
/// How a line begins that goes on with the account above it.
const BELOW_AN_ID: &str = "             ";

/// The lines of the session, with their colours, without those that only repeat themselves.
fn session() -> String {
    let workplace = Workplace::new();
    let plain = ["--progress", "plain", "--hyperlinks", "never", "--color", "always"];
    let run = workplace.begin_alone_at_a_terminal(&[&COMMAND[..], &plain].concat()).wait(|| {}).ends_with(0);
    let mut shown = vec![format!("$ rolecall {}", COMMAND.join(" "))];
    let (mut rows, mut is_left_out) = (0, false);
    for line in run.result.lines().map(str::trim_end) {
        rows += usize::from(is_row(line));
        let is_news = match is_row(line) {
            _ if line.starts_with(BELOW_AN_ID) => !is_left_out,
            true => rows <= FIRST_ROWS || line.contains("excluded by") || line.contains("suspended"),
            false => !is_one_of_many(line),
        };
        if is_news {
            shown.push(without_time(line));
        } else if !is_left_out {
            shown.push("…".to_owned());
        }
        is_left_out = !is_news;
    }
    shown.join("\n") + "\n"
}

/// A line of the table begins with the id of an account.
fn is_row(line: &str) -> bool {
    line.len() > 12 && line.bytes().take(12).all(|byte| byte.is_ascii_digit())
}

/// Progress on the way: `deployment: 12 of 58 accounts`.
fn is_one_of_many(line: &str) -> bool {
    let numbers = line.split_once(": ").and_then(|(_, rest)| rest.split_once(" of "));
    numbers.is_some_and(|(over, rest)| rest.contains(" accounts") && !rest.starts_with(&format!("{over} ")))
}

fn without_time(line: &str) -> String {
    let line = match line.split_once("started 20") {
        Some((before, _)) => format!("{before}{STARTED}"),
        None => line.to_owned(),
    };
    let words = line.split_inclusive([' ', ',', '-', '.', ')']).collect::<Vec<_>>();
    let Some(first) = words.iter().position(|word| word.starts_with("202") && word.contains("T")) else {
        return line;
    };
    // The id of a run has one hyphen, and so two of these words.
    let (begin, end) = (words[..first].concat(), words[first + 2..].concat());
    let last = words[first + 1].trim_start_matches(|letter: char| letter.is_ascii_alphanumeric());
    format!("{begin}{RUN}{last}{end}")
}

#[test]
fn the_session_that_the_readme_shows_is_what_the_program_prints() {
    let picture = Term::new().render_svg(&session());
    let path = repository().join("docs/session.svg");
    if std::env::var_os("RENEW").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == picture,
        "docs/session.svg is stale; renew it with `RENEW=1 cargo test -p rolecall recording`"
    );
}
