//! What goes to standard output and standard error. The result is on standard output, the story on standard
//! error.

use std::io::{ErrorKind, IsTerminal, Write};

use anstyle::AnsiColor;
use anyhow::Context;
use aws_failure::AwsFailure;
use rollout_report::{Progress, ProgressKind, escaped};

use crate::arguments::Command;
use crate::aws::{Caller, signed_in};
use crate::config::InvalidConfig;
use crate::display::decided;
use crate::exit::Exit;
use crate::logging;

/// Prints the result, decorated as standard output takes it. A reader that has gone away (`| head`) is no error of
/// ours; a disk that is full is.
pub(crate) fn result(text: &str) -> anyhow::Result<()> {
    bytes(decided().result.of(text).as_bytes())
}

/// The same for programs, who want it as it is.
pub(crate) fn bytes(result: &[u8]) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(result).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("could not write the result to standard output")
        }
        _ => Ok(()),
    }
}

/// Whether a person watches.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Bars where a person watches, lines elsewhere, if nothing else is asked for; lines too where the log comes in
/// between, which would tear bars.
pub(crate) fn progress() -> Progress {
    let display = decided();
    let kind = match display.progress {
        ProgressKind::Bars if logging::is_on_standard_error() => ProgressKind::Lines { heartbeat: true },
        kind => kind,
    };
    Progress::new(kind, display.story)
}

/// Prints a view beside the result, decorated as standard error takes it.
pub(crate) fn view(view: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", decided().story.of(view));
}

/// Prints a message for the operator. What it quotes may come from a file or from AWS: control characters are
/// shown escaped, so that nobody else paints the terminal.
pub(crate) fn message(text: &str) {
    let lines: Vec<_> = text.split('\n').map(escaped).collect();
    let _ = writeln!(std::io::stderr().lock(), "{}", with_its_kind(&lines.join("\n")));
}

/// A message whose first word says that something is wrong has that word in its colour.
fn with_its_kind(text: &str) -> String {
    let kinds = [("error:", AnsiColor::Red), ("warning:", AnsiColor::Yellow)];
    match kinds.iter().find_map(|(word, colour)| Some((word, colour, text.strip_prefix(word)?))) {
        Some((word, colour, rest)) if decided().story.colour => {
            let style = colour.on_default().bold();
            format!("{style}{word}{style:#}{rest}")
        }
        _ => text.to_owned(),
    }
}

/// Prints what the exit code says, where it is not that everything is as specified.
pub(crate) fn exit(exit: Exit, command: &Command) {
    if let Some(meaning) = exit.meaning(command) {
        message(&format!("exit code {}: {meaning}", exit.code()));
    }
}

/// Prints what to think about before saying yes.
pub(crate) fn warnings(warnings: &[String]) {
    for warning in warnings {
        message(&format!("warning: {warning}"));
    }
}

/// Prints why the command ends, with the chain of causes, once.
pub(crate) fn error(error: &anyhow::Error) {
    if let Some(invalid) = error.downcast_ref::<InvalidConfig>() {
        // Rendered with everything escaped that comes from the file, so that the colours are ours.
        let text = format!("error: {}", invalid.render(decided().story.colour));
        let _ = writeln!(std::io::stderr().lock(), "{}", with_its_kind(&text));
        return;
    }
    let mut text = format!("error: {error}");
    for cause in error.chain().skip(1) {
        text.push_str(&format!("\n  because: {cause}"));
    }
    if error.chain().any(|cause| cause.is::<AwsFailure>())
        && let Some(Caller { arn, account, .. }) = signed_in()
    {
        text.push_str(&format!("\n  asked as {arn}, of account {account}"));
    }
    // Only a hint, so that it may go by the words: what could not be read of an organization is text by now.
    if text.contains("AccessDenied") {
        text.push_str(
            "\n  the policies in config/iam hold all that it takes, and `rolecall doctor ROLLOUT.yaml` says what is \
             missing",
        );
    }
    message(&text);
}

/// Whether standard error takes colours.
pub(crate) fn colour() -> bool {
    decided().story.colour
}
