//! Views for people. A status always has a word, so that nothing depends on colour. Whatever came from
//! outside is escaped before it is shown. With a width nothing is wider; without one nothing is cut or wrapped.
//!
//! A view has colours and links; [`Decoration`] takes off what its reader does not take.

mod attention;
mod checkup;
mod console;
mod escape;
mod explanation;
mod layout;
mod next;
mod organization;
mod organization_difference;
mod part;
mod plan;
mod run;
mod run_difference;
mod run_list;
mod status;
mod style;
mod words;

pub use checkup::render_checkup;
pub use escape::escaped;
pub use explanation::render_explanation;
pub use layout::{story_width, terminal_width};
pub use organization::render_organization;
pub use organization_difference::render_difference;
pub use plan::{Detail, render_plan};
pub use run::{RunFiles, render_run};
pub use run_difference::{render_run_difference, render_since};
pub use run_list::render_runs;
pub use status::render_status;
pub use style::Decoration;

pub(crate) use attention::generalized;
pub(crate) use next::{Trouble, command as next_command};
pub(crate) use part::part_in_words;
pub(crate) use style::{Style, account, dressed, styled};
pub(crate) use words::{clipped, counted, listed, span, verdict_line};

#[cfg(test)]
mod tests;
