//! How `init` comes to a configuration: single answers (`answer`) are given as options or asked for (`questions`),
//! completed (`answers`), and rendered (`render`, with the quoting of `scalar`).

mod answer;
mod answers;
mod questions;
mod render;
mod scalar;

pub(crate) use answer::{ManagedPolicy, OrNone, Target, Trusted, Variable};
pub(crate) use answers::Answers;
pub(crate) use questions::{Unanswered, ask, can_ask};
pub(crate) use render::{SCHEMA_FILE, render};
