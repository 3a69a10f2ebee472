//! The first reading of a configuration: its syntax, and what YAML allows and no configuration needs.
//!
//! `serde_yaml` keeps the last of two equal keys silently, tells no place for an unknown key at the top level,
//! and takes ten seconds over 100,000 open brackets. So every text comes through this gate first, which gives
//! the tree that messages find their places in.

use std::collections::BTreeSet;

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Error, Options};

use super::node::{Kind, Node, Place};
use super::problems::Problem;

/// How deep lists and maps may be nested; the deepest that a configuration needs is seven.
const MAX_DEPTH: usize = 32;

/// How many values a document may have when every alias is written out. Reading so many takes a debug build
/// about a third of a second.
const MAX_NODES: usize = 25_000;

/// Parses a text, or tells the first place at which it is no YAML that we read.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| syntax_problem(text, &error))
}

/// Duplicate keys and merge keys come through, so that [`repetitions`] tells of all of them at once. What is a
/// number and what is text follows `serde_yaml`, which decodes the document afterwards.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        ignore_binary_tag_for_string: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// Nothing that stands in the text is quoted: where an external ID is, nobody knows yet.
fn syntax_problem(text: &str, error: &Error) -> Problem {
    let message = match error {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => too_deep(),
        Error::Budget { .. } => too_many(),
        Error::MultipleDocuments { .. } => "a second document begins here; a file holds one".to_owned(),
        Error::UnsupportedTag { .. } => {
            "tags (`!name`) are not read; text that begins with `!` needs quotes".to_owned()
        }
        other => in_our_words(&other.to_string()),
    };
    let place = error.location().map(|at| Place::at(text, at.line(), at.column()));
    Problem { place, ..Problem::new("", message) }
}

fn too_deep() -> String {
    format!("lists and maps are nested more than {MAX_DEPTH} deep")
}

fn too_many() -> String {
    format!("the document has more than {MAX_NODES} values when every alias (`*name`) is written out")
}

/// The place is told beside the message, and a character that is quoted may be the first of a secret.
fn in_our_words(message: &str) -> String {
    let reason = message.split(" at line ").next().unwrap_or(message);
    match reason.split(": `").next().unwrap_or(reason) {
        "recursion limit exceeded" => too_deep(),
        // Within an alias the parser tells of its budget by words alone.
        reason if reason.starts_with("budget breached") => too_many(),
        "unexpected character" => {
            "this is no YAML: no value begins with this character, unless it is in quotes".to_owned()
        }
        "expected string scalar" => "a key has to be text".to_owned(),
        reason => format!("this is no YAML: {reason}"),
    }
}

/// Keys that are given twice, and merge keys: YAML readers differ in what becomes of either.
pub(super) fn repetitions(node: &Node) -> Vec<Problem> {
    let mut problems = Vec::new();
    find_repetitions(node, &mut problems);
    problems
}

fn find_repetitions(node: &Node, problems: &mut Vec<Problem>) {
    if let Kind::Map(entries) = &node.kind {
        let mut seen = BTreeSet::new();
        for (key, _) in entries {
            let message = match key.name.as_str() {
                "<<" => "merge keys (`<<`) are not read; write the keys out",
                name if !seen.insert(name) => "this key is given twice",
                _ => continue,
            };
            problems.push(Problem { place: Some(key.place), ..Problem::new("", message) });
        }
    }
    for (_, child) in node.children() {
        find_repetitions(child, problems);
    }
}
