//! `completions`: what a shell needs to complete commands, options and their words.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::print;

pub(crate) fn run(shell: Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "rolecall", &mut script);
    print::result(&String::from_utf8(script)?)?;
    Ok(Exit::AsSpecified)
}
