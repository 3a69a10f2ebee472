//! `init`: a configuration to begin with.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use dialoguer::console::Term;

use crate::arguments::{GivenAnswers, InitArguments};
use crate::config;
use crate::exit::Exit;
use crate::init::{Answers, SCHEMA_FILE, Unanswered, ask, can_ask, render};
use crate::interrupt::{Interrupt, Interrupted};
use crate::whole_file::Readers;
use crate::{print, whole_file};

pub(crate) async fn run(asked: &InitArguments) -> anyhow::Result<Exit> {
    let schema = asked.schema.then(|| asked.path.with_file_name(SCHEMA_FILE));
    if !asked.force {
        // Before anybody has answered anything.
        leave_alone([Some(&asked.path), schema.as_ref()].into_iter().flatten())?;
    }
    let given = match can_ask() && !asked.no_input {
        true => at_the_terminal(asked.given.clone()).await?,
        false => asked.given.clone(),
    };
    let answers = Answers::complete(given)?;
    let text = render(&answers, schema.is_some()).context("could not make a configuration")?;
    check(&asked.path, &text)?;
    if let Some(schema) = &schema {
        write(schema, &config::schema_text(), asked.force)?;
    }
    write(&asked.path, &text, asked.force)?;
    say_what_is_next(&asked.path, &answers);
    Ok(Exit::AsSpecified)
}

/// A thread of its own waits for the person, so that Ctrl-C is an answer too.
async fn at_the_terminal(given: GivenAnswers) -> anyhow::Result<GivenAnswers> {
    print::message("Enter takes what stands in brackets. Everything can be changed in the file later.");
    let mut interrupt = Interrupt::listen()?;
    let answers = interrupt.ends(tokio::task::spawn_blocking(|| ask(given))).await;
    match answers {
        Ok(answers) => match answers.context("could not wait for the answers")? {
            Err(Unanswered::Interrupted) => Err(interrupted().into()),
            answers => Ok(answers?),
        },
        Err(Interrupted) => Err(interrupted().into()),
    }
}

/// A list to choose from hides the cursor while it is shown.
fn interrupted() -> Interrupted {
    let _ = Term::stderr().show_cursor();
    Interrupted
}

/// Answers that are right one by one may not go together. Variables need not be set yet.
fn check(path: &Path, text: &str) -> anyhow::Result<()> {
    let made_up = |name: &str| Some(format!("offline-{}", name.to_lowercase()));
    if let Err(error) = config::read_text(path, text.to_owned(), &made_up) {
        bail!("nothing was written, because the answers do not go together\n{error}");
    }
    Ok(())
}

fn say_what_is_next(path: &Path, answers: &Answers) {
    let file = path.display();
    print::message(&format!(
        "wrote {file}\n  what is needed for it:  rolecall doctor {file}\n  what would happen:      rolecall plan {file}"
    ));
    if let Some(variable) = &answers.external_id_env {
        print::message(&format!("the external ID is taken from the environment variable {}", variable.0));
    }
}

/// Refuses when one of the files is there, be it as a link that leads nowhere.
fn leave_alone<'a>(mut files: impl Iterator<Item = &'a PathBuf>) -> anyhow::Result<()> {
    match files.find(|path| path.symlink_metadata().is_ok()) {
        Some(there) => bail!("{}", taken(there)),
        None => Ok(()),
    }
}

fn taken(path: &Path) -> String {
    format!("`{}` is there already, and nothing was written\n  --force overwrites it", path.display())
}

/// Writes a whole file or none, and not over another one that came meanwhile.
fn write(path: &Path, text: &str, overwrite: bool) -> anyhow::Result<()> {
    let attempt = || -> std::io::Result<()> {
        if overwrite {
            return whole_file::write(path, text.as_bytes(), Readers::AsUsual);
        }
        let mut file = whole_file::beside(path, Readers::AsUsual)?;
        file.write_all(text.as_bytes())?;
        file.persist_noclobber(path)?;
        Ok(())
    };
    match attempt() {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!("{}", taken(path)),
        written => written.with_context(|| format!("could not write `{}`", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_came_while_somebody_answered_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rollout.yaml");
        std::fs::write(&path, "theirs").unwrap();
        let error = write(&path, "ours", false).unwrap_err();
        assert!(error.to_string().contains("--force"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
        write(&path, "ours", true).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "ours");
    }
}
