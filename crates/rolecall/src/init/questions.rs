//! The questions at a terminal, on standard error. Each has a default where there is one, and says at once what is
//! wrong with an answer.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal};
use std::str::FromStr;

use clap::ValueEnum;
use dialoguer::console::Term;
use dialoguer::{Input, Select};

use super::answer::{OrNone, Target, Trusted};
use super::answers::{home_region, managed_policy_in, only_services, rollout, verify_from, verify_mode};
use crate::arguments::GivenAnswers;
use crate::config::{ManagementAccountConfig, VerifyModeConfig};

/// Why the questions ended before the last one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// By Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    #[error("could not ask at this terminal")]
    NoTerminal(#[source] std::io::Error),
}

impl From<dialoguer::Error> for Unanswered {
    fn from(dialoguer::Error::IO(error): dialoguer::Error) -> Self {
        match error.kind() {
            ErrorKind::Interrupted => Unanswered::Interrupted,
            _ => Unanswered::NoTerminal(error),
        }
    }
}

/// Whether somebody sits there who sees the questions.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for what is not given and decides most. Waits for the person, on the thread that calls it.
pub(crate) fn ask(mut given: GivenAnswers) -> Result<GivenAnswers, Unanswered> {
    if given.role_name.is_none() {
        given.role_name = Some(one("Name of the role", None)?);
    }
    if given.trust.is_empty() {
        let question =
            "Who may enter it (account ids, ARNs of roles, services, organization ids; commas between them)";
        given.trust = several::<Trusted>(question, None)?;
    }
    if given.external_id_env.is_none() && !only_services(&given.trust) {
        let question = "Environment variable that holds the external ID";
        given.external_id_env = Some(one(question, Some(&"none"))?);
    }
    if given.home_region.is_none() {
        given.home_region = Some(one("Region of the StackSet", Some(&home_region()))?);
    }
    if let (true, Some(region)) = (given.managed_policy.is_empty(), &given.home_region) {
        given.managed_policy =
            several("Managed policies of the role, by ARN", Some(&managed_policy_in(region)))?;
    }
    if given.target.is_empty() {
        let question = "Accounts that get it (units such as Workloads/**, account ids, names such as shop-*)";
        given.target = several::<Target>(question, Some(&"**"))?;
    }
    if given.management_account.is_none() {
        given.management_account = Some(choice("The management account", ManagementAccountConfig::Exclude)?);
    }
    given = ask_for_the_proof(given)?;
    if let (None, Some(role)) = (&given.rollout, &given.role_name) {
        given.rollout = Some(one("Name of the roll-out and its StackSet", Some(&rollout(role)))?);
    }
    Ok(given)
}

/// Where only services are trusted, there is one mode.
fn ask_for_the_proof(mut given: GivenAnswers) -> Result<GivenAnswers, Unanswered> {
    let default = verify_mode(&given.trust);
    let mode = match given.verify_mode {
        Some(mode) => mode,
        None if default == VerifyModeConfig::Offline => default,
        None => choice("How the role is proven", default)?,
    };
    given.verify_mode = Some(mode);
    if given.verify_from.is_none() && mode != VerifyModeConfig::Offline {
        given.verify_from = Some(match mode {
            VerifyModeConfig::Probe => OrNone::Some(one("ARN of the role of yours that tries it", None)?),
            _ => {
                let question = "ARN of the role that tries it; your own credentials do with `none`";
                one(question, Some(&verify_from(mode, &given.trust)))?
            }
        });
    }
    Ok(given)
}

/// Asks until the answer can be read.
fn one<T: FromStr<Err: Display>>(question: &str, default: Option<&dyn Display>) -> Result<T, Unanswered> {
    let read = |text: &str| text.trim().parse::<T>().map_err(|error| error.to_string());
    ask_for(question, default, read)
}

/// The same for a list.
fn several<T: FromStr<Err: Display>>(
    question: &str,
    default: Option<&dyn Display>,
) -> Result<Vec<T>, Unanswered> {
    let read =
        |text: &str| text.split(',').map(|item| item.trim().parse::<T>()).collect::<Result<Vec<T>, _>>();
    ask_for(question, default, |text| read(text).map_err(|error| error.to_string()))
}

fn ask_for<T>(
    question: &str,
    default: Option<&dyn Display>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Unanswered> {
    let mut input = Input::<String>::new().with_prompt(question);
    if let Some(default) = default {
        input = input.default(default.to_string());
    }
    let valid = |text: &String| read(text).map(drop);
    let text = input.validate_with(valid).interact_text_on(&Term::stderr())?;
    Ok(read(&text).expect("the prompt ends only with an answer that is valid"))
}

/// One of a few words, each with what it means.
fn choice<T: ValueEnum + PartialEq>(question: &str, default: T) -> Result<T, Unanswered> {
    let words = T::value_variants().iter().filter_map(|value| Some((value, value.to_possible_value()?)));
    let (values, words): (Vec<&T>, Vec<_>) = words.unzip();
    let items = words.iter().map(|word| match word.get_help() {
        Some(help) => format!("{}: {}", word.get_name(), help),
        None => word.get_name().to_owned(),
    });
    let at = values.iter().position(|value| **value == default).unwrap_or_default();
    let select = Select::new().with_prompt(question).items(items).default(at);
    let chosen = select.interact_on(&Term::stderr())?;
    Ok(values[chosen].clone())
}
